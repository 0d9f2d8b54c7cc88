"""Every mechanism takes the largest and the nastiest input in bounded work and memory.

`mechanisms` has the input, and `tests/specs/bounds` the provider. What the client gets is
the provider's own answer: never a 500, and never a word of the emulator's own.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from mechanisms import MEGABYTE, OF_THE_SPEC, ROWS, Row
from tiny import START, program

from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Reply
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "behavior.schema.json"
LONGEST = 1.0
"""Seconds of work: twenty times what the slowest takes, for machines that have much to do."""
ROOM = 8 * MEGABYTE
LARGE = 100
"""Rows of a smaller size are only nasty."""
SMALL = 3_000
"""Calls of functions that a reply may take which does not grow with the input."""
MEMORY = 40
"""Times the size of the request that one answer may need, besides `ROOM`: a
member of JSON is some five bytes there, and two hundred as a value."""
MECHANISMS = ("http", "oauth2", "authentication", "webhooks")
DEFINITIONS = (
    "batch", "collection", "dispatch", "effect", "event", "expand", "idempotency", "lockout",
    "move", "operation", "page", "rate_limit", "reply", "requirement", "rule", "scheme",
    "sparse", "states", "token", "validators",
)  # fmt: skip
ACTIONS = ("list", "read", "create", "update", "delete")
FACTS = {"assumed", "source", "sources", "otherwise"}


def board() -> Dispatcher:
    world = World(clock=Clock(micros(START), frozen=True))
    return Dispatcher({"bounds": program("bounds")}, world, Settings(log_format="none"))


def answered(row: Row, size: int) -> Reply:
    return board().answer(row.make(size))


def work(row: Row, size: int) -> int:
    """How many functions are called for the answer to a row of a size."""
    call, ready, counted = row.make(size), board(), 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1

    sys.setprofile(count)
    try:
        ready.answer(call)
    finally:
        sys.setprofile(None)
    return counted


def keys_of(schema: Any) -> set[str]:
    found = {*schema.get("properties", ())}
    for word in ("oneOf", "anyOf"):
        for part in schema.get(word, ()):
            found |= keys_of(part)
    return found - FACTS


def language() -> Iterator[str]:
    """The keys of the language that may read something of a call."""
    schema = json.loads(SCHEMA.read_text())
    yield from keys_of(schema)
    places = {name: schema["properties"][name] for name in MECHANISMS}
    places |= {name: schema["$defs"][name] for name in DEFINITIONS}
    operation = schema["$defs"]["operation"]["properties"]
    places |= {f"operation.{name}": operation[name] for name in ACTIONS}
    for place, described in places.items():
        yield from (f"{place}.{key}" for key in keys_of(described))


def test_no_key_of_the_language_is_left_out() -> None:
    """A new one needs a row of its own, or a word here that a caller cannot reach it."""
    rows = {key for row in ROWS for key in row.keys.split()}
    exempt = OF_THE_SPEC.split()

    assert rows.isdisjoint(exempt)
    assert rows | {*exempt} == {*language()}


BY_KEYS: dict[str, list[Row]] = {}
for each in ROWS:
    BY_KEYS.setdefault(each.keys, []).append(each)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """What is compiled at the first call of an operation is not counted.

    It lasts, and need not be looked through again before each measurement of memory.
    """
    for row in ROWS:
        answered(row, 1)
    gc.collect()
    gc.freeze()


def each_row(check: Callable[[Row], Any], keys: str) -> None:
    wrong = {row.what: found for row in BY_KEYS[keys] if (found := check(row))}
    assert wrong == {}


@pytest.mark.parametrize("keys", BY_KEYS)
def test_the_provider_answers(keys: str) -> None:
    """By one of the statuses that are right, and soon."""

    def wrong(row: Row) -> Any:
        started = thread_time()
        reply = answered(row, row.size)
        took = thread_time() - started
        if reply.status not in row.statuses:
            return reply.status, reply.body[:500]
        return took if took > LONGEST else None

    each_row(wrong, keys)


@pytest.mark.parametrize("keys", BY_KEYS)
def test_twice_as_much_is_at_most_twice_the_work(keys: str) -> None:
    """By the functions that are called, of Python and of C.

    Half of an input may be judged in another way than the whole, so that is not twice to
    the letter: work that grows with the square would be four times as much.
    """

    def wrong(row: Row) -> Any:
        if row.size < LARGE:
            return None
        half, whole = work(row, row.size // 2), work(row, row.size)
        return (half, whole) if whole > 2.5 * half + SMALL else None

    each_row(wrong, keys)


@pytest.mark.parametrize("keys", BY_KEYS)
def test_memory_is_in_proportion(keys: str) -> None:
    """While it is answered, and what is left of it afterwards."""

    def wrong(row: Row) -> Any:
        if row.size < LARGE:
            return None
        call, ready = row.make(row.size), board()
        sent = sum(len(n) + len(v) for n, v in call.raw_headers)
        sent += len(call.body) + len(call.query) + len(call.path)
        gc.collect()
        tracemalloc.start()
        ready.answer(call)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return (sent, peak) if peak > MEMORY * sent + ROOM else None

    each_row(wrong, keys)
