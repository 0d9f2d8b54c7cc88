"""Times move by whole days, in the form that they have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.times import SECOND
from emulator.world.base import Base
from emulator.world.collection import Collection
from emulator.world.moving import Times, can_move, moved_text

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.integers(-20_000, 20_000)
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1)).map(
    lambda one: one.replace(microsecond=0)
)


@pytest.mark.parametrize(
    ("text", "in_utc", "in_berlin"),
    [
        ("2026-03-02", "2026-06-30", "2026-06-30"),
        ("2026-03-02T10:00:00Z", "2026-06-30T10:00:00Z", "2026-06-30T09:00:00Z"),
        (
            "2026-03-02T10:00:00+01:00",
            "2026-06-30T10:00:00+01:00",
            "2026-06-30T10:00:00+02:00",
        ),
        (
            "2026-03-02 10:00:00.25 +0000",
            "2026-06-30 10:00:00.25 +0000",
            "2026-06-30 09:00:00.25 +0000",
        ),
        ("2026-03-02T10:00", "2026-06-30T10:00", "2026-06-30T09:00"),
        # Its day is another one in Berlin.
        ("2026-03-01T23:30:00Z", "2026-06-29T23:30:00Z", "2026-06-29T22:30:00Z"),
    ],
)
def test_the_clock_on_the_wall_stays(text: str, in_utc: str, in_berlin: str) -> None:
    """Where the zone has it so: from winter to summer an hour of UTC is lost."""
    assert moved_text(text, 120, None) == in_utc
    assert moved_text(text, 120, BERLIN) == in_berlin


def test_an_hour_that_does_not_exist_is_the_next_one() -> None:
    """On the night on which summer begins."""
    assert moved_text("2026-03-28T02:30:00+01:00", 1, BERLIN) == (
        "2026-03-29T03:30:00+02:00"
    )


@pytest.mark.parametrize("days", [-3_000_000, 3_000_000])
@pytest.mark.parametrize("zone", [None, BERLIN, ZoneInfo("Pacific/Kiritimati")])
def test_no_time_leaves_the_calendar(days: int, zone: ZoneInfo | None) -> None:
    """What is far away stays far away."""
    for text in ("2026-03-02", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59+14:00"):
        moved = moved_text(text, days, zone)
        assert moved[:4] == ("9999" if days > 0 else "0001")
        assert datetime.fromisoformat(moved)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026-02-30",
        "2026-3-2",
        "2026-03-02T25:00",
        "٢٠٢٦-03-02",
        "20260302",
        "",
    ],
)
def test_other_texts_are_no_times(text: str) -> None:
    """They are told of when a provider is loaded."""
    assert not can_move(text)


@given(MOMENTS, DAYS)
def test_without_a_zone_there_and_back_is_the_same(at: datetime, days: int) -> None:
    """And the distance is so many days."""
    text = at.isoformat() + "Z"
    moved = moved_text(text, days, None)

    assert datetime.fromisoformat(moved) - at.replace(tzinfo=UTC) == timedelta(days)
    assert moved_text(moved, -days, None) == text


@given(MOMENTS, DAYS)
def test_in_a_zone_the_days_are_those_of_the_wall(at: datetime, days: int) -> None:
    """Whatever the offset is then; only an hour that does not exist is another."""
    wall = at.replace(tzinfo=UTC).astimezone(BERLIN)
    moved = datetime.fromisoformat(moved_text(at.isoformat() + "Z", days, BERLIN))

    local = moved.astimezone(BERLIN)
    assert local.date() - wall.date() == timedelta(days)
    assert local.time() == wall.time() or local.hour == wall.hour + 1 == 3


def base(records: int = 3, **more: object) -> Base:
    times = Times(
        written_for=date(2026, 3, 2),
        zone="UTC",
        fields=("at",),
        **more,  # type: ignore[arg-type]
    )
    made = [
        {"id": id, "at": "2026-03-01", "kind": id % 2} for id in range(1, 1 + records)
    ]
    return Base(made, times=times)


def began(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()) * SECOND


def test_collections_of_one_day_share_their_records() -> None:
    """And each is found by what it holds on that day."""
    shared = base(pinned=frozenset({3}))
    one = Collection(shared, began=began("2027-03-02"))
    two = Collection(shared, began=began("2027-03-02"))

    assert one.get(1) is two.get(1)
    assert one.get(1) == {"id": 1, "at": "2027-03-01", "kind": 1}
    assert one.get(3) is shared.records[3]
    assert [each["id"] for each in one.where({"at": "2027-03-01"})] == [1, 2]
    assert one.where({"kind": 1}) == [one.get(1), one.get(3)]
    assert one.first("at", "2026-03-01") is one.get(3)
    still = Collection(shared, began=began("2026-03-02"))
    assert still.get(1) is shared.records[1]


def test_few_days_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has asked for lately is made again, and changes stay on it."""
    monkeypatch.setattr("emulator.world.base._MOVED", 9)
    shared = base()
    days = [f"2027-03-{day:02}" for day in range(1, 9)]
    held = [Collection(shared, began=began(day)) for day in days]
    for one in held:
        one.put({"id": 2, "at": "now", "kind": 0})
        one.delete(3)

    for day, one in zip(days, held, strict=True):
        at = (date.fromisoformat(day) - timedelta(1)).isoformat()
        assert list(one) == [
            {"id": 1, "at": at, "kind": 1},
            {"id": 2, "at": "now", "kind": 0},
        ]
        assert len(shared._moved) == 3


def test_changes_of_one_day_are_put_back_on_that_day() -> None:
    """What was not changed is not written down."""
    shared = base()
    one = Collection(shared, began=began("2027-03-02"))
    one.put(dict(one.get(1) or {}))
    one.put({"id": 2, "at": "now", "kind": 0})

    kept = one.dump()
    again = Collection(shared, began=began("2027-03-02"))
    again.load(kept)

    assert [each["id"] for each in kept["replaced"]] == [2]
    assert list(again) == list(one)
