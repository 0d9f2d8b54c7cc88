"""A world forked as it was at an exchange is what a fork at that moment was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from front_door import START
from hypothesis import given, settings
from hypothesis import strategies as st
from lives import BEGINNING, CALLS, NAMES, Server, Step
from test_lives_agree import FAULTS, RECORDS, SCENARIOS, every

from emulator.program.program import Program
from emulator.times import micros
from emulator.world.world import Beginning

Json = Any
HOW = ("header", "prefix", "credential")
CALL = st.one_of(
    [
        st.tuples(
            st.just("call"),
            st.just(provider),
            st.integers(0, len(calls) - 1),
            st.sampled_from(NAMES[provider] or (None,)),
            st.sampled_from(HOW if NAMES[provider] else HOW[:2]),
        )
        for provider, calls in CALLS.items()
    ]
)
ADMIN: list[tuple[str, str, Json]] = [
    *((method, f"/records/{path}", sent) for method, path, sent in RECORDS),
    *(("POST", "/faults", fault) for fault in FAULTS),
    ("DELETE", "/faults", None),
    *(("POST", "/scenarios/" + "/".join(one), None) for one in SCENARIOS),
    ("POST", "/webhooks/hooks", {"url": "http://127.0.0.1:9/told"}),
    ("DELETE", "/webhooks/hooks?url=http://127.0.0.1:9/told", None),
    ("POST", "/stubs", {"method": "GET", "path": "/doors/any", "reply": {"status": 418}}),
    ("POST", "/arrange/jobriver", {"arrange": [{"drain": {"credential": "full"}}]}),
    *(("PATCH", "/clock", {"advance": many}) for many in (1, 60, 3_600, 86_400)),
    ("PATCH", "/clock", {"next": True}),
]  # fmt: skip
STEP: st.SearchStrategy[Step] = st.one_of(
    CALL,
    CALL,
    st.tuples(st.just("token"), st.none(), st.sampled_from(HOW)),
    st.sampled_from(ADMIN).map(lambda one: ("admin", *one)),
)
BEGUN = st.sampled_from(
    ("default", "created", "arranged", "forked", "restored", "reset")
)


@pytest.fixture(scope="module")
def served(programs: dict[str, Program]) -> dict[str, Program]:
    return every(programs)


def begun(server: Server, how: str) -> str:
    """The id of a world that has begun in one of these ways."""
    if how == "default":
        return server.begin("default", BEGINNING).id
    scenarios = ("jobspace/rate_limited",) if how == "arranged" else ()
    world = server.begin("a", Beginning(micros(START), True, scenarios))
    if how in ("forked", "restored", "reset"):
        server.do("a", ("call", "shelf", 0, "ada", "header"), [])
        server.do("a", ("token", None, "header"), [])
    if how == "forked":
        world = server.worlds.fork(world, "b")
        server.credentials("b")
    elif how == "restored":
        server.worlds.restore(world, server.worlds.snapshot(world))
    elif how == "reset":
        server.worlds.reset(world)
    return world.id


@settings(max_examples=40)
@given(how=BEGUN, steps=st.lists(STEP, max_size=25))
def test_a_fork_at_an_exchange_is_a_fork_of_that_moment(
    served: Mapping[str, Program], how: str, steps: list[Step]
) -> None:
    """However the world began: right after the exchange, and right before it."""
    server = Server(served)
    id = begun(server, how)
    world = server.worlds[id]
    tokens: list[dict[str, str]] = []
    moments: list[tuple[str, int, str]] = []
    for number, step in enumerate(steps):
        if step[0] != "admin":
            server.worlds.fork(world, f"before{number}")
        server.do(id, step, tokens)
        if step[0] != "admin":
            server.worlds.fork(world, f"at{number}")
            moments += [
                (name, world.journal.written, f"{name}{number}")
                for name in ("before", "at")
            ]
    for name, exchange, taken in moments:
        status, said = server.ask("POST", f"/worlds/{id}/fork", {name: exchange})
        assert status == 201, said
        made = orjson.loads(said)["id"]
        assert server.state(made, tokens) == server.state(taken, tokens)
