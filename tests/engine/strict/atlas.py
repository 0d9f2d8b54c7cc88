"""Atlas: an invented provider that is asked for things its spec does not say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call, Reply
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

FOLDER = Path(__file__).parent / "specs" / "atlas"
START = 1_772_445_600.0
KEY = {"X-Key": "k-ada"}


@cache
def program() -> Program:
    return load(Place(FOLDER, FOLDER / "fixtures"))


def board_of(provider: Program, *, strict: bool = False) -> Dispatcher:
    """A world of its own in which *provider* answers."""
    world = World(clock=Clock(micros(START), frozen=True))
    chosen = Settings(strict=strict, log_format="none")
    return Dispatcher({provider.name: provider}, world, chosen)


def ask(
    board: Dispatcher,
    method: str,
    target: str,
    body: object = None,
    headers: Mapping[str, str] = KEY,
) -> Reply:
    """What *board* answers; *target* begins with the provider's name."""
    path, _, query = target.partition("?")
    sent = {name.lower(): value for name, value in headers.items()}
    if body is not None:
        sent.setdefault("content-type", "application/json")
    return board.answer(
        Call(
            method=method,
            path=path,
            query=query.encode(),
            body=b"" if body is None else json.dumps(body).encode(),
            raw_headers=[(name.encode(), sent[name].encode()) for name in sent],
        )
    )


def noted(board: Dispatcher) -> list[tuple[str, Mapping[str, Any]]]:
    """What the last call asked for and was not emulated: (step, facts)."""
    entry = list(board.world.journal)[-1]
    return [
        (step, facts)
        for step, decision, facts in entry.steps
        if decision == "not emulated"
    ]
