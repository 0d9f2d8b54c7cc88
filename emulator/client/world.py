"""World: the handle of one isolated sandbox in the Python API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Self, Unpack

from emulator.client.admin_client import AdminClient, AdminRefused, path_of
from emulator.client.clock import Clock
from emulator.client.fault import Fault, add_fault
from emulator.client.journal import Journal
from emulator.client.keywords import Matchers, Struck, check_words
from emulator.client.provider import Provider
from emulator.client.stub import Stub, add_stub, unmet
from emulator.concurrency.block_decorators import as_block
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json, present

if TYPE_CHECKING:
    from emulator.virtual_time import Sleepless
    from emulator.virtual_time.ledger import Wait


SNAPSHOT = "application/vnd.emulator.snapshot+json"
_COUNTS = ("operation", "times", "at_least", "at_most")


class World:
    """One isolated sandbox. As a context manager, it is deleted at the end of its block.

    The world `default` is left as it is.
    """

    def __init__(
        self,
        admin: AdminClient,
        written: Mapping[str, Json],
        *,
        lock: AbstractContextManager[object] | None = None,
        kept: bool = False,
    ) -> None:
        self._admin = admin
        self._lock = lock
        self._kept = kept
        self._slept: Sleepless | None = None
        self._urls = {
            name: provider["base_url"]
            for name, provider in written["providers"].items()
        }
        self.id: str = written["id"]
        """The id of the world."""
        self._path = path_of("worlds", self.id)
        self.clock = Clock(admin, self.id)
        """The clock of the world."""
        self._now: Callable[[], float] = self.clock._last_heard
        self.journal = Journal(admin, self.id)
        """The calls in this world."""

    def __repr__(self) -> str:
        return f"<World {self.id!r} of {self._admin.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            self.delete()

    def delete(self) -> None:
        """Delete the world; deleting it twice is no error."""
        try:
            self._admin("DELETE", self._path)
        except AdminRefused as error:
            if error.status != 404:
                raise

    def archive(self, folder: str | Path) -> list[Path]:
        """Write what happened here into *folder*, and return the files that it has then.

        They are an HTTP archive, all calls explained, a script that makes them again, a
        snapshot, and the seed and the clock. Raises `OSError`.
        """
        from emulator.client.archive import write_archive

        return [*write_archive(self._admin, self._path, Path(folder))]

    @property
    def providers(self) -> list[str]:
        """The names of the providers in this world."""
        return [*self._urls]

    def provider(self, name: str) -> Provider:
        """The provider with this name. Raises `LookupError` if the world does not have it."""
        if name not in self._urls:
            fix = did_you_mean(name, self._urls)
            raise LookupError(
                f"no provider {name!r} is in the world {self.id!r}: {fix}"
            )
        return Provider(self._admin, self.id, name, self._urls[name])

    @property
    def alarms(self) -> list[Mapping[str, str]]:
        """The calls that could not be answered as the provider would.

        In process, also calls that were refused for their host. Each has `kind`, `call` and
        `detail`.
        """
        alarms: list[Mapping[str, str]] = self._admin("GET", self._path)["alarms"]
        return alarms

    def verify(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **matchers: Unpack[Matchers],
    ) -> int:
        """Check that matching calls came: at least one, unless a count is given.

        `Matchers` describes the filters. Returns the number of matching calls. Raises
        `NotVerified`, which shows the calls that came instead, and `AdminRefused` for names
        that cannot occur, or if the result depends on entries that the journal has dropped.
        """
        __tracebackhide__ = True
        check_words("verify", matchers, Matchers.__annotations__, _COUNTS)
        given = present(
            operation=operation, times=times, at_least=at_least, at_most=at_most
        )
        return self.journal.verify({**given, **matchers})

    def add_fault(
        self,
        provider: str,
        fault: str | Sequence[str] | None = None,
        operation: str | Sequence[str] | None = None,
        *,
        refuse: str | None = None,
        **struck: Unpack[Struck],
    ) -> Fault:
        """Add a fault rule for calls of *provider*, of every operation or of some.

        *fault* is `delay=2s`, `reset`, `truncate=0.5`, ...: docs/reference/faults.md lists
        them all. *refuse* is a code of docs/reference/refusals.md. `Struck` describes the
        other keywords.
        """
        return add_fault(
            self._admin, self._path, provider, fault, operation, refuse, struck
        )

    def refuse(
        self,
        provider: str,
        code: str,
        operation: str | Sequence[str] | None = None,
        **struck: Unpack[Struck],
    ) -> Fault:
        """Refuse calls with *code*, in the provider's own words; see `World.add_fault`."""
        return self.add_fault(provider, None, operation, refuse=code, **struck)

    def stub(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        json: Json = None,
        text: str | None = None,
        content: bytes | None = None,
        reply_headers: Mapping[str, str | Sequence[str]] | None = None,
        fault: str | Sequence[str] | None = None,
        host: str | None = None,
        query: Mapping[str, Json] | None = None,
        headers: Mapping[str, Json] | None = None,
        body: Json = None,
        times: int | None = None,
    ) -> Stub:
        """Answer calls of *method* and *path* with this reply, in place of the provider.

        *path* is as it is called here, "/acme/things/7", and `{name}` in it stands for any
        one segment; with *host*, it is as it is called there, also where no provider has
        that host. *query*, *headers* and *body* are as in `Matchers`: some of what the call
        has to say. *times* is how often it answers; by default always. The newest stub that
        matches answers. The journal says which did, and `verify` counts the call like any
        other. *fault* is as in `World.add_fault`.
        """
        about = {
            "status": status,
            "json": json,
            "text": text,
            "content": content,
            "reply_headers": reply_headers,
            "fault": fault,
            "host": host,
            "query": query,
            "headers": headers,
            "body": body,
            "times": times,
        }
        return add_stub(self._admin, self._path, method, path, about)

    @property
    def unmet_stubs(self) -> list[str]:
        """The stubs that no call has met: `GET acme/things/7`."""
        return unmet(self._admin("GET", f"{self._path}/stubs"))

    def apply_scenario(self, name: str) -> None:
        """Apply a scenario: "acme/rate_limited".

        Raises `AdminRefused` for an unknown scenario.
        """
        provider, slash, rest = name.partition("/")
        if not slash:
            raise ValueError(
                f"{name!r} names no scenario: write <provider>/<scenario>, or ask"
                f" world.provider(...).apply_scenario({name!r})"
            )
        self._admin("POST", self._path + path_of("scenarios", provider, rest))

    def scenarios(self, provider: str) -> dict[str, str]:
        """The scenarios of a provider: names and descriptions."""
        scenarios = self._admin("GET", self._path + path_of("scenarios", provider))
        return {listed["name"]: listed["says"] for listed in scenarios}

    def fork(
        self,
        id: str | None = None,
        *,
        at: int | None = None,
        before: int | None = None,
        pinned: bool = False,
    ) -> World:
        """Create a world that starts with a copy of this world's state.

        *at* is the id of an exchange of its journal: the state is that right after it, and
        with *before* that right before it; by default it is that of now. Raises
        `AdminRefused` where the state of then cannot be brought about exactly.

        It has its own credentials and its own journal, and is deleted at the end of its
        block. A *pinned* world is never evicted.
        """
        wanted = present(id=id, at=at, before=before, pinned=pinned)
        made = self._admin("POST", f"{self._path}/fork", wanted)
        return World(self._admin, made, lock=self._lock)

    def reset(self) -> None:
        """Return to the state in which the world was created; its credentials stay."""
        self._admin("POST", f"{self._path}/reset")

    def snapshot(self) -> bytes:
        """The state of the world without its journal, as bytes for `World.restore`."""
        taken = self._admin("GET", f"{self._path}/snapshot")
        assert isinstance(taken, bytes)  # noqa: S101 - it has a media type of its own
        return taken

    def restore(self, snapshot: bytes) -> None:
        """Restore *snapshot*, taken of this world or of another.

        Raises `AdminRefused` for a snapshot that was changed or that does not fit.
        """
        self._admin("PUT", f"{self._path}/snapshot", body=snapshot, media=SNAPSHOT)

    @as_block
    def sleepless(self) -> Iterator[World]:
        """Let the waits of this process return at once and move this world's clock.

        The clock is frozen, and only the waits move it. The waiting code sees its date, and
        the clocks that the code reads advance with the waits. Only one world can be
        sleepless at a time: a second block raises `SleeplessIsOn`. A wait in a loop that
        never ends raises `EndlessWait`. See docs/how-to/test-without-waiting.md.
        """
        from emulator.virtual_time import sleepless

        self.clock.freeze()
        with sleepless(self.clock, lock=self._lock, now=self._now) as self._slept:
            yield self

    @property
    def waits(self) -> list[Wait]:
        """The waits of this process that have returned at once.

        Raises `RuntimeError` if the world was never sleepless, because nothing is recorded.
        """
        if self._slept is None:
            raise RuntimeError(
                f"the world {self.id!r} is not sleepless, so no waits are recorded: use"
                " intercept(sleepless=True), the marker's sleepless=True, or"
                " `with world.sleepless():`"
            )
        return self._slept.waits


__all__ = ["Fault", "Stub", "World"]
