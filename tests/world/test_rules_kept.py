"""Rules of faults as a world keeps them: named, counted, let go, copied and written down."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.world.chance import Chance
from emulator.world.faults import (
    Calls,
    Faults,
    Rule,
    TooManyRules,
    read_calls,
    read_fault,
)

SECOND = Calls(((2, 2),))


def rule(**rest: Any) -> Rule:
    return Rule("acme", faults=(read_fault("reset"),), **rest)


def ids(faults: Faults, at: int = 0) -> list[str]:
    return [one.id for one in faults.listed(at)]


def call(one: Rule, times: int = 1) -> list[bool]:
    chance = Chance(1)
    return [one.strikes(chance) for _ in range(times)]


def test_a_world_numbers_its_rules() -> None:
    """In the order in which they come; no number is given twice."""
    faults = Faults()
    for _ in range(2):
        faults.add(rule())
    faults.remove("2")
    faults.clear()

    assert [faults.add(rule()).id, faults.add(rule()).id] == ["3", "4"]


def test_a_rule_can_be_taken_back() -> None:
    """By its id, whether it is in force or over; there is none twice."""
    faults = Faults()
    for calls in (SECOND, None):
        faults.add(rule(calls=calls))
    call(faults.rules[0], 2)
    faults.drop_over(0)

    removed = [faults.remove(one) for one in ("1", "2", "2", "3")]

    assert removed == [True, True, False, False]
    assert ids(faults) == []


def test_a_rule_counts_its_calls_and_its_strikes() -> None:
    """Two numbers: what it was about, and what went wrong."""
    one = rule(calls=read_calls("2-3"))

    assert call(one, 5) == [False, True, True, False, False]
    assert (one.counted, one.struck) == (5, 2)


def test_a_rule_that_is_over_can_still_be_looked_at() -> None:
    """Before those in force, and out of reach of any call."""
    faults = Faults()
    for one in (rule(), rule(ends=5), rule(starts=7)):
        faults.add(one)

    assert ids(faults, at=6) == ["2", "1", "3"]
    assert [fault.id for fault in faults] == ["1", "3"]


def test_only_the_latest_rules_that_are_over_are_remembered() -> None:
    """Fifty of them."""
    faults = Faults()
    for _ in range(60):
        faults.add(rule(ends=5))
        faults.drop_over(6)

    assert ids(faults) == [str(number) for number in range(11, 61)]


def test_a_clock_that_is_set_back_brings_no_rule_back() -> None:
    """What is over stays over."""
    faults = Faults()
    faults.add(rule(ends=5))
    faults.drop_over(6)

    (found,) = faults.listed(1)

    assert found.is_over(1)
    assert len(faults) == 0


def test_a_rule_is_found_by_its_id() -> None:
    """In force or over."""
    faults = Faults()
    for one in (rule(ends=5), rule()):
        faults.add(one)

    assert faults.find("1", 6) is faults.listed(6)[0]
    assert faults.find("2", 6) is faults.rules[0]
    assert faults.find("3", 6) is None


def full() -> Faults:
    """One rule of every kind: in force, over, and yet to come."""
    faults = Faults()
    every = {"calls": read_calls("every 3"), "probability": 0.5, "source": "flaky"}
    faults.add(rule(ends=5))
    faults.add(rule(operations=frozenset({"b", "a"}), refuse="conflict", **every))
    faults.add(rule(credential=("keys", 1), credential_name="full", starts=7))
    faults.add(
        Rule(
            "acme",
            faults=(read_fault("delay=200ms~0.5"), read_fault("drop=Date")),
            status=503,
            calls=read_calls("1, 3-4, 9-"),
        )
    )
    call(faults.rules[1], 4)
    faults.drop_over(6)
    return faults


def test_a_copy_counts_on_its_own() -> None:
    """Nothing that happens to one of the two is seen in the other."""
    faults = full()
    before = faults.dump()
    copy = faults.copy()
    assert copy.dump() == before

    call(copy.rules[0], 3)
    copy.add(rule())
    copy.drop_over(1e12)
    copy.remove("1")

    assert faults.dump() == before
    assert copy.dump() != before


def test_rules_come_back_from_what_was_written_down() -> None:
    """With their counts and their ids, by way of JSON."""
    faults = full()

    again = Faults.load(json.loads(json.dumps(faults.dump(), allow_nan=False)))

    assert again.dump() == faults.dump()
    for one, other in zip(faults.listed(6), again.listed(6), strict=True):
        assert one is not other
        for name in Rule.__slots__:
            assert getattr(one, name) == getattr(other, name), name
    assert again.add(rule()).id == "5"


@pytest.mark.parametrize(
    "change",
    [
        {"rules": 5},
        {"rules": [5]},
        {"rules": [{}]},
        {"given": "many"},
        {"given": float("inf")},
        {"over": None},
    ],
)
def test_what_are_no_rules_is_refused(change: dict[str, Any]) -> None:
    """By the one kind of error, whatever is wrong with it."""
    with pytest.raises(ValueError, match="these are no rules of faults"):
        Faults.load({**full().dump(), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"faults": ["explode"]},
        {"calls": "0"},
        {"credential": ["keys"]},
        {"operations": 5},
        {"probability": "often"},
    ],
)
def test_a_rule_that_says_nothing_is_refused(change: dict[str, Any]) -> None:
    """As it is where it is written."""
    dumped = full().dump()
    dumped["rules"][0] |= change

    with pytest.raises(ValueError, match="these are no rules of faults"):
        Faults.load(dumped)


def test_no_more_rules_come_back_than_a_world_takes() -> None:
    """A snapshot is no way round the bound."""
    dumped = full().dump()

    with pytest.raises(TooManyRules):
        Faults.load({**dumped, "rules": dumped["rules"] * 100})


@pytest.mark.parametrize("text", ["2", "2, 5", "1-3", "4-", "2, 4-5, 9-", "every 3"])
def test_calls_are_written_as_they_are_read(text: str) -> None:
    """A rule is shown in the words that make one."""
    assert read_calls(text).text == text


def test_a_rule_does_not_name_calls_without_end() -> None:
    """Each of them would be looked at with every call."""
    with pytest.raises(ValueError, match="at most 100"):
        read_calls(",".join(["2"] * 101))
