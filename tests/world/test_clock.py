"""The one clock of a world."""

from __future__ import annotations

import math

import pytest

from emulator.world.clock import LATEST, Clock


class Ticks:
    """A monotonic counter that a test turns."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def test_a_clock_runs_with_real_time_from_where_it_was_set(ticks: Ticks) -> None:
    """What passes outside passes inside."""
    clock = Clock(1_000, ticks=ticks)
    ticks.at += 5
    ran = clock.now()
    clock.set(50)
    ticks.at += 2.5

    assert (ran, clock.now()) == (1_005, 52.5)


def test_a_frozen_clock_stands_still_until_it_is_moved(ticks: Ticks) -> None:
    """Only a command moves it; resumed, it goes on from where it stands."""
    clock = Clock(1_000, ticks=ticks)
    ticks.at += 5
    clock.freeze()
    ticks.at += 500
    frozen = clock.now()
    clock.advance(10)
    moved = clock.now()
    clock.resume()
    ticks.at += 1

    assert (frozen, moved, clock.now()) == (1_005, 1_015, 1_016)
    assert not clock.frozen


@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, math.inf, LATEST])
def test_a_clock_does_not_go_back_or_beyond_its_last_year(seconds: float) -> None:
    """A refused move leaves the clock where it was."""
    clock = Clock(1_000, frozen=True)

    with pytest.raises(ValueError):
        clock.advance(seconds)

    assert clock.now() == 1_000


@pytest.mark.parametrize("at", [-1, math.nan, math.inf, -math.inf, LATEST + 1])
def test_a_clock_is_not_set_outside_its_years(at: float) -> None:
    """Times are those of 1970 to 9998."""
    with pytest.raises(ValueError):
        Clock(1_000).set(at)


def test_a_clock_can_be_set_back() -> None:
    """`set` goes anywhere; only `advance` is one way."""
    clock = Clock(1_000, frozen=True)
    clock.set(0)

    assert clock.now() == 0
