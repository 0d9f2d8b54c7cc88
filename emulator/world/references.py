"""References: what becomes of the records that refer to one which is deleted.

A delete is planned whole before anything changes: all that goes with the record, however
many steps away and in whatever circles they refer to each other; then whether a record
that stays holds on to one that goes; and last, which of those that stay let go of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

import orjson

from emulator.json_type import Json
from emulator.values import value
from emulator.world.base import Key, Record
from emulator.world.collection import Collection


@value
class Reference:
    """A field that holds the key of a record elsewhere, or a list of keys."""

    field: str
    to: str
    by: str
    """The field that is referred to; empty for the key."""
    on_delete: str
    """When that record is deleted: `ignore`, `restrict`, `cascade` or `set_null`."""


class Deletion:
    """All that one delete comes to."""

    def __init__(
        self,
        name: str,
        record: Record,
        references: Iterable[tuple[str, Reference]],
        collection: Callable[[str], Collection],
        soft: Mapping[str, Record] | None = None,
    ) -> None:
        """Plan to delete *record* of the collection *name*; nothing changes yet.

        *references* are those of the whole provider, each with the collection that
        holds it. The records of *soft* collections stay: of each, that says which fields
        are set instead, one of which is not null from then on.
        """
        self._collection = collection
        self._soft = soft or {}
        self._references = [
            (holder, reference)
            for holder, reference in references
            if reference.on_delete != "ignore"
        ]
        self._holders: dict[int, dict[Json, list[Record]]] = {}
        self._gone: dict[tuple[str, Key], Record] = {}
        self._let_go: list[tuple[str, Reference, Key, Json]] = []
        self.held_by = self._follow(name, record)
        """The collection of a record that stays and does not let go; empty: of none."""

    def apply(self) -> None:
        """Delete what is to go, and have what stays let go of it."""
        for holder, reference, key, gone in self._let_go:
            record = self._collection(holder).get(key)
            if record is None or (holder, key) in self._gone:
                continue
            held = record.get(reference.field)
            left = None
            if isinstance(held, list):
                left = [item for item in held if _comparable(item) != gone]
            self._collection(holder).put({**record, reference.field: left})
        for holder, key in self._gone:
            held_in = self._collection(holder)
            fields = self._soft.get(holder)
            if fields is None:
                held_in.delete(key)
            else:
                held_in.put({**(held_in.get(key) or {}), **fields})

    def _follow(self, name: str, record: Record) -> str:
        """Find all that goes, and what refers to it; gives the collection that holds on."""
        held: list[tuple[str, Key]] = []
        left = deque([(name, record)])
        self._gone[name, record[self._collection(name).key]] = record
        while left:
            to, gone = left.popleft()
            for holder, reference in self._references:
                if reference.to != to:
                    continue
                value = gone.get(reference.by or self._collection(to).key)
                for other in self._referring(holder, reference, value):
                    key = other[self._collection(holder).key]
                    if reference.on_delete == "restrict":
                        held.append((holder, key))
                    elif reference.on_delete == "set_null":
                        self._let_go.append(
                            (holder, reference, key, _comparable(value))
                        )
                    elif (holder, key) not in self._gone:
                        self._gone[holder, key] = other
                        left.append((holder, other))
        return next((pair[0] for pair in held if pair not in self._gone), "")

    def _referring(
        self, holder: str, reference: Reference, value: Json
    ) -> list[Record]:
        """The records of *holder* that refer to *value*; null refers to nothing."""
        if value is None:
            return []
        found = self._holders.get(id(reference))
        if found is None:
            # Looked through once, however many records go.
            found = self._holders[id(reference)] = {}
            for record in self._collection(holder):
                if self._is_hidden(holder, record):
                    continue
                for key in {*map(_comparable, _many(record.get(reference.field)))}:
                    found.setdefault(key, []).append(record)
        return found.get(_comparable(value), [])

    def _is_hidden(self, name: str, record: Record) -> bool:
        """Whether *record* is deleted already, and holds on to nothing."""
        fields = self._soft.get(name, ())
        return any(record.get(field) is not None for field in fields)


def restricting(
    name: str, references: Iterable[tuple[str, Reference]]
) -> Iterator[str]:
    """The collections whose records may hold on to one of *name*, or to what goes with it."""
    references = [*references]
    left, seen = [name], {name}
    for to in left:
        for holder, reference in references:
            if reference.to == to and reference.on_delete == "restrict":
                yield holder
            elif (
                reference.to == to
                and reference.on_delete == "cascade"
                and holder not in seen
            ):
                seen.add(holder)
                left.append(holder)


def _many(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _comparable(value: Json) -> Json:
    """*value* as it can be looked up: 1 is 1.0, and true is neither."""
    if isinstance(value, (bool, list, dict)):
        return orjson.dumps(value)
    return value
