"""The records of a world are those of the day that it begins on."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from front_door import START
from many import Server
from starlette.testclient import TestClient

from emulator.engine.snapshots import BadSnapshot, _digest
from emulator.program.program import Program
from emulator.server.app import create_app
from emulator.times import LATEST, SECOND
from emulator.world.world import World

DAY = 86_400


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[misc]


WRITTEN = int(START) * SECOND
DAYS = {
    "in 2020": at(2020, 1, 1, 5),
    "in summer": at(2031, 7, 15, 21),
    "in 2150": at(2150, 12, 31, 12),
}


def vacancies(server: Server, world: World) -> list[tuple[int, str]]:
    """The board of the one provider that shows what is published and not over."""
    reply = server.call(
        "recruitsome", "/vacancies", server.credential(world, "recruitsome")
    )
    assert reply.status == 200
    return [
        (one["id"], one["published_at"]) for one in orjson.loads(reply.body)["data"]
    ]


def job(server: Server, world: World, id: int = 96) -> dict[str, object]:
    reply = server.call("jobriver", f"/jobs/{id}", server.credential(world, "jobriver"))
    found: dict[str, object] = orjson.loads(reply.body)["data"]
    return found


@pytest.mark.parametrize("begins", DAYS.values(), ids=[*DAYS])
def test_a_board_is_alive_on_every_day(server: Server, begins: int) -> None:
    """It shows the same vacancies, as old as they are on the day they are written for."""
    written = vacancies(server, server.create())
    found = vacancies(server, server.create(at=begins))

    assert [id for id, _ in found] == [id for id, _ in written] != []
    ages = [
        [
            round((now / SECOND - datetime.fromisoformat(one).timestamp()) / DAY)
            for _, one in board
        ]
        for now, board in ((WRITTEN, written), (begins, found))
    ]
    assert all(abs(one - other) <= 1 for one, other in zip(*ages, strict=True))


@pytest.mark.parametrize("begins", DAYS.values(), ids=[*DAYS])
def test_credentials_are_in_their_states_on_every_day(
    server: Server, begins: int
) -> None:
    """What has expired has, and what is good is."""
    for provider in server.programs:
        states = [
            {
                credential["name"]: credential["state"]
                for credential in server.worlds.credentials(world, provider)
            }
            for world in (server.create(), server.create(at=begins))
        ]
        assert states[0] == states[1]


def test_a_record_that_is_pinned_is_the_same_on_every_day(server: Server) -> None:
    """The documentation shows it."""
    shown = [
        job(server, server.create(at=day), 123) for day in (WRITTEN, *DAYS.values())
    ]

    assert shown == [shown[0]] * 4


def test_worlds_of_one_day_share_their_records(
    server: Server, programs: dict[str, Program]
) -> None:
    """Whenever on that day they began; midnight is that of the provider's zone."""
    program = programs["jobriver"]
    evening = at(2031, 7, 15, 21, 59)

    found = [
        server.create(at=evening + later * SECOND).collections(program)["jobs"].get(96)
        for later in (-3600, 0, 120)
    ]

    assert found[0] is found[1]
    assert found[0] != found[2]


def test_forks_and_snapshots_keep_their_day(server: Server) -> None:
    """Also where they are made, or restored into, on another one."""
    world = server.create(at=DAYS["in 2020"])
    before = job(server, world)
    snapshot = server.worlds.snapshot(world)
    world.clock.advance(40 * DAY)

    twin = server.worlds.fork(world)
    other = server.create()
    assert job(server, other) != before
    server.worlds.restore(other, snapshot)

    assert job(server, world) == job(server, twin) == job(server, other) == before


@pytest.mark.parametrize("began", [None, "2020", -1, LATEST + 1])
def test_a_snapshot_has_a_day(server: Server, began: object) -> None:
    """One that a clock can show; another one is not taken up."""
    kept = orjson.loads(server.worlds.snapshot(server.create()))
    kept["state"]["began"] = began
    kept["digest"] = _digest(kept["state"])

    with pytest.raises(BadSnapshot, match="/began"):
        server.worlds.restore(server.create(), orjson.dumps(kept))


def test_a_reset_begins_on_the_same_day_again(server: Server) -> None:
    """A world that was made for one."""
    world = server.create(at=DAYS["in 2020"])
    before = job(server, world)
    world.clock.advance(40 * DAY)
    server.worlds.reset(world)

    assert job(server, world) == before


def test_a_clock_that_is_set_first_sets_the_day(server: Server) -> None:
    """Before anything has happened; later on, and when it is moved, time goes by."""
    client = TestClient(create_app(server.board), base_url="http://127.0.0.1:8080")
    clock = "/_emulator/worlds/{}/clock"
    expected = job(server, server.create(at=DAYS["in 2020"]))
    written = job(server, server.create())

    client.patch(
        clock.format(server.create("set").id), json={"set": "2031-01-01T00:00:00Z"}
    )
    client.patch(clock.format("set"), json={"set": "2031-07-15T21:00:00Z"})
    server.create("late")
    job(server, server.worlds["late"])
    client.patch(clock.format("late"), json={"set": "2031-07-15T21:00:00Z"})
    client.patch(clock.format(server.create("moved").id), json={"advance": "90d"})

    in_summer = job(server, server.create(at=DAYS["in summer"]))
    assert job(server, server.worlds["set"]) == in_summer != expected
    assert job(server, server.worlds["late"]) == written
    assert job(server, server.worlds["moved"]) == written
