"""Sixty-four worlds of one server answer as so many private servers would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from front_door import JOB, START
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.admin.journal.entry import shown
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.program.program import Program
from emulator.times import micros
from emulator.world.world import World

WORLDS = 64
NAMES = ("full", "read_only", "revoked", "unknown")
CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/jobs", None),
    ("GET", "/jobs?per_page=2&page=2", None),
    ("POST", "/jobs", JOB),
    ("POST", "/jobs", {"title": "x"}),
    ("PATCH", "/jobs/1", {"title": "Somebody changed this one"}),
    ("DELETE", "/jobs/1", None),
    ("GET", "/status", None),
    ("GET", "/nowhere", None),
]
STEP = st.tuples(
    st.integers(0, WORLDS - 1),
    st.sampled_from(NAMES),
    st.integers(0, len(CALLS) + 1),
)


class Private:
    """A board with these worlds and no others, and their keys by name."""

    def __init__(self, programs: Mapping[str, Program], ids: list[str]) -> None:
        self.board = Dispatcher({"jobriver": programs["jobriver"]})
        self.worlds: dict[str, World] = {}
        self.keys: dict[str, dict[str, str]] = {}
        for id in ids:
            world = self.board.worlds.create(id, at=micros(START), frozen=True)
            self.worlds[id] = world
            self.keys[id] = {
                credential["name"]: credential["value"]
                for credential in self.board.worlds.credentials(world, "jobriver")
            }

    def step(self, id: str, name: str, number: int) -> Any:
        """Make one of the calls with a key of the world, or let its time pass."""
        world = self.worlds[id]
        if number >= len(CALLS):
            world.clock.advance(60.0 if number == len(CALLS) else 7.5)
            return None
        method, target, body = CALLS[number]
        path, _, query = target.partition("?")
        sent = {"x-api-key": self.keys[id][name], "content-type": "application/json"}
        reply = self.board.answer(
            Call(
                method=method,
                path=f"/jobriver/api/v1{path}",
                query=query.encode(),
                body=b"" if body is None else orjson.dumps(body),
                raw_headers=[(k.encode(), v.encode()) for k, v in sent.items()],
            )
        )
        return reply.status, reply.headers, reply.body

    def journal(self, id: str) -> list[Any]:
        """What the world has written down, but for real time."""
        program = self.board.programs["jobriver"]
        entries = [shown(one, program) for one in self.worlds[id].journal]
        return [{**entry, "real": ""} for entry in entries]


@pytest.fixture(scope="module")
def shared(programs: dict[str, Program]) -> Private:
    return Private(programs, [f"one-{number}" for number in range(WORLDS)])


@given(traffic=st.lists(STEP, max_size=120))
@settings(max_examples=25)
def test_worlds_answer_as_private_servers_would(
    programs: dict[str, Program], shared: Private, traffic: list[tuple[int, str, int]]
) -> None:
    """Replies and journals are equal; no row of a journal has another's credential."""
    for world in shared.worlds.values():
        shared.board.worlds.reset(world)
    steps = [(f"one-{number}", name, call) for number, name, call in traffic]
    called = list(dict.fromkeys(id for id, _, _ in steps))
    before = {id: shared.worlds[id].journal.written for id in called}

    together = [(id, shared.step(id, name, call)) for id, name, call in steps]

    for id in called:
        private = Private(programs, [id])
        alone = [private.step(id, name, call) for to, name, call in steps if to == id]
        assert [reply for to, reply in together if to == id] == alone
        ours = shared.journal(id)
        theirs = private.journal(id)
        assert [{**our, "id": our["id"] - before[id]} for our in ours] == theirs
        keys = {*shared.keys[id].values()}
        for entry in shared.worlds[id].journal:
            assert dict(entry.request_headers)[b"x-api-key"].decode() in keys
    assert len(shared.board.worlds.default.journal) == 0
