"""All that a world holds is bounded, in number and in bytes, whoever drives it.

Each container of `emulator/world` is in the table: with what drives it past its bound, or
with what else bounds it.
"""

from __future__ import annotations

import ast
import gc
import re
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import emulator.world
from emulator.world.acts import Act, Acts
from emulator.world.base import Base
from emulator.world.collection import Collection
from emulator.world.kept_replies import KeptReplies, KeptReply
from emulator.world.meters import InFlight, SlidingWindow
from emulator.world.nonces import Nonces, _mark
from emulator.world.outbox import Message, Outbox, Outcome, Subscription
from emulator.world.room import Room
from emulator.world.shown import Shown
from emulator.world.world import Alarm, World

FOLDER = Path(str(emulator.world.__file__)).parent
HOLDER = re.compile(r"(dict|list|set|deque|OrderedDict|WeakValueDictionary)\b")
KIB, MIB = 2**10, 2**20
DAY = 86_400_000_000
Drive = Callable[[Iterator[int]], Any]


def acts() -> Drive:
    held = Acts()

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            media = f"{n}/{'a' * 60_000}"
            held.add(Act(n, n, "PUT", f"/{n}", b"", media))
        return held

    return drive


def replies() -> Drive:
    held = KeptReplies()

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            lines = (("Location", f"/{n}{'a' * KIB}"),)
            reply = KeptReply("f", n, "r", n, n + DAY, None, 201, lines, 0, bytes(KIB))
            held.keep(("p", f"{n}{'k' * KIB}"), reply, n)
        return held

    return drive


def nonces() -> Drive:
    held = Nonces()

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            held.give("world", f"{n:016x}", n)
            held.first(f"{n:064x}", n)
        return held

    return drive


def forged() -> Drive:
    """Anybody can work out what a nonce of another world looks like."""
    held = Nonces()

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            text = f"{n:016x}" + "m" * 10 * KIB
            held.is_good("world", text + _mark(text), n, DAY)
            held.use("world", text + _mark(text), 1, n, DAY)
        return held

    return drive


def sliding(step: int, cost: float) -> Drive:
    held = SlidingWindow(365 * DAY)

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            held.take(n * step, 1e12, cost)
        return held

    return drive


def in_flight() -> Drive:
    held = InFlight(365 * DAY)

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            held.take(n, 1e12, 0)
            held.extend(n, 0, 1)
        return held

    return drive


def deliveries() -> Drive:
    held = Outbox()

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            receiver = Subscription(id=str(n), provider="p", url=f"http://{n}/")
            headers = (("X-Text", f"{n}{'x' * 60_000}"),)
            message = Message("p", "e", str(n), b"{}", headers)
            for delivery in held.emit(message, n, [receiver]):
                held.settle(delivery, Outcome(500, "it failed"), n)
        return held

    return drive


def shown() -> Drive:
    held, records = Shown(), [{"id": n} for n in range(100_000)]

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            held.keep(records[n], b"%d" % n * 1_000)
        return held

    return drive


def pages() -> Drive:
    held, records = Shown(), [{"id": n} for n in range(1_000)]

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            held.page(records[n : n + 2], lambda: bytes(2 * MIB))
        return held

    return drive


def queries() -> Drive:
    held = Collection(Base({n: {"id": n} for n in range(10_000)}))

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            held.remembered((f"a query {n}",), lambda: [*held])
        return held

    return drive


def alarms() -> Drive:
    held = World()

    def drive(numbers: Iterator[int]) -> Any:
        for n in numbers:
            held.alarms.append(Alarm("spec error", f"GET /{n}", "x" * KIB))
        return held

    return drive


DRIVEN: dict[str, tuple[Callable[[], Drive], int]] = {
    "Acts._acts": (acts, 1_000),
    "KeptReplies._replies": (replies, 10_000),
    "Nonces._held Nonces._named": (nonces, 10_000),
    "Nonces._held": (forged, 3_000),
    "SlidingWindow._taken": (lambda: sliding(1, 1), 12_000),
    "SlidingWindow._taken ": (lambda: sliding(0, 1), 3_000),
    "SlidingWindow._taken  ": (lambda: sliding(1, 0), 3_000),
    "InFlight._taken": (in_flight, 3_000),
    "Outbox._deliveries Outbox._pending Delivery.attempts": (deliveries, 1_000),
    "Shown": (shown, 30_000),
    "Shown._pages": (pages, 20),
    "Collection._queries": (queries, 300),
    "World.alarms": (alarms, 100),
}
"""What drives a container, and how often until it is at its bound."""

RECORDS = "the room of the world, see below"
FIXTURES = "the fixtures, which no call changes"
ADMIN = "the admin API refuses more"
BOUNDED = {
    "Collection._changed Collection._added Collection._touched _Index.replaced _Index.added": RECORDS,
    "Timers._timers Timers._queue": RECORDS,
    "Collection._indexes Collection._shown Base._indexes": "the fields and views of the spec",
    "Base.records Base._rows Base._places": FIXTURES,
    "Base._shown Base._moved BaseOrders._answers OrderedIndexes._indexes": "numbers beside them",
    "OrderedIndex.gone OrderedIndex.unread OrderedIndex.own": RECORDS,
    "Compact._copies Compact._values": "the load of a spec",
    "Deletion._holders Deletion._gone Deletion._let_go": "one call",
    "Faults.rules Faults._over Outbox.subscriptions Stubs.held Keys._rotations": ADMIN,
    "World.scenarios Tally._everyone": "the scenarios and limits of the spec",
    "World._collections Minted._back": "the providers and their fixtures",
    "Files._contents": "32 MiB, see tests/steps/test_kept_files.py",
    "Journal._entries Journal._sizes Budget._journals": "tests/world/test_journal.py",
    "Tally._meters Tally._failures Failures.times": "tests/world/test_tally.py",
    "Journal.followers": "the connections of the server",
}  # fmt: skip
"""Containers that something else bounds."""


def containers() -> Iterator[str]:
    """Every attribute of a class in `emulator/world` that holds many things."""
    for module in FOLDER.glob("*.py"):
        for owner in ast.walk(ast.parse(module.read_text())):
            for node in ast.walk(owner) if isinstance(owner, ast.ClassDef) else ():
                if not isinstance(node, ast.AnnAssign):
                    continue
                name = ast.unparse(node.target).removeprefix("self.")
                is_own = node in owner.body or ast.unparse(node.target) != name
                if is_own and HOLDER.match(ast.unparse(node.annotation)):
                    yield f"{owner.name}.{name}"


def test_each_container_of_a_world_is_in_the_table() -> None:
    """A new one has to say what bounds it."""
    known = {name for names in (*DRIVEN, *BOUNDED) for name in names.split()}

    assert {*containers()} == known - {"Shown"}


@pytest.mark.parametrize("names", DRIVEN)
def test_nothing_grows_past_its_bound(names: str) -> None:
    """A third more drives it no further in memory."""
    make, often = DRIVEN[names]
    drive, taken = make(), []
    gc.collect()
    tracemalloc.start()
    for first, last in ((0, often), (often, often * 4 // 3)):
        tracemalloc.reset_peak()
        held = drive(iter(range(first, last)))
        taken.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()

    assert held is not None
    assert taken[1] < 1.2 * taken[0] + 64 * KIB, taken
    assert taken[1] < 64 * MIB, taken


@pytest.mark.parametrize(
    "value",
    [
        "a" * MIB,
        "\U0001f600" * (MIB // 4),
        ["x"] * 10_000,
        [{}] * 10_000,
        [[1.5]] * 10_000,
        {f"name {n}": n for n in range(10_000)},
        10**400,
    ],
    ids=range(7),
)
def test_records_take_no_more_bytes_than_are_counted(value: Any) -> None:
    """What a call brings is counted when it is stored, and no more when it is gone."""
    import json

    room = Room(1_000, 20 * MIB)
    kept = Collection(Base({1: {"id": 1}}), room)
    text = json.dumps({"value": value})
    gc.collect()
    tracemalloc.start()
    for n in range(1, 40):
        if room.full:
            break
        kept.put({"id": n, **json.loads(text)})
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size < 1.5 * room.bytes + MIB
    assert room.bytes < 20 * MIB + 30 * len(text)
    for record in [*kept]:
        kept.put({"id": record["id"]})
    assert room.bytes < 20 * KIB
    for record in [*kept]:
        kept.delete(record["id"])
    assert (room.bytes, kept.fork(Room())._bytes) == (0, 0)
