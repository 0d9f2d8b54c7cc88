"""The one clock of a world."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.times import LATEST, SECOND, micros, whole_seconds
from emulator.world.clock import Clock


class Ticks:
    """A monotonic counter that a test turns."""

    def __init__(self) -> None:
        self.at = 100

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def test_a_clock_runs_with_real_time_from_where_it_was_set(ticks: Ticks) -> None:
    """What passes outside passes inside."""
    clock = Clock(1_000, nanoseconds=ticks)
    ticks.at += 5_000
    ran = clock.now()
    clock.set(50)
    ticks.at += 3_000

    assert (ran, clock.now()) == (1_005, 53)


def test_a_frozen_clock_stands_still_until_it_is_moved(ticks: Ticks) -> None:
    """Only a command moves it; resumed, it goes on from where it stands."""
    clock = Clock(1_000, nanoseconds=ticks)
    ticks.at += 5_000
    clock.freeze()
    ticks.at += 500_000
    frozen = clock.now()
    clock.advance(10)
    moved = clock.now()
    clock.resume()
    ticks.at += 1_000

    assert (frozen, moved, clock.now()) == (1_005, 10_001_005, 10_001_006)
    assert not clock.frozen


@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, math.inf, 1e308, LATEST])
def test_a_clock_does_not_go_back_or_beyond_its_last_year(seconds: float) -> None:
    """A refused move leaves the clock where it was."""
    clock = Clock(1_000, frozen=True)

    with pytest.raises(ValueError):
        clock.advance(seconds)

    assert clock.now() == 1_000


@pytest.mark.parametrize("at", [-1, LATEST + 1])
def test_a_clock_is_not_set_outside_its_years(at: int) -> None:
    """Times are those of 1970 to 9998."""
    with pytest.raises(ValueError):
        Clock(1_000).set(at)


def test_seconds_are_not_taken_for_a_time() -> None:
    """Whoever mixes the two is told, and does not land in January 1970."""
    for wrong in (1_772_445_600.0, math.nan):
        with pytest.raises(TypeError):
            Clock(wrong)  # type: ignore[arg-type]


def test_a_clock_can_be_set_back() -> None:
    """`set` goes anywhere; only `advance` is one way."""
    clock = Clock(1_000, frozen=True)
    clock.set(0)

    assert clock.now() == 0


@given(st.lists(st.integers(0, 10**9), max_size=200), st.integers(0, LATEST // 2))
def test_many_small_steps_end_where_one_long_one_does(
    steps: list[int], begins: int
) -> None:
    """To the microsecond, however many there are: each is rounded by itself."""
    clock = Clock(begins, frozen=True)
    for step in steps:
        clock.advance(step / SECOND)

    assert clock.now() == begins + sum(steps)


def test_six_hundred_tenths_of_a_second_are_a_minute() -> None:
    """Whatever the time of day."""
    clock = Clock(micros(1_772_445_600), frozen=True)
    for _ in range(600):
        clock.advance(0.1)

    assert clock.now() == micros(1_772_445_660)


def test_what_has_begun_counts_as_a_whole_second() -> None:
    """So a caller that waits as long as it is told has waited long enough."""
    lengths = (0, 1, SECOND, SECOND + 1)

    assert [whole_seconds(length) for length in lengths] == [0, 1, 1, 2]
