"""Worlds that share a server live as each would on a private one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from front_door import START
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from lives import BEGINNING, CALLS, FOREIGN, NAMES, Life, Server, Step, plain
from tiny import program

from emulator.engine.snapshots import BadSnapshot
from emulator.program.program import Program
from emulator.times import micros
from emulator.world.world import Beginning

Json = Any
TINY = ("doors", "hooks", "meters", "shelf")
PROVIDERS = ("jobriver", "jobspace", "jobsphere")
SCENARIOS = (
    ("jobriver", "quota_nearly_gone"),
    ("jobriver", "credential_revoked"),
    ("jobspace", "rate_limited"),
    ("jobsphere", "downgraded"),
)
FAULTS: list[Json] = [
    {"provider": "jobriver", "fault": "delay=1s-3s", "probability": 0.5},
    {"provider": "jobriver", "status": 500, "calls": "2"},
    {"provider": "shelf", "fault": "reset", "until": "90s", "after": "30s"},
]
RECORDS: list[tuple[str, str, Json]] = [
    ("PUT", "hooks/parcels/1", {"to": "Bob"}),
    ("PUT", "hooks/parcels/50", {"to": "Cy"}),
    ("DELETE", "hooks/parcels/50", None),
    ("DELETE", "hooks/parcels/1", None),
    ("DELETE", "shelf/notes", None),
]
HOW = st.sampled_from(("header", "prefix", "credential"))
NUMBER = st.integers(0, 99)


@pytest.fixture(scope="module")
def served(programs: dict[str, Program]) -> dict[str, Program]:
    return every(programs)


def every(programs: Mapping[str, Program]) -> dict[str, Program]:
    bundled = {name: programs[name] for name in PROVIDERS}
    return {**bundled, **{name: program(name) for name in TINY}}


class Lives(RuleBasedStateMachine):
    """One server with several worlds, beside a private server for each of them."""

    served: Mapping[str, Program]

    @initialize()
    def begin(self) -> None:
        self.shared = Server(self.served)
        self.shared.begin(FOREIGN, BEGINNING)
        self.lives: dict[str, Life] = {}
        self.snapshots: list[tuple[bytes, Life]] = []
        self._live(Life(id="default", again=BEGINNING, begun=BEGINNING))
        self.create("a", None)

    def _live(self, life: Life, journal: list[bytes] | None = None) -> None:
        self.lives[life.id] = life
        life.start(self.served, journal or [])

    def _any(self, number: int) -> Life:
        return [*self.lives.values()][number % len(self.lives)]

    def _both(self, life: Life, step: Step) -> None:
        """Do it to the world, and on the private server; the same comes of it."""
        here = self.shared.do(life.id, step, life.tokens)
        there = life.step(step)
        assert plain(here, life.tokens) == plain(there, life.theirs)

    @precondition(lambda self: len(self.lives) < 5)
    @rule(id=st.sampled_from("abc"), scenario=st.sampled_from((None, *SCENARIOS)))
    def create(self, id: str, scenario: tuple[str, str] | None) -> None:
        if id in self.lives:
            return
        begun = Beginning(
            micros(START), True, ("/".join(scenario),) if scenario else ()
        )
        self.shared.begin(id, begun)
        self._live(Life(id=id, again=begun, begun=begun))

    @precondition(lambda self: len(self.lives) < 5)
    @rule(number=NUMBER, id=st.sampled_from("abcd"))
    def fork(self, number: int, id: str) -> None:
        if id in self.lives:
            return
        old = self._any(number)
        at = self.shared.worlds[old.id].clock.now()
        assert self.shared.ask("POST", f"/worlds/{old.id}/fork", {"id": id})[0] == 201
        self.shared.credentials(id)
        twin = Life(
            id=id,
            again=Beginning(at, True),
            begun=old.begun,
            steps=[*old.steps, ("forked",)],
            tokens=[*old.tokens],
        )
        self._live(twin)
        self._agree(twin)

    @rule(number=NUMBER)
    def delete(self, number: int) -> None:
        life = self._any(number)
        status = self.shared.ask("DELETE", f"/worlds/{life.id}")[0]
        assert status == (409 if life.id == "default" else 204)
        if status == 204:
            del self.lives[life.id]
            self.shared.forget(life.id)

    @rule(number=NUMBER)
    def reset(self, number: int) -> None:
        life = self._any(number)
        assert self.shared.ask("POST", f"/worlds/{life.id}/reset")[0] == 200
        self._live(Life(id=life.id, again=life.again, begun=life.again))
        self._agree(self.lives[life.id])

    @rule(number=NUMBER)
    def snapshot(self, number: int) -> None:
        life = self._any(number)
        status, kept = self.shared.ask("GET", f"/worlds/{life.id}/snapshot")
        assert status == 200
        copy = Life(
            id=life.id,
            again=life.again,
            begun=life.begun,
            steps=[*life.steps],
            tokens=[*life.tokens],
            own={*life.own},
        )
        self.snapshots.append((kept, copy))

    @precondition(lambda self: self.snapshots)
    @rule(number=NUMBER, which=NUMBER)
    def restore(self, number: int, which: int) -> None:
        life = self._any(number)
        kept, old = self.snapshots[which % len(self.snapshots)]
        assert self.shared.ask("PUT", f"/worlds/{life.id}/snapshot", kept)[0] == 200
        again = orjson.loads(self.shared.worlds.snapshot(self.shared.worlds[life.id]))
        assert _comparable(again["state"]) == _comparable(orjson.loads(kept)["state"])
        self._live(
            Life(
                id=life.id,
                again=life.again,
                begun=old.begun,
                steps=[*old.steps],
                tokens=[*old.tokens],
                own=set(),
            ),
            life.journal(),
        )
        self._agree(self.lives[life.id])

    @rule(number=NUMBER, which=NUMBER, who=NUMBER, how=HOW)
    def call(self, number: int, which: int, who: int, how: str) -> None:
        life = self._any(number)
        calls = [(name, at) for name, many in CALLS.items() for at in range(len(many))]
        provider, at = calls[which % len(calls)]
        names = NAMES[provider]
        if not names:
            how = "prefix" if how == "credential" else how
            self._both(life, ("call", provider, at, None, how))
            return
        self._both(life, ("call", provider, at, names[who % len(names)], how))

    @rule(number=NUMBER, provider=st.sampled_from([*CALLS]), named=st.booleans())
    def call_as_another(self, number: int, provider: str, named: bool) -> None:
        """A credential of another world is nobody's in the world that is named."""
        names = NAMES[provider]
        if not names:
            return
        sent = self.shared.credentials(FOREIGN)[provider][names[0]]["headers"]
        if named:
            step = ("call", provider, 0, sent, "header")
            self._both(self._any(number), step)
            return
        foreign = self.shared.worlds[FOREIGN]
        before = foreign.journal.written
        self.shared.do(FOREIGN, ("call", provider, 0, names[0], "credential"), [])
        assert foreign.journal.written == before + 1

    @rule(number=NUMBER, how=HOW, refreshes=st.booleans(), which=NUMBER)
    def token(self, number: int, how: str, refreshes: bool, which: int) -> None:
        life = self._any(number)
        had = len(life.tokens)
        again = which % had if refreshes and had else None
        self._both(life, ("token", again, how))
        life.own |= {*range(had, len(life.tokens))}

    @precondition(lambda self: any(live.tokens for live in self.lives.values()))
    @rule(number=NUMBER, which=NUMBER, how=HOW)
    def call_with_token(self, number: int, which: int, how: str) -> None:
        having = [live for live in self.lives.values() if live.tokens]
        life = having[number % len(having)]
        token = which % len(life.tokens)
        if token not in life.own and how == "credential":
            how = "header"
        self._both(life, ("call", "jobspace", 0, token, how))

    @rule(number=NUMBER, record=st.sampled_from(RECORDS))
    def change_record(self, number: int, record: tuple[str, str, Json]) -> None:
        method, path, sent = record
        self._both(self._any(number), ("admin", method, f"/records/{path}", sent))

    @rule(number=NUMBER, seconds=st.sampled_from((1, 29, 60, 3_600, 86_400)))
    def advance(self, number: int, seconds: int) -> None:
        self._both(
            self._any(number), ("admin", "PATCH", "/clock", {"advance": seconds})
        )

    @rule(number=NUMBER)
    def run_to_the_next_event(self, number: int) -> None:
        self._both(self._any(number), ("admin", "PATCH", "/clock", {"next": True}))

    @rule(number=NUMBER, fault=st.sampled_from(FAULTS))
    def add_fault(self, number: int, fault: Json) -> None:
        self._both(self._any(number), ("admin", "POST", "/faults", fault))

    @rule(number=NUMBER, which=st.integers(1, 4))
    def remove_fault(self, number: int, which: int) -> None:
        self._both(self._any(number), ("admin", "DELETE", f"/faults/{which}", None))

    @rule(number=NUMBER, scenario=st.sampled_from(SCENARIOS), clears=st.booleans())
    def change_scenario(
        self, number: int, scenario: tuple[str, str], clears: bool
    ) -> None:
        path = "/scenarios/" + "/".join(scenario)
        method = "DELETE" if clears else "POST"
        self._both(self._any(number), ("admin", method, path, None))

    @rule(number=NUMBER, provider=st.sampled_from(("hooks", "jobsphere")))
    def subscribe(self, number: int, provider: str) -> None:
        sent = {"url": "http://127.0.0.1:9/told"}
        path = f"/webhooks/{provider}"
        self._both(self._any(number), ("admin", "POST", path, sent))

    def _agree(self, life: Life) -> None:
        """The world and its private twin hold the same."""
        here = self.shared.state(life.id, life.tokens)
        assert here == life.private.state(life.id, life.theirs)
        assert self.shared.journal(life.id) == life.journal()

    @invariant()
    def every_owner_lives(self) -> None:
        worlds = self.shared.worlds
        held = {id(world) for world in worlds}
        assert {id(owner) for owner in worlds.secrets.owners()} <= held
        assert worlds.secrets._given.keys() <= {world.id for world in worlds}

    @invariant()
    def room_is_what_is_changed(self) -> None:
        for world in self.shared.worlds:
            changed = sum(
                len(one._changed)
                for held in world._collections.values()
                for one in held.values()
            )
            assert world.room.taken == changed

    @invariant()
    def the_budget_is_what_journals_hold(self) -> None:
        worlds = self.shared.worlds
        held = sum(world.journal.bytes for world in worlds)
        assert worlds._budget.used == held
        assert all(sum(world.journal._sizes) == world.journal.bytes for world in worlds)

    def teardown(self) -> None:
        for life in getattr(self, "lives", {}).values():
            self._agree(life)


def _comparable(state: Json) -> Json:
    """A snapshot's state, but for what depends on the world that it is put into."""
    providers = {
        provider: {
            name: {**one, "replaced": sorted(one["replaced"], key=str)}
            for name, one in held.items()
        }
        for provider, held in state["providers"].items()
        if held
    }
    return {**state, "secrets": None, "providers": providers}


def test_worlds_live_as_on_private_servers(served: dict[str, Program]) -> None:
    """Whatever happens elsewhere: replies, journals, pending events and snapshots."""

    class Machine(Lives):
        pass

    Machine.served = served
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=30, stateful_step_count=25)
    )


def test_what_was_created_and_deleted_is_not_forgotten(
    served: dict[str, Program],
) -> None:
    """Its key is not given again by a world that is put back."""
    server = Server(served)
    for method, path, sent in RECORDS[1:3]:
        server.do("default", ("admin", method, f"/records/{path}", sent), [])
    kept = server.worlds.snapshot(server.worlds.default)

    server.worlds.restore(server.worlds.default, kept)

    assert server.worlds.snapshot(server.worlds.default) == kept
    made = server.do("default", ("call", "hooks", 0, None, "header"), [])
    assert orjson.loads(made[2])["number"] == 51


def test_a_world_that_holds_a_secret_of_the_fixtures_takes_no_calls(
    served: dict[str, Program],
) -> None:
    """What stands in the fixtures is the default world's."""
    server = Server(served)
    server.begin("a", BEGINNING)
    known = server.credentials("default")["doors"]["ada"]["headers"]
    record = {"name": "ada", "key": "k-ada", "status": "active", "plan": "pro"}
    put = ("admin", "PUT", "/records/doors/keys/9", record)
    assert server.do("a", put, [])[0] == 201

    server.do("default", ("call", "doors", 0, known, "credential"), [])

    assert [len(server.worlds[id].journal) for id in ("a", "default")] == [0, 1]


def test_a_secret_that_a_scenario_gives_finds_its_world(
    served: dict[str, Program],
) -> None:
    """Also where the world has begun in it, and where another one of its seed has."""
    server = Server(served)
    rolled = Beginning(micros(START), True, ("jobsphere/credential_rolled",))
    for id in "ab":
        server.begin(id, rolled)

    for id in "abb":
        server.do(id, ("call", "jobsphere", 0, "full", "credential"), [])

    statuses = [[one.status for one in server.worlds[id].journal] for id in "ab"]
    assert statuses == [[200], [200, 200]]


def test_no_token_is_given_twice(served: dict[str, Program]) -> None:
    """A world may be given back, by way of another one, what it has given out."""
    server = Server(served)
    server.begin("a", BEGINNING)
    tokens: list[dict[str, str]] = []
    server.do("a", ("token", None, "header"), tokens)
    twin = server.worlds.fork(server.worlds["a"], "b")
    server.worlds.restore(server.worlds["a"], server.worlds.snapshot(twin))

    server.do("a", ("token", None, "header"), tokens)

    assert tokens[0]["access_token"] != tokens[1]["access_token"]


def test_a_snapshot_of_more_providers_than_a_world_has_is_refused(
    served: dict[str, Program],
) -> None:
    server = Server(served)
    server.do("default", ("call", "hooks", 0, None, "header"), [])
    kept = server.worlds.snapshot(server.worlds.default)
    small = server.worlds.create("a", providers=frozenset({"jobriver"}))

    with pytest.raises(BadSnapshot, match=r"that the world has not: \['hooks'\]"):
        server.worlds.restore(small, kept)
    assert not small.is_used


def test_counts_stay_with_their_provider_in_a_fork() -> None:
    """Two providers that have the same text in their fixtures are two all the same."""
    programs = {"doors": program("doors", {"authentication.lockout.per": "credential"})}
    programs["shelf"] = program("shelf")
    server = Server(programs)
    until = micros(START + 60)
    server.worlds.default.tally.lock(("doors", "credential", "k-ada"), until, until)

    server.worlds.fork(server.worlds.default, "a")

    status = server.do("a", ("call", "doors", 0, "ada", "header"), [])[0]
    assert status == 423


def test_the_same_steps_give_the_same_bytes() -> None:
    """In any process, however it hashes its texts."""
    told = [
        subprocess.Popen(
            [sys.executable, __file__],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(__file__).parents[1]),
            },
            stdout=subprocess.PIPE,
        )
        for seed in ("0", "1")
    ]
    first, second = (one.communicate()[0] for one in told)

    assert [one.returncode for one in told] == [0, 0]
    assert len(first.splitlines()) > 50
    assert first == second


def story(served: Mapping[str, Program]) -> Iterator[str]:
    """What comes of a day in three worlds, line by line."""
    server = Server(served)
    server.begin("a", Beginning(micros(START), True, ("jobriver/quota_nearly_gone",)))
    tokens: dict[str, list[dict[str, str]]] = {"a": [], "b": [], "default": []}
    steps: list[Step] = [
        *(("admin", "POST", "/faults", one) for one in FAULTS),
        ("admin", "POST", "/webhooks/hooks", {"url": "http://127.0.0.1:9/"}),
        ("token", None, "header"),
        ("token", 0, "prefix"),
        ("call", "jobspace", 0, 1, "header"),
        *(
            ("call", name, at, who, "prefix")
            for name, calls in CALLS.items()
            for at in range(len(calls))
            for who in NAMES[name] or (None,)
        ),
        *(("admin", method, f"/records/{at}", sent) for method, at, sent in RECORDS),
        ("admin", "PATCH", "/clock", {"next": True}),
    ]
    for step in steps:
        yield f"{server.do('a', step, tokens['a'])}\n"
    server.worlds.fork(server.worlds["a"], "b")
    server.worlds.restore(
        server.worlds.default, server.worlds.snapshot(server.worlds["a"])
    )
    for id in ("b", "default"):
        for step in steps:
            yield f"{server.do(id, step, tokens[id])}\n"
        yield f"{server.worlds.snapshot(server.worlds[id])!r}\n"


if __name__ == "__main__":
    from emulator.compile.load import load
    from emulator.compile.places import bundled, places

    of_these = (place for place in places(*bundled()) if place.name in PROVIDERS)
    sys.stdout.writelines(story(every({one.name: load(one) for one in of_these})))
