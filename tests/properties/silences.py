"""Silences: what replies leave out that they said before somebody made a slip.

Two things are no statement of an author's, whatever else a slip may mean: a null, or
nothing, where openapi.yaml wants a value; and a null that comes of a misspelt name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonschema_rs import Draft202012Validator

from emulator.exchange.call import Reply
from emulator.http.media_types import media_type
from emulator.program.program import Program

Json = Any
Path = tuple[str, ...]
"""The names that lead to a value in a body; `*` for each item of a list."""
Place = tuple[str, int, Path]
"""A value of the replies of an operation with a status."""
_NOTHING = (None, "")


class Said(NamedTuple):
    """What the replies to some calls say."""

    empty: Mapping[Place, bool]
    """Where there is a value at all, and whether it is null or empty once."""
    unfit: Mapping[Place, str]
    """Where openapi.yaml wants something else than null or nothing, and what."""


def said(program: Program, replies: Iterable[tuple[str, Reply]]) -> Said:
    """What *replies*, each to a call of an operation, say of what *program* documents."""
    empty: dict[Place, bool] = {}
    unfit: dict[Place, str] = {}
    validators: dict[tuple[str, int], Draft202012Validator | None] = {}
    for id, reply in replies:
        body = _json(reply)
        if body is None:
            continue
        for path, value in _values(body):
            place = (id, reply.status, path)
            empty[place] = empty.get(place, False) or value in _NOTHING
        known = (id, reply.status)
        if known not in validators:
            validators[known] = _validator(program, *known)
        for path, why in _unfit(validators[known], body):
            unfit.setdefault((*known, path), why)
    return Said(empty, unfit)


def silences(before: Said, after: Said, *, misspelt: bool) -> Iterator[str]:
    """What *after* leaves out and *before* does not; nulls where a name is *misspelt*."""
    known = {(id, status) for id, status, _ in before.empty}
    for place, why in after.unfit.items():
        if place not in before.unfit and place[:2] in known:
            yield f"{_told(place)}: {why}"
    for place, is_empty in after.empty.items() if misspelt else ():
        if is_empty and before.empty.get(place) is False:
            yield f"{_told(place)}: null or empty, which it never was"


def _told(place: Place) -> str:
    id, status, path = place
    return f"{id}: {status}: {'.'.join(path) or 'the body'}"


def _json(reply: Reply) -> Json:
    types = [text for name, text in reply.headers if name.lower() == "content-type"]
    if not types or "json" not in media_type(types[0]) or "line" in types[0]:
        return None
    return json.loads(reply.body or b"null")


def _values(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _values(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, (*path, "*"))
    else:
        yield path, value


def _validator(program: Program, id: str, status: int) -> Draft202012Validator | None:
    """What judges the JSON of an operation's replies with *status*."""
    operation = program.operations[id]
    documented = operation.documented or (
        operation.from_document() if operation.from_document else None
    )
    response = documented.of(status) if documented else None
    for content in response.contents if response else ():
        if "json" in content.described and content.schema is not None:
            return Draft202012Validator(content.schema)
    return None


def _unfit(
    validator: Draft202012Validator | None, body: Json
) -> Iterator[tuple[Path, str]]:
    """Where *body* has null or nothing, and is to have a value."""
    for error in validator.iter_errors(body) if validator else ():
        path = tuple("*" if type(at) is int else str(at) for at in error.instance_path)
        keyword = error.schema_path[-1] if error.schema_path else ""
        if keyword == "required" or error.instance is None:
            yield path, error.message
