"""Rate limits: how often a caller may call, and the headers that tell how much is left."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.program.headers import Headers, header_lines
from emulator.program.outcomes import Outcomes
from emulator.times import SECOND, http_date, whole_seconds
from emulator.values import make, value
from emulator.world.calendar import bounds
from emulator.world.meters import (
    CalendarWindow,
    FixedWindow,
    InFlight,
    Meter,
    SlidingWindow,
    TokenBucket,
)

QUOTA = frozenset({"limit", "remaining", "reset"})
"""What replies say of how the quota stands."""
LIMIT = frozenset({"name", "limit", "used", "remaining", "reset", "window"})
"""What is told of how a limit of a certain name stands."""
_SAID = frozenset(
    {"path", "query", "header", "cookie", "body", "method", "operation_id", "raw_path"}
)


@value
class LimitPolicy:
    """One quota in one window."""

    name: str
    quota: Template
    window: int
    """How long one is; of a calendar, and where calls are in flight, 0."""
    unit: str
    """The word of the calendar that is its window, or nothing."""
    zone: str
    algorithm: str
    aligned: bool
    burst: float | None
    takes: int
    """How long a call is in flight."""
    per: tuple[str, ...]
    subjects: tuple[Template, ...]
    cost: Template | None
    cost_after: Template | None
    """What a call comes to when it has done its work."""
    uncharged: Outcomes | None
    """Outcomes that cost nothing."""
    refuse: str
    """The code that it refuses with."""
    when: Template | None
    operations: frozenset[str] | None
    """The operations that are counted; None: all of them."""
    provider: str

    def bucket(self, x: Any, *, free: bool = False) -> Bucket | None:
        """The meter that this exchange is counted by, or None when it is not counted.

        With *free*, it is only looked at: what a call would cost may not be known.
        """
        if "credential" in self.per and x.caller is None:
            return None
        if self.operations is not None and x.operation_id not in self.operations:
            return None
        if self.when is not None and not self.when.value(x):
            return None
        quota = self.quota.amount(x)
        if quota is None:
            return None
        if self._per_credential:  # nearly always
            key: tuple[Json, ...] = self.provider, self.name, x.claim.subject
        else:
            key = self._key(x)
        meter = x.world.tally.meter(key, x.at, self.new_meter)
        if self.cost is None or free:
            return make(Bucket, (self, meter, quota, 0 if free else 1))
        return Bucket(self, meter, quota, self.amount_of(self.cost, x))

    def amount_of(self, cost: Template, x: Any) -> float:
        """What *cost* is for this exchange. Raises `ExpressionFailed`."""
        amount = cost.amount(x)
        if amount is None or amount < 0:
            shown = "null" if amount is None else amount
            raise cost.unusable(f"a cost is 0 or more, and this is {shown}", x)
        return amount

    def standing(self, x: Any) -> Any:
        """How the limit stands for this caller (see `world.meters.Reading`), whether or
        not it counts this call; None where nothing says whose meter that is."""
        if "credential" in self.per and (x.caller is None or x.claim is None):
            return None
        counts = self.operations is None or x.operation_id in self.operations
        if not counts and self._of_the_call:
            return None
        quota = self.quota.amount(x)
        if quota is None:
            return None
        meter = x.world.tally.known_meter(self._key(x)) or self.new_meter()
        return meter.read(x.at, quota, 0)

    def new_meter(self) -> Meter:
        """A meter that nothing has been counted by."""
        if self.unit:
            return CalendarWindow(self.unit, self.zone)
        if self.algorithm == "in_flight":
            return InFlight(self.takes)
        if self.algorithm == "sliding_window":
            return SlidingWindow(self.window)
        if self.algorithm == "token_bucket":
            return TokenBucket(self.window, self.burst)
        return FixedWindow(self.window, self.aligned)

    def facts(self, reading: Any) -> dict[str, Json]:
        """What is told of how it stands."""
        return {
            "name": self.name,
            "limit": int(reading.limit),
            "used": int(reading.used),
            "remaining": int(reading.remaining),
            "reset": whole_seconds(reading.reset),
            "window": self.length(reading) // SECOND,
        }

    def length(self, reading: Any) -> int:
        """How long the window is that a reading is of."""
        if self.unit:
            start, end = bounds(reading.reset - 1, self.unit, self.zone)
            return end - start
        return self.window or self.takes

    @cached_property
    def is_settled_late(self) -> bool:
        """Whether what a call costs depends on what becomes of it."""
        late = self.cost_after or self.uncharged or self.algorithm == "in_flight"
        return bool(late)

    @cached_property
    def _of_the_call(self) -> bool:
        """Whether its meters are told apart by what a call says."""
        said = frozenset[str]().union(
            *(subject.uses.roots for subject in self.subjects)
        )
        return bool(said & _SAID) or "operation" in self.per

    def _key(self, x: Any) -> tuple[Json, ...]:
        return self.provider, self.name, *self._partition(x)

    @cached_property
    def _per_credential(self) -> bool:
        """Whether the credential alone tells the meters apart, as it mostly does."""
        return self.per == ("credential",) and not self.subjects

    def _partition(self, x: Any) -> list[Json]:
        """What tells the meters of this limit apart."""
        parts: list[Json] = []
        for per in self.per:
            if per == "credential":
                parts.append(x.claim.subject)
            elif per == "ip":
                parts.append(x.client)
            elif per == "operation":
                parts.append(x.operation_id or "")
        parts.extend(str(subject.value(x)) for subject in self.subjects)
        return parts


class Bucket(NamedTuple):
    """The meter of one limit for one exchange, and what is asked of it."""

    policy: LimitPolicy
    meter: Any
    quota: float
    cost: float

    def read(self, at: int) -> Any:
        """How the meter stands (see `world.meters.Reading`)."""
        return self.meter.read(at, self.quota, self.cost)

    def take(self, at: int) -> Any:
        return self.meter.take(at, self.quota, self.cost)


_OF_OTHERS = re.compile(
    "accept-encoding|allow|content-range|content-type|link|www-authenticate"
)
"""Headers that the emulator adds to replies by itself."""


_TIGHTEST = ("tightest",)


@value
class QuotaHeaders:
    """One dialect of headers that tell a caller how its quota stands."""

    limit: str = ""
    used: str = ""
    remaining: str = ""
    reset: str = ""
    reset_as: str = "epoch"
    """`epoch`: seconds since 1970; `delta`: seconds from now; `http_date`."""
    shows: tuple[str, ...] = _TIGHTEST
    """Names of limits, of which the first that counts the call is shown; or `tightest`."""
    replies: str = "identified"
    policy: str = ""
    state: str = ""
    """Names of the two fields of draft-ietf-httpapi-ratelimit-headers, which list
    every limit: `RateLimit-Policy` and `RateLimit`."""
    template: Headers = ()
    """Headers in a form of the provider's own."""

    @cached_property
    def alone(self) -> bool:
        """Whether nothing else of a reply can have one of these names."""
        own = (self.limit, self.used, self.remaining, self.reset)
        names = [name.lower() for name in (*own, self.policy, self.state) if name]
        names += [name.lower() for name, _ in self.template]
        taken = any(map(_OF_OTHERS.fullmatch, names))
        return not taken and len(set(names)) == len(names)

    def lines(
        self, readings: list[tuple[LimitPolicy, Any]], x: Any
    ) -> list[tuple[str, str]]:
        """The headers for these readings (see `world.meters.Reading`)."""
        at = x.at
        lines = self._of_all(readings, at) if self.policy or self.state else []
        if len(readings) == 1 and self.shows == _TIGHTEST:  # nearly always
            policy, reading = readings[0]
        else:
            limit = shown(readings, self.shows)
            if limit is None:
                return lines
            policy, reading = limit
        if self.limit:
            lines.append(_line(self.limit, int(reading.limit)))
        if self.used:
            lines.append((self.used, str(int(reading.used))))
        if self.remaining:
            lines.append((self.remaining, str(int(reading.remaining))))
        if self.reset:
            lines.append(self._reset(reading, at))
        if self.template:
            facts = policy.facts(reading)
            for name, template in self.template:
                lines.extend(header_lines(name, template, x, facts))
        return lines

    def _of_all(
        self, readings: list[tuple[LimitPolicy, Any]], at: int
    ) -> list[tuple[str, str]]:
        """The fields that list every limit."""
        lines = []
        if self.policy:
            quotas = (
                f'"{policy.name}";q={int(reading.limit)};w={policy.length(reading) // SECOND}'
                for policy, reading in readings
            )
            lines.append((self.policy, ", ".join(quotas)))
        if self.state:
            left = (
                f'"{policy.name}";r={int(reading.remaining)};t={_left(reading, at)}'
                for policy, reading in readings
            )
            lines.append((self.state, ", ".join(left)))
        return lines

    def _reset(self, reading: Any, at: int) -> tuple[str, str]:
        if self.reset_as == "delta":
            return _line(self.reset, _left(reading, at))
        if self.reset_as == "http_date":
            return self.reset, http_date(whole_seconds(reading.reset) * SECOND)
        return _line(self.reset, whole_seconds(reading.reset))


@lru_cache(maxsize=256)
def _line(name: str, number: int) -> tuple[str, str]:
    """A header that is the same for many calls: the journal keeps one of it."""
    return name, str(number)


def shown(
    readings: list[tuple[LimitPolicy, Any]], which: tuple[str, ...] = _TIGHTEST
) -> tuple[LimitPolicy, Any] | None:
    """The limit of *which* that is shown, and its reading; `tightest` has least left."""
    if not readings:
        return None
    for name in which:
        if name == "tightest":
            return readings[0] if len(readings) == 1 else min(readings, key=_tightness)
        for policy, reading in readings:
            if policy.name == name:
                return policy, reading
    return None


def _tightness(limit: tuple[LimitPolicy, Any]) -> tuple[float, int, int]:
    _, reading = limit
    return reading.remaining, -reading.wait, -reading.reset


def _left(reading: Any, at: int) -> int:
    left = whole_seconds(reading.reset - at)
    return max(0, left)
