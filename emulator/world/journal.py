"""Journal: one entry per exchange, bounded by their number and by bytes.

Entries go in the order they came, so what is left is always all that came since some
number.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any, Generic, Protocol, TypeVar
from weakref import WeakValueDictionary


class Written(Protocol):
    """What a journal has to know of its entries."""

    @property
    def at(self) -> int:
        """The world's time, in microseconds since 1970."""

    @property
    def size(self) -> int:
        """About how many bytes the entry keeps."""


Entry = TypeVar("Entry", bound=Written)


class Budget:
    """How many bytes several journals hold together.

    When that is too many, the journal that holds most gives up its oldest tenth, and
    so on until it fits, with some room for what comes next.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._used = 0
        """At least what the journals hold: one that is gone is noticed when counted."""
        self._journals: WeakValueDictionary[int, Journal[Any]] = WeakValueDictionary()
        self._serial = count()

    @property
    def used(self) -> int:
        """The bytes that the journals hold."""
        self._used = sum(journal.bytes for journal in self._journals.values())
        return self._used

    def join(self, journal: Journal[Any]) -> None:
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
        largest = [
            (-journal.bytes, at, journal) for at, journal in self._journals.items()
        ]
        heapq.heapify(largest)
        while used > enough:
            held, at, journal = largest[0]
            if not held:
                break
            journal.give_up(max(1, len(journal) // 10))
            used += held + journal.bytes
            heapq.heapreplace(largest, (-journal.bytes, at, journal))
        self._used = used


class Journal(Generic[Entry]):
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
        size, entries = entry.size, self._entries
        self.written += 1
        entries.append(entry)
        self._sizes.append(size)
        self.bytes += size
        while len(entries) > self.max_entries or self.bytes > self.max_bytes:
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
        if gone.at > self.dropped_until:
            self.dropped_until = gone.at
        return size
