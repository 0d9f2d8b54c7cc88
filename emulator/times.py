"""Times: whole microseconds since 1970 (UTC), and the texts that name them.

Lengths of time are whole microseconds too. What users give and see is in seconds, and
is rounded once, where it comes in.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
"""A second, in the unit that a world counts time in."""
LATEST = 253_370_764_799 * SECOND
"""The last second of the year 9998, which a clock never passes.

What is counted from there on (the end of a window, of a token, of a lock) still has a
date: there is none beyond the year 9999.
"""


def micros(seconds: float) -> int:
    """*seconds* in whole microseconds, the nearest. Raises for what is not finite."""
    return round(seconds * SECOND)


def whole_seconds(length: int) -> int:
    """Microseconds in seconds, rounded up."""
    return -(-length // SECOND)


_TIMES: dict[int, str] = {}
_FORM = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
"""In English, whatever language this machine is set to."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = 253_402_300_799
"""There is no date after this second: what comes later is shown as this."""


def iso(at: int) -> str:
    """A time in microseconds as an expression sees it: `2024-02-05T14:30:00Z`."""
    whole = min(at // SECOND, _LAST)
    text = _TIMES.get(whole)
    if text is None:
        if len(_TIMES) > 64:
            _TIMES.clear()
        text = _TIMES[whole] = datetime.fromtimestamp(whole, UTC).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
    return text


def http_date(at: int) -> str:
    """A time in microseconds as RFC 9110, 5.6.7 writes it: `Mon, 05 Feb 2024 14:30:00 GMT`."""
    when = datetime.fromtimestamp(min(at // SECOND, _LAST), UTC)
    day, month = _DAYS[when.weekday()], _MONTHS[when.month - 1]
    return f"{day}, {when:%d} {month} {when:%Y %H:%M:%S} GMT"


def instant(text: str) -> datetime:
    """The time that *text* names, as RFC 3339 writes it; without an offset it is in UTC.

    A day alone is its beginning; seconds may be left out. Raises `ValueError`.
    """
    if not isinstance(text, str):
        raise TypeError("fromisoformat: argument must be str")
    # Python reads weeks, days of years, and digits of other alphabets as well.
    if _FORM.fullmatch(text) is None:
        raise ValueError(f"Invalid isoformat string: {text[:60]!r}")
    when = datetime.fromisoformat(text.upper())
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def time_of(text: str) -> int:
    """The same in microseconds since 1970, as a world counts."""
    return counted(instant(text))


def is_time(value: object) -> bool:
    """Whether *value* is a text that `instant` reads."""
    try:
        return isinstance(value, str) and instant(value) is not None
    except ValueError:
        return False


def counted(when: datetime) -> int:
    """*when* in microseconds since 1970."""
    return (when - _EPOCH) // _MICROSECOND


def moment(at: int) -> str:
    """As `iso` has it, or with thousandths where it has any: as people are shown times."""
    thousandths = min(round(at, -3), _LAST * SECOND)
    when = _EPOCH + timedelta(microseconds=thousandths)
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
