"""Nothing starves: the largest requests cost little time, and leave what is counted."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import Any

import orjson
import pytest
from front_door import JOB, START, Api
from largest import BODY, Request, requests

from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.program.schemas import MOST, Schema
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

PROVIDERS = ("jobriver", "jobspace", "jobsphere", "jobspikr", "recruitsome")
AT = micros(START)
LONGEST = 1.0
"""Seconds of work: ten times what is promised, for machines that have much to do."""
MEGABYTE = 1_048_576
STATM = Path("/proc/self/statm")
TELLING = (
    "numbers in every field",
    "nothing known",
    "many lists",
    "unknown parameters",
)
"""What is said most about."""


def board_of(program: Program) -> Dispatcher:
    world = World(clock=Clock(AT, frozen=True))
    return Dispatcher({program.name: program}, world, Settings(log_format="none"))


def different(program: Program) -> list[str]:
    """Operations of *program* that differ in what they take."""
    found: dict[object, str] = {}
    for operation in program.operations.values():
        body = tuple(operation.body.properties) if operation.body else None
        found.setdefault((body, len(operation.parameters.query) > 0), operation.id)
    return [*found.values()]


@pytest.fixture(autouse=True)
def collecting() -> None:
    """What earlier tests have left does not count."""
    gc.collect()


@pytest.mark.parametrize("name", PROVIDERS)
def test_no_request_holds_up_the_others(
    programs: dict[str, Program], name: str
) -> None:
    """Whatever is large about a request, it is answered by the provider, and soon.

    And if it is refused, the journal holds what it says: violations, notes and facts are
    among that.
    """
    program = programs[name]
    slow = []
    for request in requests(program, AT, different(program), each=1):
        board = board_of(program)
        call = request.call()

        started = thread_time()
        reply = board.answer(call)
        took = thread_time() - started

        assert reply.status < 500, request.what
        if took > LONGEST:
            slow.append((request.operation, request.what, took))
        if reply.status >= 400 and request.what.endswith(TELLING):
            held, counted = left_by(board, request)  # again: what it needs is compiled
            assert held <= counted + MEGABYTE // 4, (request.operation, request.what)
    assert slow == []


def left_by(board: Dispatcher, request: Request) -> tuple[int, int]:
    """The bytes that are held after one request, and those that its entry counts."""
    call = request.call()
    tracemalloc.start()
    refused = board.answer(call).status >= 400
    del call
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused
    [entry] = board.world.journal.last(1)
    return held, entry.size


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/jobs", b""),
        ("GET", "/jobs/123", b""),
        ("GET", "/nowhere", b""),
        ("POST", "/jobs", b'{"title": "x", "salary": {"min": [{}, {}], "max": "y"}}'),
        ("PUT", "/jobs/123", orjson.dumps(JOB)),
    ],
)
def test_a_journal_takes_no_more_than_it_counts(
    jobriver: Api, method: str, path: str, body: bytes
) -> None:
    """Of calls of each kind: pages, records, violations, and what leads nowhere."""
    journal = jobriver.world.journal

    def call() -> None:
        jobriver.clock.advance(micros(61))
        headers = {"Content-Type": "application/json"}
        jobriver.call(method, path, content=body, headers=headers)

    for _ in range(5):
        call()
    gc.collect()
    counted = journal.bytes
    tracemalloc.start()
    for _ in range(100):
        call()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(journal) == 105
    assert held <= journal.bytes - counted


def wide(program: Program, value: bytes) -> Request:
    """The request that fills a list of Jobsphere's jobs with *value*."""
    body = b'{"tags":[' + b",".join([value] * (900_000 // (len(value) + 1))) + b"]}"
    assert len(body) <= BODY
    found = next(requests(program, AT, ["createJob"], each=1))
    headers = {**found.headers, "Content-Type": "application/json"}
    return found._replace(query=b"", headers=headers, body=body)


def resident() -> int:
    """The bytes of memory that this process has."""
    return int(STATM.read_text().split()[1]) * 4_096


@pytest.mark.skipif(
    not STATM.exists(), reason="only Linux says how much memory is used"
)
@pytest.mark.parametrize("value", [b"1", b"{}", b'{"a":[1]}'])
def test_wrong_megabytes_are_not_kept(
    programs: dict[str, Program], value: bytes
) -> None:
    """What is left of them is what the journal may hold, and no more."""
    program = programs["jobsphere"]
    request = wide(program, value)
    board = board_of(program)
    for _ in range(12):  # as many as the journal holds, and a few more
        board.answer(request.call())
    before = resident()

    for _ in range(20):
        assert board.answer(request.call()).status == 400

    assert resident() - before < 10 * MEGABYTE
    assert board.world.journal.bytes <= Settings().journal_bytes


def fields(found: list[dict[str, Any]]) -> set[Any]:
    return {one["path"][0] for one in found}


WIDE = Schema(
    {
        "type": "object",
        "required": ["name", "age"],
        "additionalProperties": False,
        "properties": {
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 10},
            "ids": {"type": "array", "items": {"type": "integer"}, "minItems": 5_000},
            "name": {"type": "string"},
            "age": {"type": "integer"},
            "inner": {
                "type": "object",
                "properties": {"kind": {"enum": ["a"]}},
                "required": ["kind"],
            },
        },
    }
)


def test_a_wide_field_hides_no_other() -> None:
    """Every field that is wrong is told, however much is wrong with one of them."""
    found = WIDE.violations(
        {
            "tags": [1] * 200_000,
            "age": "x",
            "inner": {},
            "odd": 1,
            "ids": [None] * 9_000,
        }
    )

    assert fields(found) == {"tags", "ids", "name", "age", "inner", "odd"}
    assert len(found) <= MOST
    assert {one["rule"] for one in found if one["path"] == ["tags"]} == {"maxItems"}


def test_the_only_wrong_item_of_a_wide_field_is_found() -> None:
    """A field whose beginning is right is looked at to its end."""
    value = {"name": "a", "age": 1, "ids": [*range(300_000), "x"]}

    assert WIDE.violations(value) == [
        {"path": ["ids", 300_000], "rule": "type", "limit": ["integer"], "value": "x"}
    ]


def test_what_is_cut_off_is_not_told_as_missing() -> None:
    """A list that is long enough is not called too short, because most of it was left out."""
    value = {"name": 1, "age": 1, "ids": [*range(100_000)]}

    assert [
        (violation["path"], violation["rule"]) for violation in WIDE.violations(value)
    ] == [(["name"], "type")]


def test_a_value_that_is_not_large_has_all_its_violations_told() -> None:
    """Nothing is left out of what anybody would send."""
    value = {"name": "a", "age": 1, "tags": [1] * 400}

    found = WIDE.violations(value)

    assert [one["path"] for one in found if one["rule"] == "type"] == [
        ["tags", at] for at in range(400)
    ]


def test_a_right_field_may_hold_ten_thousand_values(jobriver: Api) -> None:
    """What a reply would have to show many thousand times over is refused in time."""
    fits = jobriver.post("/jobs", json={**JOB, "technologies": [1] * 10_000})
    wide = jobriver.post("/jobs", json={**JOB, "technologies": [1] * 10_001})

    assert fits.status_code == 201
    assert wide.status_code == 422
    assert [*wide.json()["error"]["details"]["errors"]] == ["technologies"]
    [entry] = jobriver.world.journal.last(1)
    [violation] = entry.facts["violations"]
    assert (violation["rule"], violation["limit"]) == ("maxItems", 10_000)


def test_garbage_is_looked_for_again_after_a_large_request(
    programs: dict[str, Program],
) -> None:
    """It is not while one is answered: all of its values are in use."""
    board = board_of(programs["jobsphere"])

    board.answer(wide(programs["jobsphere"], b"{}").call())

    assert gc.isenabled()


def test_what_was_shown_of_a_record_that_is_gone_is_not_kept(jobriver: Api) -> None:
    """A long record that is replaced or deleted leaves nothing behind."""
    jobriver.world.journal.max_entries = 0
    long = {**JOB, "description": "x" * 1_000_000}

    def turn() -> None:
        jobriver.clock.advance(micros(61))
        made = jobriver.post("/jobs", json=long).json()["data"]["id"]
        for _ in range(3):
            assert jobriver.call("PUT", f"/jobs/{made}", json=long).status_code == 200
        assert jobriver.call("DELETE", f"/jobs/{made}").status_code in (200, 204)

    turn()
    gc.collect()
    tracemalloc.start()
    for _ in range(5):
        turn()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < MEGABYTE


def test_a_parameter_may_hold_a_thousand_values(api_of: Callable[..., Api]) -> None:
    """Each would be looked for in each record, and each item of it."""
    jobsphere = api_of("jobsphere")

    fits = jobsphere.get("/jobs?tags=" + ",".join(["x"] * 1_000))
    wide = jobsphere.get("/jobs?tags=" + ",".join(["x"] * 1_001))

    assert (fits.status_code, wide.status_code) == (200, 400)
    [entry] = jobsphere.world.journal.last(1)
    [violation] = entry.facts["violations"]
    assert (violation["field"], violation["rule"]) == ("tags", "maxItems")
