"""Shaping: records as a call asks for them: some members alone, references as records.

What is asked for differs from call to call: what is shown so is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.exchange.exchange import Exchange, Record
from emulator.json_type import Json
from emulator.language.failures import SpecMistake
from emulator.program.shaping import Expansion, Shape, Tree, UnknownName, thinned
from emulator.program.views import View

_MOST = 10_000
"""The most records that one reply shows in place of references, or beside its own."""


class Shaper:
    """Shows records as one call asks for them."""

    def __init__(self, exchange: Exchange, shape: Shape, view: View | None) -> None:
        """Raises `UnknownName`."""
        self._exchange = exchange
        self._view = view
        self._fields = shape.fields
        self._trees: dict[str, Tree] = {}
        if shape.fields is not None:
            asked = shape.fields.asked(exchange, view.name if view else "")
            self._trees = {**asked}
        self._expand: Tree = {}
        self._beside = False
        if shape.expand is not None and view is not None:
            self._beside = shape.expand.beside
            self._expand = shape.expand.asked(exchange, view.name, view.expansions)
        self._number = 0
        self.included: dict[tuple[str, Json], Json] = {}
        """Records that are shown beside, by collection and key."""
        self._own: set[tuple[str, Json]] = set()
        """Those that the reply shows anyway."""

    @property
    def asks(self) -> bool:
        """Whether the call asks for anything but the usual."""
        return bool(self._trees or self._expand)

    def shown(self, records: Sequence[Record]) -> list[Json]:
        """The *records*, as the call asks for them."""
        if self._beside and self._view is not None:
            of = self._view.of
            key = self._exchange.collection(of).key
            self._own = {(of, record.get(key)) for record in records}
        return [self._record(self._view, record, self._expand) for record in records]

    def _record(self, view: View | None, record: Record, tree: Tree) -> Json:
        if view is None:
            return self._thin("", record)
        shown: Json = view.template.value(self._exchange, record)
        if tree and isinstance(shown, dict):
            shown = {**shown}
            for name, inner in tree.items():
                expansion = view.expansions[view.name][name]
                expanded = self._expanded(view, name, expansion, record, inner)
                if not self._beside:
                    shown[name] = expanded
        return self._thin(view.name, shown)

    def _thin(self, view: str, shown: Json) -> Json:
        tree = self._trees.get(view)
        if tree is None or not isinstance(shown, dict):
            return shown
        inside = self._fields.inside if self._fields else ()
        if not inside:
            return thinned(shown, tree)
        return {
            name: thinned(member, tree) if name in inside else member
            for name, member in shown.items()
        }

    def _expanded(
        self, view: View, name: str, expansion: Expansion, record: Record, tree: Tree
    ) -> Json:
        """What the member *name* refers to, shown."""
        if expansion.of is None:
            value = record.get(name)
        else:
            value = expansion.of.value(self._exchange, record)
        other = self._exchange.program.views[expansion.view]
        if isinstance(value, list):
            return [self._one(view, other, expansion, item, tree) for item in value]
        return self._one(view, other, expansion, value, tree)

    def _one(
        self, view: View, other: View, expansion: Expansion, value: Json, tree: Tree
    ) -> Json:
        """The record that *value* is, or is the key of; a key that leads nowhere stays."""
        collection = self._exchange.collection(other.of)
        record: Any = value
        if value is None:
            return None
        if not isinstance(value, (dict, str, int)):
            return value
        if not isinstance(value, dict):
            record = (
                collection.first(expansion.by, value)
                if expansion.by
                else collection.get(value)
            )
        if record is None:
            return value
        self._number += 1
        if self._number > _MOST:
            raise SpecMistake(
                view.template.at,
                f"a reply shows more than {_MOST} records that others refer to",
                "let a page have fewer records, or let fewer references be expanded",
            )
        shown = self._record(other, record, tree)
        key = (other.of, record.get(collection.key))
        if self._beside and key not in self._own:
            self.included.setdefault(key, shown)
        return shown


def shaper(exchange: Exchange) -> Shaper | None:
    """What shows the records of this call; None where it asks for nothing special."""
    action = exchange.operation.action
    if action.shape is None:
        return None
    view = exchange.program.views.get(action.view)
    try:
        shapes = Shaper(exchange, action.shape, view)
    except UnknownName:  # a forced refusal comes before `validate` has told it
        return None
    return shapes if shapes.asks else None
