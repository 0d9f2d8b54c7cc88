"""Journal: one entry per exchange, with the reason for every decision; bounded.

An entry holds on to what the exchange was decided by, and no words: those are made
when somebody asks. Entries go in the order they came, so what is left is always all
that came since some number.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from sys import getsizeof
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from emulator.http.bodies import read_body

Json = Any

_ENTRY = 1_500
"""About how many bytes an entry takes that says nothing."""
_HEADER = 200
"""The same of a header; only those that a caller chose are measured besides."""
_NOTE = 300
"""The same of a step's note, or of how a limit stands."""
_TEXT = 49
"""What a text takes besides its characters."""
_CONSTANTS = frozenset((type(None), bool, float))
_NUMBER = 32
"""What a number takes that is not as large as this, or what is neither of them."""
_LARGE = 2**60


class LongBody(NamedTuple):
    """What is told of a body that is not kept."""

    size: int
    kind: str
    """As in `http.bodies`."""
    value: Json
    kept: int
    """How many bytes the value is, about."""


class Entry(NamedTuple):
    """One exchange, written down."""

    id: int
    at: int
    """The world's time, in microseconds since 1970."""
    provider: str
    operation: str | None
    method: str
    path: str
    query: bytes
    request_headers: list[tuple[bytes, bytes]]
    request_body: bytes
    status: int
    reply_headers: list[tuple[str, str]]
    reply_body: bytes
    refused_by: str | None
    refusal: str | None
    steps: Sequence[tuple[str, str, Mapping[str, Json]]]
    """What steps noted: (step, decision, facts)."""
    real: int = 0
    """Real time, in microseconds since 1970."""
    world: str = ""
    client: str = ""
    """The caller's IP address."""
    base_url: str = ""
    facts: Mapping[str, Json] = {}
    """What the refusal knows besides its code."""
    claim: Any = None
    """Who the caller claimed to be (an `exchange.Claim`), or None."""
    caller: Mapping[str, Json] | None = None
    """The credential that was claimed, proven or not; None: there is no such one."""
    authenticated: bool = False
    readings: Sequence[Any] | None = None
    """(limit, how its meter stands after the call), for each limit."""
    costs: Sequence[float] | None = None
    """What the call was charged by each limit; None: nothing was."""
    caller_scopes: Json = None
    """The scopes of the caller, where they were looked at."""
    key: Json = None
    """The key of the record that the call is about."""
    media_type: str = ""
    violations: Sequence[Mapping[str, Json]] = ()
    matched: int = 0
    """How many records a list found, on whichever page."""
    page: Mapping[str, Json] | None = None
    faults: Sequence[Any] = ()
    """What went wrong on purpose on the way back."""
    forced: str | None = None
    """The code of a refusal that was asked for."""
    forced_strictly: bool = False
    """It was the call itself that asked."""
    minted: Any = None
    """The provider's secrets that are the world's own (a `Minted`), or None."""
    long_body: LongBody | None = None
    """What is kept of a request's body that is too long to be kept."""

    def request_header(self, name: str) -> str:
        """The first value of a header of the request; empty where it has none."""
        wanted = name.encode()
        lines = self.request_headers
        found = next((value for key, value in lines if key.lower() == wanted), b"")
        return found.decode("latin-1")

    @property
    def request_size(self) -> int:
        """How many bytes the body of the request had."""
        return self.long_body.size if self.long_body else len(self.request_body)

    def read_request(self) -> tuple[str, Json]:
        """What the body of the request holds, as `http.bodies.read_body` has it."""
        if self.long_body is not None:
            return self.long_body.kind, self.long_body.value
        return read_body(self.request_body, self.request_header("content-type"))

    @property
    def size(self) -> int:
        """About how many bytes the entry holds on to."""
        sent, claim = self.request_headers, self.claim
        size = (
            _ENTRY
            + (self.long_body.kept if self.long_body else len(self.request_body))
            + len(self.reply_body)
            + len(self.path)
            + 2 * len(self.query)  # a reply may have links to other pages
            + len(self.base_url)
            + len(self.media_type)
            + _HEADER * (len(sent) + len(self.reply_headers))
            + sum(map(len, chain.from_iterable(sent)))
            + _NOTE * (len(self.steps) + len(self.readings or ()))
        )
        if claim is not None:
            size += sum(map(len, claim.fields.values()))
        if type(self.key) is str:
            size += len(self.key)
        for _, _, facts in self.steps:
            if facts and facts is not self.facts:
                size += _held(facts)
        if self.facts:
            size += _held(self.facts)
        if self.violations:
            size += _held(self.violations)
        if self.page:
            size += _held(self.page)
        return size


def _held(value: Json) -> int:
    """About how many bytes *value* takes, with all that is inside of it."""
    # A name that an input chose is a value as well, or short.
    if isinstance(value, dict):
        inside: Iterable[Json] = value.values()
    elif isinstance(value, (list, tuple)):
        inside = value
    else:
        return getsizeof(value)
    size = getsizeof(value)
    for item in inside:
        kind = type(item)
        if kind is str:  # `getsizeof` would find the same in three times as long
            size += _TEXT + len(item) * (1 if item.isascii() else 4)
        elif kind in _CONSTANTS or (kind is int and -_LARGE < item < _LARGE):
            size += _NUMBER
        else:
            size += _held(item)
    return size


class Budget:
    """How many bytes several journals hold together.

    When that is too many, the journal that holds most gives up its oldest tenth, and
    so on until it fits, with some room for what comes next.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._used = 0
        """At least what the journals hold: one that is gone is noticed when counted."""
        self._journals: WeakValueDictionary[int, Journal] = WeakValueDictionary()
        self._serial = count()

    @property
    def used(self) -> int:
        """The bytes that the journals hold."""
        self._used = sum(one.bytes for one in self._journals.values())
        return self._used

    def join(self, journal: Journal) -> None:
        self._journals[next(self._serial)] = journal
        self._used += journal.bytes

    def add(self, size: int) -> None:
        """Count *size* bytes more, or less, and make room when it is too many."""
        self._used += size
        # What is gone without a word is noticed now, and not at every call.
        if self._used > self.max_bytes and self.used > self.max_bytes:
            self._make_room()

    def _make_room(self) -> None:
        enough = self.max_bytes - self.max_bytes // 20
        used = self._used
        # The journal that came first is the first of two that hold as much.
        largest = [(-one.bytes, at, one) for at, one in self._journals.items()]
        heapq.heapify(largest)
        while used > enough:
            held, at, journal = largest[0]
            if not held:
                break
            journal.give_up(max(1, len(journal) // 10))
            used += held + journal.bytes
            heapq.heapreplace(largest, (-journal.bytes, at, journal))
        self._used = used


class Journal:
    """The latest entries, up to a number of them and a number of bytes.

    One that keeps no entries is off: nothing is written to it.
    """

    __slots__ = (
        "__weakref__",
        "_budget",
        "_entries",
        "_sizes",
        "bytes",
        "dropped",
        "dropped_until",
        "followers",
        "max_bytes",
        "max_entries",
        "written",
    )

    def __init__(
        self,
        max_entries: int = 1_000,
        max_bytes: int = 8_388_608,
        budget: Budget | None = None,
    ) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.written = 0
        """How many there ever were: the id of the last one."""
        self.dropped = 0
        """How many entries were let go to make room, since it was last cleared."""
        self.dropped_until = float("-inf")
        """The latest of the times of those."""
        self.bytes = 0
        """About how many bytes the entries hold on to."""
        self._entries: deque[Entry] = deque()
        self._sizes: deque[int] = deque()
        self.followers: list[Callable[[], None]] = []
        """Called whenever an entry was written."""
        self._budget = budget
        if budget is not None:
            budget.join(self)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def off(self) -> bool:
        return not self.max_entries

    @property
    def first(self) -> int:
        """The id of the oldest entry that is kept, or of the next one."""
        return self.written - len(self._entries) + 1

    def get(self, id: int) -> Entry | None:
        """The entry of that id, while it is kept."""
        at = id - self.first
        return self._entries[at] if 0 <= at < len(self._entries) else None

    def after(self, id: int) -> Iterator[Entry]:
        """The entries that follow the one of that id, oldest first."""
        return islice(self._entries, max(0, id + 1 - self.first), None)

    def last(self, n: int) -> list[Entry]:
        """The latest *n* entries, or fewer if there are not as many; oldest first."""
        newest = list(islice(reversed(self._entries), max(0, n)))
        return newest[::-1]

    def write(self, entry: Entry) -> None:
        size = entry.size
        self.written += 1
        self._entries.append(entry)
        self._sizes.append(size)
        self.bytes += size
        while self._entries and (
            len(self._entries) > self.max_entries or self.bytes > self.max_bytes
        ):
            size -= self._drop()
        if self._budget is not None:
            self._budget.add(size)
        for wake in self.followers:
            wake()

    def give_up(self, n: int) -> None:
        """Let the oldest *n* entries go, to make room for others' (see `Budget`)."""
        for _ in range(min(n, len(self._entries))):
            self._drop()

    def clear(self) -> None:
        """Forget every entry, on purpose: what came before is nobody's question now.

        Ids go on from where they are.
        """
        held, self.bytes = self.bytes, 0
        self._entries.clear()
        self._sizes.clear()
        self.dropped = 0
        self.dropped_until = float("-inf")
        if self._budget is not None:
            self._budget.add(-held)

    def _drop(self) -> int:
        """Let the oldest entry go; how many bytes it held."""
        gone = self._entries.popleft()
        size = self._sizes.popleft()
        self.bytes -= size
        self.dropped += 1
        self.dropped_until = max(self.dropped_until, gone.at)
        return size
