"""The ways of counting calls against a quota, one state machine each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.times import SECOND
from emulator.world.meters import (
    NEVER,
    FixedWindow,
    Meter,
    Reading,
    SlidingWindow,
    TokenBucket,
)

METERS: dict[str, Callable[[], Meter]] = {
    "clock": lambda: FixedWindow(60 * SECOND, True),
    "first_call": lambda: FixedWindow(60 * SECOND, False),
    "sliding": lambda: SlidingWindow(60 * SECOND),
    "bucket": lambda: TokenBucket(60 * SECOND),
}


@pytest.fixture(params=METERS)
def meter(request: pytest.FixtureRequest) -> Meter:
    made: Meter = METERS[request.param]()
    return made


def test_reading_changes_nothing(meter: Meter) -> None:
    """A meter can be looked at as often as one likes."""
    meter.take(10 * SECOND, 5)

    assert [meter.read(20 * SECOND, 5) for _ in range(3)] == [
        meter.read(20 * SECOND, 5)
    ] * 3


def test_a_drained_meter_has_nothing_left(meter: Meter) -> None:
    """Whatever was spent before, nothing is left, and a call must wait."""
    meter.take(10 * SECOND, 5)
    meter.drain(20 * SECOND, 5)

    reading = meter.read(20 * SECOND, 5)

    assert (reading.remaining, reading.fits) == (0, False)


def test_what_costs_more_than_the_quota_never_fits(meter: Meter) -> None:
    """Waiting does not help where the whole quota would not do."""
    assert meter.read(10 * SECOND, 5, 6) == meter.read(10 * SECOND, 5, 6)._replace(
        wait=NEVER
    )
    assert meter.read(10 * SECOND, 0).wait == NEVER


def test_a_quota_that_shrinks_leaves_nothing_and_not_less(meter: Meter) -> None:
    """A caller that loses its tier has spent what it has."""
    for _ in range(5):
        meter.take(60 * SECOND, 5)

    assert (meter.read(60 * SECOND, 2).remaining, meter.read(60 * SECOND, 2).fits) == (
        0,
        False,
    )


def test_a_fixed_window_lies_on_the_clock() -> None:
    """At second 70 of minutes, the window ends at 120."""
    meter = FixedWindow(60 * SECOND, True)

    assert meter.take(70 * SECOND, 2) == Reading(2, 1, 120 * SECOND, 0, 1)
    assert meter.take(119 * SECOND, 2) == Reading(2, 0, 120 * SECOND, 0, 2)
    assert meter.read(119 * SECOND, 2) == Reading(2, 0, 120 * SECOND, SECOND, 2)
    assert meter.read(120 * SECOND, 2) == Reading(2, 2, 180 * SECOND, 0)


def test_a_bucket_refills_with_fractions() -> None:
    """Half a token after half the time; the wait is for what is lacking of one."""
    meter = TokenBucket(60 * SECOND, burst=1)

    assert meter.take(0, 6) == Reading(1, 0, 10 * SECOND, 0, 1)
    assert meter.read(5 * SECOND, 6) == Reading(1, 0.5, 10 * SECOND, 5 * SECOND, 0.5)
    assert meter.read(10 * SECOND, 6) == Reading(1, 1, 10 * SECOND, 0)
