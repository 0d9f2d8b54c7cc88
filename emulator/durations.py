"""Durations: `90s`, `1m`, `24h`, `500ms`, `7d`, and the shorter ones of faults."""

from __future__ import annotations

import re

from emulator.times import LATEST, SECOND

_UNITS = {"ms": 1_000, "s": SECOND, "m": 60 * SECOND, "h": 3_600 * SECOND}
_UNITS["d"] = 24 * _UNITS["h"]
_DIGITS = 100
_SHORT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|)")
_FORM = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")


def duration(text: str) -> int:
    """The length of a duration, to the microsecond.

    Raises `ValueError` for another form, and for one that no clock has the time for.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a duration: write 90s, 1m, 24h or 7d")
    number, unit = match.groups()
    length = LATEST + 1
    if len(number) <= _DIGITS:
        length = _micros(number, unit)
    if length > LATEST:
        raise ValueError(f"{text[:60]!r} is longer than any clock runs")
    return length


def seconds(text: str) -> float | None:
    """A short length in seconds: `2s`, `200ms`, `1m`, or a number of seconds alone.

    None for another form.
    """
    match = _SHORT.fullmatch(text)
    if match is None:
        return None
    # Whole microseconds: a text gives the same number again.
    return _micros(match[1], match[2] or "s") / SECOND


def _micros(number: str, unit: str) -> int:
    """A number of units in whole microseconds, rounded half to even."""
    whole, _, part = number.partition(".")
    scale: int = 10 ** len(part)
    length, rest = divmod(int(whole + part) * _UNITS[unit], scale)
    return length + (2 * rest > scale or (2 * rest == scale and length % 2 == 1))
