"""Rules of faults as they are sent and shown, by the words of `scenarios.yaml`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tiny import START, program

from emulator.admin.fault_rules import BadRule, read_rule, rule_schema, shown
from emulator.program.program import Program
from emulator.times import micros
from emulator.world.chance import Chance
from emulator.world.faults import Rule

RESET = {"provider": "shelf", "fault": "reset"}


def shelf() -> Program:
    """The provider, with an error of its own that a rule can ask for."""
    made: Program = program("shelf", {"errors.table.broken": {"status": 500}})
    return made


def read(**written: Any) -> Rule:
    return read_rule({"shelf": shelf()}, {**RESET, **written}, micros(START))


def problems(**written: Any) -> list[tuple[str, str]]:
    sent = {name: one for name, one in {**RESET, **written}.items() if one is not None}
    with pytest.raises(BadRule) as caught:
        read_rule({"shelf": shelf()}, sent, micros(START))
    return caught.value.problems


def test_a_rule_is_shown_in_the_words_that_make_one() -> None:
    """What was left open is null; times are those of the world."""
    assert shown(read(), micros(START)) == {
        "id": "",
        "provider": "shelf",
        "operations": None,
        "credential": None,
        "calls": None,
        "probability": 1.0,
        "after": None,
        "until": None,
        "faults": ["reset"],
        "refuse": None,
        "status": None,
        "source": "the admin API",
        "counted": 0,
        "struck": 0,
        "state": "active",
    }


def test_a_rule_can_say_everything_at_once() -> None:
    """Which calls, of whom, when, how often, and what goes wrong with them."""
    rule = read(
        fault=["delay=200ms~0.5", "drop=Date"],
        status=500,
        operation=["listBooks", "createBook"],
        credential="ada",
        calls=[2, "4-6"],
        probability=0.5,
        after="90s",
        until="1h",
    )
    chance = Chance(1)
    hit = sum(rule.strikes(chance) for _ in range(6))

    assert 0 < hit < 4
    assert json.loads(json.dumps(shown(rule, micros(START)))) == {
        "id": "",
        "provider": "shelf",
        "operations": ["createBook", "listBooks"],
        "credential": "ada",
        "calls": "2, 4-6",
        "probability": 0.5,
        "after": "2026-03-02T10:01:30Z",
        "until": "2026-03-02T11:00:00Z",
        "faults": ["delay=200ms~0.5", "drop=Date"],
        "refuse": None,
        "status": 500,
        "source": "the admin API",
        "counted": 6,
        "struck": hit,
        "state": "over",
    }


def test_a_status_that_is_written_as_a_fault_is_the_same() -> None:
    """The provider's own error, and nothing on the wire."""
    assert shown(read(fault="status=500"), micros(START)) == shown(
        read(fault=[], status=500), micros(START)
    )


@pytest.mark.parametrize("until", ["3000000d", "91" + "0" * 400 + "d"])
def test_a_rule_does_not_end_when_no_clock_comes_there(until: str) -> None:
    """A length beyond the years that there are is refused, and not taken for none."""
    assert problems(until=until) == [
        ("/until", f"{until[:60]!r} is longer than any clock runs")
    ]


def test_all_that_is_wrong_with_a_rule_is_told_at_once() -> None:
    """Where it stands in what was sent, what is wrong, and what to write."""
    found = problems(
        fault=["reset", "trunc=0.5"],
        operation=["listBooks", "listBoks"],
        credential="ade",
        calls="none",
        probability=2,
        after="2m",
        until="1m",
        zzz="now",
    )

    assert sorted(found) == [
        (
            "/calls",
            (
                "'none' says no calls: write 2, 1-3, 4-, [2, 5] or every 3; they are"
                " counted from 1"
            ),
        ),
        ("/credential", "there is no credential 'ade': did you mean 'ada'?"),
        ("/fault/1", "'trunc=0.5' is no fault: did you mean 'truncate'?"),
        (
            "/operation/1",
            "there is no operation 'listBoks': did you mean 'listBooks'?",
        ),
        (
            "/probability",
            (
                "probability is 2 (probability: The probability with which each of these"
                " calls fails.): write 1 or less"
            ),
        ),
        (
            "/until",
            (
                "it is over before it begins (`after` and `until` both count from the"
                " start): make `until` the longer of the two"
            ),
        ),
        (
            "/zzz",
            (
                "'zzz' is not a key of the rule: use one of: after, calls, credential,"
                " fault, operation, probability, provider, refuse, status, until"
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("written", "pointer", "says"),
    [
        ({"provider": None}, "", "the rule has no 'provider'"),
        ({"provider": "shlf"}, "/provider", "did you mean 'shelf'?"),
        ({"provider": 5}, "/provider", "provider is a number"),
        ({"fault": None}, "", "nothing goes wrong"),
        ({"fault": [5]}, "/fault/0", "fault.0 is a number: write a text"),
        ({"fault": ["reset"] * 21}, "/fault", "name 20 at most"),
        ({"refuse": "conflict", "status": 500}, "", "two errors are asked for at once"),
        ({"refuse": "conflct"}, "/refuse", "did you mean 'conflict'?"),
        (
            {"refuse": "conflict", "operation": "listBooks"},
            "/refuse",
            "listBooks cannot refuse with 'conflict'",
        ),
        ({"status": 404}, "/status", "write 500 or more"),
        ({"status": 599}, "/status", "no error with status 599"),
        ({"until": "soon"}, "/until", "until is 'soon'"),
        ({"calls": True}, "/calls", "calls is a truth value"),
        ({"x/y~z": 1}, "/x~1y~0z", "'x/y~z' is not a key of the rule"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    written: dict[str, Any], pointer: str, says: str
) -> None:
    """At the member that is wrong, or at the whole where one is missing."""
    ((at, text),) = problems(**written)

    assert at == pointer
    assert says in text


def test_the_schema_of_a_rule_stands_on_its_own() -> None:
    """An entry of a scenario's `faults`, with a provider, and no reference elsewhere."""
    schema = rule_schema()

    assert "$ref" not in json.dumps(schema)
    assert schema["required"] == ["provider"]
    assert schema["additionalProperties"] is False
    assert {*schema["properties"]} == {
        "provider",
        "fault",
        "refuse",
        "status",
        "operation",
        "credential",
        "calls",
        "probability",
        "after",
        "until",
    }
