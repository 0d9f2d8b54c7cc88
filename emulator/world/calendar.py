"""Calendar: the hour, day, week or month of a place that a time is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from emulator.times import SECOND

UNITS = ("hour", "day", "week", "month")

_HOUR = 3_600 * SECOND


def known_zone(name: str) -> None:
    """Raise `ValueError` where there is no time zone of that name."""
    try:
        time_zone(name)
    except (LookupError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}") from error


@lru_cache(maxsize=64)
def time_zone(name: str) -> tzinfo:
    """The zone of that name. Raises `LookupError`, `ValueError` or `OSError`."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def bounds(at: int, unit: str, zone: str) -> tuple[int, int]:
    """When the *unit* that *at* is in begins there, and when it ends.

    A day is from midnight to midnight, whether it has 23, 24 or 25 hours; a week begins
    on Monday (ISO 8601).
    """
    if unit == "hour":
        return _hour(at, zone)
    start, end = _BOUNDS.get((unit, zone), (0, 0))
    if not start <= at < end:
        if len(_BOUNDS) > _MOST:
            _BOUNDS.clear()
        start, end = _BOUNDS[unit, zone] = _days(at, unit, time_zone(zone))
    return start, end


_MOST = 64
_BOUNDS: dict[tuple[str, str], tuple[int, int]] = {}
"""Those that were asked for last: most calls are in the same."""


def _hour(at: int, zone: str) -> tuple[int, int]:
    offset = datetime.fromtimestamp(at // SECOND, time_zone(zone)).utcoffset()
    shift = int((offset or timedelta()).total_seconds()) * SECOND
    start = (at + shift) // _HOUR * _HOUR - shift
    return start, start + _HOUR


def _days(at: int, unit: str, zone: tzinfo) -> tuple[int, int]:
    local = datetime.fromtimestamp(at // SECOND, zone)
    first = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if unit == "week":
        first = _moved(first, -first.weekday())
    elif unit == "month":
        first = first.replace(day=1)
    if unit == "month":
        # 31 days after the first of a month is always within the next one.
        following = _moved(first, 31).replace(day=1)
    else:
        following = _moved(first, 7 if unit == "week" else 1)
    return round(first.timestamp()) * SECOND, round(following.timestamp()) * SECOND


def _moved(day: datetime, days: int) -> datetime:
    """Midnight that many days later."""
    return day + timedelta(days=days)  # on the wall, as datetimes of one zone count
