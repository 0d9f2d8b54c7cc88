"""Collection: all records of a kind: a base that is shared and never changes, and what changed.

The base comes from the fixtures and is shared by every world. A collection adds an
overlay of its own: records that were created, replaced or deleted. Records are never
changed in place, so what was read stays as it was. Equality on a field is looked up
in an index, made when the field is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from emulator.json_type import Json
from emulator.world.base import Base, Key, Record
from emulator.world.ordered_index import (
    Listing,
    OrderedIndex,
    OrderedIndexes,
    Placed,
    Positions,
    Wanted,
    has,
    indexed,
)
from emulator.world.ordering import Order, in_order
from emulator.world.room import Room
from emulator.world.shown import Shown
from emulator.world.weight import gain, weight

if TYPE_CHECKING:
    pass

Writing = Callable[[Record], Record]
"""A record with other secrets in it."""

_QUERIES = 256
_FOUND = 100_000
"""Records in the answers to all of them together; one answer is kept in any case."""
_LONG_QUERY = 2_000
"""Characters of a query whose answer is not remembered any more."""
_HIGHEST = 2**53 - 1
"""The highest number that is a key: JSON holds the one that follows it as well."""
_MISSING = object()


def _as_it_is(record: Record) -> Record:
    return record


class _Index:
    """The keys of an overlay by the values of one field; those of values that occur."""

    __slots__ = ("added", "replaced")

    def __init__(self) -> None:
        self.replaced: dict[Json, dict[Key, None]] = {}
        """Keys that the base has too."""
        self.added: dict[Json, dict[Key, None]] = {}
        """Keys that it does not have, in the order in which they came here."""


class Collection:
    """The records of one kind in one world."""

    __slots__ = (
        "_added",
        "_arrivals",
        "_bytes",
        "_changed",
        "_disordered",
        "_indexes",
        "_lent",
        "_listed",
        "_next",
        "_ordered",
        "_origin",
        "_queries",
        "_room",
        "_shown",
        "_touched",
        "days",
        "on_deleted",
        "on_put",
        "version",
    )

    def __init__(
        self, base: Base, room: Room | None = None, began: int | None = None
    ) -> None:
        """A collection of a world that *began* at that time; None: of no world."""
        self._origin = base
        self.days = base.days(began)
        """How many days the times of the base are moved."""
        self._room = room or Room()
        self._lent = False
        """The overlay is that of a fork as well: it is copied before it changes."""
        self.on_put: Callable[[Record, Record | None], None] | None = None
        """Is told of each record that is stored, and of the one in whose place it is."""
        self.on_deleted: Callable[[Key], None] | None = None
        """Is told of the key of each record that is deleted."""
        self._changed: dict[Key, Record | None] = {}
        """Records that replace or follow those of the base; None: deleted."""
        self._bytes = 0
        """What those take of the room."""
        self._added: dict[Key, int] = {}
        """Keys that the base does not have, and their rank in the order of arrival."""
        self._arrivals = 0
        self._touched: dict[Key, None] = {}
        """Keys of the base whose records are replaced or deleted."""
        self._disordered = False
        """A key that was added has come to an index after younger ones."""
        self._indexes: dict[str, _Index] = {}
        self._ordered: OrderedIndexes | None = None
        self._queries: dict[Json, list[Record]] = {}
        self._shown: dict[str, tuple[tuple[int, ...], Shown]] = {}
        """Its records as each view has shown them, as `shown` says."""
        self._listed: tuple[Json, Listing] | None = None
        """The list that was asked for last, with the question: it is asked again and again."""
        self._next = base.highest + 1
        self.version = 0
        """Grows with every change."""

    @property
    def _base(self) -> Base:
        # Not held: days that nobody asks for any more make room for others.
        origin, days = self._origin, self.days
        if not days:
            return origin
        if days == origin.latest_days and origin.latest is not None:
            return origin.latest
        return origin.moved(days)

    def fork(self, room: Room) -> Collection:
        """A collection that holds the same, and goes its own way from here.

        It costs the same for many records as for few: the overlay is shared until one
        of the two changes.
        """
        twin = Collection(self._origin, room)
        twin.days = self.days
        twin._changed, twin._added, twin._touched = (
            self._changed,
            self._added,
            self._touched,
        )
        twin._arrivals, twin._next = self._arrivals, self._next
        twin._disordered, twin.version = self._disordered, self.version
        twin._lent = self._lent = True
        twin._bytes = self._bytes
        room.taken += len(self._changed)
        room.bytes += self._bytes
        return twin

    def kept(self) -> Collection:
        """What it holds now, for `restore`."""
        return self.fork(Room())

    def restore(self, kept: Collection) -> None:
        """Hold again what was *kept* before the changes since, as if they had not been."""
        self._room.taken += len(kept._changed) - len(self._changed)
        self._weigh(kept._bytes - self._bytes)
        self._changed, self._added = kept._changed, kept._added
        self._touched, self._lent = kept._touched, True
        self._arrivals, self._next = kept._arrivals, kept._next
        self._disordered = kept._disordered
        self._indexes, self._queries, self._ordered = {}, {}, None
        self._shown = {}
        self.version += 1

    def dump(self, written: Writing = _as_it_is) -> Json:
        """What is changed, as JSON holds it; None where nothing is.

        A record that is *written* as the base has it is not changed.
        """
        if not self.version:
            return None
        base = self._base.records
        touched = [(key, self._changed[key]) for key in self._touched]
        pairs = [
            (base[key], written(changed))
            for key, changed in touched
            if changed is not None
        ]
        kept = {
            "replaced": [new for old, new in pairs if repr(new) != repr(old)],
            "deleted": [key for key, changed in touched if changed is None],
            "added": [
                written(record) for k in self._added if (record := self._changed[k])
            ],
        }
        if self._next == self._base.highest + 1 and not any(kept.values()):
            return None
        return {"base": self._base.digest, **kept, "next": self._next}

    def load(self, kept: Mapping[str, Json], written: Writing = _as_it_is) -> None:
        """Make the changes that `dump` gave, here where there are none yet.

        Raises `ValueError` where they were made to other records.
        """
        if kept["base"] != self._base.digest:
            raise ValueError("the fixtures are not those that it was taken with")
        for record in (*kept["replaced"], *kept["added"]):
            key = record[self._base.key]
            if type(key) not in (int, str) or (type(key) is int and key > _HIGHEST):
                raise ValueError(f"{key!r} is no key of a record")
            self.put(written(record))
        for key in kept["deleted"]:
            if key not in self._base.records:
                raise ValueError(f"there is no record {key!r} to be deleted")
            self.delete(key)
        self._next = max(self._next, kept["next"])
        self.version += 1  # what was added and deleted again has changed what is next

    def __len__(self) -> int:
        gone = sum(
            1
            for key, changed in self._changed.items()
            if changed is None and key in self._base.records
        )
        return len(self._base.records) - gone + len(self._added)

    def __iter__(self) -> Iterator[Record]:
        changed = self._changed
        for key, record in self._base.records.items():
            current = changed.get(key, record) if changed else record
            if current is not None:
                yield current
        for key in self._added:
            added = changed[key]
            if added is not None:
                yield added

    def changed(self) -> Iterator[Record]:
        """The records that are not as the base has them."""
        return (changed for changed in self._changed.values() if changed is not None)

    def shown(self, view: str, versions: tuple[int, ...]) -> Shown | None:
        """What *view* has shown of it in this world since *versions*, those of the
        collections that the view looks things up in; None: nothing yet."""
        kept = self._shown.get(view)
        return kept[1] if kept is not None and kept[0] == versions else None

    def begin_showing(
        self, view: str, versions: tuple[int, ...], days: tuple[int, ...] | None
    ) -> Shown:
        """Where it is kept what *view* shows from now on; see `shown`.

        With the *days* of those collections, of which none has changed, it is what all
        worlds have shown together.
        """
        together = days is not None and not self.version
        shown = self._base.shown(view, days or ()) if together else Shown()
        self._shown[view] = (versions, shown)
        return shown

    @property
    def key(self) -> str:
        """The name of the field that holds the key."""
        return self._origin.key

    def get(self, key: Json) -> Record | None:
        if type(key) is bool:  # which Python takes for 0 or 1
            return None
        try:
            if key in self._changed:
                return self._changed[key]
            return (self._base if self.days else self._origin).records.get(key)
        except TypeError:  # a list or a mapping is no key
            return None

    def place(self, key: Key) -> int:
        """When the record of this key came, beside others: of the base, or later."""
        if key in self._base.records:
            return self._base.place(key)
        return len(self._base.records) + self._added.get(key, 0)

    def first(self, field: str, value: Json) -> Record | None:
        """One record whose *field* equals *value*, or None; the only one, where it is unique."""
        base, changed = self._base, self._changed
        wanted = indexed(value)
        touched = self._touched
        for key in base.keys_where(field, wanted):
            if key not in touched:
                return base.records[key]
        if changed:
            index = self._indexes.get(field) or self._index(field)
            for part in (index.replaced, index.added):
                for key in part.get(wanted, ()):
                    return changed[key]
        return None

    def where(self, equals: Mapping[str, Json]) -> list[Record]:
        """The records whose fields equal *equals*, in order; all of them for none."""
        if not equals:
            return list(self)
        field, wanted, others = self._narrowed(equals)
        records = self._having(field, wanted)
        if others:
            return [candidate for candidate in records if has(candidate, others)]
        return records

    def listed(self, equals: Mapping[str, Json], order: Order) -> Sequence[Record]:
        """What `where` finds, sorted; to be read before it is asked after a change.

        It costs no more for many records than for few, once it has been asked for.
        """
        for value in equals.values():
            if type(value) is str and len(value) > _LONG_QUERY:
                return in_order(self.where(equals), order)
        wanted = tuple([(name, indexed(value)) for name, value in equals.items()])
        if not self._changed:
            return self._base.listed(wanted, order)
        query = (wanted, order, self.version)
        if self._listed is None or self._listed[0] != query:
            base = self._base
            positions = base.listed(wanted, order).positions
            index = self._ordered_index(wanted, order, base, positions)
            self._listed = (query, Listing(base.rows, positions, index))
        return self._listed[1]

    def _ordered_index(
        self, wanted: Wanted, order: Order, base: Base, positions: Positions
    ) -> OrderedIndex:
        """What is changed of the *positions* that the base has."""
        if self._ordered is None:
            self._ordered = OrderedIndexes()
        index = self._ordered.get((wanted, order))
        if index is None or index.is_outdated(len(positions)):
            lost = [
                base.place(key)
                for key in self._touched
                if has(base.records[key], wanted)
            ]
            own = self._own_having(wanted)
            index = OrderedIndex(order, base.rows, positions, lost, own)
            self._ordered.keep((wanted, order), index)
        elif index.unread:
            unread, index.unread = index.unread, {}
            for key, before in unread.items():
                if key in base.records and has(base.records[key], wanted):
                    index.lose(base.place(key), base.rows, positions)
                if before is not None and has(before[0], wanted):
                    index.remove(before, base.rows, positions)
                after = self._changed.get(key)
                if after is not None and has(after, wanted):
                    index.add((after, self.place(key)), base.rows, positions)
            self._ordered.make_room()
        return index

    def _own_having(self, wanted: Wanted) -> list[Placed]:
        """The own records with the *wanted* values, and when they came."""
        records: Iterable[Record | None] = self._changed.values()
        if wanted:
            field, value = min(wanted, key=lambda pair: self._most(*pair))
            index = self._index(field)
            parts = index.replaced.get(value, {}), index.added.get(value, {})
            records = [self._changed[key] for part in parts for key in part]
        key = self._base.key
        return [
            (record, self.place(record[key]))
            for record in records
            if record is not None and has(record, wanted)
        ]

    def _narrowed(self, equals: Mapping[str, Json]) -> tuple[str, Json, Wanted]:
        """The field that fewest records have the value of, that value, and the others."""
        others = {name: indexed(value) for name, value in equals.items()}
        field = next(iter(others))
        if len(others) > 1:
            field = min(others, key=lambda name: self._most(name, others[name]))
        return field, others.pop(field), tuple(others.items())

    def _most(self, field: str, wanted: Json) -> int:
        """How many records have this value of *field*, and no fewer."""
        number = len(self._base.keys_where(field, wanted))
        if self._changed:
            index = self._index(field)
            number += len(index.replaced.get(wanted, ()))
            number += len(index.added.get(wanted, ()))
        return number

    def _having(self, field: str, wanted: Json) -> list[Record]:
        """The records whose *field* has this value, in order."""
        base, changed = self._base.records, self._changed
        keys: Iterable[Key] = self._base.keys_where(field, wanted)
        if not changed:
            return [base[key] for key in keys]
        index = self._index(field)
        replaced = index.replaced.get(wanted, {})
        if self._touched:
            # A replaced record keeps its place among those of the base.
            kept = {key: None for key in keys if key not in self._touched} | replaced
            keys = sorted(kept, key=self._base.place) if replaced else kept
        found = [changed.get(key) or base[key] for key in keys]
        added: Iterable[Key] = index.added.get(wanted, ())
        if self._disordered:
            added = sorted(added, key=self._added.__getitem__)
        found.extend(changed[key] or {} for key in added)
        return found

    def count(self, equals: Mapping[str, Json]) -> int:
        """How many records `where` would find, without finding them."""
        if not equals:
            return len(self)
        field, wanted, others = self._narrowed(equals)
        if others:
            return len([o for o in self._having(field, wanted) if has(o, others)])
        base = self._base.records
        number: int = len(self._base.keys_where(field, wanted))
        if not self._changed:
            return number
        index = self._index(field)
        number -= sum(indexed(base[k].get(field)) == wanted for k in self._touched)
        number += len(index.replaced.get(wanted, ()))
        return number + len(index.added.get(wanted, ()))

    def remembered(
        self, query: tuple[Json, ...], answer: Callable[[], list[Record]]
    ) -> list[Record]:
        """What *answer* gives for *query*, kept until the collection changes.

        A query that a caller has made very long is not kept with its answer.
        """
        if sum(len(part) for part in query if isinstance(part, str)) > _LONG_QUERY:
            return answer()
        result = self._queries.get(query)
        if result is None:
            result = answer()
            kept = self._queries.values()
            if len(kept) >= _QUERIES or sum(map(len, kept)) > _FOUND:
                self._queries.clear()
            self._queries[query] = result
        return result

    def next_key(self) -> int:
        """The next whole number that has never been a key here."""
        return self._next

    def put(self, record: Record) -> None:
        """Store *record* under its key: a new one, or in the place of the old one."""
        if self._lent:
            self._own()
        key = record[self._origin.key]
        old = self._changed.get(key)
        if self._ordered is not None:
            self._unread(key, old)
        if old is None and key not in self._changed:
            self._arrive(key)
        self._changed[key] = record
        self._weigh(weight(record) if old is None else gain(old, record))
        self._reindex(key, old, record)
        if old is not None and self._shown:
            self._forget(old)
        if self.on_put is not None:
            self.on_put(record, old)

    def _arrive(self, key: Key) -> None:
        """Note that the overlay is going to have this key, which it never had."""
        self._room.taken += 1
        if key in self._base.records:
            self._touched[key] = None
            return
        self._arrivals += 1
        self._added[key] = self._arrivals
        if type(key) is int and key >= self._next:
            self._next = key + 1

    def _weigh(self, more: int) -> None:
        """Count *more* bytes, or less."""
        self._bytes += more
        self._room.bytes += more

    def _forget(self, record: Record) -> None:
        """Keep nothing of what was shown of *record*, which is there no more."""
        for _, shown in self._shown.values():
            shown.forget(record)

    def delete(self, key: Key) -> bool:
        """Remove the record with this key; whether there was one."""
        if self.get(key) is None:
            return False
        if self._lent:
            self._own()
        old = self._changed.get(key)
        self._unread(key, old)
        if old is not None:
            self._weigh(-weight(old))
        if key in self._added:
            self._reindex(key, old, None)
            del self._added[key]
            del self._changed[key]
            self._room.taken -= 1
        else:
            if old is None and key not in self._changed:
                self._arrive(key)
            self._changed[key] = None
            self._reindex(key, old, None)
        if old is not None and self._shown:
            self._forget(old)
        if self.on_deleted is not None:
            self.on_deleted(key)
        return True

    def _unread(self, key: Key, old: Record | None) -> None:
        """Note for the ordered indexes that *old* is going to change."""
        if self._ordered is not None:
            self._ordered.written(key, None if old is None else (old, self.place(key)))

    def _own(self) -> None:
        """Part with the fork that has the same overlay."""
        self._changed, self._added = dict(self._changed), dict(self._added)
        self._touched = dict(self._touched)
        self._lent = False

    def _index(self, field: str) -> _Index:
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = _Index()
            for key, record in self._changed.items():
                if record is not None:
                    part = index.added if key in self._added else index.replaced
                    part.setdefault(indexed(record.get(field)), {})[key] = None
        return index

    def _reindex(self, key: Key, old: Record | None, new: Record | None) -> None:
        """Note that the overlay has *new* in the place of *old*."""
        self.version += 1
        if self._queries:
            self._queries = {}
        if not self._indexes:
            return
        is_added = key in self._added
        for field, index in self._indexes.items():
            if old is not None and new is not None and old.get(field) is new.get(field):
                continue
            part = index.added if is_added else index.replaced
            before = _MISSING if old is None else indexed(old.get(field))
            after = _MISSING if new is None else indexed(new.get(field))
            if before == after:
                continue
            if before is not _MISSING:
                keys = part[before]
                keys.pop(key, None)
                if not keys:
                    del part[before]
            if after is not _MISSING:
                part.setdefault(after, {})[key] = None
                self._disordered = self._disordered or (is_added and old is not None)
