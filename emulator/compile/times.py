"""Times: which times of fixtures follow the day that a world begins on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from emulator.compile.collections import check_field
from emulator.compile.source import Source
from emulator.diagnostics import nearest
from emulator.json_type import Json
from emulator.world.moving import Times, can_move

Record = dict[str, Json]

_AT = ("fixtures",)


def compile_times(
    source: Source, records: Mapping[str, Sequence[Record]], keys: Mapping[str, str]
) -> dict[str, Times]:
    """What stands under `fixtures`, by collection."""
    if source.get(*_AT) is None:
        return {}
    written_for, zone = _written_for(source), _zone(source)
    found: dict[str, Times] = {}
    for at, fields in source.entries(*_AT, "times"):
        name = str(at[-1])
        if not source.known(at, name, source.fields, "collection"):
            continue
        there = records.get(name, ())
        pinned = frozenset(source.get(*_AT, "pinned", name, default=()))
        key = keys.get(name, "id")
        times = Times(
            written_for=written_for, zone=zone, fields=tuple(fields), pinned=pinned
        )
        if source.trusted or _is_sound(source, times, name, key, there):
            found[name] = times
    moving = source.get(*_AT, "times", default={})
    for at, _ in source.entries(*_AT, "pinned"):
        name = str(at[-1])
        if source.known(at, name, source.fields, "collection") and name not in moving:
            what = f"no time of {name} moves, so no record of it can be pinned"
            why = "records are pinned that do not follow `times`"
            fix = f"list the fields of {name} that move below `times`, or remove it"
            source.problem(at, "idle-key", what, why, fix, key=True)
    return found


def _written_for(source: Source) -> date:
    at = (*_AT, "written_for")
    text = source.get(*at, default="2000-01-01")  # it lacks only where that is told
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        source.problem(at, "wrong-form", f"'written_for' is no day: {error}")
        return date(2000, 1, 1)


def _zone(source: Source) -> str:
    at = (*_AT, "zone")
    zone: str = source.get(*at, default="UTC")
    if zone == "UTC" or source.trusted:
        return zone
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        source.problem(
            at,
            "unknown-zone",
            f"there is no time zone {zone!r}",
            "time zones are those of the IANA database",
            "write one such as Europe/Berlin",
        )
        return "UTC"
    return zone


def _is_sound(
    source: Source, times: Times, name: str, key: str, records: Sequence[Record]
) -> bool:
    """Whether the records have such fields, and times in them; if not, it is told."""
    fields = [
        field
        for at, field in source.entries(*_AT, "times", name)
        if check_field(source, at, field, name) and _moves(source, at, field, key)
    ]
    by_key = {record[key]: record for record in records}
    for at, pinned in source.entries(*_AT, "pinned", name):
        if pinned not in by_key:
            what, why = f"{name} has no record {pinned!r}", "it is pinned by its key"
            near = nearest(str(pinned), map(str, by_key))
            add = f"remove it, or have the fixtures of {name} hold that record"
            fix = f"did you mean {near}?" if near else add
            source.problem(at, "unknown-record", what, why, fix)
    for field in fields:
        for record in records:
            value = record.get(field)
            is_wrong = not isinstance(value, str) or not can_move(value)
            if value is not None and is_wrong and record[key] not in times.pinned:
                source.problem(
                    (*_AT, "times", name, times.fields.index(field)),
                    "fixture-time",
                    f"{field!r} of the record {record[key]!r} of {name} is"
                    f" {str(value)[:60]!r}, which is no time",
                    "times that move are written as 2026-03-02, or as"
                    " 2026-03-02T10:00:00Z with any offset",
                    "write such a time or null, or pin the record",
                )
                return False
    return len(fields) == len(times.fields)


def _moves(source: Source, at: tuple[str | int, ...], field: str, key: str) -> bool:
    if field != key:
        return True
    source.problem(
        at,
        "wrong-form",
        f"{field!r} is the key of its records, which stays what it is",
        "",
        "name other fields",
    )
    return False
