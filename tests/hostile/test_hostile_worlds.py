"""Worlds in bad company: what one does is never felt in another, and nothing hangs."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from tiny import START, program

from emulator.admin.admin import Admin
from emulator.admin.request import AdminRequest
from emulator.admin.table import Stream
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.world import World

JOBS = "/jobriver/api/v1/jobs"


def request(method: str, path: str, body: Any = None) -> AdminRequest:
    data = b"" if body is None else orjson.dumps(body)
    made = AdminRequest(method=method, path=f"/_emulator{path}", body=data)
    made.headers = {"content-type": "application/json"} if data else {}
    return made


@pytest.fixture
def board(programs: dict[str, Program]) -> Dispatcher:
    made = Dispatcher(programs, settings=Settings(log_format="none", worlds=20))
    for id in ("a", "b"):
        made.worlds.create(id, at=micros(START), frozen=True)
    return made


def key_of(board: Dispatcher, id: str) -> str:
    found = board.worlds.credentials(board.worlds[id], "jobriver")
    return next(str(one["value"]) for one in found if one["name"] == "full")


def call(board: Dispatcher, *headers: tuple[str, str]) -> int:
    raw = [(name.lower().encode(), text.encode()) for name, text in headers]
    return board.answer(Call(method="GET", path=JOBS, raw_headers=raw)).status


def written(board: Dispatcher) -> dict[str, int]:
    return {world.id: world.journal.written for world in board.worlds}


@pytest.mark.parametrize("owner", ["default", "a"])
def test_nobody_takes_a_secret_that_is_anothers(board: Dispatcher, owner: str) -> None:
    """A record with the key of another world does not draw its calls here."""
    key, admin = key_of(board, owner), Admin(board)
    first = next(iter(board.programs["jobriver"].bases["api_keys"].records.values()))
    path = f"/worlds/b/records/jobriver/api_keys/{first['id']}"

    assert admin.answer(request("PUT", path, {**first, "key": key})).status == 200
    assert call(board, ("X-API-Key", key)) == 200

    assert written(board) == {"default": 0, "a": 0, "b": 0} | {owner: 1}


def test_the_credential_of_a_world_that_is_gone_is_nobodys(board: Dispatcher) -> None:
    key = key_of(board, "a")
    assert call(board, ("X-API-Key", key)) == 200

    board.worlds.delete(board.worlds["a"])

    assert call(board, ("X-API-Key", key)) == 403
    assert call(board, ("X-API-Key", key), ("X-Emulator-World", "a")) == 404
    assert written(board) == {"default": 1, "b": 0}


def test_worlds_are_bounded_with_all_that_belongs_to_them(board: Dispatcher) -> None:
    """Whoever asks for thousands gets the last ones, and no memory is left behind."""
    admin = Admin(board)
    held = len(board.worlds.secrets)

    for _ in range(300):
        assert admin.answer(request("POST", "/worlds", {})).status == 201

    assert len(board.worlds) == 20
    assert len(board.worlds.secrets) < held * 20
    assert len(board.worlds.secrets._given) <= 20


def test_a_world_that_begins_again_is_not_moved_any_more() -> None:
    """An advance that waits for deliveries ends when the world is reset meanwhile."""
    board = Dispatcher({"hooks": program("hooks")}, settings=Settings())
    world = board.worlds.create("a", at=micros(START), frozen=True)
    world.outbox.subscribe("hooks", "http://127.0.0.1:9/")
    raw = [(b"content-type", b"application/json"), (b"x-emulator-world", b"a")]
    sent = Call(
        method="POST", path="/hooks/v1/parcels", body=b'{"to": "Rom"}', raw_headers=raw
    )
    assert board.answer(sent).status == 201
    work = Admin(board).work(request("PATCH", "/worlds/a/clock", {"advance": "1h"}))

    assert next(work) is world
    board.worlds.reset(world)
    with pytest.raises(StopIteration) as ended:
        next(work)

    reply = ended.value.value
    assert (reply.status, json.loads(reply.body)["title"]) == (409, "clock not moved")
    assert (world.clock.now(), world.is_used) == (micros(START), False)


def stream(board: Dispatcher, query: str = "") -> Stream:
    one = request("GET", "/worlds/a/journal/events")
    one.query = query
    found = Admin(board).answer(one)
    assert isinstance(found, Stream)
    return found


def test_a_stream_ends_with_its_world(board: Dispatcher) -> None:
    """And does not go on with another one of the same id."""
    followed, woken = stream(board), list[int]()
    leave = followed.watch(lambda: woken.append(1))
    assert not followed.over()

    board.worlds.delete(board.worlds["a"])
    board.worlds.create("a")

    assert (followed.over(), woken) == (True, [1])
    leave()


@pytest.mark.parametrize("last", ["999999", "-1", "1e3", "9" * 5_000, "\u0661", "x"])
def test_an_event_that_there_never_was_is_nowhere_to_go_on_from(
    board: Dispatcher, last: str
) -> None:
    """Whoever comes back to a server that began again hears what comes from now on."""
    followed, key = stream(board), key_of(board, "a")
    assert [*followed.after(last)] == []

    call(board, ("X-API-Key", key))

    assert [one.id for one in followed.after(last)] == ["1"]


def test_a_hundred_followers_are_let_go(board: Dispatcher) -> None:
    world: World = board.worlds["a"]
    leaving = [stream(board).watch(lambda: None) for _ in range(100)]
    assert len(world.journal.followers) == 100

    for leave in leaving:
        leave()

    assert world.journal.followers == []


@pytest.fixture
def small() -> Dispatcher:
    settings = Settings(journal_entries=1_000, journal_bytes=300_000)
    return Dispatcher({"hooks": program("hooks")}, settings=settings)


def test_a_journal_of_many_calls_is_bounded_and_counts_right(
    small: Dispatcher,
) -> None:
    """By number and by bytes; what was let go is still counted."""
    for _ in range(5_000):
        small.answer(Call(method="GET", path="/hooks/v1/parcels/1"))

    journal = small.world.journal
    assert journal.written == 5_000
    assert len(journal) + journal.dropped == 5_000
    assert journal.bytes <= 300_000
    assert journal.first == journal.dropped + 1
