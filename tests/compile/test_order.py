"""The order of steps, as moves: what each does, and what is no move."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import program

from emulator.compile.order import moves
from emulator.diagnostics import SpecError
from emulator.pipeline import STEPS


def order(*written: str) -> tuple[str, ...]:
    return program("shelf", {"order": [*written]}).order


def without(name: str) -> list[str]:
    return [step for step in STEPS if step != name]


def test_a_step_is_moved_directly_before_or_after_another() -> None:
    early = without("validate")
    early.insert(early.index("authorize"), "validate")
    late = without("rate_limit")
    late.insert(late.index("body") + 1, "rate_limit")

    assert order("validate before authorize") == tuple(early)
    assert order("rate_limit after body") == tuple(late)
    assert order() == STEPS


@given(st.permutations(STEPS[1:]))
def test_every_order_can_be_said_by_moves(steps: list[str]) -> None:
    wanted = (STEPS[0], *steps)
    current = [*STEPS]
    for move in moves(wanted):
        name, where, other = move.split()
        assert (current.index(name) < current.index(other)) == (where == "after")
        current.remove(name)
        current.insert(current.index(other) + (where == "after"), name)

    assert tuple(current) == wanted


@pytest.mark.parametrize(
    ("written", "code", "fix"),
    [
        ([*STEPS], "wrong-form", "remove `order`"),
        (without("lockout"), "wrong-form", "write it as `validate before authorize`"),
        (
            ["route", "identify", "transport", *STEPS[3:]],
            "wrong-form",
            "write order: [transport after identify]",
        ),
        (["validate ahead of body"], "wrong-form", "write it as `validate before authorize`"),
        (["validat before body"], "unknown-step", "did you mean 'validate'?"),
        (["route after body"], "incomplete-order", "remove the move"),
        (["body before route"], "incomplete-order", "remove the move"),
    ],
)  # fmt: skip
def test_what_is_no_move_is_told(written: Any, code: str, fix: str) -> None:
    with pytest.raises(SpecError) as caught:
        program("shelf", {"order": written})

    assert (code, fix) in {(each.code, each.fix) for each in caught.value.diagnostics}
