"""With --strict, a call that asks for what the spec does not say is not acted on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from atlas import KEY, ask, board_of, noted, program
from front_door import served
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Reply
from emulator.program.program import Program
from emulator.settings import read
from emulator.world.faults import Calls, Rule

PLACES = "/atlas/v1/places"
OPENAPI, BEHAVIOR = "specs/atlas/openapi.yaml", "specs/atlas/behavior.yaml"


def problem(reply: Reply) -> Any:
    assert reply.status == 501
    assert dict(reply.headers)["Content-Type"] == "application/problem+json"
    return json.loads(reply.body)


def expected(
    asked: str, found: str, unknown: list[dict[str, str | None]], place: str
) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": "not emulated",
        "status": 501,
        "detail": f"{asked} asks for what the spec of atlas does not say: {found}",
        "unknown": unknown,
        "fix": f"ask for what is known; or {place}; or start without --strict,"
        " and the call gets the provider's answer",
    }


def test_an_unknown_path() -> None:
    """The problem names the path of the spec that comes nearest."""
    reply = ask(
        board_of(program(), strict=True), "GET", "/atlas/v1/plces/7", headers={}
    )

    assert problem(reply) == expected(
        "GET /v1/plces/7",
        "the path '/v1/plces/7' (did you mean '/v1/places/{id}'? "
        "known: /v1/places, /v1/places/{id})",
        [{"what": "path", "asked": "/v1/plces/7", "nearest": "/v1/places/{id}"}],
        f"describe the path in {OPENAPI}, and under `operations` of {BEHAVIOR}"
        " what it does",
    )


def test_an_unknown_method() -> None:
    """The problem names the methods of the path."""
    reply = ask(board_of(program(), strict=True), "PUT", f"{PLACES}/1")

    assert problem(reply) == expected(
        "PUT /v1/places/1",
        "the method 'PUT' (did you mean 'PATCH'? known: GET, HEAD, PATCH)",
        [{"what": "method", "asked": "PUT", "nearest": "PATCH"}],
        f"describe the method in {OPENAPI}, and under `operations` of {BEHAVIOR}"
        " what it does",
    )


def test_several_unknown_query_parameters() -> None:
    """All that is unknown is told at once."""
    reply = ask(board_of(program(), strict=True), "GET", f"{PLACES}?nme=x&name=y&zzz=1")

    known = "known: name, tags, filter, box"
    assert problem(reply) == expected(
        "GET /v1/places",
        f"the query parameter 'nme' (did you mean 'name'? {known}); "
        f"the query parameter 'zzz' ({known})",
        [
            {"what": "query parameter", "asked": "nme", "nearest": "name"},
            {"what": "query parameter", "asked": "zzz", "nearest": None},
        ],
        f"declare it under `parameters` of listPlaces in {OPENAPI}",
    )


def test_an_unknown_body_member_beside_an_unknown_version() -> None:
    """Each kind of thing has its own place in the spec."""
    headers = {**KEY, "Accept": "application/vnd.atlas.v3+json"}
    body = {"name": "x", "position": {"nort": 1}}
    reply = ask(board_of(program(), strict=True), "POST", PLACES, body, headers)

    assert problem(reply) == expected(
        "POST /v1/places",
        "the version 'v3' (known: v1, v2); the body member 'position.nort' "
        "(did you mean 'position.north'? known: position.north, position.east)",
        [
            {"what": "version", "asked": "v3", "nearest": None},
            {
                "what": "body member",
                "asked": "position.nort",
                "nearest": "position.north",
            },
        ],
        f"add it to `http.version.known` in {BEHAVIOR}; name it under `properties` "
        f"of the request body of createPlace in {OPENAPI}",
    )


def test_a_call_of_a_bundled_provider(programs: dict[str, Program]) -> None:
    """What there is to choose from is told as far as a reader wants it."""
    board = board_of(programs["jobriver"], strict=True)

    found = problem(ask(board, "GET", "/jobriver/api/v1/jobs?searches=x", headers={}))

    assert found["unknown"] == [
        {"what": "query parameter", "asked": "searches", "nearest": "search"}
    ]
    assert found["detail"].startswith(
        "GET /api/v1/jobs asks for what the spec of jobriver does not say: "
        "the query parameter 'searches' (did you mean 'search'? known: "
    )


def test_it_is_written_down() -> None:
    """The journal has the call, what was unknown of it, and the 501."""
    board = board_of(program(), strict=True)
    reply = ask(board, "GET", f"{PLACES}?nme=x")

    [entry] = board.world.journal
    assert (entry.operation, entry.status, entry.refused_by, entry.refusal) == (
        "listPlaces",
        501,
        None,
        None,
    )
    assert (entry.query, entry.reply_body) == (b"nme=x", reply.body)
    assert noted(board) == [
        (
            "parameters",
            {"what": "query parameter", "asked": "nme", "nearest": "name"},
        )
    ]
    assert reply.summary == ("atlas", "listPlaces", "not_emulated")


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", f"{PLACES}?name=Delft", None, 200),
        ("GET", f"{PLACES}/99", None, 404),
        ("POST", PLACES, {"name": "Leiden"}, 201),
        ("POST", PLACES, {"name": 1}, 422),
        ("GET", f"{PLACES}?name=%ff", None, 400),
        ("OPTIONS", PLACES, None, 204),
    ],
)
def test_a_known_call_is_answered_as_ever(
    method: str, target: str, body: object, status: int
) -> None:
    """To be strict changes no byte of what is emulated, refusals included."""
    plain, strict = board_of(program()), board_of(program(), strict=True)

    usual = ask(plain, method, target, body)
    reply = ask(strict, method, target, body)

    assert usual.status == status
    assert (reply.status, reply.headers, reply.body) == (
        usual.status,
        usual.headers,
        usual.body,
    )


def test_a_scheduled_fault_waits_for_a_call_that_is_answered() -> None:
    """What is to happen to the next call does not happen to one that is not emulated."""
    board = board_of(program(), strict=True)
    rule = Rule("atlas", refuse="rate_limited", calls=Calls(((1, 1),)))
    board.world.faults.add(rule)

    replies = [ask(board, "GET", f"{PLACES}?{query}") for query in ("nme=x", "", "")]

    assert [reply.status for reply in replies] == [501, 429, 200]


def test_a_trigger_does_not_make_an_unknown_call_known() -> None:
    """Neither a forced refusal nor a fault comes about."""
    board = board_of(program(), strict=True)
    asked = {"X-Emulator-Fault": "reset", "X-Emulator-Refuse": "rate_limited"}

    reply = ask(board, "GET", f"{PLACES}?nme=x", headers={**KEY, **asked})

    assert (reply.status, reply.faults) == (501, ())


def test_the_server_is_told_by_a_flag_or_a_variable() -> None:
    """`--strict` and `EMULATOR_STRICT=1` say the same, and neither is the default."""
    assert read({}, {}).strict is False
    assert read({"strict": True}, {}).strict is True
    assert read({}, {"EMULATOR_STRICT": "1"}).strict is True


def test_a_client_gets_the_problem_over_http() -> None:
    """The front door gives the same bytes as the dispatcher."""
    board = board_of(program(), strict=True)
    direct = ask(board_of(program(), strict=True), "GET", f"{PLACES}?nme=x")

    answer = TestClient(served(board)).get(f"{PLACES}?nme=x", headers=KEY)

    assert answer.status_code == 501
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.content == direct.body


def state(board: Dispatcher) -> tuple[Any, ...]:
    """What the next known calls of a client tell of the world."""
    wrong = {"X-Key": "wrong"}
    asked = [
        ask(board, "GET", PLACES, headers=wrong),
        ask(board, "GET", PLACES, headers=wrong),
        ask(board, "POST", PLACES, {"name": "Leiden"}),
        ask(board, "GET", PLACES),
        ask(board, "GET", f"{PLACES}/1"),
        ask(board, "GET", f"{PLACES}/1"),
        *(ask(board, "GET", PLACES, headers=wrong) for _ in range(4)),
    ]
    return (
        [(one.status, one.headers, one.body) for one in asked],
        board.world.chance.uuid(),
    )


KEYS = st.sampled_from([KEY, {"X-Key": "wrong"}, {}])
NAMES = st.text("abcdexyz[]", min_size=1, max_size=8).filter(
    lambda one: one not in ("as",)
)
BAD = st.one_of(
    st.tuples(st.just("GET"), NAMES.map(lambda one: f"/atlas/v1/{one}/x/y"), st.none()),
    st.tuples(st.sampled_from(["PUT", "DELETE"]), st.just(PLACES), st.none()),
    st.tuples(st.just("GET"), NAMES.map(lambda one: f"{PLACES}?q{one}=1"), st.none()),
    st.tuples(
        st.sampled_from(["POST"]),
        st.just(PLACES),
        NAMES.map(lambda one: {"name": "x", f"q{one}": 1}),
    ),
    st.tuples(
        st.just("PATCH"),
        st.just(f"{PLACES}/1"),
        NAMES.map(lambda one: {"position": {f"q{one}": 1}}),
    ),
)


@given(st.lists(st.tuples(BAD, KEYS), max_size=12))
def test_an_unknown_call_leaves_the_world_as_it_was(
    calls: list[tuple[tuple[str, str, Any], dict[str, str]]],
) -> None:
    """No meter is charged, no failure counted, no record changed, no chance drawn."""
    board = board_of(program(), strict=True)

    for (method, target, body), headers in calls:
        assert ask(board, method, target, body, headers).status == 501

    assert state(board) == state(board_of(program(), strict=True))


def test_the_state_tells_of_meters_and_failures() -> None:
    """What the rule above compares sees a charged call, and a lock."""
    replies = [one[0] for one in state(board_of(program(), strict=True))[0]]

    assert replies == [401, 401, 201, 200, 200, 429, 401, 401, 401, 423]
