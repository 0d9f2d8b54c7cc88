"""Limits: how often a caller may call, and the headers that tell how much is left."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from emulator.language.templates import Template
from emulator.times import SECOND, http_date, whole_seconds
from emulator.values import value

Json = Any


@value
class LimitPolicy:
    """One quota in one window."""

    name: str
    quota: Template
    window: int
    algorithm: str
    aligned: bool
    burst: float | None
    per: tuple[str, ...]
    subject: Template | None
    cost: Template | None
    when: Template | None
    operations: frozenset[str] | None
    """The operations that are counted; None: all of them."""
    provider: str

    def bucket(self, x: Any) -> Bucket | None:
        """The meter that this exchange is counted by, or None when it is not counted."""
        if "credential" in self.per and x.caller is None:
            return None
        if self.operations is not None and x.operation_id not in self.operations:
            return None
        if self.when is not None and not self.when.value(x):
            return None
        quota = self.quota.amount(x)
        if quota is None:
            return None
        if self._per_credential:
            key = (self.provider, self.name, x.claim.subject)
        else:
            key = (self.provider, self.name, *self._partition(x))
        meter = x.world.tally.meter(
            key, x.at, self.algorithm, self.window, self.aligned, self.burst
        )
        if self.cost is None:
            return Bucket(self, meter, quota, 1)
        cost = self.cost.amount(x)
        if cost is None or cost < 0:
            shown = "null" if cost is None else cost
            raise self.cost.unusable(f"a cost is 0 or more, and this is {shown}", x)
        return Bucket(self, meter, quota, cost)

    @cached_property
    def _per_credential(self) -> bool:
        """Whether the credential alone tells the meters apart, as it mostly does."""
        return self.per == ("credential",) and self.subject is None

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
        if self.subject is not None:
            parts.append(str(self.subject.value(x)))
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


@value
class QuotaHeaders:
    """One dialect of headers that tell a caller how its quota stands."""

    limit: str = ""
    remaining: str = ""
    reset: str = ""
    reset_as: str = "epoch"
    """`epoch`: seconds since 1970; `delta`: seconds from now; `http_date`."""
    shows: str = "tightest"
    """The name of a limit, or `tightest`."""
    replies: str = "identified"
    policy: str = ""
    state: str = ""
    """Names of the two fields of draft-ietf-httpapi-ratelimit-headers, which list
    every limit: `RateLimit-Policy` and `RateLimit`."""

    def lines(
        self, readings: list[tuple[LimitPolicy, Any]], at: int
    ) -> list[tuple[str, str]]:
        """The headers for these readings (see `world.meters.Reading`)."""
        lines = self._of_all(readings, at) if self.policy or self.state else []
        reading = shown(readings, self.shows)
        if reading is None:
            return lines
        if self.limit:
            lines.append(_line(self.limit, int(reading.limit)))
        if self.remaining:
            lines.append((self.remaining, str(int(reading.remaining))))
        if self.reset:
            lines.append(self._reset(reading, at))
        return lines

    def _of_all(
        self, readings: list[tuple[LimitPolicy, Any]], at: int
    ) -> list[tuple[str, str]]:
        """The fields that list every limit."""
        lines = []
        if self.policy:
            quotas = (
                f'"{policy.name}";q={int(reading.limit)};w={policy.window // SECOND}'
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


def shown(readings: list[tuple[LimitPolicy, Any]], which: str = "tightest") -> Any:
    """The reading of the limit named *which*, or the one with the least left."""
    if not readings:
        return None
    if which != "tightest":
        for policy, reading in readings:
            if policy.name == which:
                return reading
        return None
    if len(readings) == 1:
        return readings[0][1]
    return min(
        (reading for _, reading in readings),
        key=lambda one: (one.remaining, -one.wait, -one.reset),
    )


def _left(reading: Any, at: int) -> int:
    left = whole_seconds(reading.reset - at)
    return max(0, left)
