"""freezegun and time-machine beside `sleepless`: the date that a test chose goes on."""

from __future__ import annotations

import asyncio
import datetime
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, timedelta
from functools import partial
from time import monotonic
from time import time as seconds

import freezegun
import freezegun.api
import pytest
import time_machine
from front_door import START

from emulator.times import micros
from emulator.virtual_time import sleepless
from emulator.virtual_time.real import time as real
from emulator.world.clock import Clock

CHOSEN = datetime.datetime(1999, 12, 31, 23, 0, tzinfo=UTC)
Block = Callable[[], AbstractContextManager[object]]

DOUBLES: dict[str, Block] = {
    "freezegun": lambda: freezegun.freeze_time(CHOSEN),
    "freezegun that ticks": lambda: freezegun.freeze_time(CHOSEN, tick=True),
    "time-machine": lambda: time_machine.travel(CHOSEN, tick=False),
    "time-machine that ticks": lambda: time_machine.travel(CHOSEN),
}


@contextmanager
def both(first: Block, second: Block) -> Iterator[None]:
    with first(), second():
        yield


def since_chosen() -> list[float]:
    """Seconds since the date that was chosen, by each clock that has a date."""
    first = CHOSEN.timestamp()
    return [
        time.time() - first,
        seconds() - first,
        time.time_ns() / 1e9 - first,
        datetime.datetime.now(UTC).timestamp() - first,
        datetime.datetime.now().timestamp() - first,
    ]


@pytest.mark.parametrize("inside", [False, True], ids=["around", "inside"])
@pytest.mark.parametrize("double", DOUBLES.values(), ids=DOUBLES)
def test_the_chosen_date_goes_on_with_the_waits(
    clock: Clock, double: Block, inside: bool
) -> None:
    """Whichever block is the outer one, and whatever the date of the world."""
    block: Block = partial(sleepless, clock, now=clock.seconds)

    with both(block, double) if inside else both(double, block):
        begun, at = since_chosen(), monotonic()
        time.sleep(3600)
        waited, passed = since_chosen(), monotonic() - at

    assert all(0 <= one < 60 for one in begun)
    assert all(3600 <= one < 3660 for one in waited)
    assert 3600 <= passed < 3660
    assert clock.now() == micros(START + 3600)


@pytest.mark.parametrize("double", DOUBLES.values(), ids=DOUBLES)
def test_a_double_inside_leaves_the_worlds_date_behind(
    clock: Clock, double: Block
) -> None:
    """When it ends, its place is the block's again, and at last everything is Python's."""
    before = (time.time, time.monotonic, datetime.datetime, datetime.datetime.now)

    with sleepless(clock, now=clock.seconds):
        with double():
            time.sleep(60)
        begun = time.monotonic()
        time.sleep(60)
        assert time.time() == seconds() == START + 120
        assert datetime.datetime.now(UTC).timestamp() == START + 120
        assert 60 <= time.monotonic() - begun < 120

    assert before == (
        time.time,
        time.monotonic,
        datetime.datetime,
        datetime.datetime.now,
    )
    assert abs(seconds() - real.time()) < 60


@pytest.mark.parametrize("double", DOUBLES.values(), ids=DOUBLES)
def test_a_deadline_is_met_while_the_clock_is_frozen(
    clock: Clock, double: Block
) -> None:
    """A loop that would turn for ever without `sleepless` ends after its five minutes."""
    with double(), sleepless(clock) as slept:
        end = time.monotonic() + 300
        while time.monotonic() < end:
            time.sleep(60)

    assert [wait.seconds for wait in slept.waits] == [60] * 5


def test_a_frozen_clock_freezes_nobodys_patience(clock: Clock) -> None:
    """Real moments are given to threads and sockets, whatever the clocks show."""
    go = threading.Event()

    async def outside() -> None:
        await asyncio.get_running_loop().run_in_executor(None, go.wait)

    async def story() -> None:
        busy = asyncio.create_task(outside())
        await asyncio.sleep(60)
        go.set()
        await busy

    thread = threading.Thread(target=go.wait)
    with freezegun.freeze_time(CHOSEN), sleepless(clock) as slept:
        thread.start()
        time.sleep(30)
        asyncio.run(story())
        thread.join()

    assert [wait.seconds for wait in slept.waits] == [30, 60]


def test_a_world_that_is_frozen_by_a_test_is_left_alone(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that has put a clock of its own in place keeps it, before and inside."""
    monkeypatch.setattr(time, "time", lambda: 7.0)

    with sleepless(clock, now=clock.seconds):
        shown = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: shown() + 1e6)
        time.sleep(60)

        assert time.time() == 7.0
        assert time.monotonic() > 1e6 + 60

    monkeypatch.undo()
    assert abs(seconds() - real.time()) < 60
    assert timedelta(seconds=time.monotonic()) < timedelta(seconds=real.monotonic() + 9)
