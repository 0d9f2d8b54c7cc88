"""Markup: JSON values written as XML.

    {"ok": True, "books": [{"id": 1}]}  ->  <root><ok>true</ok><books><item>...</item></books></root>

A member becomes an element of its name, an item of a list one of the name that is
given for that list; null is an empty element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from emulator.json_type import Json
from emulator.language.texts import to_text

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_NAME = re.compile(r"[^\w.-]", re.ASCII)
_STARTS_NO_NAME = re.compile(r"[\d.-]|(?i:xml)")


def xml(tree: Json, root: str, items: Mapping[str, str]) -> bytes:
    """*tree* as a document in UTF-8; *items* names the items of lists."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n', *_element(root, tree, items)]
    return "".join(parts).encode()


def _element(name: str, value: Json, items: Mapping[str, str]) -> Iterator[str]:
    tag = _tag(name)
    inner = "".join(_inside(name, value, items))
    yield f"<{tag}>{inner}</{tag}>" if inner else f"<{tag}/>"


def _inside(name: str, value: Json, items: Mapping[str, str]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _element(key, member, items)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _element(items.get(name, "item"), item, items)
    else:
        # A carriage return would be read as a line feed.
        text = _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", to_text(value))
        yield text.translate(_ESCAPES)


def _tag(name: str) -> str:
    """*name* as XML can write it."""
    plain = _NO_NAME.sub("_", name)
    return f"_{plain}" if not plain or _STARTS_NO_NAME.match(plain) else plain


def names_in(schema: Mapping[str, Json]) -> tuple[str, dict[str, str]]:
    """The name of the root element, and what the items of lists are called."""
    items: dict[str, str] = {}
    waiting: list[tuple[str, Json]] = [(_name_in(schema, "response"), schema)]
    root, deep = waiting[0][0], 0
    while waiting and deep < 1_000:
        deep += 1
        name, part = waiting.pop()
        if not isinstance(part, Mapping):
            continue
        if "items" in part:
            called = _name_in(part["items"], "")
            if called:
                items.setdefault(name, called)
            waiting.append((called or name, part["items"]))
        properties = part.get("properties", {})
        waiting += (
            (_name_in(subschema, key), subschema)
            for key, subschema in properties.items()
        )
        waiting += ((name, subschema) for subschema in part.get("allOf", ()))
    return root, items


def _name_in(schema: Json, otherwise: str) -> str:
    named = schema.get("xml") if isinstance(schema, Mapping) else None
    name = named.get("name") if isinstance(named, Mapping) else None
    return name if isinstance(name, str) and name else otherwise
