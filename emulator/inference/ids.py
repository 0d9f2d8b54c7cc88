"""Ids: how the keys of new records are made, by the schema of what is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.inference.messages import given
from emulator.inference.names import reading
from emulator.inference.resources import Resource
from emulator.inference.samples import examples_of as values_of
from emulator.inference.shapes import Shape
from emulator.inference.things import examples_of
from emulator.json_type import Json

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PREFIXED = re.compile(r"([A-Za-z]{1,12}[_-])([A-Za-z0-9]{4,40})")
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = (
    (r"[0-9a-z]+", f"{_LOWER}0123456789"),
    (r"[0-9A-Z]+", f"{_LOWER.upper()}0123456789"),
    (r"[0-9A-Za-z]+", f"{_LOWER}{_LOWER.upper()}0123456789"),
)
"""What the marks of an example are, and those that others like it are made of."""
_CHOICE = re.compile(r"\((?:\?:)?([A-Za-z0-9_-]+)(?:\|[A-Za-z0-9_-]+)*\)")
"""One text of several: `(SM|MM)`."""
_PIECE = re.compile(
    r"(\[[^\]]*\]|\\[dw])(?:\{(\d+)(?:,(\d*))?\}|([+*]))?|([A-Za-z0-9_:.-])"
)


def ids_of(resource: Resource) -> str | None:
    """What `ids` of the collection says; empty for what it does by itself, None for nothing."""
    member = resource.shape.member(resource.key) if resource.key else Shape({})
    create = resource.operations.get("create")
    sent, wrapper = _given(resource)
    if sent is not None and (resource.key in sent.required or member.type == "integer"):
        return ""
    if member.type == "integer":
        return "" if not member["minimum"] or member["minimum"] <= 1 else None
    made = _text(resource, member)
    if made is None:
        return "" if create is None else None
    if sent is not None:
        call = "uuid()" if made == "uuid" else made
        return f"{reading(wrapper or 'body', resource.key)} or {call}"
    return made


def _given(resource: Resource) -> tuple[Shape | None, str]:
    """What callers send that say the key of a new one, and where that stands."""
    create = resource.operations.get("create")
    sent, wrapper = given(create, resource) if create is not None else (None, "")
    if sent is None or resource.key not in sent.members():
        return None, ""
    return (None, "") if sent.members()[resource.key]["readOnly"] else (sent, wrapper)


def is_given(resource: Resource) -> bool:
    """Whether callers may say what the key of a new one is."""
    return _given(resource)[0] is not None


def key_text(resource: Resource) -> str | None:
    """How the text of a key is made: `uuid`, an expression, or None."""
    return _text(resource, resource.shape.member(resource.key))


def _text(resource: Resource, member: Shape) -> str | None:
    """The expression of a text that satisfies *member*."""
    if member["enum"] or member["const"] is not None:
        return None
    said = [Shape(each.schema) for each in (resource.parameter, *resource.below)]
    least, most = member["minLength"] or 0, member["maxLength"] or 4096
    for schema in (member, *said):
        if isinstance(schema["pattern"], str):
            return _of_pattern(schema["pattern"], least, most)
    if "uuid" in (member["format"], *(each["format"] for each in said)):
        return "uuid"
    if member["format"] == "ipv4":
        return "'192.0.' + token(1, '123456789') + '.' + token(2, '123456789')"
    if member["format"] is not None or any(each.type == "integer" for each in said):
        return (
            "token(9, '123456789')"
            if member["format"] is None and least <= 9 <= most
            else None
        )
    for text in key_examples(resource):
        made = _like(text, least, most) if isinstance(text, str) else None
        if made is not None:
            return made
    if least <= 36 <= most:
        return "uuid"
    return f"token({max(least, min(most, 24))})"


def _like(text: str, least: int, most: int) -> str | None:
    """The expression of texts like an example, and not shorter than is likely to be new."""
    if _UUID.fullmatch(text):
        return "uuid"
    if text.isdecimal() and text.isascii():
        length = max(least, min(most, max(len(text), 10)))
        return f"token({length}, '123456789')"
    if not least <= len(text) <= most:
        return None
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed and any(mark.isdigit() for mark in prefixed[2]):
        return f"'{prefixed[1]}' + token({len(prefixed[2])})"
    if len(text) < 10 or not re.search(r"\d", text):
        return None
    if re.fullmatch(r"[0-9a-f]+", text):
        return f"token({len(text)})"
    for marks, letters in _ALPHABETS:
        if re.fullmatch(marks, text):
            return f"token({len(text)}, '{letters}')"
    return None


def key_examples(resource: Resource) -> list[Json]:
    """What the document gives as examples of a key: whole things, the path, the member."""
    member = resource.shape.member(resource.key)
    parameter = resource.parameter
    things = [each.get(resource.key) for each in examples_of(resource)]
    written: Json = parameter.document.data
    for step in parameter.pointer:
        written = written.get(step) if isinstance(written, Mapping) else None
    several = written.get("examples") if isinstance(written, Mapping) else None
    of_path = [
        written.get("example") if isinstance(written, Mapping) else None,
        *(
            each.get("value") if isinstance(each, Mapping) else None
            for each in (several.values() if isinstance(several, Mapping) else ())
        ),
        *values_of(Shape(parameter.schema)),
    ]
    found = [*things, *of_path, *values_of(member)]
    return [*dict.fromkeys(each for each in found if type(each) in (str, int))]


def _letters(marks: str) -> str:
    """What a class of a pattern is made of, without capitals where there are small letters;
    empty for one that is not plain: `[0-9a-fA-F]`  ->  `0123456789abcdef`"""
    inner = marks[1:-1] if marks.startswith("[") else marks
    inner = inner.replace("\\d", "0-9").replace("\\w", "a-zA-Z0-9_")
    inner = re.sub(r"\\[^A-Za-z0-9]", "", inner)
    if inner.startswith("^") or "\\" in inner:
        return ""
    found = dict.fromkeys(
        chr(code)
        for first, last in re.findall(r"(.)(?:-(.))?", inner)
        for code in range(ord(first), ord(last or first) + 1)
    )
    plain = [mark for mark in found if mark.isascii() and mark.isalnum()]
    small = [mark for mark in plain if not mark.isupper()]
    few = plain if all(mark.isdigit() for mark in small) else small
    return "".join(sorted(few, key=lambda mark: (mark.isdigit(), mark)))


def _of_pattern(pattern: str, least: int, most: int) -> str | None:
    """An expression of a text that a plain pattern fits: `^cus_[a-z0-9]{14}$`."""
    if _UUID.fullmatch(pattern.strip("^$")) or "-[0-9a-f]{4}" in pattern.lower():
        return "uuid"
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    parts: list[str] = []
    at, inner, length = 0, _CHOICE.sub(r"\1", pattern[1:-1]), 0
    while at < len(inner):
        found = _PIECE.match(inner, at)
        letters = _letters(found[1]) if found is not None and found[1] else ""
        if found is None or (found[5] is None and not letters):
            return None
        at = found.end()
        if found[5] is not None:
            parts.append(f"'{found[5]}'")
            length += 1
            continue
        low = int(found[2]) if found[2] else 1
        free = found[4] or found[3] == ""
        high = int(found[3]) if found[3] else low if found[2] and not free else 32
        count = max(low, min(high, 16)) if found[4] or found[3] is not None else low
        parts.append(f"token({count}, '{letters}')")
        length += count
    if (
        not parts
        or not least <= length <= most
        or not any("token" in part for part in parts)
    ):
        return None
    return " + ".join(parts).replace("' + '", "")
