"""Writing: a parameter's value as the texts that a call carries, in OpenAPI's styles.

    tags: [a, b]               tags=a&tags=b      tags=a,b
    filter: {author: 2}        filter[author]=2   author=2   filter=author,2

It is what `parameters` and `objects` read.
"""

from __future__ import annotations

import orjson

from emulator.json_type import Json
from emulator.language.texts import to_text
from emulator.program.encoding import fields
from emulator.program.objects import CONTENT, DEEP, MEMBERS
from emulator.program.parameters import Typed

Pairs = list[tuple[str, str]]


def written(typed: Typed, value: Json) -> Pairs:
    """The names and texts that say *value*; none for what no call can say."""
    name = typed.name
    if typed.reading == CONTENT:
        return [(name, orjson.dumps(value).decode())]
    if typed.reading == DEEP:
        pairs = fields(value, name.removesuffix("[]"))
        return [(key, _text(member)) for key, member in pairs]
    if isinstance(value, dict):
        if typed.reading == MEMBERS:
            return [
                (key, _text(text))
                for key, member in value.items()
                for text in (member if isinstance(member, list) else [member])
            ]
        return [(name, _joined(typed, value))]
    if isinstance(value, list):
        texts = [*map(_text, value)]
        glue = typed.separator
        return [(name, glue.join(texts))] if glue else [(name, text) for text in texts]
    return [] if value is None else [(name, _text(value))]


def one_text(typed: Typed, value: Json) -> str:
    """*value* as a single text, as it stands in a segment of the path."""
    if isinstance(value, dict):
        return _joined(typed, value)
    if isinstance(value, list):
        return (typed.separator or ",").join(map(_text, value))
    return _text(value)


def _joined(typed: Typed, value: dict[str, Json]) -> str:
    glue = typed.separator or ","
    between = typed.joined or glue
    return glue.join(f"{name}{between}{_text(each)}" for name, each in value.items())


def _text(value: Json) -> str:
    """A value that is no list and no object; those have no style inside of another one,
    and are written as JSON."""
    if isinstance(value, (dict, list)):
        return orjson.dumps(value).decode()
    return to_text(value)
