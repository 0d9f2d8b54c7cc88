"""Markup: replies in XML beside those in JSON, and what chooses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.traffic.inputs import object_of, query_of
from emulator.traffic.recorded import Recorded

_ROOT = re.compile(r"\s*(?:<\?[^>]*\?>\s*)?<([A-Za-z_][\w.-]*)[\s/>]")


def formats(calls: Sequence[Recorded], reading: Any, literal: Any) -> list[Json]:
    """`formats` of the behavior: what has replies written as XML, if that can be told."""
    xml = [call for call in calls if _is_xml(call) and call.reply.kind == "text"]
    plain = [call for call in calls if call.reply.kind == "json"]
    if not xml or not plain:
        return []
    tests = [
        f"{reading(place, name)} == {literal(value)}"
        for place, name, value in _choosing(xml, plain)
    ]
    roots = {found[1] for call in xml if (found := _ROOT.match(call.reply.value))}
    if not tests or len(roots) != 1:
        return []
    names = {name for call in plain for name in _lists(call.reply.value)}
    items = {}
    for name in sorted(names):
        inside = re.compile(rf"<{re.escape(name)}>\s*<([A-Za-z_][\w.-]*)[\s/>]")
        found = next(filter(None, (inside.search(c.reply.value) for c in xml)), None)
        if found:
            items[name] = found[1]
    written: dict[str, Json] = {"root": roots.pop()}
    if items:
        written["items"] = items
    written["content_type"] = xml[0].reply.media
    return [{"when": " or ".join(tests), "xml": written}]


def _is_xml(call: Recorded) -> bool:
    return media_type(call.reply.media).endswith("xml")


def _choosing(
    xml: Iterable[Recorded], plain: Iterable[Recorded]
) -> list[tuple[str, str, str]]:
    """Place, name and value of what all calls send that get XML, and no other does."""
    other = {choice for call in plain for choice in _sent(call)}
    chosen: dict[tuple[str, str, str], None] = {}
    for call in xml:
        own = sorted(_sent(call) - other)
        if not own:
            return []
        if not any(choice in chosen for choice in own):
            likely = [choice for choice in own if "xml" in choice[2]]
            chosen[(likely or own)[0]] = None
    return [*chosen]


def _sent(call: Recorded) -> set[tuple[str, str, str]]:
    members = object_of(call) or {}
    return {
        (place, name, value)
        for place, values in (("query", query_of(call)), ("body", members))
        for name, value in values.items()
        if isinstance(value, str) and len(value) < 40
    }


def _lists(value: Json, depth: int = 4) -> Iterable[str]:
    if isinstance(value, dict) and depth:
        for name, member in value.items():
            if isinstance(member, list):
                yield name
            yield from _lists(member, depth - 1)
    elif isinstance(value, list) and value and depth:
        yield from _lists(value[0], depth - 1)
