"""Bounds: what members of a body must be like, by values that were refused.

A value is taken to be out of bounds if the error names its member. The bound lies next to
the refused value, and so never refuses what was accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from emulator.traffic.recorded import Recorded
from emulator.traffic.shapes import kind_of

Json = Any
_ONE_OF = re.compile(
    r"one of:?\s+\[?((?:[\w'\"-]{1,40}(?:, | or |, or )?){2,40})", re.I
)
_CHOICE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")


def bound(
    properties: dict[str, Json],
    accepted: Sequence[Mapping[str, Json]],
    refused: Iterable[Recorded],
) -> None:
    """Add to *properties* what the *refused* calls show."""
    for call in refused:
        sent = dict(call.body.value) if call.body.kind == "form" else call.body.value
        if not isinstance(sent, dict) or call.reply.kind != "json":
            continue
        _of_object(properties, sent, accepted, call.reply.value)


def not_named(call: Recorded) -> dict[str, Json]:
    """The members of a refused body that the error says nothing of: they were accepted.

    Empty where the error names none.
    """
    sent = dict(call.body.value) if call.body.kind == "form" else call.body.value
    if call.status not in (400, 422) or not isinstance(sent, dict):
        return {}
    named = (
        {*named_in(call.reply.value, sent.keys())}
        if call.reply.kind == "json"
        else set()
    )
    if not named or len(named) > 2:
        return {}
    return {name: value for name, value in sent.items() if name not in named}


def _of_object(
    properties: dict[str, Json],
    sent: Mapping[str, Json],
    accepted: Sequence[Mapping[str, Json]],
    error: Json,
) -> None:
    named = {*named_in(error, properties.keys() & sent.keys())}
    for name in named if len(named) <= 2 else ():
        values = [each[name] for each in accepted if each.get(name) is not None]
        inner = properties[name].get("properties")
        if isinstance(sent[name], dict) and isinstance(inner, dict):
            objects = [value for value in values if isinstance(value, dict)]
            _of_object(inner, sent[name], objects, _below(error, name))
        else:
            _bound(properties[name], sent[name], values, error)


def _below(error: Json, name: str) -> Json:
    """*error* with names as they are within *name*: `candidate.email`  ->  `email`."""
    if isinstance(error, dict):
        return {
            re.sub(rf"^{re.escape(name)}[.\[](.*?)\]?$", r"\1", str(key)): _below(
                member, name
            )
            for key, member in error.items()
        }
    if isinstance(error, list):
        return [_below(item, name) for item in error]
    if isinstance(error, str):
        return error.removeprefix(f"{name}.")
    return error


def named_in(value: Json, names: Iterable[str]) -> Iterator[str]:
    """The members that an error is about."""
    if isinstance(value, dict):
        for key, member in value.items():
            first = re.split(r"[.\[]", str(key))[0]
            if first in names:
                yield first
            yield from named_in(member, names)
    elif isinstance(value, list):
        for item in value:
            yield from named_in(item, names)
    elif isinstance(value, str):
        if value in names:
            yield value
        else:
            words = re.findall(r"[\w-]+", value[:200])[:6]
            yield from (name for name in names if name in words)


def _bound(schema: Json, value: Json, accepted: list[Json], error: Json) -> None:
    kind = kind_of(value)
    if not accepted or kind not in (schema.get("type"), *_listed(schema.get("type"))):
        return
    if isinstance(value, str):
        choices = [*_choices(error)]
        if choices and {*accepted} <= {*choices}:
            schema["enum"] = choices
            return
        lengths = [len(text) for text in accepted if isinstance(text, str)]
        if not lengths or "enum" in schema or "format" in schema:
            return
        if not _narrow(schema, "Length", len(value), min(lengths), max(lengths)):
            words = {text for text in accepted if isinstance(text, str)}
            if (
                value not in words
                and all(map(_CHOICE.fullmatch, words))
                and len(words) < 9
            ):
                schema["enum"] = sorted(words)
    elif isinstance(value, list):
        lengths = [len(items) for items in accepted if isinstance(items, list)]
        if lengths:
            _narrow(schema, "Items", len(value), min(lengths), max(lengths))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        numbers = [number for number in accepted if isinstance(number, (int, float))]
        if numbers and value < min(numbers):
            known = schema.get("exclusiveMinimum", value)
            schema["exclusiveMinimum"] = max(known, value)
        elif numbers and value > max(numbers):
            known = schema.get("exclusiveMaximum", value)
            schema["exclusiveMaximum"] = min(known, value)


def _listed(kinds: Json) -> list[str]:
    return kinds if isinstance(kinds, list) else []


def _narrow(schema: Json, what: str, length: int, least: int, most: int) -> bool:
    """Bound a length from the side on which *length* lies outside; whether it does."""
    if length < least:
        schema[f"min{what}"] = max(schema.get(f"min{what}", 0), length + 1)
        return True
    if length > most:
        known = schema.get(f"max{what}", length - 1)
        schema[f"max{what}"] = min(known, length - 1)
        return True
    return False


def _choices(error: Json) -> Iterator[str]:
    """What a message says to choose from."""
    if isinstance(error, dict):
        for member in error.values():
            yield from _choices(member)
    elif isinstance(error, list):
        for item in error:
            yield from _choices(item)
    elif isinstance(error, str):
        for listed in _ONE_OF.findall(error):
            yield from re.findall(r"[\w-]+", listed.replace(" or ", ", "))
