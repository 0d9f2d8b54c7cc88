"""Times: points and lengths of time, as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(seconds: float) -> str:
    """Seconds since 1970 as `2026-03-02T10:00:00Z`, or with thousandths if it has any."""
    at = datetime.fromtimestamp(round(seconds, 3), UTC)
    whole = "seconds" if at.microsecond == 0 else "milliseconds"
    return at.isoformat(timespec=whole).replace("+00:00", "Z")


def span(seconds: float) -> str:
    """A length of time: `3 s`, `5 min`, `2 h`, `12 days`."""
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{round(seconds, 3):g} s"


def times(n: int) -> str:
    """How often: `once`, `twice`, `3 times`, `never`."""
    return {0: "never", 1: "once", 2: "twice"}.get(n, f"{n} times")
