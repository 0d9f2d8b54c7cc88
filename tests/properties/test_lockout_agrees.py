"""Lockout agrees with a model that remembers every call."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import START, Tiny

Events = list[tuple[str, float]]

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["good", "bad", "bad"]), st.just(0.0)),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 4.0, 5.0, 10.0, 29.5])),
    ),
    max_size=40,
)
RULES = st.fixed_dictionaries(
    {
        "after": st.integers(1, 3),
        "within": st.sampled_from(["5s", "20s", ""]),
        "for": st.sampled_from(["10s", ["4s", "10s", "30s"]]),
        "reset_on_success": st.booleans(),
    }
)


def expected(events: Events, rule: dict[str, Any]) -> list[tuple[int, Any]]:
    """Status and seconds left of every call, as the rule has it."""
    lengths = rule["for"] if isinstance(rule["for"], list) else [rule["for"]]
    durations = [float(length[:-1]) for length in lengths]
    within = float(rule["within"][:-1]) if rule["within"] else float("inf")
    now, until, locks = START, 0.0, 0
    failures: list[float] = []
    answers: list[tuple[int, Any]] = []
    for what, seconds in events:
        if what == "wait":
            now += seconds
        elif now < until:
            answers.append((423, -(-(until - now) // 1)))
        elif what == "bad":
            answers.append((401, None))
            failures = [at for at in failures if now - at < within] + [now]
            if len(failures) >= rule["after"]:
                until = now + durations[min(locks, len(durations) - 1)]
                failures, locks = [], locks + 1
        else:
            answers.append((200, None))
            if rule["reset_on_success"]:
                failures, locks = [], 0
    return answers


@settings(max_examples=150)
@given(EVENTS, RULES)
def test_locks_come_and_go_as_the_rule_has_it(
    events: Events, rule: dict[str, Any]
) -> None:
    """Whatever happens in whatever order, each call is answered as the model says."""
    written = {"counts": ["credential_unknown"], "per": "ip", **rule}
    if not rule["within"]:
        del written["within"]
    doors = Tiny("doors", {"authentication.lockout": written})

    answers = []
    for what, seconds in events:
        if what == "wait":
            doors.clock.advance(seconds)
            continue
        key = "k-ada" if what == "good" else "k-nobody"
        status, body = doors.ask("GET", "/header", x_key=key)
        answers.append((status, body.get("more")))

    assert answers == expected(events, rule)
