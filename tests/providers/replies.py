"""Replies as one text, and the ways in which a provider's tests call it."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

from front_door import client_of, served

from emulator.engine.dispatcher import Dispatcher
from emulator.world.clock import Clock
from emulator.world.world import World

if TYPE_CHECKING:
    from tests.conftest import Api

_UUID = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b"
)


def shown(answer: Any) -> str:
    """A whole reply: its status, its headers in order of their names, and its body.

    UUIDs of version 4 are shown as `<uuid>`: which one it is, is chance.
    """
    headers = [(name.lower(), value) for name, value in answer.headers.items()]
    return written(answer.status_code, headers, answer.content)


def written(status: int, headers: list[tuple[str, str]], body: bytes) -> str:
    lines = [str(status), *(f"{name}: {value}" for name, value in sorted(headers)), ""]
    if body and "json" in dict(headers).get("content-type", ""):
        lines.append(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    elif body:
        lines.append(body.decode())
    return _UUID.sub("<uuid>", "\n".join(lines))


def another(api: Api) -> Api:
    """The same provider in a world of its own, at the same time of day."""
    world = World(clock=Clock(api.clock.now(), frozen=True))
    board = Dispatcher(api.board.programs, world, api.board.settings)
    return type(api)(api.program, board, api.root)


def calling_from(api: Api, address: str) -> Api:
    """The same provider in the same world, called from another address."""
    moved = copy.copy(api)
    moved.client = client_of(served(api.board), client=(address, 50_000))
    return moved


def change(api: Api, collection: str, key: Any, **fields: Any) -> None:
    """Give the record of *collection* with this key other values."""
    records = api.world.collections(api.program)[collection]
    record = records.get(key)
    assert record is not None
    records.put({**record, **fields})
