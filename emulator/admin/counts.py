"""Counts: how often what has happened, as plain integers for /_emulator/metrics.

The label sets are bounded: providers, operations and refusals are those of specs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from emulator.world.outbox import Outcome

Key = tuple[str, str, str]
"""Provider, operation and refusal of a reply; empty where it has none."""

BOUNDS = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    10.0,
)
"""The upper bounds of the histogram's buckets, in seconds; the last has none."""


class Times:
    """How many replies took how long."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    @property
    def many(self) -> int:
        return sum(self.buckets)


class Counts:
    """What one process has counted since it began."""

    def __init__(self) -> None:
        self.replies: dict[tuple[Key, int], Times] = {}
        self.attempts: Counter[tuple[str, str]] = Counter()
        """Attempts to deliver webhooks, by provider and outcome."""
        self.bugs = self.spec_errors = 0

    def failed(self, kind: str) -> None:
        """Count a call or request that met a mistake, by the *kind* of it."""
        if kind == "spec error":
            self.spec_errors += 1
        else:
            self.bugs += 1

    def replied(self, key: Key, status: int, seconds: float) -> None:
        """Count one reply of a provider: every call pays for this."""
        times = self.replies.get((key, status))
        if times is None:
            times = self.replies[key, status] = Times()
        times.buckets[bisect_left(BOUNDS, seconds)] += 1
        times.seconds += seconds

    def by_provider(self) -> dict[str, Times]:
        """How long the replies of each provider took, whatever they said."""
        totals: dict[str, Times] = {}
        for ((provider, _, _), _), count in sorted(
            self.replies.items(), key=lambda item: item[0]
        ):
            times = totals.setdefault(provider, Times())
            times.seconds += count.seconds
            times.buckets = [
                a + b for a, b in zip(times.buckets, count.buckets, strict=True)
            ]
        return totals

    def attempted(self, provider: str, outcome: Outcome) -> None:
        """Count one attempt to deliver a webhook."""
        answer = "refused" if outcome.error else "accepted"
        self.attempts[provider, "unanswered" if outcome.status is None else answer] += 1
