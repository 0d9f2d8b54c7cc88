"""Sorting: the orders that a caller may choose from, and the one that it chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.values import value

Order = tuple[tuple[str, bool], ...]
"""Fields, each with whether it falls."""
_MOST = 20
"""The most words of a list that are read."""


class UnknownOrder(ValueError):
    """A caller asks for an order that there is not."""


@value
class Sort:
    """The orders that a caller may choose from."""

    by: Template
    direction: Template | None
    allowed: Mapping[str, Order]
    """A word of the caller's and what it sorts by."""
    default: str | None
    form: str = "word"
    """`word`, or `list`: several words, by the first of which records are sorted first."""
    field: str = "sort"
    """What a violation is filed under when there is no such order."""
    unknown: str = "default"
    """What an unknown word gets: the `default` order, or a `violation`."""

    def chosen(self, x: Any) -> Order | None:
        """The order that the call chooses; None: the usual one. Raises `UnknownOrder`."""
        word = self.by.value(x)
        if not word or not isinstance(word, (str, list)):
            word = self.default
        if not word:
            return None
        falling = self.direction is not None and self.direction.value(x) == "desc"
        order: Order = ()
        for single in self._words(word):
            order += self._order(single, falling=falling)
        return order

    def _words(self, word: str | list[Json]) -> Iterable[str]:
        if self.form == "word":
            return [str(word)]
        parts = word.split(",", _MOST) if isinstance(word, str) else word
        return [str(part).strip() for part in parts[:_MOST]]

    def _order(self, word: str, *, falling: bool) -> Order:
        """The order called *word*: `title`, `-title`, or in a list `title desc`."""
        order = self.allowed.get(word)
        if order is None and word.startswith("-"):
            order, falling = self.allowed.get(word[1:]), True
        if order is None and self.form == "list":
            name, _, direction = word.partition(" ")
            if direction.strip().casefold() in ("asc", "desc"):
                order = self.allowed.get(name)
                falling = direction.strip().casefold() == "desc"
        if order is None:
            raise UnknownOrder(word)
        if falling:
            return tuple((field, not down) for field, down in order)
        return order
