"""Patterns: whether what came is what was expected, and where it first differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from emulator.json_type import Json
from emulator.language.texts import to_text

ABSENT = "(absent)"
"""What is shown in the place of a value that is not there."""


class Difference(NamedTuple):
    """The first place where two values part."""

    path: tuple[str, ...]
    expected: Json
    actual: Json


def glob(pattern: str, text: str) -> bool:
    """Whether *text* is *pattern*, in which `*` stands for any text, or none.

    "/jobs/*"  is  "/jobs/17"
    """
    if len(pattern) - pattern.count("*") > len(text):
        return False
    start, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    *middle, end = middle
    if len(text) < len(start) + len(end):
        return False
    if not (text.startswith(start) and text.endswith(end)):
        return False
    at, stop = len(start), len(text) - len(end)
    for part in middle:
        at = text.find(part, at, stop)
        if at < 0:
            return False
        at += len(part)
    return True


def pattern_of(expected: Json) -> str | None:
    """The pattern of `{"matches": "Bearer *"}`; None for anything else."""
    if isinstance(expected, Mapping) and expected.keys() == {"matches"}:
        pattern = expected["matches"]
        return pattern if isinstance(pattern, str) else None
    return None


def is_text(expected: Json, actual: str | None) -> bool:
    """Whether a text is the one, or of the pattern, that is expected; null: none."""
    if expected is None or actual is None:
        return expected is None and actual is None
    pattern = pattern_of(expected)
    return actual == to_text(expected) if pattern is None else glob(pattern, actual)


def difference(
    expected: Json, actual: Json, *, loose: bool = False, path: tuple[str, ...] = ()
) -> Difference | None:
    """Where *actual* first lacks what is *expected* of it; None: it has all of that.

    An object may have more members than are expected, a list has as many. *loose*:
    the values of *actual* are texts, as those of a form are.
    """
    pattern = pattern_of(expected)
    if pattern is not None:
        agrees = isinstance(actual, str) and glob(pattern, actual)
        return None if agrees else Difference(path, expected, actual)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            if name not in actual:
                return Difference((*path, name), value, ABSENT)
            differs = difference(value, actual[name], loose=loose, path=(*path, name))
            if differs is not None:
                return differs
        return None
    if isinstance(expected, list) and isinstance(actual, list):
        for at, (wanted, other) in enumerate(zip(expected, actual, strict=False)):
            differs = difference(wanted, other, loose=loose, path=(*path, str(at)))
            if differs is not None:
                return differs
        if len(expected) == len(actual):
            return None
        return Difference(path, f"{len(expected)} items", f"{len(actual)} items")
    if loose and isinstance(actual, str) and not isinstance(expected, (Mapping, list)):
        expected = to_text(expected)
    same_kind = isinstance(expected, bool) == isinstance(actual, bool)
    return (
        None if expected == actual and same_kind else Difference(path, expected, actual)
    )
