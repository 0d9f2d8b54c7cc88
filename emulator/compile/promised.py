"""Promised: what openapi.yaml says of the body of a reply, and whether it can be that.

    reply: {body: {bdis: "${bids}"}}     openapi.yaml has `bids`, and no `bdis`
    reply: {body: null}                  openapi.yaml says that it is a mapping

Bodies are looked at as they are written, down to what is shown: `${item}` and `${items}`
are what the operation's view makes of a record.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from emulator.compile.bodies import fields_of_each_input, fields_of_inputs
from emulator.compile.encodings import encoding_of
from emulator.compile.source import Source
from emulator.compile.suspicions import missing_too
from emulator.diagnostics import is_slip, nearest
from emulator.json_type import Json
from emulator.language.embedded import Spliced, split
from emulator.language.grammar import BadExpression
from emulator.language.kinds import (
    BOOLEAN,
    LIST,
    MAPPING,
    NUMBER,
    TEXT,
    kind_of,
    parsed_or_none,
)
from emulator.language.static_scope import Scope
from emulator.language.templates import Template, WholeRecord
from emulator.pipeline import REFUSALS
from emulator.program.bodies import plain
from emulator.program.media import MediaPolicy, of_status
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.schemas import properties_of, types_of
from emulator.program.views import View
from emulator.spec.document import Pointer

_NULL = "null"
_KINDS: Mapping[Json, tuple[str, ...]] = {
    "string": (TEXT,), "integer": (NUMBER,), "number": (NUMBER,), "boolean": (BOOLEAN,),
    "array": (LIST,), "object": (MAPPING,), "null": (_NULL,),
}  # fmt: skip
"""The kinds of the values that each `type` allows."""
_WORDS: Mapping[type, str] = {
    type(None): _NULL, bool: BOOLEAN, int: NUMBER, float: NUMBER,
}  # fmt: skip
_WORD = re.compile(r"\w+")
_UNDECIDED = {"anyOf", "oneOf", "if", "not"}
"""Keywords with which it depends on the value what it has to be."""


class Broken(NamedTuple):
    """A part of a body that is not what openapi.yaml says, and what to do about it."""

    at: Pointer
    key: bool
    what: str
    fix: str


def check_promised(program: Program, source: Source) -> None:
    """Warn of replies that cannot be what openapi.yaml says of them."""
    told: set[tuple[Pointer, str]] = set()
    for pointer, _ in source.entries("operations"):
        operation = program.operations.get(str(pointer[-1]))
        if operation is None or operation.documented is not None:
            continue
        _check_new(program, source, operation)
        for broken in _of_operation(program, source, operation):
            if (broken.at, broken.what) in told:
                continue
            told.add((broken.at, broken.what))
            source.report.add(
                source.behavior.diagnostic(
                    broken.at,
                    "wrong-reply",
                    broken.what,
                    f"openapi.yaml describes the reply to {operation.id} so, and clients"
                    " are made for that",
                    broken.fix,
                    key=broken.key,
                    severity="warning",
                )
            )


def _check_new(program: Program, source: Source, operation: Operation) -> None:
    """Warn of what the view of a new record reckons with and nothing sets."""
    view = program.views.get(operation.action.view)
    unset = _unset(source, operation)
    if view is None or not unset:
        return
    for suspicion in missing_too(
        view.template,
        unset & view.template.scope.fields,
        "ask first whether it is there, or give it a value under `on_create` of the"
        " collection",
    ):
        source.suspect(suspicion)


def _of_operation(
    program: Program, source: Source, operation: Operation
) -> Iterator[Broken]:
    responses = source.openapi.operations[operation.id].responses
    view = program.views.get(operation.action.view)
    unset = _unset(source, operation)
    fields = source.fields.get(operation.action.collection, frozenset())
    bodies = [(each.status, each.body, each.media) for each in operation.replies]
    for code, step in REFUSALS.met_by(program, operation):
        error = operation.errors.of(code, step)
        if error is not None and not error.assumed:
            bodies.append((error.status, error.body, error.media))
    for status, body, media in bodies:
        described = _schema(responses, status, media)
        if body is not None and described is not None:
            yield from _Reader(program.views, view, unset, fields, described).body(body)


def _unset(source: Source, operation: Operation) -> frozenset[str]:
    """The fields that a record has not when *operation* has just created it."""
    action, id = operation.action, operation.id
    if action.kind != "create" or not any(fields_of_inputs(source, id)):
        return frozenset()  # a body of which nothing is said may have any
    at: Pointer = ("collections", action.collection)
    policy = source.get(*at, default={}) or {}
    gives = [
        policy.get("on_create"),
        policy.get("owned_by"),
        source.get("operations", id, "create", "set"),
    ]
    for place in (("effects",), ("operations", id, "effects")):
        for _, effect in source.entries(*place):
            if effect.get("update") == action.collection:
                gives.append(effect.get("set"))
    if any(isinstance(each, str) for each in gives):
        return frozenset()  # one expression gives them all
    key, states = policy.get("key", "id"), policy.get("states") or {}
    given = {key, states.get("field"), *(policy.get("files") or ())}
    given |= {*fields_of_each_input(source, id)}
    for rules in (("operations", id), at):  # by which a call that lacks one is refused
        given |= {*_WORD.findall(str(source.get(*rules, "rules", default="")))}
    for each in gives:
        given |= {name for name, value in (each or {}).items() if value is not None}
    return source.fields[action.collection] - given


def _schema(
    responses: Mapping[str, Mapping[str, Json]],
    status: int,
    media: tuple[MediaPolicy, ...],
) -> Json:
    """The schema of the JSON of a reply with *status*, where there is one for all types."""
    if any(each.encoding != "json" for each in media):
        return None
    contents = of_status(responses, status) or {}
    found = [schema for name, schema in contents.items() if encoding_of(name) == "json"]
    return found[0] if found and all(each == found[0] for each in found) else None


class _Reader:
    """Compares one body with its schema.

    *view* is that of the operation's records, which have *fields* and, where they were just
    created, none of those that are *unset*.
    """

    def __init__(
        self,
        views: Mapping[str, View],
        view: View | None,
        unset: frozenset[str],
        fields: frozenset[str],
        whole: Mapping[str, Json],
    ) -> None:
        self._views, self._view = views, view
        self._unset, self._fields = unset, fields
        self._whole, self._named = whole, whole.get("$defs", {})

    def body(self, body: Template) -> Iterator[Broken]:
        yield from self._template(body, self._whole, frozenset())

    def _template(
        self, template: Template, schema: Json, within: frozenset[str]
    ) -> Iterator[Broken]:
        if isinstance(template, WholeRecord):
            yield from self._kind(MAPPING, template.pointer, schema)
        elif not template.bare:
            yield from self._tree(
                template.tree, template.pointer, schema, template.scope, within
            )

    def _tree(
        self,
        tree: Json,
        at: Pointer,
        schema: Json,
        scope: Scope,
        within: frozenset[str],
    ) -> Iterator[Broken]:
        """What is wrong with *tree*, which may show the views *within* that it is in."""
        if isinstance(tree, Spliced):
            tree, at = tree
        if isinstance(tree, str):
            yield from self._text(tree, at, schema, scope, within)
            return
        known = self._plain(schema)
        if isinstance(tree, dict):
            yield from self._kind(MAPPING, at, schema)
            yield from self._members(tree, at, known)
            members = properties_of(known)
            for name, value in tree.items():
                yield from self._tree(
                    value, (*at, name), members.get(name), scope, within
                )
        elif isinstance(tree, list):
            yield from self._kind(LIST, at, schema)
            for number, value in enumerate(tree):
                inner = known.get("items")
                yield from self._tree(value, (*at, number), inner, scope, within)
        else:
            yield from self._kind(_WORDS.get(type(tree), ""), at, schema)

    def _text(
        self,
        text: str,
        at: Pointer,
        schema: Json,
        scope: Scope,
        within: frozenset[str],
    ) -> Iterator[Broken]:
        try:
            parts = split(text)
        except BadExpression:
            return  # which was reported where it stands
        if len(parts) != 1 or parts[0][0] == "text":
            yield from self._kind(TEXT, at, schema)
            return
        expression = parts[0][1].strip()
        node = parsed_or_none(expression)
        if node is None:
            return
        items = self._plain(schema).get("items")
        if expression == "item" and "item" not in scope.fields:
            yield from self._shown(self._view, at, schema, within)
        elif expression == "items" and "items" not in scope.fields:
            yield from self._kind(LIST, at, schema)
            if items is not None:
                yield from self._shown(self._view, at, items, within)
        elif view := self._named_view(node):
            yield from self._shown(view, at, schema, within)
        elif (
            isinstance(node, ast.ListComp)
            and items is not None
            and (view := self._named_view(node.elt))
        ):
            yield from self._shown(view, at, items, within)
        elif expression in ("None", "null"):
            yield from self._kind(_NULL, at, schema)
        elif expression in self._lacking(scope, within):
            for broken in self._kind(_NULL, at, schema):
                yield broken._replace(
                    what=f"{expression!r} is null in a new record, where neither the call"
                    " nor anything else has to set it",
                    fix="give it a value under `on_create` of the collection or `set`, or a"
                    " default in openapi.yaml",
                )
        else:
            kind = kind_of(expression, scope.kinds, scope.fields)
            yield from self._kind(kind, at, schema)

    def _lacking(self, scope: Scope, within: frozenset[str]) -> Iterator[str]:
        """The names of fields that the record lacks, where it is the operation's."""
        if self._view is not None and within == {self._view.name}:
            yield from self._unset & scope.fields
        elif not within and "record" not in scope.fields:
            yield from (f"record.{name}" for name in self._unset)

    def _named_view(self, node: ast.AST) -> View | None:
        """The view that *node* shows something with."""
        is_shown = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "show"
            and node.args
        )
        first = node.args[0] if is_shown else None  # type: ignore[attr-defined]
        name = first.value if isinstance(first, ast.Constant) else ""
        return self._views.get(str(name))

    def _shown(
        self, view: View | None, at: Pointer, schema: Json, within: frozenset[str]
    ) -> Iterator[Broken]:
        """What is wrong with what *view* shows, or with a whole record."""
        if view is None:
            yield from self._kind(MAPPING, at, schema)
            if self._fields:
                yield from self._required(self._fields, at, self._plain(schema))
        elif view.name not in within:
            inner = within | {view.name}
            yield from self._template(view.template, schema, inner)

    def _members(
        self, tree: Mapping[str, Json], at: Pointer, schema: Mapping[str, Json]
    ) -> Iterator[Broken]:
        """Members that lack, and those that have another name."""
        described = properties_of(schema)
        lacking = [name for name in described if name not in tree]
        misspelt = {}
        for name in tree:
            near = nearest(name, lacking) if name not in described else None
            if near is not None and is_slip(name, near):
                misspelt[near] = name
                there = tree[name]
                yield Broken(
                    there.pointer if isinstance(there, Spliced) else (*at, name),
                    True,
                    f"{_where(at)} has a member {name!r}, and {near!r} is missing",
                    f"did you mean {near!r}?",
                )
        yield from self._required({*tree, *misspelt}, at, schema)

    def _required(
        self, names: Collection[str], at: Pointer, schema: Mapping[str, Json]
    ) -> Iterator[Broken]:
        """Members that are required and none of those that have *names*."""
        required = schema.get("required")
        for name in required if isinstance(required, list) else ():
            if isinstance(name, str) and name not in names:
                yield Broken(
                    at,
                    False,
                    f"{_where(at)} lacks {name!r}, which is required",
                    f"add `{name}:`",
                )

    def _kind(self, kind: str, at: Pointer, schema: Json) -> Iterator[Broken]:
        known = self._plain(schema)
        types = types_of(known)
        allowed = {each for name in types for each in _KINDS.get(name, ())}
        if not kind or not allowed or kind in allowed or known.get("nullable"):
            return
        wanted = " or ".join(sorted(allowed))
        yield Broken(
            at,
            False,
            f"{_where(at)} is {kind}, and it is to be {wanted}",
            f"write {wanted}",
        )

    def _plain(self, schema: Json) -> Mapping[str, Json]:
        """What *schema* says whatever the value; nothing where that depends on it."""
        known = plain(schema, self._named) or {}
        return {} if _UNDECIDED & known.keys() else known


def _where(at: Pointer) -> str:
    return ".".join(map(str, at))
