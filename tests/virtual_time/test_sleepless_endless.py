"""Waits that lead nowhere end by an error that names the line, and no test hangs."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from front_door import START

from emulator.times import micros
from emulator.virtual_time import EndlessWait, sleepless
from emulator.virtual_time.endless import BLIND, Progress
from emulator.world.clock import Clock

HERE = re.escape(Path(__file__).name)


def until(clock: Callable[[], float]) -> None:
    """Wait for five hours by a clock that the block may know nothing of."""
    end = clock() + 18_000
    while clock() < end:
        time.sleep(1)


def test_a_loop_that_reads_another_clock_is_ended(clock: Clock) -> None:
    """`loop.time()` stays real: it would say for five hours that nothing has passed."""

    async def story() -> None:
        until(asyncio.get_running_loop().time)

    with (
        sleepless(clock) as slept,
        pytest.raises(
            EndlessWait,
            match=rf"{HERE}:\d+ has waited 20,000 times .* Have the loop read time\.",
        ),
    ):
        asyncio.run(story())

    assert len(slept.waits) == BLIND - 1


def test_a_loop_that_only_a_timeout_would_end_is_ended(clock: Clock) -> None:
    """A timeout of an event loop is real, and would let it turn for an hour."""

    async def story() -> None:
        async with asyncio.timeout(3600):
            while True:
                await asyncio.sleep(60)

    with (
        sleepless(clock, now=clock.seconds),
        pytest.raises(EndlessWait, match=rf"{HERE}:\d+ has .* a timeout of an event"),
    ):
        asyncio.run(story())


def test_a_retry_after_every_exception_does_not_hide_it(clock: Clock) -> None:
    """It is no `Exception`; and other lines may wait on when it was raised."""

    def forever() -> None:
        while True:
            try:
                threading.Event().wait(1)
            except Exception:
                continue

    with sleepless(clock) as slept:
        with pytest.raises(EndlessWait):
            forever()
        time.sleep(7)

    assert slept.waits[-1].seconds == 7


def test_many_waits_that_somebody_follows_on_a_clock_are_fine(clock: Clock) -> None:
    """A loop whose clock goes on with its waits may wait as often as it likes."""
    with sleepless(clock, now=clock.seconds) as slept:
        end = time.monotonic() + BLIND + 1000
        while time.monotonic() < end:
            time.sleep(1)

    assert len(slept.waits) > BLIND
    assert clock.now() == micros(START + len(slept.waits))


def test_a_loop_without_waits_is_ended_as_well(clock: Clock) -> None:
    """The date moves by waits alone, so who only looks at it looks for ever."""

    def busy() -> None:
        end = time.time() + 5
        while time.time() < end:
            pass

    with (
        sleepless(clock, now=clock.seconds),
        pytest.raises(EndlessWait, match=rf"{HERE}:\d+ reads the date, .*time\.sleep"),
    ):
        busy()


def test_a_loop_without_waits_may_look_at_what_counts(clock: Clock) -> None:
    """`time.monotonic` goes on by itself too."""
    with sleepless(clock, now=clock.seconds):
        end = time.monotonic() + 0.02
        while time.monotonic() < end:
            pass

    assert clock.now() == micros(START)


def waited(progress: Progress, place: str, times: int) -> None:
    for _ in range(times):
        progress.begin(place)
        progress.end(place)


def test_a_tick_beside_a_long_wait_is_no_endless_wait() -> None:
    """Its line waits again and again, and the other wait comes nearer each time."""
    progress = Progress(blind=100)

    progress.begin("client.py:1")
    waited(progress, "ticker.py:1", 1000)
    progress.end("client.py:1")

    waited(progress, "ticker.py:1", 99)
    with pytest.raises(EndlessWait, match=r"ticker\.py:1 has waited 100 times"):
        progress.begin("ticker.py:1")


def test_lines_are_counted_each_for_itself() -> None:
    """What was waited elsewhere, and before a clock was read, does not count."""
    progress = Progress(blind=100)

    for _ in range(3):
        waited(progress, "a.py:1", 99)
        waited(progress, "b.py:1", 99)
        progress.read()


def test_a_line_has_a_last_wait_in_any_case() -> None:
    """A loop that reads clocks, and whose deadline never comes, is ended later."""
    progress = Progress(enough=1000)
    for _ in range(999):
        progress.read()
        waited(progress, "client.py:1", 1)

    with pytest.raises(EndlessWait, match="waited 1,000 times inside one sleepless"):
        progress.begin("client.py:1")
