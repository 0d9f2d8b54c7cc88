"""Emulating: an emulator for a program: started here, running elsewhere, or in process.

All three are an `Emulator`, which asks the admin API and knows nothing else. That in
process has no address of its own: `intercept` brings calls to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache
from os import PathLike, fspath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from emulator.client.admin_client import AdminClient, HttpAdminClient
from emulator.client.clock import text_of
from emulator.client.deprecation import Renamed
from emulator.client.world import World
from emulator.concurrency.green_threads import patched_threads
from emulator.diagnostics import SpecError, did_you_mean
from emulator.settings import Settings, table

if TYPE_CHECKING:
    from emulator.engine.dispatcher import Dispatcher
    from emulator.program.program import Program
    from emulator.world.world import Beginning

Json = Any
Paths = Iterable[str | PathLike[str]]
"""Folders; one may be given by itself."""
Begins = str | datetime | Mapping[str, Json] | None
"""How a clock begins: "frozen", a time, or both: "frozen 2026-03-02T10:00:00Z".

Also as the admin API has it: `{"set": ..., "freeze": True}`.
"""


class GreenThreads(RuntimeError):
    """A thread of this process would be none, so that no server can run in it."""


class Emulator:
    """An emulator. As a context manager, it stops a server that was started here."""

    def __init__(
        self,
        admin: AdminClient,
        *,
        stop: Callable[[], None] | None = None,
        lock: AbstractContextManager[object] | None = None,
    ) -> None:
        self.admin = admin
        """Calls the admin API directly: `admin("GET", "/worlds")`.

        Gives what it answers, JSON as values. Raises `AdminRefused` and `NoServer`.
        """
        self._stop = stop
        self._lock = lock

    ask = Renamed("admin")

    def __repr__(self) -> str:
        return f"<Emulator {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the server; each provider is below it, at its name."""
        return self.admin.url

    def stop(self) -> None:
        """Stop the server, if it was started here; one that runs elsewhere is not stopped."""
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    @property
    def providers(self) -> list[str]:
        """The names of the providers that it serves."""
        return [one["name"] for one in self.admin("GET", "/providers")["providers"]]

    def world(
        self,
        id: str | None = None,
        *,
        providers: Sequence[str] | None = None,
        scenario: str | Sequence[str] | None = None,
        clock: Begins = None,
        seed: int | str | None = None,
        pinned: bool = False,
    ) -> World:
        """Create a world. As a context manager, it is deleted at the end of its block.

        *id* is what it is called (one is given by default), and *providers* are those that
        are in it (all by default). It begins in *scenario*, "acme/rate_limited", or in
        several; *clock* is "frozen", a time, or both. The same *id* and *seed* give the
        same credentials again. One that is *pinned* never makes room for others. Raises
        `AdminRefused` for what there is not, and for an *id* in use.
        """
        wanted: dict[str, Json] = {
            "id": id,
            "providers": None if providers is None else _many(providers),
            "scenario": None if scenario is None else _many(scenario),
            "clock": clock_of(clock),
            "rng_seed": seed,
            "pinned": pinned,
        }
        given = {name: one for name, one in wanted.items() if one is not None}
        return World(self.admin, self.admin("POST", "/worlds", given), lock=self._lock)

    @property
    def default(self) -> World:
        """The world of calls that belong to no other world; it is never deleted."""
        return World(
            self.admin, self.admin("GET", "/worlds/default"), lock=self._lock, kept=True
        )

    def worlds(self) -> list[World]:
        """All worlds; the least recently used comes first."""
        return [
            World(self.admin, one, lock=self._lock, kept=one["id"] == "default")
            for one in self.admin("GET", "/worlds")["worlds"]
        ]


def start(
    providers: Sequence[str] | None = None,
    port: int = 0,
    *,
    specs: Paths = (),
    settings: Settings | None = None,
    **more: Any,
) -> Emulator:
    """Start a server in a thread of this process, on a free port unless one is named.

    *providers* are those to serve, all by default; *specs* are folders with more.
    *more* are settings by their names, as docs/reference/settings.md has them
    (`journal_entries=50`); *settings* are a whole set, of which *more* changes some.
    Raises `ValueError` for what cannot be served, `OSError` for an address that cannot be
    listened on, and `RuntimeError` where threads are none (gevent, eventlet).
    """
    _insist_on_threads()
    chosen = settings_of(providers, specs, settings, {"port": port, **more})
    from emulator.engine.loading import make_dispatcher
    from emulator.server.run import CannotListen, Running
    from emulator.server.token import with_token

    chosen = with_token(chosen)
    try:
        server = Running(make_dispatcher(chosen), chosen)
    except SpecError as error:
        raise ValueError(str(error)) from None
    except CannotListen as error:
        raise OSError(str(error)) from None
    from emulator.interception.registry import own_servers

    admin = HttpAdminClient(server.url, chosen.admin_token, admin_url=server.admin_url)
    places = dict.fromkeys(map(_place, (server.url, server.admin_url)))

    def stop() -> None:
        server.stop()
        for one in places:
            own_servers.pop(one, None)

    own_servers.update(places)
    return Emulator(admin, stop=stop)


def connect(url: str, token: str = "", *, admin_url: str = "") -> Emulator:
    """Connect to a running emulator at *url*: a server or a container.

    *token* is its admin token. *admin_url* is where `/_emulator` is, where that has a
    port of its own. Raises `NoServer` where none answers, `AdminRefused` without the right
    *token*, and `ValueError` for what is no address.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no address: write http://127.0.0.1:8080")
    admin = HttpAdminClient(url, token, admin_url=admin_url)
    admin("GET", "/worlds/default")
    return Emulator(admin)


def over(board: Dispatcher) -> Emulator:
    """The emulator in this process that *board* answers for."""
    from emulator.admin.admin import Admin
    from emulator.client.admin_client import InProcessAdminClient
    from emulator.interception.registry import ANSWERING

    return Emulator(
        _OneAtATime(InProcessAdminClient(Admin(board)), ANSWERING), lock=ANSWERING
    )


def board(settings: Settings, begins: Beginning) -> Dispatcher:
    """A dispatcher of its own. Raises `ValueError` for what cannot be served."""
    from emulator.engine.dispatcher import Dispatcher

    # Those of the package do not change; somebody's own may, between two tests.
    if settings.specs or settings.fixtures:
        loaded = _programs(settings)
    else:
        loaded = _bundled(settings.providers, settings.cache, settings.cache_dir)
    return Dispatcher(loaded, begins, settings)


def settings_of(
    providers: Sequence[str] | None,
    specs: Paths,
    settings: Settings | None,
    more: Mapping[str, Any],
) -> Settings:
    """The settings that a call of `start` means. Raises `TypeError` for unknown ones."""
    from dataclasses import replace

    rows = {row.name: row for row in table()}
    for name in more:
        if name not in rows:
            raise TypeError(f"there is no setting {name!r}: {did_you_mean(name, rows)}")
    given: dict[str, Any] = {
        name: tuple(_many(value)) if rows[name].repeated else value
        for name, value in more.items()
    }
    folders = [specs] if isinstance(specs, str | PathLike) else specs
    if folders := [fspath(one) for one in folders]:
        given["specs"] = tuple(folders)
    if providers is not None:
        given["providers"] = tuple(_many(providers))
    if settings is None:
        return Settings(**{"log_format": "none", **given})
    return replace(settings, **given)


def clock_of(begins: Begins) -> Json:
    """How a clock begins, as the admin API reads it."""
    if isinstance(begins, Mapping):
        return {
            name: text_of(one) if isinstance(one, datetime) else one
            for name, one in begins.items()
        }
    return begins if begins is None else text_of(begins)


def _insist_on_threads() -> None:
    """Raise `GreenThreads` where a thread never runs beside the one that has made it."""
    package = patched_threads()
    if package is not None:
        raise GreenThreads(
            f"{package} has patched threads, and a server would run in none: use"
            " emulator.intercept(), or connect() to an `emulator serve` in a process of"
            " its own"
        )


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


class _OneAtATime:
    """Asks while nobody else asks or is answered: the core knows no threads."""

    def __init__(
        self, admin: AdminClient, lock: AbstractContextManager[object]
    ) -> None:
        self.url = admin.url
        self._admin = admin
        self._lock = lock

    def __call__(self, method: str, path: str, json: Json = None, **more: Any) -> Json:
        with self._lock:
            return self._admin(method, path, json, **more)


def _programs(settings: Settings) -> dict[str, Program]:
    from emulator.engine.loading import programs

    try:
        return programs(settings, settings.providers)
    except SpecError as error:
        raise ValueError(str(error)) from None


@cache
def _bundled(
    providers: tuple[str, ...], cache: bool, cache_dir: str
) -> dict[str, Program]:
    return _programs(Settings(providers=providers, cache=cache, cache_dir=cache_dir))


def _many(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else [*value]
