"""Thinning: a value that is too large to be judged whole, and what is left of it.

What is wrong with a value is gathered whole before the first of it can be seen, and
costs so much for each item that a megabyte of wrong ones takes seconds. So a large
value is judged by the beginnings of its lists: they show what is wrong with the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from emulator.json_type import Json

Path = tuple[str | int, ...]

MOST = 2_000
"""The most values in a part that is judged whole, and about the most that are left of
others."""
_LEAST = 20
"""What is left of a field, however many there are."""


class Thinned(NamedTuple):
    """A value without most of what is wide in it."""

    value: Json
    fields: tuple[str, ...]
    """The members of it that are not whole."""
    cut: frozenset[Path]
    """The lists and mappings that are not."""


def holds_more(value: Json, most: int = MOST) -> bool:
    """Whether *value* has more values inside than the bound."""
    waiting = [value]
    held = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            inner: Collection[Json] = one.values()
        elif isinstance(one, list):
            inner = one
        else:
            continue
        held += len(inner)
        if held > most:
            return True
        waiting.extend(inner)
    return False


def too_wide(value: Json, most: int) -> list[dict[str, Json]]:
    """The members of *value* that have more values inside than the bound, as
    violations."""
    if not isinstance(value, dict) or not holds_more(value, most):
        return []
    return [
        {"path": [name], "rule": "maxItems", "limit": most}
        for name, member in value.items()
        if holds_more(member, most)
    ]


def thinned(value: Json, names: Collection[str]) -> Thinned:
    """*value*, with the members called one of *names* and a share of the others."""
    cut: set[Path] = set()
    if not isinstance(value, dict):
        return Thinned(_Room(MOST, names, cut).thin(value, ()), (), frozenset(cut))
    kept = dict(_members(value, names, MOST))
    if len(kept) < len(value):
        cut.add(())
    share = max(_LEAST, MOST // (len(kept) or 1))
    left = {
        name: _Room(share, names, cut).thin(member, (name,))
        for name, member in kept.items()
    }
    fields = tuple(dict.fromkeys(str(path[0]) for path in cut if path))
    return Thinned(left, fields, frozenset(cut))


class _Room:
    """Room for a number of values, which is used up by what is added."""

    def __init__(self, left: int, names: Collection[str], cut: set[Path]) -> None:
        self.left = left
        self._names = names
        self._cut = cut

    def thin(self, value: Json, path: Path) -> Json:
        if isinstance(value, list):
            items = []
            for at, item in enumerate(value):
                if self.left <= 0:
                    self._cut.add(path)
                    break
                self.left -= 1
                items.append(self.thin(item, (*path, at)))
            return items
        if isinstance(value, dict):
            members = dict(_members(value, self._names, max(self.left, 0)))
            self.left -= len(members)
            if len(members) < len(value):
                self._cut.add(path)
            return {
                name: self.thin(member, (*path, name))
                for name, member in members.items()
            }
        return value


def _members(
    value: Mapping[str, Json], names: Collection[str], most: int
) -> Iterator[tuple[str, Json]]:
    """The members of *value* that are called one of *names*, and others up to *most*."""
    known = [name for name in names if name in value]
    yield from ((name, value[name]) for name in known)
    most -= len(known)
    for name, member in value.items():
        if most <= 0:
            return
        if name not in names:
            most -= 1
            yield name, member
