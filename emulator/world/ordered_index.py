"""Ordered index: the records of a collection in one order, which a write changes in place.

How the records of a base follow each other never changes: that is worked out once for
each order, as positions in the base, and shared by all worlds. An `OrderedIndex` holds
what one world has changed of it: which positions are gone, and the world's own records,
each with the position that it stands before. A page is then read where it starts,
however many records there are, and a write costs a few comparisons.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, overload

from emulator.json_type import Json
from emulator.language.parts import rank
from emulator.world.ordering import Order, value_at, values_at

Record = dict[str, Json]
Positions = Sequence[int]
SortKey = tuple[Any, ...]
Wanted = tuple[tuple[str, Json], ...]
"""Fields and the values that a record has in them, as an index holds them."""
Question = tuple[Wanted, Order]
Placed = tuple[Record, int]
"""A record of a world's own, and when it came beside others."""

_ORDERS = 64
"""Answers that a base keeps, the latest that were asked for."""
_POSITIONS = 4
"""The most positions that all answers together keep, for each record of the base."""
_FEW_POSITIONS = 100_000
"""The number of positions that are kept in any case."""
_INDEXES = 16
"""Indexes that one collection of a world keeps, the latest that were asked for."""
_ENTRIES = 100_000
"""Own records in all of these together; one index is kept in any case."""
_UNREAD = 4_096
"""After more writes than this since it was last read, an index is rebuilt."""
_FEW = 50
_SHARE = 8
"""When more than one in so many records has changed, and more than `_FEW`, an index is
rebuilt."""
_MANY = 16
"""When more than one in so many positions changes, all of them are gone through once."""


class BaseOrders:
    """The records of a base by what was asked for: which, and in which order."""

    __slots__ = ("_answers", "_last", "_room")

    def __init__(self, records: int) -> None:
        self._answers: OrderedDict[Question, Listing] = OrderedDict()
        self._last: tuple[Question, Listing] | None = None
        """The answer that was asked for last: it is asked for again and again."""
        self._room = max(_FEW_POSITIONS, _POSITIONS * records)

    def get(self, question: Question) -> Listing | None:
        if self._last is not None and self._last[0] == question:
            return self._last[1]
        listing = self._answers.get(question)
        if listing is not None:
            self._answers.move_to_end(question)
            self._last = (question, listing)
        return listing

    def keep(self, question: Question, listing: Listing) -> None:
        answers = self._answers
        answers[question] = listing
        self._last = (question, listing)
        taken = sum(_size(answer.positions) for answer in answers.values())
        while len(answers) > 1 and (len(answers) > _ORDERS or taken > self._room):
            _, dropped = answers.popitem(last=False)
            taken -= _size(dropped.positions)


def _size(positions: Positions) -> int:
    return 0 if isinstance(positions, range) else len(positions)


def sorted_positions(
    rows: Sequence[Record], positions: Positions, order: Order
) -> Positions:
    """*positions* of *rows*, which stand as they came, sorted by *order*."""
    records = [*map(rows.__getitem__, positions)]
    numbers = _sorted([*range(len(records))], records, order)
    return _packed([positions[number] for number in numbers])


def _sorted(numbers: list[int], records: Sequence[Record], order: Order) -> list[int]:
    """*numbers* of *records*, sorted by *order*."""
    for field, falling in reversed(order):
        values = values_at(records, field)
        keys = values if _comparable(values) else [rank(value) for value in values]
        numbers.sort(key=keys.__getitem__, reverse=falling)
    return numbers


def _comparable(values: Iterable[Json]) -> bool:
    """Whether values are compared with each other as their ranks are: of one kind."""
    kinds = set(map(type, values))
    return kinds <= {int, float, bool} or kinds == {str}


def _packed(positions: list[int]) -> Positions:
    """*positions* in little room; in none, where they are as the base has them."""
    if len(positions) > 1:
        first, step = positions[0], positions[1] - positions[0]
        if step in (1, -1):
            run = range(first, first + step * len(positions), step)
            if positions == list(run):
                return run
    return array("I", positions)


class _Falling:
    """A text in an order that falls."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and self.text == other.text

    def __lt__(self, other: _Falling) -> bool:
        return other.text < self.text

    __hash__ = None  # type: ignore[assignment]


def sort_key(record: Record, place: int, order: Order) -> SortKey:
    """What sorts *record* among others by *order*, and then by when they came."""
    key: list[Any] = []
    for field, falling in order:
        kind, value = rank(value_at(record, field))
        if falling:
            value = _Falling(value) if isinstance(value, str) else -value
            kind = -kind
        key += (kind, value)
    key.append(place)
    return tuple(key)


class Own(NamedTuple):
    """A record that a world has, and the base has not."""

    before: int
    """How many of the base's records stand before it."""
    place: int
    """When it came, beside others."""
    record: Record


class OrderedIndex:
    """What a world has changed of the positions of its base, for one question.

    Rows and positions are given to each method: the base keeps them, as long as there
    is room.
    """

    __slots__ = ("_order", "gone", "own", "unread")

    def __init__(
        self,
        order: Order,
        rows: Sequence[Record],
        positions: Positions,
        lost: Sequence[int],
        own: Sequence[Placed],
    ) -> None:
        """An index of records of the world's *own* that does without those at *lost*."""
        self._order = order
        self.gone: list[int] = []
        """Indexes of positions whose records are replaced or deleted, sorted."""
        if len(lost) * _MANY > len(positions):
            taken = {*lost}
            self.gone = [at for at, number in enumerate(positions) if number in taken]
        else:
            for position in lost:
                self.lose(position, rows, positions)
        self.unread: dict[Any, Placed | None] = {}
        """Keys that were written since it was read, each with the own record before."""
        self.own: list[Own] = []
        """The records that the world has of its own, sorted."""
        if len(own) * _MANY > len(positions):
            self.own = _merged(
                [*map(rows.__getitem__, positions)], positions, own, order
            )
        else:
            for placed in own:
                self.add(placed, rows, positions)

    def __len__(self) -> int:
        """How many entries it takes room for."""
        return len(self.own) + len(self.gone)

    def is_outdated(self, base: int) -> bool:
        """Whether so much was written since that it costs less to make the index anew.

        *base* is how many positions the base has.
        """
        return len(self.unread) > max(_FEW, (base + len(self.own)) // _SHARE)

    def lose(self, position: int, rows: Sequence[Record], positions: Positions) -> None:
        """Leave out the record that the base has at *position*."""
        if isinstance(positions, range):
            index = positions.index(position)
        else:
            key = sort_key(rows[position], position, self._order)
            index = self._before(key, rows, positions)
            if positions[index] != position:  # values that nothing is equal to: NaN
                index = positions.index(position)
        at = bisect_left(self.gone, index)
        if at == len(self.gone) or self.gone[at] != index:
            self.gone.insert(at, index)

    def remove(
        self, placed: Placed, rows: Sequence[Record], positions: Positions
    ) -> None:
        """Take out a record of the world's own."""
        _, at = self._find(placed, rows, positions)
        if at == len(self.own) or self.own[at].record is not placed[0]:  # NaN
            at = [placing.record for placing in self.own].index(placed[0])
        del self.own[at]

    def add(self, placed: Placed, rows: Sequence[Record], positions: Positions) -> None:
        """Put in a record of the world's own."""
        before, at = self._find(placed, rows, positions)
        self.own.insert(at, Own(before, placed[1], placed[0]))

    def _find(
        self, placed: Placed, rows: Sequence[Record], positions: Positions
    ) -> tuple[int, int]:
        """How many of the base's records stand before it, and of the world's own."""
        order, own = self._order, self.own
        key = sort_key(*placed, order)
        before = self._before(key, rows, positions)
        low = bisect_left(own, before, key=_before)
        high = bisect_right(own, before, low, key=_before)
        at = bisect_left(
            own,
            key,
            low,
            high,
            key=lambda placed: sort_key(placed.record, placed.place, order),
        )
        return before, at

    def _before(
        self, key: SortKey, rows: Sequence[Record], positions: Positions
    ) -> int:
        """How many of the base's records stand before one with this *key*."""
        order = self._order
        return bisect_left(
            positions,
            key,
            key=lambda position: sort_key(rows[position], position, order),
        )


_before = attrgetter("before")


def _merged(
    records: list[Record], positions: Positions, own: Sequence[Placed], order: Order
) -> list[Own]:
    """The world's *own* records as they stand among the base's *records*, which are sorted."""
    places = [*positions, *(place for _, place in own)]
    numbers = sorted(range(len(places)), key=places.__getitem__)
    merged: list[Own] = []
    before, total = 0, len(records)
    for number in _sorted(numbers, [*records, *(placed for placed, _ in own)], order):
        if number < total:
            before += 1
        else:
            record, place = own[number - total]
            merged.append(Own(before, place, record))
    return merged


class Listing(Sequence[Record]):
    """The records that were asked for, in order, none of which is looked up before it is read.

    It holds until the collection is asked again after a change.
    """

    __slots__ = ("_gone", "_own", "_read", "_rows", "_total", "positions")

    def __init__(
        self, rows: Sequence[Record], positions: Positions, index: OrderedIndex | None
    ) -> None:
        self._rows = rows
        self.positions = positions
        """Where the base has its records that were asked for."""
        self._gone: Sequence[int] = index.gone if index is not None else ()
        self._own: Sequence[Own] = index.own if index is not None else ()
        self._total = len(positions) - len(self._gone) + len(self._own)
        self._read: tuple[slice, list[Record]] | None = None
        """The part that was read last: the same page is asked for again and again."""

    def __len__(self) -> int:
        return self._total

    def __iter__(self) -> Iterator[Record]:
        return iter(self._part(0, self._total))

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> list[Record]: ...

    def __getitem__(self, at: int | slice) -> Record | list[Record]:
        if isinstance(at, slice):
            if self._read is None or self._read[0] != at:
                self._read = (at, self._slice(at))
            return self._read[1]
        if at < 0:
            at += self._total
        if not 0 <= at < self._total:
            raise IndexError(at)
        return self._part(at, at + 1)[0]

    def _slice(self, at: slice) -> list[Record]:
        start, stop, step = at.indices(self._total)
        part = self._part(start, stop) if step > 0 else self._part(0, self._total)
        return part[::step] if step > 0 else part[at]

    def _part(self, start: int, stop: int) -> list[Record]:
        """The records from *start* to *stop*."""
        row, positions = self._rows.__getitem__, self.positions
        own, gone = self._own, self._gone
        if not own and not gone:
            return [*map(row, positions[start:stop])]
        of_own, of_gone, index = self._seek(start)
        part: list[Record] = []
        while len(part) < stop - start:
            before = own[of_own].before if of_own < len(own) else len(positions)
            if of_own < len(own) and before <= index:
                part.append(own[of_own].record)
                of_own += 1
                continue
            skipped = gone[of_gone] if of_gone < len(gone) else len(positions)
            if skipped == index:
                index += 1
                of_gone += 1
                continue
            end = min(before, skipped, index + stop - start - len(part))
            part.extend(map(row, positions[index:end]))
            index = end
        return part

    def _seek(self, start: int) -> tuple[int, int, int]:
        """What stands before the record number *start*: own, gone, and positions."""
        own, gone = self._own, self._gone

        def number(of_own: int) -> int:
            before = own[of_own].before
            return of_own + before - bisect_left(gone, before)

        of_own = bisect_left(range(len(own)), start, key=number)
        stay = start - of_own
        of_gone = bisect_right(range(len(gone)), stay, key=lambda at: gone[at] - at)
        return of_own, of_gone, stay + of_gone


class OrderedIndexes:
    """The ordered indexes of one collection in one world, the latest that were asked for."""

    __slots__ = ("_indexes",)

    def __init__(self) -> None:
        self._indexes: OrderedDict[Question, OrderedIndex] = OrderedDict()

    def get(self, question: Question) -> OrderedIndex | None:
        index = self._indexes.get(question)
        if index is not None:
            self._indexes.move_to_end(question)
        return index

    def keep(self, question: Question, index: OrderedIndex) -> None:
        self._indexes[question] = index
        self.make_room()

    def make_room(self) -> None:
        """Let go of those that were not asked for the longest, where there is too much."""
        indexes = self._indexes
        taken = sum(map(len, indexes.values()))
        while len(indexes) > 1 and (len(indexes) > _INDEXES or taken > _ENTRIES):
            _, dropped = indexes.popitem(last=False)
            taken -= len(dropped)

    def written(self, key: Any, before: Placed | None) -> None:
        """Note that the record of *key* changes, which was *before*, at this place."""
        crowded = False
        for index in self._indexes.values():
            index.unread.setdefault(key, before)
            crowded = crowded or len(index.unread) > _UNREAD
        if crowded:
            for question, index in [*self._indexes.items()]:
                if len(index.unread) > _UNREAD:
                    del self._indexes[question]


def has(record: Record, wanted: Iterable[tuple[str, Json]]) -> bool:
    """Whether the fields of *record* have these values, as an index holds them."""
    return all(indexed(record.get(name)) == value for name, value in wanted)


def indexed(value: Json) -> Json:
    """*value* as an index can hold it: true is not 1, and lists are compared by content."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return ("bool", value)
    if isinstance(value, (list, dict)):
        return ("json", repr(value))
    return value
