"""Collection: all records of a kind: a base that is shared and never changes, and what changed.

The base comes from the fixtures and is shared by every world. A collection adds an
overlay of its own: records that were created, replaced or deleted. Records are never
changed in place, so what was read stays as it was. Equality on a field is looked up
in an index, made when the field is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

Json = Any
Record = dict[str, Json]
Key = int | str

_QUERIES = 256
_MISSING = object()


class Base:
    """The records that a collection starts with, by key, in the order of the fixture."""

    __slots__ = ("_indexes", "_places", "highest", "key", "records")

    def __init__(self, records: Sequence[Record], key: str = "id") -> None:
        self.key = key
        self.records: dict[Key, Record] = {one[key]: one for one in records}
        self.highest = max((k for k in self.records if type(k) is int), default=0)
        self._indexes: dict[str, dict[Json, tuple[Key, ...]]] = {}
        self._places: dict[Key, int] = {}

    def place(self, key: Key) -> int:
        """Where the record with this key stands in the order of the fixture."""
        if not self._places:
            self._places = {one: at for at, one in enumerate(self.records)}
        return self._places[key]

    def keys_where(self, field: str, value: Json) -> tuple[Key, ...]:
        """The keys of the records whose *field* equals *value*, in order."""
        index = self._indexes.get(field)
        if index is None:
            gathered: dict[Json, list[Key]] = {}
            for key, record in self.records.items():
                gathered.setdefault(_indexed(record.get(field)), []).append(key)
            index = {one: tuple(keys) for one, keys in gathered.items()}
            self._indexes[field] = index
        return index.get(_indexed(value), ())


class Collection:
    """The records of one kind in one world."""

    __slots__ = (
        "_added",
        "_arrivals",
        "_base",
        "_changed",
        "_indexes",
        "_next",
        "_queries",
        "version",
    )

    def __init__(self, base: Base) -> None:
        self._base = base
        self._changed: dict[Key, Record | None] = {}
        """Records that replace or follow those of the base; None: deleted."""
        self._added: dict[Key, int] = {}
        """Keys that the base does not have, and their rank in the order of arrival."""
        self._arrivals = 0
        self._indexes: dict[str, dict[Json, dict[Key, None]]] = {}
        self._queries: dict[Json, list[Record]] = {}
        self._next = base.highest + 1
        self.version = 0
        """Grows with every change."""

    def __len__(self) -> int:
        gone = sum(
            1
            for key, one in self._changed.items()
            if one is None and key in self._base.records
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

    @property
    def key(self) -> str:
        """The name of the field that holds the key."""
        return self._base.key

    def get(self, key: Json) -> Record | None:
        try:
            record = self._changed.get(key, _MISSING)
        except TypeError:  # a list or a mapping is no key
            return None
        if record is _MISSING:
            found = self._base.records.get(key)
            return found if type(key) is not bool else None
        return record  # type: ignore[return-value]

    def first(self, field: str, value: Json) -> Record | None:
        """One record whose *field* equals *value*, or None; the only one, where it is unique."""
        base, changed = self._base, self._changed
        for key in base.keys_where(field, value):
            if key not in changed:
                return base.records[key]
            record = changed[key]
            if record is not None and _indexed(record.get(field)) == _indexed(value):
                return record
        if not changed:
            return None
        for key in self._index(field).get(_indexed(value), ()):
            return changed[key]
        return None

    def where(self, equals: Mapping[str, Json]) -> list[Record]:
        """The records whose fields equal *equals*, in order; all of them for none."""
        if not equals:
            return list(self)
        fields = iter(equals.items())
        field, value = next(fields)
        found = self._equal(field, value)
        for field, value in fields:
            wanted = _indexed(value)
            found = [one for one in found if _indexed(one.get(field)) == wanted]
        return found

    def remembered(
        self, query: Json, answer: Callable[[], list[Record]]
    ) -> list[Record]:
        """What *answer* gives for *query*, kept until the collection changes."""
        found = self._queries.get(query)
        if found is None:
            if len(self._queries) >= _QUERIES:
                self._queries.clear()
            found = self._queries[query] = answer()
        return found

    def next_key(self) -> int:
        """The next whole number that has never been a key here."""
        return self._next

    def put(self, record: Record) -> None:
        """Store *record* under its key: a new one, or in the place of the old one."""
        key = record[self._base.key]
        old = self.get(key)
        if key not in self._base.records and key not in self._added:
            self._arrivals += 1
            self._added[key] = self._arrivals
        if type(key) is int and key >= self._next:
            self._next = key + 1
        self._changed[key] = record
        self._reindex(key, old, record)

    def delete(self, key: Key) -> None:
        """Remove the record with this key, which exists."""
        old = self.get(key)
        if key in self._added:
            del self._added[key]
            del self._changed[key]
        else:
            self._changed[key] = None
        self._reindex(key, old, None)

    def _equal(self, field: str, value: Json) -> list[Record]:
        base = self._base.records
        changed = self._changed
        keys = self._base.keys_where(field, value)
        if not changed:
            return [base[key] for key in keys]
        hits = self._index(field).get(_indexed(value)) or {}
        kept = {key for key in keys if key not in changed}
        replaced = {key for key in hits if key in base}
        # A replaced record keeps its place among those of the base.
        if replaced.issubset(keys):
            placed: Iterable[Key] = (k for k in keys if k in kept or k in replaced)
        else:
            placed = sorted(kept | replaced, key=self._base.place)
        found = [changed.get(key) or base[key] for key in placed]
        arrived = sorted(
            (k for k in hits if k not in base), key=self._added.__getitem__
        )
        added = (changed[key] for key in arrived)
        found.extend(one for one in added if one is not None)
        return found

    def _index(self, field: str) -> dict[Json, dict[Key, None]]:
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = {}
            for key, record in self._changed.items():
                if record is not None:
                    index.setdefault(_indexed(record.get(field)), {})[key] = None
        return index

    def _reindex(self, key: Key, old: Record | None, new: Record | None) -> None:
        self.version += 1
        if self._queries:
            self._queries = {}
        for field, index in self._indexes.items():
            if old and new and old.get(field) == new.get(field):
                index.setdefault(_indexed(new.get(field)), {})[key] = None
                continue
            if old is not None:
                index.get(_indexed(old.get(field)), {}).pop(key, None)
            if new is not None:
                index.setdefault(_indexed(new.get(field)), {})[key] = None


def _indexed(value: Json) -> Json:
    """*value* as an index can hold it: true is not 1, and lists are compared by content."""
    if type(value) is str:
        return value
    if type(value) is bool:
        return ("bool", value)
    if isinstance(value, (list, dict)):
        return ("json", repr(value))
    return value
