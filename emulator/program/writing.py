"""Writing: a parameter's value as the texts that a call carries, in OpenAPI's styles.

    tags: [a, b]               tags=a&tags=b      tags=a,b
    filter: {author: 2}        filter[author]=2   author=2   filter=author,2

It is what `parameters` and `objects` read.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import orjson

from emulator.json_type import Json
from emulator.language.texts import to_text
from emulator.program.encoding import fields
from emulator.program.objects import CONTENT, DEEP, MEMBERS
from emulator.program.operation import Operation
from emulator.program.parameters import Typed

Pairs = list[tuple[str, str]]


def written(typed: Typed, value: Json) -> Pairs:
    """The names and texts that say *value*; none for what no call can say."""
    name = typed.name
    if typed.reading == CONTENT:
        return [(name, orjson.dumps(value).decode())]
    if typed.reading == DEEP:
        pairs = fields(value, name.removesuffix("[]"))
        return [(key, to_text(member)) for key, member in pairs]
    if isinstance(value, dict):
        if typed.reading == MEMBERS:
            return [
                (key, to_text(text))
                for key, member in value.items()
                for text in (member if isinstance(member, list) else [member])
            ]
        return [(name, _joined(typed, value))]
    if isinstance(value, list):
        texts = [*map(to_text, value)]
        glue = typed.separator
        return [(name, glue.join(texts))] if glue else [(name, text) for text in texts]
    return [] if value is None else [(name, to_text(value))]


def address(operation: Operation, values: Mapping[str, Json]) -> str:
    """The path of *operation* with *values* for its parameters, as a client sends it."""
    path = operation.path.partition("#")[0]
    described = operation.parameters.typed("path")
    for name, value in values.items():
        typed = described.get(name)
        text = one_text(typed, value) if typed else str(value)
        before, greedy = (typed.before, typed.greedy) if typed else ("", False)
        sent = before + quote(text or "1", safe="/" if greedy else "")
        path = path.replace(f"{{{name}}}", sent)
    return path


def one_text(typed: Typed, value: Json) -> str:
    """*value* as a single text, as it stands in a segment of the path."""
    if isinstance(value, dict):
        return _joined(typed, value)
    if isinstance(value, list):
        return (typed.separator or ",").join(map(to_text, value))
    return to_text(value)


def _joined(typed: Typed, value: dict[str, Json]) -> str:
    glue = typed.separator or ","
    between = typed.joined or glue
    return glue.join(f"{name}{between}{to_text(each)}" for name, each in value.items())
