"""Paired: one thing held against another in the same run, turn by turn.

A machine that slows down slows both, so their ratio stays; of some rounds the median
counts, with the lowest and the highest.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

Run = Callable[[], object]


class Row(NamedTuple):
    """A ratio: what it costs, in what something else costs."""

    what: str
    against: str
    ratios: Sequence[float]
    cost: float
    """The median cost of one, in microseconds."""
    reference: float
    """The same of what it is held against."""

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "against": self.against,
            "median": round(statistics.median(self.ratios), 3),
            "low": round(min(self.ratios), 3),
            "high": round(max(self.ratios), 3),
            "microseconds": round(self.cost, 1),
            "reference_microseconds": round(self.reference, 1),
        }

    def __str__(self) -> str:
        return (
            f"  {statistics.median(self.ratios):8.2f}  ({min(self.ratios):.2f} to"
            f" {max(self.ratios):.2f})  {self.what}, against {self.against}"
            f"  [{self.cost:,.0f} / {self.reference:,.0f} us]"
        )


def paired(
    what: str,
    ours: Run,
    against: str,
    theirs: Run,
    *,
    number: int = 200,
    rounds: int = 5,
) -> Row:
    """What a call of *ours* costs in calls of *theirs*, by this process's CPU time.

    Each round makes *number* calls of both, in four turns.
    """
    return paired_within(
        what,
        lambda: nullcontext(ours),
        against,
        lambda: nullcontext(theirs),
        number=number,
        rounds=rounds,
    )


def paired_within(
    what: str,
    ours: Callable[[], AbstractContextManager[Run]],
    against: str,
    theirs: Callable[[], AbstractContextManager[Run]],
    *,
    number: int = 200,
    rounds: int = 5,
) -> Row:
    """See `paired`; each turn is in a block of its own, which costs nothing here."""
    calls = max(1, number // 4)
    costs: list[tuple[float, float]] = []
    for one in range(-1, rounds):  # the first round warms up, and does not count
        spent = [0.0, 0.0]
        for _ in range(4):
            for at, block in enumerate((theirs, ours)):
                with block() as run:
                    run()
                    gc.collect()
                    gc.freeze()  # what was loaded before is no cost of a call
                    started = time.process_time()
                    for _ in range(calls):
                        run()
                    spent[at] += time.process_time() - started
                    gc.unfreeze()
        if one >= 0:
            costs.append((spent[1], spent[0]))
    return Row(
        what,
        against,
        [one / other for one, other in costs],
        statistics.median(one for one, _ in costs) / calls / 4 * 1e6,
        statistics.median(other for _, other in costs) / calls / 4 * 1e6,
    )
