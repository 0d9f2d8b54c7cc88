"""Shown: records as a view has shown them, so that none is rendered twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emulator.json_type import Json

Record = dict[str, Json]

_SHOWN = 20_000
"""Records that a view keeps as it shows them."""
_PAGES = 8
"""The same of lists of them."""


class Shown(dict[int, tuple[Record, bytes]]):
    """Records as a view shows them: {id of the record: (record, its JSON)}.

    A record is kept beside what is shown of it, so that its id stays its own, until it is
    replaced or deleted.
    """

    __slots__ = ("_last", "_pages")

    def __init__(self) -> None:
        super().__init__()
        self._pages: dict[tuple[int, ...], tuple[Sequence[Record], bytes]] = {}
        self._last: tuple[Sequence[Record], bytes] | None = None
        """The page that was asked for last: a list gives the same one while it holds."""

    def keep(self, record: Record, shown: bytes) -> None:
        """Remember *shown*, and begin anew where that is too much."""
        if len(self) >= _SHOWN:
            self.clear()
        self[id(record)] = (record, shown)

    def forget(self, record: Record) -> None:
        if self.pop(id(record), None) is not None:
            self._pages.clear()
            self._last = None

    def page(self, records: Sequence[Record], make: Callable[[], bytes]) -> bytes:
        """What *make* gives for these records, kept until a few other pages are."""
        if self._last is not None and self._last[0] is records:
            return self._last[1]
        ids = tuple(map(id, records))
        known = self._pages.get(ids)
        if known is None:
            if len(self._pages) >= _PAGES:
                self._pages.clear()
            known = self._pages[ids] = (records, make())
        self._last = (records, known[1])
        return known[1]
