"""Journal: what was called in a world and why it was answered so, for tests to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, overload

from emulator.client.admin_client import AdminClient, path_of
from emulator.client.clock import text_of
from emulator.json_type import Json

_MOST = 10_000


class NotVerified(AssertionError):
    """The calls were not as expected; the message shows the calls that came instead.

    It is an `AssertionError`.
    """

    __module__ = "emulator"

    def __init__(self, verdict: Mapping[str, Json]) -> None:
        super().__init__(str(verdict["message"]))
        self.verdict = verdict
        """`count`, `expected`, `matches`, and `nearest` with where each differs."""


class Request(NamedTuple):
    """The request of a call; secrets are masked."""

    method: str
    path: str
    """The provider's path, without the emulator's prefixes."""
    query: Mapping[str, Json]
    url: str
    """The whole address that was called."""
    headers: Mapping[str, str]
    """By names in lower case; the first value of each."""
    body: Json
    """JSON and fields of multipart forms as values, anything else as text;
    `{"base64": ...}` where it is none. A file is its name, type, size and digest."""


class Reply(NamedTuple):
    """The reply to a call; secrets are masked."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case; the first value of each."""
    body: Json
    """JSON as values, anything else as text; `{"base64": ...}` where it is none."""


class Step(NamedTuple):
    """The decision of one step, and its facts."""

    step: str
    """The name of the step, one of docs/reference/steps.md."""
    decision: str
    """The decision in words."""
    facts: Mapping[str, Json]


class Entry:
    """One exchange in a world's journal: a call, its reply, and the reasons for it."""

    def __init__(self, admin: AdminClient, raw: Mapping[str, Json]) -> None:
        self._admin = admin
        self.raw = raw
        """All of it, as the admin API shows it."""
        self.id: int = raw["id"]
        """The number of the exchange in its world, from 1."""
        self.world: str = raw["world"]
        """The id of its world."""
        self.at = datetime.fromisoformat(raw["at"])
        """The world's time."""
        self.provider: str = raw["provider"]
        self.operation: str | None = raw["operation"]
        """The operationId; None if the call belongs to no operation."""
        self.credential: str | None = raw["credential"]
        """The credential's name; masked if it is unknown, None if none was sent."""
        request, reply = raw["request"], raw["reply"]
        self.request = Request(
            request["method"],
            request["path"],
            request["query"],
            request["url"],
            _by_name(request["headers"]),
            request["body"],
        )
        self.reply = Reply(reply["status"], _by_name(reply["headers"]), reply["body"])
        self.faults: list[str] = raw["faults"]
        """The faults that were applied to the call: `reset`."""
        self.refused_by: str | None = raw["refused_by"]
        """The name of the step that refused the call; None if it was not refused."""
        self.refusal: str | None = raw["refusal"]
        """The code of the refusal, one of docs/reference/refusals.md; or None."""
        self.stubbed: str | None = raw.get("stubbed")
        """The id of the stub that answered; None if the provider did."""
        self.steps = [
            Step(told["step"], told["decision"], told["facts"]) for told in raw["steps"]
        ]
        """The steps that the call passed, in order."""

    def __repr__(self) -> str:
        refused = f", refused: {self.refusal}" if self.refusal else ""
        faults = "".join(f", fault: {fault}" for fault in self.faults)
        return (
            f"<Entry #{self.id} {self.request.method} {self.request.path} ->"
            f" {self.reply.status} {self.operation or 'no operation'}{refused}{faults}>"
        )

    @property
    def status(self) -> int:
        """The status of the reply."""
        return self.reply.status

    @property
    def explained(self) -> str:
        """The request, every decision with its reason, and the reply, in several lines."""
        path = path_of("worlds", self.world, "journal", str(self.id))
        return str(self._admin("GET", path)["explained"])


class Journal(Sequence[Entry]):
    """The exchanges of one world, oldest first; each access reads them anew.

    It is a sequence of `Entry`: `journal[-1]`, `len(journal)`, `for entry in journal`.
    """

    def __init__(self, admin: AdminClient, world: str) -> None:
        self._admin = admin
        self._world = world
        self._path = path_of("worlds", world, "journal")

    def __repr__(self) -> str:
        return f"<Journal of the world {self._world!r}>"

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        return self.where()[at]

    def __len__(self) -> int:
        return len(self._asked({}))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.where())

    def where(self, **filters: Json) -> list[Entry]:
        """The entries that match all of *filters*, oldest first.

        Filters are `provider`, `operation`, `status` (403 or "4xx"), `refused_by`,
        `credential` and `since` (an entry, its id, or a time); `limit` is the most that
        are given. Unknown names, and values that cannot occur, raise `AdminRefused`.
        """
        return [Entry(self._admin, entry) for entry in self._asked(filters)]

    def clear(self) -> None:
        """Remove all exchanges; their ids are not used again."""
        self._admin("DELETE", self._path)

    def verify(self, question: Mapping[str, Json]) -> int:
        """Like `World.verify`, with one mapping in the form of the admin API."""
        __tracebackhide__ = True
        asked = {name: _plain(value) for name, value in question.items()}
        verdict = self._admin("POST", f"{self._path}/verify", asked)
        if not verdict["passed"]:
            raise NotVerified(verdict)
        return int(verdict["count"])

    def _asked(self, filters: Mapping[str, Json]) -> list[Json]:
        query = {name: _plain(value) for name, value in filters.items()}
        entries: list[Json] = self._admin(
            "GET", self._path, query={"limit": _MOST, **query}
        )
        return entries


def _plain(value: Json) -> Json:
    if isinstance(value, Entry):
        return value.id
    return text_of(value) if isinstance(value, datetime) else value


def _by_name(pairs: Sequence[Sequence[str]]) -> dict[str, str]:
    by_name: dict[str, str] = {}
    for name, value in pairs:
        by_name.setdefault(name.lower(), value)
    return by_name
