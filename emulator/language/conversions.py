"""Conversions: what a caller has sent, and an expression reads as something else.

integer(query.after)    where openapi.yaml says no more than that it is a text
split(body.tags)        where openapi.yaml does not say that it is a text
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from emulator.language.failures import path_of
from emulator.language.functions import FUNCTIONS
from emulator.language.kinds import (
    BOOLEAN,
    LIST,
    MAPPING,
    NUMBER,
    TEXT,
    kinds_taken,
    parsed_or_none,
)
from emulator.language.static_scope import Defined

_NUMBER, _TIME = "a number", "a time"
_CONVERTS = {
    "integer": _NUMBER, "decimal": _NUMBER, "timestamp": _TIME, "epoch": _TIME,
    "http_date": _TIME, "date": _TIME, "shift": _TIME,
}  # fmt: skip
"""Functions that fail with a text that is something else, and what it has to be."""


_IS = {
    TEXT: "== 'string'", NUMBER: "in ['integer', 'number']", BOOLEAN: "== 'boolean'",
    LIST: "== 'array'", MAPPING: "== 'object'",
}  # fmt: skip
"""How `type_of` tells that a value is of a kind."""
ANY_MEMBER = "body.*"
"""Stands for all members of a body of which openapi.yaml names none."""


class Unsure(NamedTuple):
    """A value that may be of no use where one of a kind is needed."""

    name: str
    wanted: str
    is_text: bool = True
    """It is known to be a text; otherwise nothing is known of it."""

    @property
    def may_be(self) -> str:
        """What else it may be: `a text that is not a number`."""
        return f"{'a text' if self.is_text else 'a value'} that is not {self.wanted}"

    @property
    def fix(self) -> str:
        """What to write."""
        if not self.is_text:
            kind = self.wanted.partition(" or ")[0]
            asked = f"`... if type_of({self.name}) {_IS[kind]} else null`"
            return f"give it a type in openapi.yaml, or ask first: {asked}"
        if self.wanted == _TIME:
            return "give it `format: date-time` or `format: date` in openapi.yaml"
        asked = f"`... if matches({self.name}, '^[0-9]+$') else null`"
        return f"give it a number's type in openapi.yaml, or ask first: {asked}"


def unsure(
    text: str, texts: Collection[str], fields: Collection[str]
) -> Iterator[Unsure]:
    """The dotted names of *texts* that the expression *text* converts unasked.

    A name of *fields* is the record's, and hides another of that name.
    """
    if not texts or "(" not in text:
        return
    tree = parsed_or_none(text)
    for node in ast.walk(tree) if tree is not None else ():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        wanted = _CONVERTS.get(node.func.id)
        path = path_of(node.args[0]) if wanted and node.args else None
        if wanted is None or not path or path[0] in fields:
            continue
        name = ".".join(path[1:] if path[0] == "request" else path)
        if name in texts and f"matches({'.'.join(path)}" not in text:
            yield Unsure(name, wanted)


def of_any_kind(
    text: str,
    untyped: Collection[str],
    fields: Collection[str],
    asked: Collection[str],
    definitions: Mapping[str, Defined],
) -> Iterator[Unsure]:
    """The dotted names of *untyped* that a part of *text* takes as of one kind.

    One is left alone whose kind the expression asks for, or a condition has (*asked*).
    """
    tree = parsed_or_none(text) if untyped and re.search(_MAY_NEED, text) else None
    if tree is None:
        return
    known = f"{text} {' '.join(asked)}"
    for path, kinds in _needed(tree, definitions):
        if path[0] in fields:
            continue
        path = path[1:] if path[0] == "request" else path
        is_any = ".".join(path[:2]) in untyped
        is_any = is_any or (path[0] == "body" and ANY_MEMBER in untyped)
        name = ".".join(path)
        if len(path) > 1 and is_any and not _asks(known, name):
            yield Unsure(name, " or ".join(kinds), is_text=False)


def _needed(
    tree: ast.expr, definitions: Mapping[str, Defined], deep: int = 0
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The names in *tree* that are of use only where they are of some kinds."""
    needs: list[tuple[ast.expr, tuple[str, ...]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension):
            is_choice = isinstance(node.iter, ast.BoolOp)
            many = node.iter.values if is_choice else [node.iter]  # type: ignore[attr-defined]
            needs += [(each, (LIST,)) for each in many]
        elif isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add):
            needs += [(side, (NUMBER,)) for side in (node.left, node.right)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            needs += _of_call(node, node.func.id, definitions, deep)
        elif isinstance(node, ast.Name) and deep < _DEEP:
            yield from _inside(definitions.get(node.id), definitions, deep)
    for value, kinds in needs:
        path = path_of(value)
        if path:
            yield path, kinds


def _of_call(
    node: ast.Call, name: str, definitions: Mapping[str, Defined], deep: int
) -> Iterator[tuple[ast.expr, tuple[str, ...]]]:
    """The arguments of a call, with the kinds that they have to be of."""
    function, defined = FUNCTIONS.get(name), definitions.get(name)
    for at, value in enumerate(node.args if function else ()):
        parameter = function.taken(at, None) if function else None
        kinds = kinds_taken(parameter.annotation) if parameter else None
        if kinds:
            yield value, kinds
    if defined is None or not defined.parameters or deep >= _DEEP:
        return
    text = str(defined.template.tree)
    inner = parsed_or_none(text)
    given = dict(zip(defined.parameters, node.args, strict=False))
    for path, kinds in _needed(inner, definitions, deep + 1) if inner else ():
        if len(path) == 1 and path[0] in given and not _asks(text, path[0]):
            yield given[path[0]], kinds


def _inside(
    defined: Defined | None, definitions: Mapping[str, Defined], deep: int
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What is needed in the expression that a name without parameters stands for."""
    if defined is None or defined.parameters is not None:
        return
    text = str(defined.template.tree)
    inner = parsed_or_none(text)
    for path, kinds in _needed(inner, definitions, deep + 1) if inner else ():
        if not _asks(text, ".".join(path).removeprefix("request.")):
            yield path, kinds


def _asks(text: str, name: str) -> bool:
    """Whether *text* asks of which kind the value of that name is."""
    return any(f"{asks}({name}" in text for asks in _ASK_THE_KIND)


_MAY_NEED = r"[(*/%-]|\bin\b"
_DEEP = 5
"""So many definitions call one another, at most, before nobody looks any further."""
_ASK_THE_KIND = ("type_of", "matches", "starts_with", "ends_with")
