"""Keeping: what is sent, in the form in which it is shown.

A login that is a plain text where it is sent, and an address of mail where it is shown, is
kept if it is one. The id of a project becomes the project with that id; a number the text
of it.
"""

from __future__ import annotations

from typing import NamedTuple

from emulator.inference.names import snake
from emulator.inference.samples import NoSample, expression, sample
from emulator.inference.shapes import Shape, fits
from emulator.language.parts import error_in

_DEEPEST = 3
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_FORMATS = {
    "email": r"^[a-zA-Z0-9]+([._+-][a-zA-Z0-9]+)*@([a-zA-Z0-9]+(-[a-zA-Z0-9]+)*[.])+[a-zA-Z]{2,9}$",
    "uri": r"^[a-z][a-z0-9+.-]*://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$",
    "url": r"^https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$",
    "date": rf"^{_DAY}$",
    "date-time": rf"^{_DAY}T([01][0-9]|2[0-3])(:[0-5][0-9]){{2}}([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
    "uuid": r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
}
"""Texts that certainly have a format, and all that people write of it."""
_KEYS = ("id", "gid", "uuid", "guid", "sid", "slug", "key", "code", "name")


class Kept(NamedTuple):
    """The expression of a value as it is shown, and the condition that it may be so."""

    value: str
    condition: str = ""


def kept(there: Shape, shown: Shape, read: str, depth: int = 0) -> Kept | None:
    """How what *there* is sent, and *read* so, is shown; None where it cannot be."""
    there = there.at_most()
    if fits(there, shown):
        return Kept(read)
    if there.varies or depth > _DEEPEST:
        return None
    if shown.varies:
        return _as_one_of(there, shown, read, depth)
    sent, wanted = there.type, shown.type
    if sent == wanted == "array":
        return _list(there, shown, read, depth)
    if sent == wanted == "object":
        return _object(there, shown, read)
    if sent == wanted or (sent, wanted) == ("integer", "number"):
        condition = _condition(there, shown, read)
        return None if condition is None else Kept(read, condition)
    if sent in ("integer", "number") and wanted == "string":
        plain = fits(Shape({"type": "string"}), shown)
        return Kept(f"text({read})") if plain else None
    if sent in ("integer", "string") and wanted == "object":
        return _named(there, shown, read)
    return None


def _as_one_of(there: Shape, shown: Shape, read: str, depth: int) -> Kept | None:
    others = shown.alternatives() or []
    for other in others:
        apart = not any(other.types & o.types for o in others if o is not other)
        if apart or shown["oneOf"] is None:
            made = kept(there, other, read, depth)
            if made is not None:
                return made
    return None


def _list(there: Shape, shown: Shape, read: str, depth: int) -> Kept | None:
    name = "each" if not depth else f"each_{depth + 1}"
    inner = kept(there.items, shown.items, name, depth + 1)
    limits = ("minItems", "maxItems", "uniqueItems", "contains", "prefixItems")
    if inner is None or any(shown[limit] is not None for limit in limits):
        return None
    some = f" if {inner.condition}" if inner.condition else ""
    return Kept(f"[{inner.value} for {name} in {read}{some}]")


def _object(there: Shape, shown: Shape, read: str) -> Kept | None:
    """The members of an object that are shown, where others may be sent that are not:
    unknown to a closed one, or only written."""
    secret = [
        name
        for name in shown.properties
        if name in there.properties and shown.member(name)["writeOnly"]
    ]
    if not (shown.is_closed or secret) or not there.properties:
        return None
    names = [
        name
        for name in there.properties
        if name in shown.properties and name not in secret
    ]
    closed = {**there.schema}
    if shown.is_closed:
        closed["additionalProperties"] = False
    closed["properties"] = {name: there.properties[name] for name in names}
    closed["required"] = [name for name in there.required if name in names]
    if not names or not fits(there.inside(closed), shown):
        return None
    if not shown.is_closed:
        return Kept(f"without({read}, {expression(secret)})")
    return Kept(f"only({read}, {expression(names)})")


def _named(there: Shape, shown: Shape, read: str) -> Kept | None:
    """The thing that is sent by its id, as far as it is known from that."""
    names = sorted(
        (name for name in shown.properties if snake(name) in _KEYS),
        key=lambda name: _KEYS.index(snake(name)),
    )
    key = next((n for n in names if fits(there, shown.member(n))), None)
    if key is None:
        return None
    try:
        others = {n: sample(shown.member(n), n) for n in shown.required if n != key}
    except NoSample:
        return None
    known = ", ".join(
        f"{expression(name)}: {expression(value)}" for name, value in others.items()
    )
    return Kept(f"{{{expression(key)}: {read}{f', {known}' if known else ''}}}")


def _condition(there: Shape, shown: Shape, read: str) -> str | None:
    """When a text or a number is one that may be shown; None where that is not said."""
    parts: list[str] = []
    values = shown["enum"]
    if shown["const"] is not None:
        values = [shown["const"]]
    if isinstance(values, list):
        return f"{read} in {expression([v for v in values if v is not None])}"
    if shown["format"] not in (None, there["format"]):
        if shown["format"] not in _FORMATS or shown.type != "string":
            return None
        parts.append(_matches(read, _FORMATS[shown["format"]]))
    pattern = shown["pattern"]
    if pattern not in (None, there["pattern"]):
        if error_in(pattern) is not None:
            return None
        parts.append(_matches(read, pattern))
    for limit, said in _LIMITS.items():
        if shown[limit] not in (None, there[limit]):
            kinds = {"string"} if limit.endswith("Length") else {"integer", "number"}
            sent = there.types - {"null"}
            if not sent or sent - kinds:
                return None  # what is sent may be of another kind
            parts.append(said.format(read=read, limit=shown[limit]))
    if any(shown[word] not in (None, there[word]) for word in _UNSAID):
        return None
    return " and ".join(parts) or None


def _matches(read: str, pattern: str) -> str:
    return f"length({read}) < 1000 and matches({read}, {expression(pattern)})"


_LIMITS = {
    "minLength": "length({read}) >= {limit}",
    "maxLength": "length({read}) <= {limit}",
    "minimum": "{read} >= {limit}",
    "maximum": "{read} <= {limit}",
    "exclusiveMinimum": "{read} > {limit}",
    "exclusiveMaximum": "{read} < {limit}",
}
_UNSAID = ("multipleOf", "not", "if", "contentEncoding", "contentMediaType")
