"""Conversions: what a caller has sent as a text, and an expression reads as something else.

integer(query.after)    where openapi.yaml says no more than that it is a text
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple

from emulator.language.failures import path_of
from emulator.language.kinds import parsed_or_none

_NUMBER, _TIME = "a number", "a time"
_CONVERTS = {
    "integer": _NUMBER, "decimal": _NUMBER, "timestamp": _TIME, "epoch": _TIME,
    "http_date": _TIME, "date": _TIME, "shift": _TIME,
}  # fmt: skip
"""Functions that fail with a text that is something else, and what it has to be."""


class Unsure(NamedTuple):
    """A value that may be no number, or no time, where one is needed."""

    name: str
    wanted: str

    @property
    def fix(self) -> str:
        """What to write."""
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
