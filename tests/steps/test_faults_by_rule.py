"""Rules of faults, as calls meet them through the front door."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.engine.scenarios import apply
from emulator.exchange.call import Call
from emulator.pipeline import DECIDE, REFUSALS
from emulator.refusals import Refusals
from emulator.world.faults import Calls, Fault, Rule, read_fault
from emulator.world.world import World

PATH = "/parameters/ab"


@pytest.fixture
def forms() -> Tiny:
    return Tiny("forms")


def add(tiny: Tiny, **rest: Any) -> None:
    tiny.world.faults.add(Rule(tiny.program.name, source="tested", **rest))


def test_a_rule_forces_what_a_trigger_forces(forms: Tiny) -> None:
    """Byte for byte; and the journal says who did it."""
    asked = forms.get(PATH, headers={"X-Emulator-Refuse": "malformed_query"})
    add(forms, refuse="malformed_query")

    struck = forms.get(PATH)

    assert (struck.status_code, struck.content) == (asked.status_code, asked.content)
    *_, entry = forms.world.journal
    facts = {"rule": "1", "by": "tested", "refuse": "malformed_query", "faults": []}
    assert entry.steps[0] == ("faults", "struck", facts)


def test_a_rule_passes_over_calls_that_cannot_be_refused_so(forms: Tiny) -> None:
    """They are not even counted: it is about others."""
    add(forms, refuse="malformed_body", calls=Calls(((1, 1),)))

    assert [forms.status(PATH), forms.status("/nowhere")] == [200, 404]
    assert [rule.counted for rule in forms.world.faults] == [0]


def test_a_trigger_wins_over_a_rule(forms: Tiny) -> None:
    """Who says what is to happen to this call, means this call."""
    add(forms, refuse="malformed_query")

    answer = forms.get(PATH, headers={"X-Emulator-Refuse": "no_route"})

    assert answer.status_code == 404


def test_rules_of_another_provider_are_not_asked(forms: Tiny) -> None:
    """A world may hold many."""
    forms.world.faults.add(Rule("other", refuse="malformed_query"))

    assert forms.status(PATH) == 200


def test_faults_of_rules_and_of_triggers_add_up(forms: Tiny) -> None:
    """Those of the rules come first."""
    add(forms, faults=(Fault("delay", 0.0),))

    answer = forms.get(PATH, headers={"X-Emulator-Fault": "delay=1ms"})

    assert answer.status_code == 200


def test_a_rule_that_is_over_leaves_no_trace(forms: Tiny) -> None:
    """The next call costs what it always costs."""
    add(forms, refuse="malformed_query", calls=Calls(((1, 1),)))

    assert [forms.status(PATH), forms.status(PATH)] == [400, 200]
    assert forms.world.faults.rules == []


def test_a_rule_that_is_over_can_still_be_read(forms: Tiny) -> None:
    """What it was about, and how often something went wrong."""
    add(forms, refuse="malformed_query", calls=Calls(((2, 2),)))

    assert [forms.status(PATH) for _ in range(3)] == [200, 400, 200]
    (rule,) = forms.world.faults.listed(forms.clock.now())
    assert (rule.id, rule.counted, rule.struck) == ("1", 2, 1)
    assert rule.is_over(forms.clock.now())


def delays(forms: Tiny, times: int) -> list[Fault]:
    """The faults that leave with each of so many replies."""
    replies = [
        forms.board.answer(Call(method="GET", path=f"/forms{PATH}"))
        for _ in range(times)
    ]
    return [fault for reply in replies for fault in reply.faults]


def test_a_time_is_drawn_for_each_call_that_is_struck(forms: Tiny) -> None:
    """Plain numbers leave for the wire; the journal has them, and the seed decides."""
    add(forms, faults=(read_fault("delay=1s-3s"), read_fault("dribble=200ms~0.5")))

    found = delays(forms, 3)

    assert [fault.kind for fault in found] == ["delay", "dribble"] * 3
    assert len({fault.amount for fault in found}) == 6
    assert {fault._replace(kind="", amount=0.0) for fault in found} == {Fault("")}
    *_, entry = forms.world.journal
    facts = {
        "rule": "1",
        "by": "tested",
        "refuse": None,
        "faults": [fault.text for fault in found[4:]],
    }
    assert entry.steps[0] == ("faults", "struck", facts)
    again = Tiny("forms")
    add(again, faults=(read_fault("delay=1s-3s"), read_fault("dribble=200ms~0.5")))
    assert delays(again, 3) == found


def test_a_time_that_is_not_needed_is_not_drawn(forms: Tiny) -> None:
    """Calls that a rule does not strike cost no chance: what comes later is the same."""
    add(forms, faults=(read_fault("delay=1s-3s"),), calls=Calls(((9, 9),)))

    delays(forms, 3)

    assert forms.world.chance.uuid() == Tiny("forms").world.chance.uuid()


def test_a_trigger_draws_from_the_same_chance(forms: Tiny) -> None:
    """What is asked for by a header leaves as a plain number too."""
    headers = [(b"x-emulator-fault", b"delay=1s-3s")]
    reply = forms.board.answer(
        Call(method="GET", path=f"/forms{PATH}", raw_headers=headers)
    )

    assert reply.faults == (read_fault("delay=1s-3s").drawn(World().chance),)


def test_a_rule_spoils_replies_in_process_too(forms: Tiny) -> None:
    """No socket is needed for what is wrong inside a reply."""
    gateway = (read_fault("gateway=502"), read_fault("drop=Date"))
    add(forms, faults=gateway, calls=Calls(((1, 1),)))

    struck, usual = forms.get(PATH), forms.get(PATH)

    assert (struck.status_code, struck.headers["content-type"]) == (502, "text/html")
    assert "date" not in struck.headers
    assert (usual.status_code, "date" in usual.headers) == (200, True)


def test_a_rule_that_strikes_at_once_does_so_before_it_was_made(
    programs: dict[str, Any], world: World
) -> None:
    """A clock that is set back takes nothing out of force."""
    program = programs["jobriver"]
    apply(program.scenarios["slow"], program, world)

    world.clock.set(0)

    (rule,) = world.faults
    assert rule.is_about(None, None, world.clock.now())


@pytest.mark.parametrize("name", ["forms", "shelf", "doors"])
def test_a_provider_need_not_have_scenarios(name: str) -> None:
    """The file may be missing."""
    assert Tiny(name).program.scenarios == {}


def test_a_scenario_can_be_applied_again(programs: dict[str, Any], world: Any) -> None:
    """Its rules are in force twice then, each with a count of its own."""
    program = programs["jobriver"]
    for _ in range(2):
        apply(program.scenarios["maintenance"], program, world)

    assert [rule.source for rule in world.faults] == ["maintenance"] * 2


def test_what_can_be_refused_is_worked_out_once_for_each_operation(
    forms: Tiny,
) -> None:
    """A rule that is in force costs a look-up at each call, and no more."""
    program = forms.program
    operations = program.operations.values()

    known = [REFUSALS.of(program, operation) for operation in operations]

    assert known == [
        Refusals(DECIDE).of(program, operation) for operation in operations
    ]
    again = [REFUSALS.of(program, operation) for operation in operations]
    assert all(one is other for one, other in zip(known, again, strict=True))
