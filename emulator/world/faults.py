"""Faults: what goes wrong on purpose in a world, by rules that count their calls.

A rule knows the calls it is about, and which of those it strikes: the second one, every
third, those of the next ten minutes, some by chance. One that can strike no more drops
out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from emulator.world.chance import Chance

_TIMED = ("delay", "dribble")
_PLAIN = ("reset", "empty", "malformed")
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
_LONGEST = 3_600.0
_MOST = 200


class BadFault(ValueError):
    """A text that names no fault."""


class TooManyRules(ValueError):
    """A world has all the rules that it takes."""


class Fault(NamedTuple):
    """Something that goes wrong on purpose, as a value: `server/wire.py` performs it."""

    kind: str
    """`delay`, `reset`, `empty`, `truncate`, `malformed`, `dribble` or `status`."""
    amount: float = 0.0
    """Seconds for `delay` and `dribble`, the share that is sent for `truncate`, the
    code for `status`."""


def read_fault(text: str) -> Fault:
    """A fault as a trigger or a scenario names it. Raises `BadFault`.

    "delay=2s"  ->  Fault(kind="delay", amount=2.0)
    """
    kind, equals, amount = text.partition("=")
    if kind in _PLAIN and not equals:
        return Fault(kind=kind)
    if kind in _TIMED:
        return Fault(kind=kind, amount=_seconds(text, amount))
    try:
        number = float(amount)
    except ValueError:
        number = math.nan
    if kind == "truncate" and 0 <= number < 1:
        return Fault(kind=kind, amount=number)
    if kind == "status" and number in range(500, 600):
        return Fault(kind=kind, amount=number)
    raise BadFault(
        f"{text!r} is no fault: write delay=2s, reset, empty, truncate=0.5, malformed, "
        "dribble=5s or status=503"
    )


def _seconds(text: str, amount: str) -> float:
    digits = amount.rstrip("ms")
    try:
        seconds = float(digits) * _UNITS[amount[len(digits) :]]
    except (ValueError, KeyError):
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST:
        raise BadFault(f"{text!r} has no length of time up to an hour: write delay=2s")
    return seconds


class Calls(NamedTuple):
    """Which of the calls that a rule is about it strikes, counted from 1."""

    ranges: tuple[tuple[int, float], ...] = ((1, math.inf),)
    every: int = 1

    @property
    def last(self) -> float:
        """The last one; infinite where there is none."""
        return max(end for _, end in self.ranges)

    def has(self, number: int) -> bool:
        inside = any(start <= number <= end for start, end in self.ranges)
        return inside and number % self.every == 0


def read_calls(text: str) -> Calls:
    """Which calls a text means. Raises `ValueError`.

    "2"  the second    "2, 5"  both    "1-3"  the first three    "4-"  from the fourth on
    "every 3"  the third, the sixth, ...
    """
    if text.startswith("every "):
        return Calls(every=_number(text, text.removeprefix("every ")))
    ranges = []
    for part in text.split(","):
        start, dash, end = part.partition("-")
        first = _number(text, start)
        last: float = first
        if dash:
            last = _number(text, end) if end.strip() else math.inf
        if last < first:
            raise _bad_calls(text)
        ranges.append((first, last))
    return Calls(tuple(ranges))


def _number(text: str, part: str) -> int:
    digits = part.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        raise _bad_calls(text)
    return int(digits)


def _bad_calls(text: str) -> ValueError:
    return ValueError(
        f"{text!r} says no calls: write 2, 1-3, 4-, [2, 5] or every 3; they are counted"
        " from 1"
    )


class Rule:
    """What goes wrong, with which calls, and how many of those there have been."""

    __slots__ = (
        "_calls",
        "_chance",
        "_credential",
        "_ends",
        "_operations",
        "_starts",
        "counted",
        "faults",
        "provider",
        "refuse",
        "source",
        "status",
    )

    def __init__(
        self,
        provider: str,
        *,
        faults: tuple[Fault, ...] = (),
        refuse: str = "",
        status: int = 0,
        operations: frozenset[str] | None = None,
        credential: tuple[str, int | str] | None = None,
        calls: Calls | None = None,
        probability: float = 1.0,
        starts: float = -math.inf,
        ends: float = math.inf,
        source: str = "",
    ) -> None:
        self.provider = provider
        self.faults = faults
        self.refuse = refuse
        """The refusal that is forced, or empty."""
        self.status = status
        """The status of the provider's own error that is forced, or 0."""
        self.source = source
        """Who made the rule: the name of a scenario."""
        self.counted = 0
        """The calls so far that it is about."""
        self._operations = operations
        self._credential = credential
        self._calls = calls or Calls()
        self._chance = probability
        self._starts = starts
        self._ends = ends

    @property
    def asks_for_credential(self) -> bool:
        return self._credential is not None

    @property
    def forces(self) -> bool:
        """Whether it has the provider refuse, besides what happens on the wire."""
        return bool(self.refuse or self.status)

    def is_about(
        self, operation: str | None, credential: tuple[str, int | str] | None, at: float
    ) -> bool:
        """Whether it counts a call of *operation* by *credential* at this time."""
        if not self._starts <= at < self._ends:
            return False
        if self._operations is not None and operation not in self._operations:
            return False
        return self._credential is None or credential == self._credential

    def strikes(self, chance: Chance) -> bool:
        """Count a call that it is about; whether something goes wrong with it."""
        self.counted += 1
        if not self._calls.has(self.counted):
            return False
        return self._chance >= 1 or chance.happens(self._chance)

    def is_over(self, at: float) -> bool:
        """Whether no call will ever be struck again."""
        return at >= self._ends or self.counted >= self._calls.last


class Faults:
    """The rules of a world, oldest first; bounded."""

    __slots__ = ("rules",)

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def add(self, rule: Rule) -> None:
        """Put *rule* in force. Raises `TooManyRules`."""
        if len(self.rules) >= _MOST:
            raise TooManyRules(f"a world takes {_MOST} rules of faults at one time")
        self.rules.append(rule)

    def drop_over(self, at: float) -> None:
        """Let go of the rules that can strike no more."""
        if any(rule.is_over(at) for rule in self.rules):
            self.rules = [rule for rule in self.rules if not rule.is_over(at)]

    def clear(self) -> None:
        self.rules = []
