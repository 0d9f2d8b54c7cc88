"""Rules of faults: which calls they count, which of those they strike, and their end."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.world.chance import Chance
from emulator.world.faults import Calls, Fault, Faults, Rule, TooManyRules, read_calls

RESET = (Fault("reset"),)


def rule(**rest: Any) -> Rule:
    return Rule("acme", faults=RESET, **rest)


def struck(one: Rule, many: int) -> list[int]:
    """Which of *many* calls it strikes, counted from 1."""
    chance = Chance(1)
    return [number for number in range(1, many + 1) if one.strikes(chance)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", [2]),
        ("1-3", [1, 2, 3]),
        ("2,5", [2, 5]),
        ("2, 4-5", [2, 4, 5]),
        ("6-", [6, 7, 8]),
        ("every 3", [3, 6]),
        ("every 1", [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_calls_are_counted_from_1(text: str, expected: list[int]) -> None:
    """One of them, some, a range, all from one on, or every so manieth."""
    assert struck(rule(calls=read_calls(text)), 8) == expected


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "3-2", "every", "every 0", "two", "1,", "²", "9" * 30]
)
def test_what_says_no_calls_is_refused(text: str) -> None:
    """Rather than being taken for all of them, or none."""
    with pytest.raises(ValueError, match="says no calls"):
        read_calls(text)


def test_a_rule_without_calls_strikes_every_call() -> None:
    """And is never over."""
    one = rule()

    assert struck(one, 3) == [1, 2, 3]
    assert not one.is_over(1e12)


def test_a_rule_is_over_with_its_last_call() -> None:
    """Counted are the calls that it is about, struck or not."""
    one = rule(calls=Calls(((2, 3),)))
    chance = Chance(1)

    over = []
    for _ in range(4):
        one.strikes(chance)
        over.append(one.is_over(0))

    assert over == [False, False, True, True]


def test_chance_decides_between_the_calls_of_a_rule() -> None:
    """The same seed strikes the same ones, and about as many as it should."""
    first = struck(rule(probability=0.3), 1_000)
    again = struck(rule(probability=0.3), 1_000)

    assert first == again
    assert 250 < len(first) < 350
    assert struck(rule(probability=0.0), 10) == []


@pytest.mark.parametrize(
    ("at", "expected"), [(9, False), (10, True), (19.9, True), (20, False)]
)
def test_a_rule_has_its_time(at: float, expected: bool) -> None:
    """From its start on, up to its end and not at it."""
    assert rule(starts=10, ends=20).is_about("listThings", None, at) is expected


def test_a_rule_that_has_not_begun_is_not_over() -> None:
    """It waits."""
    one = rule(starts=10, ends=20)

    assert [one.is_over(at) for at in (0, 15, 20)] == [False, False, True]


def test_a_rule_is_about_its_operations_and_its_credential() -> None:
    """Others are not counted."""
    one = rule(operations=frozenset({"readThing"}), credential=("keys", 1))

    assert one.is_about("readThing", ("keys", 1), 0)
    assert not one.is_about("listThings", ("keys", 1), 0)
    assert not one.is_about("readThing", ("keys", 2), 0)
    assert not one.is_about("readThing", None, 0)
    assert not one.is_about(None, ("keys", 1), 0)


def test_rules_that_are_over_drop_out() -> None:
    """Those in force keep their order."""
    faults = Faults()
    rules = [rule(), rule(ends=5), rule(starts=7)]
    for one in rules:
        faults.add(one)

    faults.drop_over(6)

    assert [*faults] == [rules[0], rules[2]]


def test_a_world_takes_so_many_rules() -> None:
    """Whoever adds them in a loop is told."""
    faults = Faults()
    for _ in range(200):
        faults.add(rule())

    with pytest.raises(TooManyRules, match="takes 200 rules"):
        faults.add(rule())

    assert len(faults) == 200
    faults.clear()
    assert len(faults) == 0
