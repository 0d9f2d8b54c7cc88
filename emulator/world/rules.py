"""Rules of faults: which calls they are about, and which of those they strike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from emulator.json_type import Json
from emulator.times import LATEST
from emulator.world.chance import Chance
from emulator.world.fault import Fault, read_fault

_RANGES = 100

ENDLESS = 2 * LATEST
"""The end of a rule that has none: no clock comes there."""


class Calls(NamedTuple):
    """Which of the calls that a rule is about it strikes, counted from 1."""

    ranges: tuple[tuple[int, float], ...] = ((1, math.inf),)
    every: int = 1

    @property
    def last(self) -> float:
        """The last one; infinite where there is none."""
        return max(end for _, end in self.ranges)

    @property
    def text(self) -> str:
        """The calls as `read_calls` reads them."""
        if self.every > 1:
            return f"every {self.every}"
        return ", ".join(_range(start, end) for start, end in self.ranges)

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
    parts = text.split(",")
    if len(parts) > _RANGES:
        raise ValueError(f"a rule names at most {_RANGES} calls or ranges of them")
    ranges = []
    for part in parts:
        start, dash, end = part.partition("-")
        first = _number(text, start)
        last: float = first
        if dash:
            last = _number(text, end) if end.strip() else math.inf
        if last < first:
            raise _bad_calls(text)
        ranges.append((first, last))
    return Calls(tuple(ranges))


def _range(start: int, end: float) -> str:
    if end == start:
        return str(start)
    return f"{start}-" if end == math.inf else f"{start}-{int(end)}"


def _number(text: str, part: str) -> int:
    digits = part.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        raise _bad_calls(text)
    return int(digits)


def _bad_calls(text: str) -> ValueError:
    return ValueError(
        f"{text[:60]!r} says no calls: write 2, 1-3, 4-, [2, 5] or every 3; they are"
        " counted from 1"
    )


class Rule:
    """What goes wrong, with which calls, and how many of those there have been."""

    __slots__ = (
        "calls",
        "counted",
        "credential",
        "credential_name",
        "ended",
        "ends",
        "faults",
        "id",
        "operations",
        "probability",
        "provider",
        "refuse",
        "source",
        "starts",
        "status",
        "struck",
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
        credential_name: str = "",
        calls: Calls | None = None,
        probability: float = 1.0,
        starts: int = 0,
        ends: int = ENDLESS,
        source: str = "",
    ) -> None:
        self.id = ""
        """What it is called in its world, which gives it: `1`, `2`, ..."""
        self.provider = provider
        self.faults = faults
        self.refuse = refuse
        """The refusal that is forced, or empty."""
        self.status = status
        """The status of the provider's own error that is forced, or 0."""
        self.operations = operations
        """The operations that it is about; None: all."""
        self.credential = credential
        """Whose calls it is about, by collection and key; None: everybody's."""
        self.credential_name = credential_name
        self.calls = calls or Calls()
        self.probability = probability
        self.starts = min(starts, ENDLESS)
        self.ends = min(ends, ENDLESS)
        self.source = source
        """Who made the rule: the name of a scenario."""
        self.counted = 0
        """The calls so far that it is about."""
        self.struck = 0
        """Those of them that something went wrong with."""
        self.ended = False
        """It has dropped out: not even a clock that is set back brings it back."""

    @property
    def asks_for_credential(self) -> bool:
        return self.credential is not None

    @property
    def forces(self) -> bool:
        """Whether it has the provider refuse, besides what happens on the wire."""
        return bool(self.refuse or self.status)

    def is_about(
        self, operation: str | None, credential: tuple[str, int | str] | None, at: int
    ) -> bool:
        """Whether it counts a call of *operation* by *credential* at this time."""
        if not self.starts <= at < self.ends:
            return False
        if self.operations is not None and operation not in self.operations:
            return False
        return self.credential is None or credential == self.credential

    def strikes(self, chance: Chance) -> bool:
        """Count a call that it is about; whether something goes wrong with it."""
        self.counted += 1
        if not self.calls.has(self.counted):
            return False
        if self.probability < 1 and not chance.happens(self.probability):
            return False
        self.struck += 1
        return True

    def is_over(self, at: int) -> bool:
        """Whether no call will ever be struck again."""
        return self.ended or at >= self.ends or self.counted >= self.calls.last

    def copy(self) -> Rule:
        """The same rule, which counts on its own from here on."""
        made = object.__new__(Rule)
        for name in Rule.__slots__:
            setattr(made, name, getattr(self, name))
        return made

    def dump(self) -> dict[str, Json]:
        """Texts and numbers that `load` makes the same rule of."""
        return {
            "id": self.id,
            "provider": self.provider,
            "faults": [fault.text for fault in self.faults],
            "refuse": self.refuse,
            "status": self.status,
            "operations": None if self.operations is None else sorted(self.operations),
            "credential": None if self.credential is None else [*self.credential],
            "credential_name": self.credential_name,
            "calls": self.calls.text,
            "probability": self.probability,
            "starts": self.starts or None,
            "ends": None if self.ends == ENDLESS else self.ends,
            "source": self.source,
            "counted": self.counted,
            "struck": self.struck,
            "ended": self.ended,
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Json]) -> Rule:
        """The rule that was dumped. Raises `ValueError`, `TypeError` or `KeyError`."""
        operations, credential = dumped["operations"], dumped["credential"]
        starts, ends = dumped["starts"], dumped["ends"]
        made = cls(
            str(dumped["provider"]),
            faults=tuple(read_fault(str(text)) for text in dumped["faults"]),
            refuse=str(dumped["refuse"]),
            status=int(dumped["status"]),
            operations=None if operations is None else frozenset(map(str, operations)),
            credential=None if credential is None else _pair(*credential),
            credential_name=str(dumped["credential_name"]),
            calls=read_calls(str(dumped["calls"])),
            probability=float(dumped["probability"]),
            starts=0 if starts is None else int(starts),
            ends=ENDLESS if ends is None else int(ends),
            source=str(dumped["source"]),
        )
        made.id = str(dumped["id"])
        made.counted, made.struck = int(dumped["counted"]), int(dumped["struck"])
        made.ended = bool(dumped["ended"])
        return made


def _pair(collection: Json, key: Json) -> tuple[str, int | str]:
    return str(collection), key if isinstance(key, int) else str(key)
