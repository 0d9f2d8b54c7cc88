"""Shown: records as a view has shown them, so that none is rendered twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emulator.json_type import Json

Record = dict[str, Json]

_SHOWN = 20_000
"""Records that a view keeps as it shows them."""
_BYTES = 33_554_432
"""What those may take together."""
_PAGES = 8
"""Lists of records that a view keeps as it shows them."""
_PAGE = 1_048_576
"""The longest one that is kept."""


class Shown(dict[int, tuple[Record, bytes]]):
    """Records as a view shows them: {id of the record: (record, its JSON)}.

    A record is kept beside what is shown of it, so that its id stays its own, until it is
    replaced or deleted.
    """

    __slots__ = ("_bytes", "_last", "_pages")

    def __init__(self) -> None:
        super().__init__()
        self._bytes = 0
        self._pages: dict[tuple[int, ...], tuple[Sequence[Record], bytes]] = {}
        self._last: tuple[Sequence[Record], bytes] | None = None
        """The page that was asked for last: a list gives the same one while it holds."""

    def keep(self, record: Record, shown: bytes) -> None:
        """Remember *shown*, and begin anew where that is too much."""
        self._bytes += len(shown)
        if len(self) >= _SHOWN or self._bytes > _BYTES:
            self.clear()
            self._bytes = len(shown)
        self[id(record)] = (record, shown)

    def forget(self, record: Record) -> None:
        known = self.pop(id(record), None)
        if known is not None:
            self._bytes -= len(known[1])
            self._pages.clear()
            self._last = None

    def page(self, records: Sequence[Record], make: Callable[[], bytes]) -> bytes:
        """What *make* gives for these records, kept until a few other pages are."""
        if self._last is not None and self._last[0] is records:
            return self._last[1]
        ids = tuple(map(id, records))
        known = self._pages.get(ids)
        if known is None:
            made = make()
            if len(made) > _PAGE:
                return made
            if len(self._pages) >= _PAGES:
                self._pages.clear()
            known = self._pages[ids] = (records, made)
        self._last = (records, known[1])
        return known[1]
