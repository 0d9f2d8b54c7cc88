"""Conversions: what a caller has sent, and an expression reads as something else.

integer(query.after)    where openapi.yaml says no more than that it is a text
split(body.tags)        where openapi.yaml does not say that it is a text
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
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
) -> Iterator[Unsure]:
    """The dotted names of *untyped* that a function of *text* takes as of one kind.

    One is left alone whose kind the expression asks for, or a condition has (*asked*).
    """
    if not untyped or "(" not in text:
        return
    tree = parsed_or_none(text)
    known = f"{text} {' '.join(asked)}"
    for node in ast.walk(tree) if tree is not None else ():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        function = FUNCTIONS.get(node.func.id)
        if function is None:
            continue
        for at, value in enumerate(node.args):
            path, parameter = path_of(value), function.taken(at, None)
            if not path or path[0] in fields or parameter is None:
                continue
            path = path[1:] if path[0] == "request" else path
            kinds = kinds_taken(parameter.annotation)
            is_any = ".".join(path[:2]) in untyped
            is_any = is_any or (path[0] == "body" and ANY_MEMBER in untyped)
            if not kinds or len(path) < 2 or not is_any:
                continue
            name = ".".join(path)
            if not any(f"{asks}({name}" in known for asks in _ASK_THE_KIND):
                yield Unsure(name, " or ".join(kinds), is_text=False)


_ASK_THE_KIND = ("type_of", "matches", "starts_with", "ends_with")
