"""Times: points and lengths of time, as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class Since(NamedTuple):
    """A time from which on entries are meant."""

    at: int

    def __str__(self) -> str:
        return moment(self.at)


def moment(at: int) -> str:
    """Microseconds since 1970 as `2026-03-02T10:00:00Z`, or with thousandths if it has any."""
    thousandths = round(at, -3)
    try:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=thousandths)
    except OverflowError:
        when = _LAST  # there is no later date
    whole = "seconds" if when.microsecond == 0 else "milliseconds"
    return when.isoformat(timespec=whole).replace("+00:00", "Z")


def span(seconds: float) -> str:
    """A length of time: `3 s`, `5 min`, `2 h`, `12 days`."""
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{round(seconds, 3):g} s"


def times(n: int) -> str:
    """How often: `once`, `twice`, `3 times`, `never`."""
    return {0: "never", 1: "once", 2: "twice"}.get(n, f"{n} times")
