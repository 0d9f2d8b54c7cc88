"""Unwrapped: texts of templates that were likely meant to be expressions.

created_at: now              the three letters, and no time
message: "Hello {{ caller.name }}"    as other tools write it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from emulator.json_type import Json
from emulator.language.expressions import rebuild
from emulator.language.grammar import BadExpression
from emulator.language.static_scope import Scope

_PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_ALONE = re.compile(
    r"(?P<root>[A-Za-z_]\w*)(?:(?:\.[A-Za-z_]\w*)+|\(.*\))|now|request_id"
)
"""`query.page`, `token(8)`, `now`: a plain word may well be a text."""
_OF_OTHERS = re.compile(
    rf"\{{\{{\s*(?P<braced>{_PATH})\s*\}}\}}|^\$(?P<dollar>{_PATH})$"
)
"""`{{ caller.name }}` anywhere, and `$now` alone."""


class Unwrapped(NamedTuple):
    """A text, and what it was likely meant to be."""

    pointer: tuple[str | int, ...]
    written: str
    meant: str


def unwrapped(
    tree: Json, pointer: tuple[str | int, ...], scope: Scope
) -> Iterator[Unwrapped]:
    """The texts of *tree* that read like expressions which could be evaluated there."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from unwrapped(value, (*pointer, key), scope)
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from unwrapped(value, (*pointer, at), scope)
    elif isinstance(tree, str) and "${" not in tree:
        other = _OF_OTHERS.search(tree)
        if other is not None:
            found = other["braced"] or other["dollar"]
        else:
            found = tree if _ALONE.fullmatch(tree) else ""
        if found and _means_something(found, scope):
            yield Unwrapped(pointer, tree if other is None else other[0], found)


def _means_something(text: str, scope: Scope) -> bool:
    try:
        rebuild(text, scope)
    except BadExpression:
        return False
    return True
