"""Base: the records that a collection starts with, which all worlds share.

They come from the fixtures, and never change. Where times move with the day that a world
begins on (`world/moving.py`), there is one base for each day, shared by all worlds that
began on it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from emulator.json_type import Json
from emulator.world.ordered_index import (
    BaseOrders,
    Listing,
    Positions,
    Wanted,
    has,
    indexed,
    sorted_positions,
)
from emulator.world.ordering import Order
from emulator.world.shown import Shown

if TYPE_CHECKING:
    from emulator.world.moving import Times

Record = dict[str, Json]
Key = int | str

_VIEWS = 32
"""Views of the records of a base, each on its days, that are kept as they show them."""
_MOVED = 100_000
"""Records that are kept of one collection as they are on other days; two days at least."""


class Base:
    """The records that a collection starts with, by key, in the order of the fixture."""

    __slots__ = (
        "_digest",
        "_indexes",
        "_moved",
        "_orders",
        "_places",
        "_rows",
        "_shown",
        "_still",
        "highest",
        "key",
        "latest",
        "latest_days",
        "records",
        "times",
    )

    def __init__(
        self,
        records: Iterable[Record] | dict[Key, Record],
        key: str = "id",
        times: Times | None = None,
    ) -> None:
        """A base of *records*; given by their keys already, they are kept as they are."""
        self.key = key
        self.records: dict[Key, Record] = (
            records
            if isinstance(records, dict)
            else {record[key]: record for record in records}
        )
        self.times = times
        """Those that move with the day that a world begins on."""
        self.highest = max((k for k in self.records if type(k) is int), default=0)
        self._indexes: dict[str, dict[Json, tuple[Key, ...]]] = {}
        self._places: dict[Key, int] | range | None = None
        self._rows: list[Record] | None = None
        self._orders = BaseOrders(len(self.records))
        self._shown: dict[tuple[str, tuple[int, ...]], Shown] = {}
        self._digest = ""
        self._moved: OrderedDict[int, Base] = OrderedDict()
        """The latest days that somebody has asked for."""
        self.latest: Base | None = None
        self.latest_days = 0
        """The last of those: mostly the next that is asked for."""
        self._still: Base | None = None
        """The records as they were written, where these are moved."""

    def days(self, at: int | None) -> int:
        """How far the times are moved where a world began *at*; None: not at all."""
        return 0 if self.times is None or at is None else self.times.days(at)

    def moved(self, days: int) -> Base:
        """The records with their times moved by a number of days."""
        if not days or self.times is None:
            return self
        base = self._moved.get(days)
        if base is None:
            move, pinned = self.times.mover(days), self.times.pinned
            records = [
                record if key in pinned else move(record)
                for key, record in self.records.items()
            ]
            base = self._moved[days] = Base(records, self.key)
            base._still = self
            most = max(2, _MOVED // max(1, len(self.records)))
            while len(self._moved) > most:
                self._moved.popitem(last=False)
        elif len(self._moved) > 1:
            self._moved.move_to_end(days)
        self.latest, self.latest_days = base, days
        return base

    def stays(self, field: str) -> bool:
        """Whether the values of *field* are the same on every day."""
        return self.times is None or field not in self.times.fields

    @property
    def digest(self) -> str:
        """The same for the same records: what changes to them may be put back on."""
        if self._still is not None:
            return self._still.digest
        if not self._digest:
            lines = (f"{key!r}:{record!r}" for key, record in self.records.items())
            text = "\n".join(lines).encode(errors="surrogatepass")
            self._digest = hashlib.blake2b(text, digest_size=16).hexdigest()
        return self._digest

    @property
    def rows(self) -> Sequence[Record]:
        """The records by their position."""
        if self._rows is None:
            self._rows = [*self.records.values()]
        return self._rows

    def place(self, key: Key) -> int:
        """Where the record with this key stands in the order of the fixture."""
        if self._places is None:
            first = next(iter(self.records))
            run = range(first, first + len(self.records)) if type(first) is int else ()
            if type(run) is range and [*run] == [*self.records]:
                self._places = run  # which takes no room
            else:
                self._places = {record: at for at, record in enumerate(self.records)}
        if type(self._places) is range:
            return self._places.index(key)  # type: ignore[arg-type]
        return self._places[key]

    def listed(self, wanted: Wanted, order: Order) -> Listing:
        """The records with the *wanted* values, in this order.

        All worlds that have changed nothing share it, and the pages that were read of it.
        """
        question = (wanted, order)
        listing = self._orders.get(question)
        if listing is None:
            listing = Listing(self.rows, self._positions(wanted, order), None)
            self._orders.keep(question, listing)
        return listing

    def _positions(self, wanted: Wanted, order: Order) -> Positions:
        """The positions of those; of other days, where they are the same."""
        still = self._still
        if still is not None:
            fields = (*(name for name, _ in wanted), *(name for name, _ in order))
            if all(still.stays(field.partition(".")[0]) for field in fields):
                return still.listed(wanted, order).positions
        return sorted_positions(self.rows, self._having(wanted), order)

    def prepare(self, order: Order) -> None:
        """Sort now what every list is going to be sorted by, unless it moves with the day."""
        if all(self.stays(field.partition(".")[0]) for field, _ in order):
            self.listed((), order)

    def _having(self, wanted: Wanted) -> Positions:
        """The positions of the records with the *wanted* values, as they came."""
        if not wanted:
            return range(len(self.records))
        keys = min((self.keys_where(*condition) for condition in wanted), key=len)
        records = self.records
        if len(wanted) > 1:
            return [self.place(key) for key in keys if has(records[key], wanted)]
        return [self.place(key) for key in keys]

    def shown(self, view: str, days: tuple[int, ...]) -> Shown:
        """What *view* has shown of these records in worlds that have changed nothing.

        *days* are those of the collections that the view looks things up in.
        """
        kept = self._shown.get((view, days))
        if kept is None:
            if len(self._shown) >= _VIEWS:
                self._shown.clear()
            kept = self._shown[view, days] = Shown()
        return kept

    def keys_where(self, field: str, wanted: Json) -> tuple[Key, ...]:
        """The keys of the records whose *field* has this value, in order."""
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = self._index(field)
        return index.get(wanted, ())

    def _index(self, field: str) -> dict[Json, tuple[Key, ...]]:
        """The keys by the values of *field*; those of other days, where they are the same."""
        still = self._still
        if still is not None and still.stays(field):
            still.keys_where(field, None)
            return still._indexes[field]
        gathered: dict[Json, list[Key]] = {}
        for key, record in self.records.items():
            gathered.setdefault(indexed(record.get(field)), []).append(key)
        return {value: tuple(keys) for value, keys in gathered.items()}
