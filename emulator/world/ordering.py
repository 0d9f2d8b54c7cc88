"""Ordering: how the records of a list follow each other, and what place one has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from emulator.json_type import Json
from emulator.language.parts import rank

Record = dict[str, Json]
Order = tuple[tuple[str, bool], ...]
"""Fields, each with whether it falls; records that agree in all stay as they came."""


def in_order(records: Sequence[Record], order: Order) -> list[Record]:
    """The records sorted by *order*."""
    ordered = list(records)
    for field, falling in reversed(order):
        ordered.sort(key=lambda record: rank(value_at(record, field)), reverse=falling)
    return ordered


def value_at(record: Record, field: str) -> Json:
    """The value of a field, or where a path leads: `size.high`; null where it ends."""
    if "." not in field:
        return record.get(field)
    value: Json = record
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def values_at(records: Iterable[Record], field: str) -> list[Json]:
    """What `value_at` gives for each of the *records*."""
    if "." in field:
        return [value_at(record, field) for record in records]
    return [record.get(field) for record in records]


def follows(
    order: Order, values: Sequence[Json], came: int, place: Callable[[Record], int]
) -> Callable[[Record], bool]:
    """Tells whether a record comes after one with these *values*, that *came* so.

    *values* are those of the order's fields; *place* says when a record came, among
    those that agree in all of them.
    """
    wanted = [
        (field, falling, rank(value))
        for (field, falling), value in zip(order, values, strict=True)
    ]

    def is_after(record: Record) -> bool:
        for field, falling, there in wanted:
            here = rank(value_at(record, field))
            if here != there:
                return (here > there) is not falling
        return place(record) > came

    return is_after
