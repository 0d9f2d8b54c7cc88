"""Compact: records in little room, as plain dicts that share what is the same in many.

CPython keeps the names of an object's attributes once for all objects of a class, also
where nothing but the dict of the attributes is left of the object: a record of three
fields takes 96 bytes so, and 184 by itself. What such a dict is does not change; where
Python does it another way, nothing is saved and all is the same.
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.json_type import Json

Record = dict[str, Json]

_SHAPES = 256
"""Records with further sets of fields stay as they are."""
_INSTANCES = 40
"""Python leaves room for 30 attributes in the first instances of a class, and then less."""
_FIELDS = 30
"""Python shares no more names than these."""
_VALUES = 4_096
"""Equal values of a field are one object, as long as it has no more values than these."""


class Compact:
    """Gives records of one collection, each of them equal to one that takes more room."""

    def __init__(self) -> None:
        self._copies: dict[tuple[str, ...], Callable[[], Record]] = {}
        self._values: dict[tuple[str, type], dict[Json, Json] | None] = {}

    def __call__(self, record: Record) -> Record:
        names = tuple(record)
        copy = self._copies.get(names)
        if copy is None:
            if len(self._copies) >= _SHAPES or len(names) > _FIELDS:
                return record
            copy = self._copies[names] = _sharing(names).copy
        made, values = copy(), self._values
        for name, value in record.items():
            kind = type(value)
            if kind is str or kind is int:
                known = values.setdefault((name, kind), {})
                if known is not None:
                    value = known.setdefault(value, value)
                    if len(known) > _VALUES:
                        values[name, kind] = None
            made[name] = value
        return made


def _sharing(names: tuple[str, ...]) -> Record:
    """A record with these fields, whose copies share their names with each other."""

    class Row:
        pass

    for _ in range(_INSTANCES):
        row = Row().__dict__
        for name in names:
            row[name] = None
    return row
