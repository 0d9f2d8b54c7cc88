"""Strategies: what is drawn, the bundled providers take, or refuse, as promised."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from front_door import START
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from emulator import strategies
from emulator.compile.load import load
from emulator.compile.places import Place, bundled, places
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.scenarios import apply
from emulator.exchange.call import Call, Reply
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.scenarios import Scenario
from emulator.settings import Settings
from emulator.strategies.drawn_calls import DrawnCall
from emulator.strategies.invalid import Invalid
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

AT = "2026-03-02T10:00:00Z"
INPUT = {"malformed_query", "invalid_path", "malformed_body", "unsupported_media"}
PROGRAMS = {place.name: load(place) for place in places(*bundled())}
few = settings(max_examples=6, derandomize=True, database=None, deadline=None)
PAIRS = [
    (program, one)
    for program in PROGRAMS.values()
    for one in program.operations.values()
]
EVERY = [pytest.param(*pair, id=f"{pair[0].name}-{pair[1].id}") for pair in PAIRS]
WITH_JSON = [
    param
    for param, (_, one) in zip(EVERY, PAIRS, strict=True)
    if one.body and "application/json" in one.body.schemas
]


def answered(
    program: Program, sent: DrawnCall, scenario: Scenario | None = None
) -> Reply:
    """The reply to a drawn call in a world that has just begun."""
    world = World(clock=Clock(micros(START), frozen=True))
    if scenario is not None:
        apply(scenario, program, world)
    programs = {program.name: program}
    board = Dispatcher(programs, world, Settings(log_format="none"))
    path, _, query = sent.url.partition("?")
    headers = [(k.lower().encode(), v.encode()) for k, v in sent.headers.items()]
    return board.answer(
        Call(
            method=sent.method,
            path=f"/{program.name}{path}",
            query=query.encode(),
            raw_headers=headers,
            body=sent.body,
            base_url="http://testserver",
        )
    )


def code(reply: Reply) -> str:
    """The code of the refusal; empty where nothing was refused."""
    return reply.summary[2]


def drawn(strategy: st.SearchStrategy[Any], check: Callable[[Any], None]) -> None:
    """Hold what *strategy* draws against *check*."""

    @few
    @given(strategy)
    def each(one: Any) -> None:
        check(one)

    each()


def with_body(base: DrawnCall, body: Any) -> DrawnCall:
    """The same call with another body."""
    return base._replace(body=json.dumps(body).encode(), json=body)


@pytest.mark.parametrize(("program", "operation"), EVERY)
def test_a_drawn_call_is_well_formed_to_its_provider(
    program: Program, operation: Operation
) -> None:
    """Nothing about its parameters or its body is refused, and nothing breaks."""

    def check(sent: DrawnCall) -> None:
        reply = answered(program, sent)

        assert reply.status < 500, reply.body
        assert code(reply) not in INPUT | {"invalid_request", "not_found"}, reply.body

    drawn(strategies.calls(program, operation.id, at=AT), check)


@pytest.mark.parametrize(("program", "operation"), WITH_JSON)
def test_a_drawn_payload_is_right_for_whichever_record_is_called(
    program: Program, operation: Operation
) -> None:
    """A body and the record that it is sent to are drawn apart, and still agree."""
    both = st.tuples(
        strategies.calls(program, operation.id, at=AT),
        strategies.payloads(program, operation.id, at=AT),
    )

    def check(one: tuple[DrawnCall, Any]) -> None:
        reply = answered(program, with_body(*one))

        assert code(reply) not in INPUT | {"invalid_request"}, reply.body

    drawn(both, check)


@pytest.mark.parametrize(("program", "operation"), WITH_JSON)
def test_an_invalid_payload_gets_the_providers_own_validation_refusal(
    program: Program, operation: Operation
) -> None:
    """It says what is wrong, and the provider finds it so."""
    both = st.tuples(
        strategies.calls(program, operation.id, at=AT),
        strategies.invalid_payloads(program, operation.id, at=AT),
    )

    def check(one: tuple[DrawnCall, Invalid]) -> None:
        base, spoiled = one
        reply = answered(program, with_body(base, spoiled.payload))

        assert code(reply) == "invalid_request", spoiled
        assert spoiled.wrong.partition(".")[0].partition(":")[0]

    drawn(both, check)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_credential_is_refused_for_the_state_that_it_is_in(program: Program) -> None:
    """One that is active is none of a caller's troubles with states."""
    operation = next(
        one
        for one in program.operations.values()
        if one.security and not one.open and one.method == "GET"
    )
    scheme = program.schemes[operation.security[0][0].name]

    def check(sent: DrawnCall, held: Mapping[str, Any]) -> None:
        reply = answered(program, sent._replace(headers={**held["headers"]}))
        state = str(held["state"])

        assert code(reply).startswith("credential_") == (state not in scheme.active)
        assert state in scheme.active or code(reply) == f"credential_{state}"

    own = st.tuples(
        strategies.calls(program, operation.id, at=AT),
        strategies.credentials(program, at=AT).filter(
            partial(_serves, program, operation)
        ),
    )
    drawn(own, lambda one: check(*one))


def _serves(program: Program, operation: Operation, held: Mapping[str, Any]) -> bool:
    schemes = {one.name for alternative in operation.security for one in alternative}
    return held["scheme"] in schemes


def test_a_state_that_no_credential_is_in_is_a_mistake() -> None:
    """It is said with the states that there are."""
    with pytest.raises(ValueError, match=r"is 'expird'.*did you mean 'expired'"):
        strategies.credentials("jobriver", "expird", at=AT)


def test_only_credentials_of_the_state_are_drawn() -> None:
    """That a key expires is a matter of the time that is asked about."""
    names: set[str] = set()
    drawn(
        strategies.credentials("jobriver", "expired", at=AT),
        lambda one: names.add(one["name"]),
    )

    assert names == {"expired"}


def test_the_plainest_payload_is_short() -> None:
    """A failing test is shrunk to what is required, in one letter where that will do."""
    shown: list[Any] = []

    @settings(few, max_examples=50, phases=[Phase.generate, Phase.shrink])
    @given(strategies.payloads("jobsphere", "createJob", at=AT))
    def fails(body: Any) -> None:
        shown.append(body)
        assert "title" not in body

    with pytest.raises(AssertionError):
        fails()

    assert shown[-1] == {
        "title": "0",
        "company": "0",
        "location": "0",
        "description": "0",
    }


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: strategies.payloads("jobrivr", "createJob"), "mean 'jobriver'"),
        (lambda: strategies.calls("jobriver", "creatJob"), "mean 'createJob'"),
        (lambda: strategies.payloads("jobriver", "listJobs"), "draw `calls` of it"),
        (
            lambda: strategies.calls("jobriver", "listJobs", credential="ful"),
            "did you mean 'full'",
        ),
        (
            lambda: strategies.payloads(
                "jobriver", "updateJob", credential="revoked", at=AT
            ),
            "have no record that /jobs/{id} leads this caller to",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said_at_once(
    ask: Callable[[], Any], message: str
) -> None:
    """Before anything is drawn, and with what to write instead."""
    with pytest.raises(ValueError, match=re.escape(message)):
        ask()


def test_schedules_of_faults_are_those_of_scenarios(tmp_path: Path) -> None:
    """Each is one that a spec may hold, and calls that meet it get an answer."""
    found: list[Any] = []
    drawn(strategies.fault_schedules("jobriver"), found.append)
    specs, fixtures = bundled()
    spec = Path(shutil.copytree(specs / "jobriver", tmp_path / "jobriver"))
    text: dict[str, Any] = {
        f"drawn_{at}": {"says": "As drawn.", "faults": one}
        for at, one in enumerate(found)
    }
    (spec / "scenarios.yaml").write_text(
        json.dumps({"spec": 1, **text}), encoding="utf-8"
    )
    program = load(Place(spec, fixtures / "jobriver"))

    def check(sent: DrawnCall) -> None:
        for scenario in program.scenarios.values():
            assert answered(program, sent, scenario).status < 600

    assert len(program.scenarios) > 4
    drawn(strategies.calls(program, "createJob", at=AT), check)


def test_strategies_are_imported_without_hypothesis() -> None:
    """Where it is not installed, the first use says which extra brings it."""
    script = (
        "import sys\n"
        "sys.modules['hypothesis'] = None\n"
        "import emulator.strategies\n"
        "try:\n"
        "    emulator.strategies.payloads('jobriver', 'createJob')\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert "pip install 'provider-emulator[strategies]'" in done.stdout
