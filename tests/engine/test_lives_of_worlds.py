"""Worlds are made, forked, reset, put back and let go."""

from __future__ import annotations

import orjson
import pytest
from front_door import JOB, START
from many import Server

from emulator.engine.registry import (
    BadWorld,
    NoRoom,
    NoSuchWorld,
    WorldExists,
)
from emulator.engine.snapshots import BadSnapshot
from emulator.program.program import Program
from emulator.times import micros
from emulator.world.world import World


def titles(server: Server, world: World) -> list[str]:
    """The newest jobs that the world's client sees."""
    reply = server.call("jobriver", "/jobs", server.credential(world, "jobriver"))
    assert reply.status == 200
    return [job["title"] for job in orjson.loads(reply.body)["data"]["jobs"][:2]]


def post(server: Server, world: World, title: str) -> None:
    reply = server.call(
        "jobriver",
        "/jobs",
        server.credential(world, "jobriver"),
        method="POST",
        json={**JOB, "title": title},
    )
    assert reply.status == 201


def left(server: Server, world: World) -> int:
    """What is left of the quota, after one call more."""
    reply = server.call("jobriver", "/jobs", server.credential(world, "jobriver"))
    return int(dict(reply.headers)["X-RateLimit-Remaining"])


def test_a_fork_goes_its_own_way(server: Server) -> None:
    """It holds what was there, and neither sees what the other does from then on."""
    world = server.create()
    post(server, world, "Before the fork")

    twin = server.worlds.fork(world)
    post(server, world, "In the first")
    post(server, twin, "In the second")

    assert titles(server, world) == ["In the first", "Before the fork"]
    assert titles(server, twin) == ["In the second", "Before the fork"]
    assert [len(each.journal) for each in (world, twin)] == [3, 2]


def test_a_fork_keeps_counts_locks_and_time(server: Server) -> None:
    """Under its own credentials: those of the world that it comes from are unknown."""
    world = server.create()
    for _ in range(10):
        left(server, world)
    unknown = server.credential(world, "jobriver", "unknown")
    for _ in range(5):
        server.call("jobriver", "/jobs", unknown, headers={})

    twin = server.worlds.fork(world)

    assert twin.clock.now() == micros(START)
    assert twin.clock.frozen
    blocked = server.call("jobriver", "/jobs", server.credential(twin, "jobriver"))
    assert [entry.refusal for entry in twin.journal] == ["locked_out"]
    assert blocked.status == 403
    twin.clock.advance(59)
    world.clock.advance(60)
    assert left(server, world) == 59
    assert twin.clock.now() == micros(START + 59)
    theirs = server.credential(world, "jobriver")
    twin.clock.advance(2)
    sent = {"X-Emulator-World": twin.id}
    assert server.call("jobriver", "/jobs", theirs, headers=sent).status == 403


def test_a_world_that_is_reset_begins_as_it_began(server: Server) -> None:
    """Records, counts, time, faults and journal; its credentials stay."""
    world = server.create(scenarios=("jobriver/small_quota",))
    before = server.worlds.credentials(world, "jobriver")
    first = titles(server, world), left(server, world)
    world.clock.advance(5)
    post(server, world, "Gone soon")

    server.worlds.reset(world)

    assert world.clock.now() == micros(START)
    assert len(world.journal) == 0
    assert server.worlds.credentials(world, "jobriver") == before
    assert (titles(server, world), left(server, world)) == first


def test_a_snapshot_is_restored_in_its_world_or_in_another(server: Server) -> None:
    world, other = server.create(), server.create()
    post(server, world, "Kept")
    for _ in range(3):
        left(server, world)
    kept = server.worlds.snapshot(world)
    before = titles(server, world), left(server, world)
    world.clock.advance(10)
    post(server, world, "Not kept")

    server.worlds.restore(world, kept)
    server.worlds.restore(other, kept)

    for each in (world, other):
        assert each.clock.now() == micros(START)
        assert (titles(server, each), left(server, each)) == before


def test_a_snapshot_goes_to_another_server(
    server: Server, programs: dict[str, Program]
) -> None:
    world = server.create()
    post(server, world, "Travels")
    kept = server.worlds.snapshot(world)

    elsewhere = Server(programs)
    there = elsewhere.create("there")
    elsewhere.worlds.restore(there, kept)

    first, second = orjson.loads(kept), orjson.loads(elsewhere.worlds.snapshot(there))
    for each in (first, second):
        del each["world"], each["digest"], each["state"]["secrets"]
    assert first == second
    assert titles(elsewhere, there)[0] == "Travels"


def test_a_snapshot_holds_no_minted_secret(server: Server) -> None:
    """It is in terms of the fixtures, so it fits any world."""
    world = server.create()
    for provider in server.programs:
        for one in server.worlds.credentials(world, provider):
            server.call(provider, "/jobs", one)
    kept = server.worlds.snapshot(world).decode()

    secrets = [
        value
        for provider in server.programs
        for credential in server.worlds.credentials(world, provider)
        for value in [*credential["headers"].values(), credential["value"]]
        if credential["state"] != "unknown" and len(value) > 8
    ]
    assert len(secrets) > 50
    assert not [secret for secret in secrets if secret in kept]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((b'"format":2', b'"format":1'), "no snapshot of format 2"),
        ((b'"frozen":true', b'"frozen":false'), "its digest differs"),
        ((b"{", b""), "it is no snapshot"),
    ],
)
def test_a_snapshot_that_was_changed_is_refused_whole(
    server: Server, change: tuple[bytes, bytes], says: str
) -> None:
    world = server.create()
    post(server, world, "Kept")
    kept = server.worlds.snapshot(world)

    with pytest.raises(BadSnapshot, match=says):
        server.worlds.restore(world, kept.replace(*change, 1))
    assert titles(server, world)[0] == "Kept"


def test_a_snapshot_of_other_fixtures_is_refused(
    server: Server, programs: dict[str, Program]
) -> None:
    world = server.create()
    post(server, world, "Kept")
    kept = server.worlds.snapshot(world)
    fewer = {name: one for name, one in programs.items() if name != "jobriver"}

    elsewhere = Server(fewer)
    there = elsewhere.create()

    with pytest.raises(BadSnapshot, match=r"not served: \['jobriver'\]"):
        elsewhere.worlds.restore(there, kept)


def test_ids_are_checked(server: Server) -> None:
    server.create("taken")
    with pytest.raises(WorldExists, match="there is a world 'taken' already"):
        server.create("taken")
    for id in ("..", "", ".hidden", "a/b", "a" * 65, "wörld", "a\n"):
        with pytest.raises(BadWorld, match="is no id of a world"):
            server.create(id)


def test_the_default_world_stays(server: Server) -> None:
    with pytest.raises(BadWorld, match="the world 'default' stays"):
        server.worlds.delete(server.worlds.default)


def test_a_world_that_was_deleted_is_gone_with_its_credentials(server: Server) -> None:
    world = server.create()
    credential = server.credential(world, "jobriver")

    server.worlds.delete(world)

    with pytest.raises(NoSuchWorld, match="there is no world 'w1'"):
        server.worlds["w1"]
    assert server.call("jobriver", "/jobs", credential).status == 403
    assert [one.refusal for one in server.worlds.default.journal] == [
        "credential_unknown"
    ]


def test_the_world_used_longest_ago_makes_room(programs: dict[str, Program]) -> None:
    """A pinned one never does, nor does `default`; who went is counted and told."""
    server = Server(programs, worlds=4)
    pinned = server.create("pinned", pinned=True)
    server.create("first")
    server.create("second")
    server.call("jobriver", "/jobs", prefix="/@first")  # and so it was used last

    server.create("third")

    assert {world.id for world in server.worlds} == {
        "default",
        "pinned",
        "first",
        "third",
    }
    assert server.worlds.evicted == 1
    with pytest.raises(NoSuchWorld, match="'second' has made room for others"):
        server.worlds["second"]
    assert server.worlds["pinned"] is pinned


def test_where_all_worlds_are_pinned_there_is_no_room(
    programs: dict[str, Program],
) -> None:
    server = Server(programs, worlds=2)
    server.create("pinned", pinned=True)
    with pytest.raises(NoRoom, match="there may be 2 worlds"):
        server.create("one-more")
    assert len(server.worlds) == 2


def test_a_world_that_is_full_takes_no_more_records(
    programs: dict[str, Program],
) -> None:
    """It says so in the emulator's voice, and what changes nothing is still answered."""
    server = Server(programs, world_records=30)
    world = server.create()
    credential = server.credential(world, "jobriver")
    replies = [
        server.call("jobriver", "/jobs", credential, method="POST", json=JOB)
        for _ in range(30)
    ]

    statuses = {one.status for one in replies}
    assert statuses == {201, 507}
    assert orjson.loads(replies[-1].body)["title"] == "world full"
    assert server.call("jobriver", "/jobs", credential).status == 200
    server.worlds.reset(world)
    reply = server.call("jobriver", "/jobs", credential, method="POST", json=JOB)
    assert reply.status == 201


def test_a_world_is_full_of_few_records_that_are_long(
    programs: dict[str, Program],
) -> None:
    """A fork has as much as the world that it comes from, and a reset gives it back."""
    server = Server(programs, world_bytes=3_000_000)
    world = server.create()
    credential = server.credential(world, "jobriver")
    long = {**JOB, "description": "x" * 900_000}
    replies = [
        server.call("jobriver", "/jobs", credential, method="POST", json=long)
        for _ in range(5)
    ]

    assert [reply.status for reply in replies] == [201] * 4 + [507]
    assert "--world-bytes" in orjson.loads(replies[-1].body)["fix"]
    twin = server.worlds.fork(world)
    assert twin.room.bytes == world.room.bytes > 3_600_000
    server.worlds.restore(twin, server.worlds.snapshot(world))
    assert twin.room.bytes == world.room.bytes
    server.worlds.reset(world)
    assert world.room.bytes == 0
