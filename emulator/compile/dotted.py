"""Dotted: how a spec names a place of its own, as in `errors.table.locked_out.message`.

Names may have dots themselves (`books.list` is an operationId like any other), so of the
names that are there the longest counts.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from emulator.json_type import Json
from emulator.spec.document import Pointer


def pointer_of(data: Json, path: str) -> Pointer:
    """The place in *data* that *path* names; what is not there is parted at each dot.

    {"operations": {"books.list": {}}}, operations.books.list.page
    -> ("operations", "books.list", "page")
    """
    pointer: Pointer = ()
    value, rest = data, path
    while rest:
        name: str | int
        if isinstance(value, list):
            name, rest = first_name(rest, value)
            at = _index(name, value)
            name, value = (name, None) if at is None else (at, value[at])
        else:
            inside = value if isinstance(value, dict) else {}
            name, rest = first_name(rest, inside)
            value = inside.get(name)
        pointer = (*pointer, name)
    return pointer


def first_name(path: str, known: Container[str]) -> tuple[str, str]:
    """The first name of *path*, and the rest: the longest of those *known*, if any."""
    for name, rest in _splits(path):
        if name in known:
            return name, rest
    name, _, rest = path.partition(".")
    return name, rest


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """Each beginning of *path* that ends at a dot, the longest first, and what follows."""
    name, rest = path, ""
    while name:
        yield name, rest
        name, _, last = name.rpartition(".")
        rest = f"{last}.{rest}" if rest else last


def _index(name: str, items: list[Json]) -> int | None:
    """Which of *items* is meant: that with this number, or the text itself."""
    if name.isdigit() and int(name) < len(items):
        return int(name)
    return items.index(name) if name in items else None
