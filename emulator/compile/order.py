"""Order: the steps in the order of one provider, as its moves change the usual one."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.pipeline import STEPS

_FIRST = STEPS[0]


def compile_order_of_steps(source: Source) -> tuple[str, ...]:
    """The steps as `order` has them: `[validate before authorize]`."""
    order = [*STEPS]
    for at, text in source.entries("order"):
        words = str(text).split()
        if len(words) != 3 or words[1] not in ("before", "after"):
            source.problem(
                at,
                "wrong-form",
                f"{text!r} is not a move of a step",
                "an order says what is asked earlier or later than usual",
                _instead(source.get("order")),
            )
            continue
        moved, where, other = words
        known = [source.known(at, name, STEPS, "step") for name in (moved, other)]
        if not all(known):
            continue
        if moved == _FIRST or (other == _FIRST and where == "before"):
            source.problem(
                at,
                "incomplete-order",
                f"{_FIRST!r} comes first",
                f"what else is asked depends on the operation, which `{_FIRST}` finds",
                "remove the move",
            )
        elif (order.index(moved) < order.index(other)) == (where == "before"):
            source.report.add(
                source.behavior.diagnostic(
                    at,
                    "idle-key",
                    "nothing comes of this move",
                    f"{moved!r} is asked {where} {other!r} without it",
                    "remove it",
                    severity="warning",
                )
            )
        else:
            order.remove(moved)
            order.insert(order.index(other) + (where == "after"), moved)
    return tuple(order)


def moves(order: Sequence[str], usual: Sequence[str] = STEPS) -> list[str]:
    """The moves that make *order* of the *usual* one, which has the same steps.

    >>> moves(["route", "identify", "transport", ...])  ->  ["identify before transport"]
    """
    made: list[str] = []
    current = [*usual]
    for at, name in enumerate(order):
        if current[at] == name:
            continue
        # What comes too early here goes further down, where one move is enough.
        early = current[at]
        behind = order[order.index(early) - 1]
        trial = [step for step in current if step != early]
        trial.insert(trial.index(behind) + 1, early)
        if trial[at] == name and trial == [*order]:
            return [*made, f"{early} after {behind}"]
        made.append(f"{name} before {current[at]}")
        current.remove(name)
        current.insert(at, name)
    return made


def _instead(written: Json) -> str:
    """What to write: the moves that a whole list of steps amounts to, if it is one."""
    if isinstance(written, list) and sorted(map(str, written)) == sorted(STEPS):
        changes = moves(written)
        return f"write order: [{', '.join(changes)}]" if changes else "remove `order`"
    return "write it as `validate before authorize`"
