"""Ids: how the keys of new records are made, by the schema of what is shown."""

from __future__ import annotations

import re

from emulator.inference.names import reading
from emulator.inference.resources import Resource, unwrapped
from emulator.inference.shapes import Shape

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PREFIXED = re.compile(r"([A-Za-z]{1,12}[_-])([A-Za-z0-9]{4,40})")
_CLASSES = {
    "[a-z0-9]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[0-9a-z]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[a-f0-9]": "0123456789abcdef",
    "[0-9a-f]": "0123456789abcdef",
    "[a-z]": "abcdefghijklmnopqrstuvwxyz",
    "[A-Z]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[A-Z0-9]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "[0-9A-Z]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "[0-9]": "0123456789",
    "\\d": "0123456789",
    "[A-Za-z0-9]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[a-zA-Z0-9]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[0-9a-zA-Z]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[A-Za-z0-9_-]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[a-zA-Z0-9_-]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[a-z0-9-]": "abcdefghijklmnopqrstuvwxyz0123456789",
    "[A-Za-z]": "abcdefghijklmnopqrstuvwxyz",
    "[a-zA-Z]": "abcdefghijklmnopqrstuvwxyz",
    "\\w": "abcdefghijklmnopqrstuvwxyz0123456789",
}
_PIECE = re.compile(
    r"(\[[^\]]*\]|\\[dw])(?:\{(\d+)(?:,(\d*))?\}|([+*]))?|([A-Za-z0-9_:.-])"
)


def ids_of(resource: Resource) -> str | None:
    """What `ids` of the collection says; empty for what it does by itself, None for nothing."""
    member = resource.shape.member(resource.key) if resource.key else Shape({})
    create = resource.operations.get("create")
    sent, wrapper = unwrapped(create, resource) if create is not None else (None, "")
    given = sent is not None and resource.key in sent.properties
    given = given and sent is not None and not sent.member(resource.key)["readOnly"]
    if (
        given
        and sent is not None
        and (resource.key in sent.required or member.type == "integer")
    ):
        return ""
    if member.type == "integer":
        return "" if not member["minimum"] or member["minimum"] <= 1 else None
    made = _text(resource, member)
    if made is None:
        return "" if create is None else None
    if given:
        call = "uuid()" if made == "uuid" else made
        return f"{reading(wrapper or 'body', resource.key)} or {call}"
    return made


def key_text(resource: Resource) -> str | None:
    """How the text of a key is made: `uuid`, an expression, or None."""
    return _text(resource, resource.shape.member(resource.key))


def _text(resource: Resource, member: Shape) -> str | None:
    """The expression of a text that satisfies *member*."""
    if member["enum"] or member["const"] is not None:
        return None
    parameter = Shape(resource.parameter.schema)
    least, most = member["minLength"] or 0, member["maxLength"] or 4096
    for schema in (member, parameter):
        if isinstance(schema["pattern"], str):
            return _of_pattern(schema["pattern"], least, most)
    if "uuid" in (member["format"], parameter["format"]):
        return "uuid"
    if member["format"] is not None or parameter.type == "integer":
        return (
            "token(9, '123456789')"
            if member["format"] is None and least <= 9 <= most
            else None
        )
    for text in _examples(member, parameter):
        prefixed = _PREFIXED.fullmatch(text)
        if _UUID.fullmatch(text):
            return "uuid"
        if (
            prefixed
            and any(mark.isdigit() for mark in prefixed[2])
            and least <= len(text) <= most
        ):
            return f"'{prefixed[1]}' + token({len(prefixed[2])})"
    if least <= 36 <= most:
        return "uuid"
    return f"token({max(least, min(most, 24))})"


def _examples(*shapes: Shape) -> list[str]:
    found = []
    for shape in shapes:
        several = shape["examples"] if isinstance(shape["examples"], list) else []
        found += [
            text for text in (shape["example"], *several) if isinstance(text, str)
        ]
    return found


def _of_pattern(pattern: str, least: int, most: int) -> str | None:
    """An expression of a text that a plain pattern fits: `^cus_[a-z0-9]{14}$`."""
    if _UUID.fullmatch(pattern.strip("^$")) or "-[0-9a-f]{4}" in pattern.lower():
        return "uuid"
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    parts: list[str] = []
    at, inner, length = 0, pattern[1:-1], 0
    while at < len(inner):
        found = _PIECE.match(inner, at)
        if found is None or (found[5] is None and found[1] not in _CLASSES):
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
        parts.append(f"token({count}, '{_CLASSES[found[1]]}')")
        length += count
    if (
        not parts
        or not least <= length <= most
        or not any("token" in part for part in parts)
    ):
        return None
    return " + ".join(parts).replace("' + '", "")
