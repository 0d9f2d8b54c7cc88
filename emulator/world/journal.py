"""Journal: one entry per exchange, with the reason for every decision; bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Any


class Entry(NamedTuple):
    """One exchange, written down."""

    id: int
    at: float
    """The world's time, in seconds since 1970."""
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
    steps: list[tuple[str, str, Mapping[str, Json]]]
    """What each step decided and why: (step, decision, facts)."""

    @property
    def size(self) -> int:
        """About how many bytes the entry holds on to."""
        return 500 + len(self.request_body) + len(self.reply_body) + len(self.query)


class Journal:
    """The latest entries, up to a number of them and a number of bytes."""

    __slots__ = ("_bytes", "_entries", "dropped", "max_bytes", "max_entries", "written")

    def __init__(self, max_entries: int = 1_000, max_bytes: int = 8_388_608) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.written = 0
        self.dropped = 0
        """How many entries were let go to make room."""
        self._bytes = 0
        self._entries: deque[Entry] = deque()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def write(self, entry: Entry) -> None:
        self.written += 1
        self._entries.append(entry)
        self._bytes += entry.size
        while self._entries and (
            len(self._entries) > self.max_entries or self._bytes > self.max_bytes
        ):
            self._bytes -= self._entries.popleft().size
            self.dropped += 1
