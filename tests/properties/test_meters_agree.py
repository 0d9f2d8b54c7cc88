"""Each meter agrees with a count of all calls that it let in."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from emulator.times import SECOND
from emulator.world.meters import NEVER, FixedWindow, Meter, SlidingWindow, TokenBucket

# Long and short, and some that no fraction of a second is written as.
STEPS = st.integers(0, 50 * SECOND) | st.integers(0, 200).map(lambda n: n * SECOND // 4)
WINDOWS = st.integers(1, 40 * SECOND) | st.integers(1, 40).map(lambda n: n * SECOND)
CALLS = st.lists(st.tuples(STEPS, st.integers(0, 4)), max_size=40)
QUOTAS = st.integers(0, 12)
START = 1_772_445_600 * SECOND

Taken = list[tuple[int, int]]
"""The calls that were let in: (time, cost)."""


def spent_on_the_clock(taken: Taken, now: int, window: int) -> float:
    return sum(cost for at, cost in taken if at // window == now // window)


def spent_since_first_call(taken: Taken, now: int, window: int) -> float:
    start, spent = -window, 0
    for at, cost in [*taken, (now, 0)]:
        if at >= start + window:
            start, spent = at, 0
        spent += cost
    return spent


def spent_while_sliding(taken: Taken, now: int, window: int) -> float:
    return sum(cost for at, cost in taken if at > now - window)


def let_in(meter: Meter, now: int, quota: int, cost: int) -> bool:
    """Whether the meter lets the call in, which is then charged."""
    before = meter.read(now, quota, cost)
    if before.fits:
        after = meter.take(now, quota, cost)
        assert after.remaining == max(0, before.remaining - cost)
        assert (after.limit, after.fits) == (before.limit, True)
    else:
        assert meter.read(now, quota, cost) == before
    return before.fits


def check_windows(
    meter: Meter, spent: object, calls: Taken, quota: int, window: int
) -> None:
    """Walk through *calls*, and compare every reading with the model's."""
    assert callable(spent)
    now, taken = START, Taken()
    for step, cost in calls:
        now += step
        used = spent(taken, now, window)
        reading = meter.read(now, quota, cost)
        fits = used + cost <= quota
        assert (reading.limit, reading.remaining) == (quota, quota - used)
        assert let_in(meter, now, quota, cost) is fits
        if fits:
            taken.append((now, cost))
        elif cost > quota:
            assert reading.wait == NEVER
        else:
            # The wait is right: a call fits when it is over, and not before.
            then = now + reading.wait
            assert spent(taken, then, window) + cost <= quota
            assert spent(taken, then - 1, window) + cost > quota
        assert spent(taken, max(now, meter.read(now, quota).reset), window) == 0 or (
            not taken
        )


@given(CALLS, QUOTAS, WINDOWS)
def test_a_fixed_window_counts_the_calls_of_its_window(
    calls: Taken, quota: int, window: int
) -> None:
    """On the clock, the calls that count are those since the last multiple."""
    check_windows(FixedWindow(window, True), spent_on_the_clock, calls, quota, window)


@given(CALLS, QUOTAS, WINDOWS)
def test_a_first_call_window_counts_the_calls_since_it_opened(
    calls: Taken, quota: int, window: int
) -> None:
    """A window opens with the first call after the last one has ended."""
    meter = FixedWindow(window, False)

    check_windows(meter, spent_since_first_call, calls, quota, window)


@given(CALLS, QUOTAS, WINDOWS)
def test_a_sliding_window_counts_the_calls_that_are_not_a_window_old(
    calls: Taken, quota: int, window: int
) -> None:
    """In no stretch of a window's length is more let in than the quota."""
    meter = SlidingWindow(window)

    check_windows(meter, spent_while_sliding, calls, quota, window)


def tokens(taken: Taken, now: int, quota: int, window: int, burst: int) -> Fraction:
    """What a bucket holds, worked out from the beginning and exactly."""
    level, last = Fraction(burst), Fraction(START)
    rate = Fraction(quota) / Fraction(window)
    for at, cost in [*taken, (now, 0)]:
        level = min(Fraction(burst), level + (Fraction(at) - last) * rate)
        level -= Fraction(cost)
        last = Fraction(at)
    return level


@given(CALLS, st.integers(1, 12), WINDOWS, st.integers(1, 6))
def test_a_bucket_holds_what_has_flowed_in_and_not_out(
    calls: Taken, quota: int, window: int, burst: int
) -> None:
    """Tokens come steadily up to the burst, and each call takes its cost."""
    meter = TokenBucket(window, burst)
    now, taken = START, Taken()
    for step, cost in calls:
        now += step
        level = tokens(taken, now, quota, window, burst)
        reading = meter.read(now, quota, cost)
        assert abs(reading.remaining - level) < 1e-5
        if abs(level - Fraction(cost)) > 1e-5:
            assert reading.fits is (level >= cost)
        if reading.fits:
            meter.take(now, quota, cost)
            taken.append((now, cost))
        elif cost <= burst:
            lacking = (Fraction(cost) - level) * Fraction(window) / quota
            # A millionth of a token is nothing, and a part of a microsecond is one.
            nothing = Fraction(window, quota) / 1_000_000
            assert lacking - nothing <= reading.wait <= lacking + nothing + 1
            assert meter.read(now + reading.wait, quota, cost).fits
        else:
            assert reading.wait == NEVER
