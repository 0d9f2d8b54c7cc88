"""What a world holds is what is there: nothing of it is left when it or a record goes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from front_door import JOB
from many import Server

from emulator.program.program import Program


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What is gone is gone because nothing refers to it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_a_world_that_was_deleted_is_gone_at_once(server: Server) -> None:
    """It need not wait for the garbage collector, however it was used."""
    world = server.create()
    full = server.credential(world, "jobriver")
    assert server.call("jobriver", "/jobs", full).status == 200
    made = server.call("jobriver", "/jobs", full, method="POST", json=JOB)
    assert made.status == 201
    twin = server.worlds.fork(world)
    server.worlds.restore(twin, server.worlds.snapshot(world))
    both = [weakref.ref(world), weakref.ref(twin)]

    server.worlds.delete(world)
    server.worlds.delete(twin)
    del world, twin

    assert [one() for one in both] == [None, None]


@pytest.mark.usefixtures("no_collector")
def test_a_world_that_makes_room_is_gone_at_once(programs: dict[str, Program]) -> None:
    """The memory that worlds take is that of as many as there may be."""
    server = Server(programs, worlds=3)
    every = []
    for _ in range(10):
        world = server.create()
        full = server.credential(world, "jobriver")
        assert server.call("jobriver", "/jobs/123", full).status == 200
        every.append(weakref.ref(world))
    del world

    assert [one() is None for one in every] == [True] * 8 + [False] * 2


def test_a_view_forgets_records_that_were_replaced(server: Server) -> None:
    """A record that changes a thousand times is remembered as it is now shown."""
    world = server.create()
    full = server.credential(world, "jobriver")
    for n in range(1_000):
        title = {"title": f"Backend Developer {n}"}
        changed = server.call("jobriver", "/jobs/123", full, method="PATCH", json=title)
        assert changed.status == 200
        world.clock.advance(2.0)

    jobs = world.collections(server.programs["jobriver"])["jobs"]
    assert 0 < max(len(kept) for _, kept in jobs._shown.values()) <= 256


def test_nothing_of_an_unknown_credential_is_known(server: Server) -> None:
    """It is made like the first one of the fixtures, and every secret in it is another."""
    world = server.create()
    for provider in server.programs:
        known = server.worlds.credentials(server.worlds.default, provider)
        first = known[0]
        unknown = server.credential(world, provider, "unknown")
        assert unknown.keys() == first.keys()
        assert unknown["headers"].keys() == first["headers"].keys()
        for name, value in first["headers"].items():
            assert unknown["headers"][name] != value
        secrets = {one["value"] for one in known}
        assert unknown["value"] not in secrets
        for name in {"client_secret", "password", "refresh_token"} & first.keys():
            assert unknown[name] != first[name]
