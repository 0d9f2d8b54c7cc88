"""Words: parts of a program as short texts: templates, schemas, lengths of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from emulator.compile.bodies import FILE
from emulator.compile.templates import Spliced, Template
from emulator.world.clock import SECOND

Json = Any

_BOUNDS = {
    "minimum": ">= {}",
    "exclusiveMinimum": "> {}",
    "maximum": "<= {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "like {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "enum": "one of {}",
    "const": "always {}",
}


_LONGEST = 60
"""A regular expression is shown up to here."""


def written(template: Template) -> str:
    """A template as its author wrote it."""
    return compact(template.tree)


def condition(template: Template) -> str:
    """A condition, without the `${` that it does not need."""
    text = written(template)
    plain = text.startswith("${") and text.endswith("}") and text.count("${") == 1
    return text[2:-1].strip() if plain else text


def compact(tree: Json) -> str:
    """A text as it is, and anything else as JSON in one line."""
    plain = unspliced(tree)
    return plain if isinstance(plain, str) else orjson.dumps(plain).decode()


def unspliced(tree: Json) -> Json:
    """*tree* with what was written elsewhere in its place."""
    if isinstance(tree, Spliced):
        return unspliced(tree.tree)
    if isinstance(tree, Mapping):
        return {key: unspliced(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [unspliced(one) for one in tree]
    return tree


def kind(schema: Json) -> str:
    """`integer`, `string or null`, `array of string`, `string (date)`."""
    if not isinstance(schema, Mapping):
        return "anything"
    if FILE in schema:
        return "file"
    types = schema.get("type", ())
    types = [types] if isinstance(types, str) else [*types]
    for word in ("anyOf", "oneOf"):
        types += [one for branch in schema.get(word, ()) for one in [kind(branch)]]
    text = listed([*dict.fromkeys(types)], "or") or "anything"
    if "array" in types and "items" in schema:
        text = text.replace("array", f"array of {kind(schema['items'])}", 1)
    return f"{text} ({schema['format']})" if "format" in schema else text


def bounds(schema: Json) -> Iterator[str]:
    """What a schema asks for besides the type."""
    if not isinstance(schema, Mapping):
        return
    for keyword, words in _BOUNDS.items():
        if keyword in schema:
            limit = schema[keyword]
            shown = (
                ", ".join(map(compact, limit))
                if isinstance(limit, list)
                else compact(limit)
            )
            if keyword == "pattern" and len(shown) > _LONGEST:
                shown = f"{shown[:_LONGEST]}…"
            yield words.format(shown)


def duration(length: int) -> str:
    """90_000_000 -> "90s"      3_600_000_000 -> "1h" """
    seconds = length / SECOND
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"


def listed(words: Sequence[str], last: str = "and") -> str:
    """("a", "b", "c") -> "a, b and c" """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
