"""Moving: the times of fixtures, as they are in a world that begins on another day.

Fixtures are written for one day. In a world that begins on another one their times are
moved by as many whole days, so that a board is as alive there as on the day that it was
written for. The records as they are on one day are made when they are first asked for,
and shared by all worlds that began on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

from emulator.json_type import Json
from emulator.times import SECOND
from emulator.values import value

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:(?P<between>[T ])(?P<time>\d\d:\d\d(?::\d\d)?)(?P<fraction>\.\d+)?"
    r"(?P<space> ?)(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_NONE, _MINUTE = timedelta(0), timedelta(minutes=1)
_FIRST, _LAST = date(1, 1, 3), date(9999, 12, 29)
"""No time is moved beyond these, whatever its zone."""


@value
class Times:
    """Which times of a collection move with the day that a world begins on."""

    written_for: date
    """The day that they are written for."""
    zone: str
    """Where days begin, and where the clock on the wall stays what it is."""
    fields: tuple[str, ...]
    pinned: frozenset[int | str] = frozenset()
    """Keys of records that stay as they are written."""

    def days(self, at: int) -> int:
        """How many days after the one they are written for a world begins at *at*."""
        begins = datetime.fromtimestamp(at // SECOND, UTC).astimezone(_zone(self.zone))
        return (begins.date() - self.written_for).days

    def mover(self, days: int) -> Callable[[dict[str, Json]], dict[str, Json]]:
        """Gives a record with its times moved by *days*."""
        zone = None if self.zone == "UTC" else _zone(self.zone)
        known: dict[str, str] = {}
        fields = self.fields
        # Without a zone only the date changes, of which there are few.
        end = len("2026-03-02") if zone is None else None

        def move(record: dict[str, Json]) -> dict[str, Json]:
            moved = record.copy()  # which shares what the record does
            for field in fields:
                text = moved.get(field)
                if isinstance(text, str):
                    part = text[:end]
                    new = known.get(part)
                    if new is None:
                        new = known[part] = moved_text(part, days, zone)
                    moved[field] = new + text[len(part) :]
            return moved

        return move


def _zone(name: str) -> tzinfo:
    """The time zone of that name; zones cost an import that most worlds do without."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def can_move(text: str) -> bool:
    """Whether *text* is a time that can be moved: a date, or a date and a time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    try:
        return _FIRST <= _read(match).date() <= _LAST
    except ValueError:
        return False


def moved_text(text: str, days: int, zone: tzinfo | None) -> str:
    """*text* moved by whole days, in the form that it has.

    In a *zone* the clock on the wall stays what it is there, also from winter to
    summer; without one, the clock of the text's own offset does.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return text
    if match["time"] is None or zone is None:
        day = date.fromisoformat(match["date"])
        return _on(day, days).isoformat() + text[len(match["date"]) :]
    at = _read(match)
    wall = at.astimezone(zone)
    on = _on(wall.date(), days)
    # By way of UTC, which knows no hour that does not exist.
    moved = datetime.combine(on, wall.time(), zone).astimezone(UTC).astimezone(zone)
    own = at.utcoffset() == wall.utcoffset() and match["offset"] not in (None, "Z")
    if not own or (moved.utcoffset() or _NONE) % _MINUTE:
        # It is not written as the zone has it, or nobody wrote offsets then.
        moved = moved.astimezone(at.tzinfo)
    form = "%H:%M:%S" if len(match["time"]) > 5 else "%H:%M"
    offset = match["offset"] or ""
    if offset and offset != "Z":
        offset = moved.strftime("%z")
        if ":" in match["offset"]:
            offset = f"{offset[:3]}:{offset[3:]}"
    return "".join(
        (
            moved.date().isoformat(),
            match["between"],
            moved.strftime(form),
            match["fraction"] or "",
            match["space"],
            offset,
        )
    )


def _read(found: re.Match[str]) -> datetime:
    """The time that was written; one without an offset is in UTC."""
    time, offset = found["time"] or "00:00", found["offset"] or "Z"
    return datetime.fromisoformat(f"{found['date']}T{time}{offset}")


def _on(day: date, days: int) -> date:
    try:
        moved = day + timedelta(days=days)
    except OverflowError:
        return _LAST if days > 0 else _FIRST
    return min(max(moved, _FIRST), _LAST)
