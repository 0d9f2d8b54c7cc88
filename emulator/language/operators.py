"""Operators: what compiled expressions do with values when they are evaluated."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from emulator.json_type import Json
from emulator.language.sizes import ITEMS, ROUNDS, TEXT, fits
from emulator.language.texts import to_text

OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class Omit:
    """What `omit` stands for: the member that has this value is left out."""

    def __repr__(self) -> str:
        return "omit"

    def __str__(self) -> str:
        return ""  # inside a text, where nothing is left to leave out

    def __bool__(self) -> bool:
        return False


OMIT = Omit()


def get(value: Json, key: str) -> Json:
    """The member *key* of a mapping; null where it has none, and of null."""
    if type(value) is dict:
        return value.get(key)
    if value is None:
        return None
    raise TypeError(f"{_kind(value)} has no member {key!r}")


def item(value: Json, key: Json) -> Json:
    """An item or member; null where there is none, and of null."""
    if value is None:
        return None
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, (list, str)) and type(key) is int:
        return value[key] if -len(value) <= key < len(value) else None
    raise TypeError(f"{_kind(value)} has no item {key!r}")


def part(value: Json, start: Json, end: Json) -> Json:
    return None if value is None else value[start:end]


def each(value: Json, outer: Json = ()) -> Json:
    """What a comprehension loops over: a list; null is an empty one.

    *outer* is the list of the loop that it is inside of.
    """
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        fits(len(value), ITEMS, "rounds")
        fits(len(value) * len(outer), ROUNDS, "rounds")
        return value
    raise TypeError(f"{_kind(value)} is not a list")


def left(items: list[Json]) -> list[Json]:
    """The items that are not left out."""
    return [value for value in items if value is not OMIT]


def kept(members: dict[str, Json]) -> dict[str, Json]:
    """The members that are not left out."""
    return {key: value for key, value in members.items() if value is not OMIT}


def plus(left: Json, right: Json) -> Json:
    if type(left) is type(right) is int:  # a counter
        return left + right
    if isinstance(left, str) != isinstance(right, str):
        raise TypeError(f"{_kind(left)} and {_kind(right)} cannot be added")
    if isinstance(left, str):
        fits(len(left) + len(right), TEXT, "characters")
    elif isinstance(left, list) and isinstance(right, list):
        fits(len(left) + len(right), ITEMS, "items")
    return left + right


def calculate(name: str, left: Json, right: Json) -> Json:
    """Arithmetic, on numbers alone: a text is never repeated or formatted."""
    for value in (left, right):
        if not isinstance(value, (int, float)):
            raise TypeError(f"{_kind(value)} is not a number")
    return _BY_NAME[name](left, right)


_BY_NAME = {kind.__name__: call for kind, call in OPERATORS.items()}


def _kind(value: Json) -> str:
    names = {str: "a text", list: "a list", dict: "a mapping", bool: "true or false"}
    return names.get(type(value), "null" if value is None else f"{value!r}")


RUNTIME: Mapping[str, Any] = {
    "__builtins__": {},
    "OMIT": OMIT,
    "type": type,
    "dict": dict,
    "get": get,
    "item": item,
    "part": part,
    "each": each,
    "left": left,
    "kept": kept,
    "plus": plus,
    "calculate": calculate,
    "to_text": to_text,
}
