"""Parts: texts, lists and mappings taken apart and put in order, as functions of expressions.

All are pure, and give no more than they are given. The first line of each is an example
that a test tries out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from operator import index
from typing import Any

from emulator.http.nesting import nested_deeper
from emulator.json_type import Json
from emulator.language.sizes import ITEMS, TEXT, fits, whole
from emulator.language.texts import to_text

_DEEPEST = 100
_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    str: "string",
    list: "array",
}
_SIZE = 1_000_000
"""Bytes that a pattern may take when it is compiled."""


def split(text: str | None, separator: str = ",") -> list[str]:
    """`split('a,b')` is `['a', 'b']`: the parts between the separators; none of null or of an empty text."""
    if text is None or text == "":
        return []
    plain = _text(text)
    if not separator:
        raise ValueError("an empty text separates nothing")
    fits(plain.count(separator) + 1, ITEMS, "items")
    return plain.split(separator)


def matches(text: Json, pattern: str) -> bool:
    """`matches('A-17', '^[A-Z]-[0-9]+$')` is `true`: whether the regular expression, which stands in quotes, fits somewhere in the text. It is of Rust's regex crate: without look-around and back-references, so that it takes a time that grows with the text alone."""
    if not isinstance(text, str):
        return False
    fits(len(text), TEXT, "characters")
    return bool(_compiled(pattern).is_valid(text))


def error_in(pattern: str) -> str | None:
    """What is wrong with the *pattern* of `matches`, if something is."""
    try:
        _compiled(pattern)
    except ValueError:
        return f"{pattern!r} is no regular expression that has a linear time"
    return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    # Few expressions match: what does that is imported when one does.
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": pattern},
            pattern_options=jsonschema_rs.RegexOptions(size_limit=_SIZE),
        )
    except jsonschema_rs.ValidationError as error:
        raise ValueError(str(error)) from None


def starts_with(text: Json, part: str) -> bool:
    """`starts_with('sk_test_1', 'sk_')` is `true`: whether a text begins so, in this case; false for null."""
    return isinstance(text, str) and text.startswith(part)


def ends_with(text: Json, part: str) -> bool:
    """`ends_with('a.pdf', '.pdf')` is `true`: whether a text ends so, in this case; false for null."""
    return isinstance(text, str) and text.endswith(part)


def trim(text: str | None) -> str | None:
    """`trim(' a ')` is `'a'`: a text without the white space around it; null for null."""
    return None if text is None else _text(text).strip()


def parse_json(text: Json) -> Json:
    """`parse_json('{"a": [1]}').a` is `[1]`: what a text of JSON says; null for what is none."""
    import orjson

    if not isinstance(text, str):
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return None if nested_deeper(text.encode(), _DEEPEST) else value


def type_of(value: Json) -> str:
    """`type_of([1])` is `'array'`: the name that JSON Schema has for what a value is: `null`, `boolean`, `integer`, `number` (with a fraction), `string`, `array` or `object`."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return _TYPES.get(type(value), "object")


def in_order(
    items: list[Json] | None, by: str = "", *, descending: bool = False
) -> list[Json]:
    """`sorted([3, 1, 2])` is `[1, 2, 3]`: the items in order, or by a member of theirs;
    equal items keep their order."""
    ordered = sorted(
        _list(items),
        key=lambda item: rank(_member(item, by)),
        reverse=bool(index(descending)),  # Python 3.13 would take null for false
    )
    fits(len(ordered), ITEMS, "items")
    return ordered


def total(items: list[Json] | None, by: str = "") -> float:
    """`sum([{'n': 1}, {'n': 2}], 'n')` is `3`: the sum of the numbers, or of a member that the items have; null counts as nothing."""
    result: float = 0
    for item in _list(items):
        value = _member(item, by)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{to_text(value)[:60]!r} is not a number")
        result += value
    if result - result != 0:
        raise ValueError("the sum is larger than a number can be")
    return result


def any_of(items: list[Json] | None) -> bool:
    """`any([x > 2 for x in [1, 2, 3]])` is `true`: whether one of the items holds; false for none."""
    return any(_list(items))


def all_of(items: list[Json] | None) -> bool:
    """`all([x > 2 for x in [1, 2, 3]])` is `false`: whether each of the items holds; true for none."""
    return all(_list(items))


def unique(items: list[Json] | None) -> list[Json]:
    """`unique(['b', 'a', 'b'])` is `['b', 'a']`: each item once, in the order in which they come first."""
    seen: dict[str, Json] = {}
    for item in _list(items):
        seen.setdefault(f"{type(item).__name__}:{to_text(item)}", item)
    return [*seen.values()]


def counted(count: int, start: int = 0) -> list[int]:
    """`numbers(3)` is `[0, 1, 2]`: that many whole numbers from *start* on, such as the
    places of a list's items."""
    begin = whole(start, -(2**53), 2**53, "a start")
    return [*range(begin, begin + whole(count, 0, ITEMS, "a count"))]


def only(
    mapping: dict[str, Json] | None, names: list[Json] | str | None
) -> dict[str, Json]:
    """`only({'a': 1, 'b': 2}, ['a'])` is `{'a': 1}`: the members that are named, of those that there are."""
    wanted = _names(names)
    members = _mapping(mapping)
    return {name: value for name, value in members.items() if name in wanted}


def without(
    mapping: dict[str, Json] | None, names: list[Json] | str | None
) -> dict[str, Json]:
    """`without({'a': 1, 'b': 2}, ['a'])` is `{'b': 2}`: the members that are not named."""
    unwanted = _names(names)
    members = _mapping(mapping)
    return {name: value for name, value in members.items() if name not in unwanted}


def rank(value: Json) -> tuple[int, Any]:
    """What sorts values of any types: null, numbers, texts, the rest."""
    if value is None:
        return (0, 0)
    if isinstance(value, (int, float)):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, repr(value))


def _member(item: Json, name: str) -> Json:
    if not name:
        return item
    return item.get(name) if isinstance(item, dict) else None


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{to_text(value)[:60]!r} is not a text")
    return value


def _list(items: Json) -> Iterable[Json]:
    if items is None:
        return ()
    if isinstance(items, (list, tuple)):
        return items
    raise TypeError(f"{to_text(items)[:60]!r} is not a list")


def _mapping(value: Json) -> dict[str, Json]:
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise TypeError(f"{to_text(value)[:60]!r} is not a mapping")


def _names(names: Json) -> frozenset[str]:
    if isinstance(names, str):
        return frozenset([names])
    return frozenset(to_text(name) for name in _list(names))
