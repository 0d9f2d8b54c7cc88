"""Shaping: which members of a record a call asks for, and which of its references as records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.json_type import Json
from emulator.language.operators import OMIT
from emulator.language.templates import Template
from emulator.values import value

Tree = Mapping[str, "Tree"]
"""Names, each with the names inside of it; none: all."""

MOST = 100
"""The most names that are read of one call."""
_LONGEST = 200
_BETWEEN = re.compile(r"[./]")


class UnknownName(ValueError):
    """A call asks for what is not there."""


@value
class Expansion:
    """A member of what a view shows, which can be shown as the record that it refers to."""

    view: str
    of: Template | None
    """What it refers to: a key or keys, a record or records; None: the field of its name."""
    by: str
    """The field that keys are compared with; empty for the key of the collection."""


@value
class ExpandPolicy:
    """Which references a call may have shown as records."""

    of: Template
    depth: int
    """The most references that a name may lead through."""
    prefix: str
    """What stands before each name: `data.`; empty for nothing."""
    beside: bool
    """The records are told as `included`, and not in the place of their references."""
    unknown: str
    """What a name gets that is none: `ignore` or `violation`."""
    field: str
    """What such a violation is filed under."""

    def asked(
        self, x: Any, view: str, expansions: Mapping[str, Mapping[str, Expansion]]
    ) -> Tree:
        """What the call asks for of *view*. Raises `UnknownName`.

        *expansions* are those of each view, by its name.
        """
        tree: dict[str, Any] = {}
        for name in names(self.of.value(x)):
            parts = self._parts(name, view, expansions)
            here = tree
            for part in parts:
                here = here.setdefault(part, {})
        return tree

    def _parts(
        self,
        name: str,
        view: str,
        expansions: Mapping[str, Mapping[str, Expansion]],
    ) -> list[str]:
        """The references that *name* leads through; none, where it is to be ignored."""
        parts = _BETWEEN.split(name.removeprefix(self.prefix))
        known = name.startswith(self.prefix) and len(parts) <= self.depth
        for part in parts if known else ():
            expansion = expansions[view].get(part)
            if expansion is None:
                known = False
                break
            view = expansion.view
        if known:
            return parts
        if self.unknown == "violation":
            raise UnknownName(name)
        return []


@value
class FieldsPolicy:
    """Which members of a record a call may ask for alone."""

    of: Template
    always: frozenset[str]
    """Members that are shown all the same."""
    inside: tuple[str, ...]
    """The members whose members are chosen; none: those of the record itself."""
    known: frozenset[str]
    """The members that there are, as far as the spec says so."""
    unknown: str
    """What a name gets that is none: `ignore` or `violation`."""
    field: str
    """What such a violation is filed under."""

    def asked(self, x: Any, view: str) -> Mapping[str, Tree]:
        """What the call asks for, by the view that it is about. Raises `UnknownName`."""
        sent = self.of.value(x)
        chosen = sent if isinstance(sent, dict) else {view: sent}
        trees: dict[str, Tree] = {}
        for about, said in chosen.items():
            if said is None or said is OMIT or said == "":
                continue
            tree: dict[str, Any] = {name: {} for name in self.always}
            for name in names(said):
                first, *further = _BETWEEN.split(name)
                if about == view and self.unknown == "violation":
                    self._check(first)
                here = tree.setdefault(first, {})
                for part in further:
                    here = here.setdefault(part, {})
            trees[str(about)] = tree
        return trees

    def _check(self, name: str) -> None:
        if name not in self.known:
            raise UnknownName(name)


@value
class Shape:
    """What a call may say of how an operation shows its records."""

    expand: ExpandPolicy | None
    fields: FieldsPolicy | None

    @property
    def refuses(self) -> bool:
        """Whether a name can be wrong."""
        parts = (self.expand, self.fields)
        return any(part is not None and part.unknown == "violation" for part in parts)


def names(said: Json) -> Iterator[str]:
    """The names in a text, with commas between them, or in a list of such texts."""
    number = 0
    for text in _texts(said):
        for name in text.split(",", MOST):
            plain = name.strip()
            if plain and number < MOST:
                number += 1
                yield plain[:_LONGEST]


def _texts(said: Json) -> Iterable[str]:
    if isinstance(said, str):
        return [said]
    if isinstance(said, dict):  # `expand[0]=a&expand[1]=b`
        said = [*said.values()]
    if not isinstance(said, list):
        return []
    return [item for item in said[:MOST] if isinstance(item, str)]


def thinned(shown: Json, tree: Tree) -> Json:
    """*shown* with the members of *tree* alone; of a list, each of its items."""
    if not tree:
        return shown
    if isinstance(shown, list):
        return [thinned(item, tree) for item in shown]
    if not isinstance(shown, dict):
        return shown
    return {
        name: thinned(member, tree[name])
        for name, member in shown.items()
        if name in tree
    }
