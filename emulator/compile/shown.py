"""Shown: records that `show` is given, and whether the view is one for them.

show('order', lookup('symbols', name))    an order's fields are null in a symbol
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from emulator.compile.suspicions import Suspicion
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.language.embedded import expressions
from emulator.language.grammar import BadExpression
from emulator.language.kinds import parsed_or_none
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.spec.document import Pointer

_ONE, _MANY = ("record", "before"), ("results", "matched")
"""Roots that are records of the collection which an operation is about."""
_READS = re.compile(r"\bshow\(|[\w)\]]\.[A-Za-z_]|\[['\"]")
"""What an expression has that shows a record, or asks it for a field."""
_SAME_ITEMS = ("sorted", "unique")
_ACTIONS = ("read", "create", "update", "delete", "list")
Fields = Mapping[str, frozenset[str]]
"""The fields that the records of each collection are known to have."""


def wrong_records(
    template: Template, behavior: Mapping[str, Json], fields: Fields
) -> Iterator[Suspicion]:
    """The records in *template* that are taken for those of other collections: they are
    shown as these are, or asked for what is no field of theirs."""
    for at, text in expressions(template.tree, template.pointer, bare=template.bare):
        if not isinstance(text, str) or not _READS.search(text):
            continue
        tree = parsed_or_none(text)
        if tree is None:
            continue
        first = _Reader(template.scope, _subject(behavior, template.pointer), {})
        for reader, node in first.parts(tree):
            if member := _member(node):
                owner, name = member
                collection = reader.of(owner)
                known = fields.get(collection)
                if known is not None and name not in known:
                    yield Suspicion(
                        at,
                        "unknown-field",
                        f"the records of {collection!r} have no field {name!r}",
                        f"{ast.unparse(node)} would be null; fields are those of fixtures,"
                        " inputs, `on_create` and `fields`",
                        did_you_mean(name, known),
                    )
            elif _called(node) == "show":
                yield from _wrongly_shown(template, at, reader, node, behavior, fields)


def _member(node: ast.AST) -> tuple[ast.expr, str] | None:
    """What *node* asks for a member, and its name: `record.size`, `record['size']`."""
    if isinstance(node, ast.Attribute):
        return node.value, node.attr
    key = node.slice if isinstance(node, ast.Subscript) else None
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return node.value, key.value  # type: ignore[attr-defined]
    return None


def _wrongly_shown(
    template: Template,
    at: Pointer,
    reader: _Reader,
    node: ast.AST,
    behavior: Mapping[str, Json],
    fields: Fields,
) -> Iterator[Suspicion]:
    named, record = _argument(node, 0, "view"), _argument(node, 1, "record")
    if not isinstance(named, ast.Constant) or record is None:
        return
    view, collection = str(named.value), reader.of(record)
    written = (behavior.get("views") or {}).get(view) or {}
    of = str(written.get("collection"))
    if of not in fields or of == collection or collection not in fields:
        return
    lacking = sorted(_read(template, written, fields[of]) - fields[collection])
    if lacking:
        yield Suspicion(
            at,
            "wrong-record",
            f"the view {view!r} is given a record of {collection!r}",
            f"it shows {of!r}, and {lacking[0]!r} is no field of {collection!r}:"
            " it would be null",
            f"give it a record of {of!r}, or name a view of {collection!r}",
        )


def _subject(behavior: Mapping[str, Json], pointer: Pointer) -> str:
    """The collection that the operation at *pointer* is about; empty where there is none."""
    if len(pointer) < 2 or pointer[0] != "operations":
        return ""
    written = (behavior.get("operations") or {}).get(pointer[1]) or {}
    for kind in _ACTIONS:
        action = written.get(kind)
        if isinstance(action, Mapping):
            return str(action.get("collection", ""))
    return ""


def _read(template: Template, view: Json, fields: frozenset[str]) -> frozenset[str]:
    """Those of *fields* that *view* reads of its record by name."""
    names = frozenset(view.get("fields") or ()) & fields
    scope = template.scope.with_fields(fields)
    try:
        shown = Template(view.get("show"), template.places, ("views",), scope)
        return names | (shown.uses.fields & fields)
    except BadExpression:
        return frozenset()  # which is told of where it stands


class _Reader:
    """Reads one expression of an operation that is about the collection *subject*.

    *variables* are those of its comprehensions, with the collection of their records.
    """

    def __init__(
        self, scope: Scope, subject: str, variables: Mapping[str, str]
    ) -> None:
        self._scope, self._subject, self._variables = scope, subject, variables

    def parts(self, node: ast.AST) -> Iterator[tuple[_Reader, ast.AST]]:
        """All nodes of *node*, each with what reads it where it stands."""
        yield self, node
        if not isinstance(node, (ast.ListComp, ast.DictComp)):
            for child in ast.iter_child_nodes(node):
                yield from self.parts(child)
            return
        inner = self
        for loop in node.generators:
            yield from inner.parts(loop.iter)
            inner = inner._inside(loop)
            for condition in loop.ifs:
                yield from inner.parts(condition)
        for part in ast.iter_child_nodes(node):
            if not isinstance(part, ast.comprehension):
                yield from inner.parts(part)

    def _inside(self, loop: ast.comprehension) -> _Reader:
        """What reads that which a loop does for each item."""
        name = loop.target.id if isinstance(loop.target, ast.Name) else ""
        within = {**self._variables, name: self._of_items(loop.iter)}
        return _Reader(self._scope, self._subject, within)

    def of(self, node: ast.AST) -> str:
        """The collection of the record that *node* gives, where that is known."""
        if isinstance(node, ast.Name):
            return self._of_name(node.id, _ONE, many=False)
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            return "" if _member(node) else self._of_items(node.value)
        if isinstance(node, ast.IfExp):
            return _same(self.of(node.body), self.of(node.orelse))
        if isinstance(node, ast.BoolOp):
            parts = node.values if isinstance(node.op, ast.Or) else node.values[-1:]
            return _same(*map(self.of, parts))
        if _called(node) == "lookup":
            return _collection(node)
        if _called(node) == "first":
            return self._of_items(_argument(node, 0, "items"))
        return self._of_definition(_called(node), many=False)

    def _of_items(self, node: ast.AST | None) -> str:
        """The collection of the records that the list *node* has, where that is known."""
        if isinstance(node, ast.Name):
            return self._of_name(node.id, _MANY, many=True)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            return self._of_items(node.value)
        if _called(node) == "records":
            return _collection(node)
        if _called(node) in _SAME_ITEMS:
            return self._of_items(_argument(node, 0, "items"))
        if isinstance(node, ast.ListComp) and len(node.generators) == 1:
            return self._inside(node.generators[0]).of(node.elt)
        return self._of_definition(_called(node), many=True)

    def _of_name(self, name: str, roots: tuple[str, ...], *, many: bool) -> str:
        if name in self._variables:
            return "" if many else self._variables[name]
        if name in self._scope.fields:
            return ""
        if name not in self._scope.definitions:
            return self._subject if name in roots else ""
        return self._of_definition(name, many=many)

    def _of_definition(self, name: str, *, many: bool) -> str:
        """The collection of what `let` gives by that *name*, as a value or a function."""
        definition = self._scope.definitions.get(name)
        tree = parsed_or_none(str(definition.template.tree)) if definition else None
        if definition is None or tree is None:
            return ""
        given = dict.fromkeys(definition.parameters or (), "")
        reader = _Reader(definition.template.scope, self._subject, given)
        return reader._of_items(tree) if many else reader.of(tree)


def _same(*collections: str) -> str:
    return collections[0] if len({*collections}) == 1 else ""


def _called(node: ast.AST | None) -> str:
    """The function that *node* calls; empty where it calls none."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return node.func.id if is_call else ""  # type: ignore[union-attr]


def _argument(node: ast.AST | None, at: int, name: str) -> ast.expr | None:
    if not isinstance(node, ast.Call):
        return None
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    return node.args[at] if at < len(node.args) else named.get(name)


def _collection(node: ast.AST | None) -> str:
    """The collection that *node*, a call of `lookup` or `records`, names."""
    named = _argument(node, 0, "collection")
    return str(named.value) if isinstance(named, ast.Constant) else ""
