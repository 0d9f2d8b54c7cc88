"""Rules of faults, as calls meet them through the front door."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.scenarios import apply
from emulator.world.faults import Calls, Fault, Rule

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
    facts = {"by": "tested", "refuse": "malformed_query", "faults": []}
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
