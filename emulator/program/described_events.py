"""Described events: what the OpenAPI document says the provider tells others of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from emulator.diagnostics import Location
from emulator.http.pointer import steps
from emulator.http.runtime import filled
from emulator.json_type import Json
from emulator.language.texts import to_text
from emulator.program.webhooks import EventPolicy


class Payload:
    """A payload that is an example, or generated from the schema."""

    tree: Json = None

    def __init__(self, make: Callable[[str], Json], name: str, at: Location) -> None:
        self._make = make
        self._name = name
        self.at = at

    def json(self, x: Any, facts: Any = None) -> bytes:  # noqa: ARG002
        """The same for the same world and as many deliveries before it."""
        world = x.world
        return orjson.dumps(self._make(f"{world.id} {self._name} {len(world.outbox)}"))


class Address:
    """The address of a callback, as the call says it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, x: Any, facts: Any = None) -> str:  # noqa: ARG002
        """Empty where the call says none."""
        return filled(self._text, lambda expression: _part(x, expression))


def _part(x: Any, expression: str) -> str:
    """What a runtime expression stands for, as a text."""
    whose, _, source = expression[1:].partition(".")
    if whose == "method":
        return str(x.method)
    if whose == "statusCode":
        return str(x.reply.status)
    if whose == "url":
        query = f"?{x.raw_query}" if x.raw_query else ""
        return f"{x.base_url}{x.raw_path}{query}"
    place, _, name = source.partition(".")
    if whose == "request" and place == "header":
        return str(x.call.headers.get(name.lower(), ""))
    if whose == "response" and place == "header":
        return next(_headers(x, name.lower()), "")
    if place in ("query", "path"):
        return _text(getattr(x, place).get(name)) if whose == "request" else ""
    body = x.body if whose == "request" else _loaded(x.reply.body)
    return _text(_at(body, source.partition("#")[2]))


def _at(value: Json, pointer: str) -> Json:
    """What stands in *value* where *pointer* leads; None where it leads nowhere."""
    for step in steps(pointer):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _headers(x: Any, name: str) -> Iterator[str]:
    for other, template in x.answer.headers:
        if other.lower() == name:
            yield _text(template.value(x))


def _text(value: Json) -> str:
    return to_text(value) if isinstance(value, (str, int, float)) else ""


def _loaded(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


class ByOperation(dict[str, tuple[EventPolicy, ...]]):
    """The events of each operation; callbacks are compiled when they are first asked for."""

    def __init__(
        self,
        known: Mapping[str, tuple[EventPolicy, ...]],
        calling: Mapping[str, Callable[[], tuple[EventPolicy, ...]]],
    ) -> None:
        super().__init__(known)
        self._calling = dict(calling)

    def get(self, id: str, default: Any = ()) -> Any:
        make = self._calling.pop(id, None)
        if make is not None:
            self[id] = (*super().get(id, ()), *make())
        return super().get(id, default)
