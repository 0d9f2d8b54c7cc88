"""Verifying agrees with counting by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import START, Tiny

from emulator.admin.journal.select import select
from emulator.admin.journal.verify import CannotProve, verify
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.journal import Journal
from emulator.world.world import World

NAMES = {"k-ada": "ada", "k-bob": "bob", "k-cy": "cy", "": None, "k-nobody": "unknown"}
CALLS = st.tuples(
    st.sampled_from(["header", "optional", "open", "paid"]), st.sampled_from([*NAMES])
)
COUNT = st.one_of(st.none(), st.integers(0, 5))
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["header", "optional", "open", "paid", "token"]),
        "credential": st.sampled_from([*NAMES.values()]),
        "status": st.sampled_from([200, 401, 402, "4xx", "2xx"]),
        "refused_by": st.sampled_from([None, "identify", "authenticate", "lockout"]),
        "since": st.integers(0, 15),
    },
)
SEARCH = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)


def called(
    calls: list[tuple[str, str]], kept: int
) -> tuple[Tiny, list[dict[str, Any]]]:
    """A world in which *calls* came, and the same written down by hand."""
    world = World(clock=Clock(micros(START), frozen=True), journal=Journal(kept))
    doors = Tiny("doors", {"authentication.lockout.after": 99}, world=world)
    written = []
    for id, (operation, key) in enumerate(calls, start=1):
        headers = {"x_key": key} if key else {}
        status, body = doors.ask("GET", f"/{operation}", **headers)
        claims = key if operation != "open" else ""
        refused = {"missing": "identify", "plan_too_small": "authorize"}
        by = refused.get(body["error"], "authenticate") if status >= 400 else None
        row = {"id": id, "operation": operation, "status": status, "refused_by": by}
        written.append({**row, "credential": NAMES[claims]})
    return doors, written


def agrees(row: dict[str, Any], question: dict[str, Any]) -> bool:
    for name, wanted in question.items():
        if name == "since":
            if row["id"] <= wanted:
                return False
        elif isinstance(wanted, str) and wanted.endswith("xx"):
            if row[name] // 100 != int(wanted[0]):
                return False
        elif row[name] != wanted:
            return False
    return True


@SEARCH
@given(st.lists(CALLS, max_size=12), QUESTIONS, COUNT, COUNT)
def test_a_verdict_is_what_counting_gives(
    calls: list[tuple[str, str]],
    question: dict[str, Any],
    least: int | None,
    most: int | None,
) -> None:
    """Which entries, how many of them, and whether that is as many as it should be."""
    if least is not None and most is not None and least > most:
        least, most = most, least
    doors, written = called(calls, 100)
    programs = {"doors": doors.program}
    bounds = {"at_least": least, "at_most": most}
    answer = verify(doors.world.journal, programs, {**question, **bounds})
    ids = [row["id"] for row in written if agrees(row, question)]
    needed = (1 if most is None else 0) if least is None else least

    assert answer["matches"] == ids
    assert answer["count"] == len(ids)
    assert answer["passed"] is (
        len(ids) >= needed and (most is None or len(ids) <= most)
    )


@SEARCH
@given(st.lists(CALLS, max_size=12), QUESTIONS)
def test_the_nearest_misses_are_misses_in_order(
    calls: list[tuple[str, str]], question: dict[str, Any]
) -> None:
    """Each differs somewhere, and none is farther off than the next."""
    doors, written = called(calls, 100)
    asked = {**question, "at_least": 99}
    answer = verify(doors.world.journal, {"doors": doors.program}, asked)
    nearest = answer["nearest"]
    hits = {row["id"] for row in written if agrees(row, question)}
    distances = [len(one["differs"]) for one in nearest]

    assert hits.isdisjoint(one["id"] for one in nearest)
    assert distances == sorted(distances)
    assert 0 not in distances


@SEARCH
@given(st.lists(CALLS, max_size=12), QUESTIONS, st.integers(1, 12), st.integers(0, 3))
def test_a_short_journal_never_says_what_a_whole_one_would_not(
    calls: list[tuple[str, str]], question: dict[str, Any], kept: int, n: int
) -> None:
    """It says the same, or that it cannot say."""
    asked = {**question, "at_most": n}
    short, _ = called(calls, kept)
    whole, _ = called(calls, 100)
    programs = {"doors": whole.program}
    truth = verify(whole.world.journal, programs, asked)["passed"]
    try:
        said = verify(short.world.journal, programs, asked)["passed"]
    except CannotProve:
        assert len(calls) > kept
    else:
        assert said is truth


@SEARCH
@given(
    st.lists(CALLS, max_size=12),
    st.sampled_from(["header", "open", None]),
    st.sampled_from(["ada", "none", "unknown", None]),
    st.one_of(st.none(), st.integers(1, 5)),
)
def test_what_is_selected_is_what_agrees(
    calls: list[tuple[str, str]],
    operation: str | None,
    credential: str | None,
    limit: int | None,
) -> None:
    """The latest of those that a question of the same parts finds."""
    doors, written = called(calls, 100)
    question: dict[str, Any] = {}
    if operation is not None:
        question["operation"] = operation
    if credential is not None:
        question["credential"] = None if credential == "none" else credential
    ids = [row["id"] for row in written if agrees(row, question)]
    found = select(
        doors.world.journal,
        {"doors": doors.program},
        operation=operation,
        credential=credential,
        limit=limit,
    )

    assert [one.id for one in found] == (ids if limit is None else ids[-limit:])
