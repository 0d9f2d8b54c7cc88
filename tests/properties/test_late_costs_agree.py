"""Meters agree with a list of all calls where costs are corrected, calls go on for a
time, and windows are those of the calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.times import SECOND
from emulator.world.calendar import bounds
from emulator.world.meters import (
    NEVER,
    FixedWindow,
    InFlight,
    Meter,
    SlidingWindow,
    TokenBucket,
    dump,
    load,
)

START = 1_772_445_600 * SECOND
STEPS = st.integers(0, 200).map(lambda n: n * SECOND // 4)
CALLS = st.lists(st.tuples(STEPS, st.integers(0, 4), st.integers(0, 6)), max_size=40)
QUOTAS = st.integers(0, 12)
WINDOW = 20 * SECOND


@given(CALLS, QUOTAS, st.integers(0, 60 * SECOND))
def test_calls_in_flight_agree_with_a_semaphore(
    calls: list[tuple[int, int, int]], quota: int, takes: int
) -> None:
    """A call holds what it costs until it is over, and the wait is right."""
    meter: Meter = InFlight(takes)
    now, held = START, list[tuple[int, int]]()
    for step, cost, longer in calls:
        now += step
        used = sum(cost for until, cost in held if until > now)
        reading = meter.read(now, quota, cost)
        assert (reading.used, reading.fits) == (used, used + cost <= quota)
        if reading.fits:
            meter.take(now, quota, cost)
            assert isinstance(meter, InFlight)
            meter.extend(now, cost, longer * SECOND)
            held.append((now + takes + longer * SECOND, cost))
        elif cost <= quota:
            then = now + reading.wait
            assert sum(held for until, held in held if until > then) + cost <= quota
            assert sum(held for until, held in held if until > then - 1) + cost > quota
        else:
            assert reading.wait == NEVER
        meter = load(dump(meter))


@pytest.mark.parametrize(
    "meter", [FixedWindow(WINDOW, True), FixedWindow(WINDOW, False), SlidingWindow(WINDOW)]
)  # fmt: skip
@given(calls=CALLS, quota=QUOTAS)
def test_a_corrected_cost_is_as_if_it_had_been_charged(
    meter: Meter, calls: list[tuple[int, int, int]], quota: int
) -> None:
    """A meter whose charges are corrected stands where one does that knew before."""
    corrected, knew = load(dump(meter)), load(dump(meter))
    now = START
    for step, cost, instead in calls:
        now += step
        fits = corrected.read(now, quota, cost).fits
        assert fits is knew.read(now, quota, cost).fits
        if fits:
            corrected.take(now, quota, cost)
            corrected.correct(now, instead - cost)
            if instead:
                knew.take(now, quota, instead)
        assert corrected.read(now, quota, 0) == knew.read(now, quota, 0)


@given(CALLS, st.integers(1, 12))
def test_a_bucket_may_owe_what_a_call_came_to(
    calls: list[tuple[int, int, int]], quota: int
) -> None:
    """Tokens that are owed flow in first, and none is lost or made by a correction."""
    corrected, knew = TokenBucket(WINDOW), TokenBucket(WINDOW)
    now = START
    for step, cost, instead in calls:
        now += step
        fits = corrected.read(now, quota, cost).fits
        if fits:
            corrected.take(now, quota, cost)
            corrected.correct(now, instead - cost)
            knew.take(now, quota, instead)
        assert abs(corrected.spent(now) - knew.spent(now)) < 1e-6


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(ZONES),
    st.sampled_from(["day", "week", "month"]),
)
def test_a_window_of_the_calendar_is_where_the_date_is_the_same(
    when: datetime, zone: str, unit: str
) -> None:
    """Walking back and forth by the minute changes the date where the window ends."""
    at = round(when.replace(tzinfo=ZoneInfo("UTC")).timestamp()) * SECOND
    start, end = bounds(at, unit, zone)

    def name(at: int) -> tuple[int, ...]:
        day = datetime.fromtimestamp(at // SECOND, ZoneInfo(zone)).date()
        if unit == "week":
            return (day - timedelta(days=day.weekday())).timetuple()[:3]
        return day.timetuple()[: 2 if unit == "month" else 3]

    assert start <= at < end
    assert name(start) == name(at) == name(end - SECOND)
    assert name(start - SECOND) != name(at) != name(end)


@given(st.integers(0, 4_000_000_000), st.sampled_from(ZONES))
def test_an_hour_begins_when_the_minutes_are_none(at: int, zone: str) -> None:
    start, end = bounds(at * SECOND, "hour", zone)

    assert start <= at * SECOND < end
    assert end - start == 3_600 * SECOND
