"""What a wait is under `sleepless`: the clock moves, and nobody waits."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
import time
from pathlib import Path
from time import sleep
from types import ModuleType

import pytest
from front_door import START

from emulator.times import LATEST, micros
from emulator.virtual_time import Sleepless, SleeplessIsOn, sleepless
from emulator.world.clock import Clock

HERE = Path(__file__).name
ORIGINALS = (time.sleep, asyncio.sleep, threading.Event.wait)


def nap(seconds: float, wait: object = time.sleep, *, again: object = sleep) -> None:
    """Code that took `time.sleep` as a default, twice."""
    assert callable(wait)
    assert callable(again)
    wait(seconds)
    again(seconds)


class Client:
    """Code that keeps `time.sleep` as an attribute of the class, and as a default."""

    pause = time.sleep
    still = staticmethod(time.sleep)

    def __init__(self, wait: object = time.sleep) -> None:
        self.wait = wait


CLIENT = Client()


def asked(slept: Sleepless) -> list[float]:
    return [wait.seconds for wait in slept.waits]


def test_an_hour_of_sleep_passes_at_once(clock: Clock) -> None:
    """`time.sleep` moves the clock by exactly what was asked, and is written down."""
    begun = time.perf_counter()

    with sleepless(clock) as slept:
        for seconds in (1, 59.0, 3540):
            time.sleep(seconds)

    assert time.perf_counter() - begun < 60
    assert clock.now() == micros(START + 3600)
    assert [(wait.seconds, wait.kind) for wait in slept.waits] == [
        (1, "time.sleep"),
        (59.0, "time.sleep"),
        (3540, "time.sleep"),
    ]
    assert {
        wait.where.rpartition("/")[2].rpartition(":")[0] for wait in slept.waits
    } == {HERE}


def test_a_function_taken_early_is_reached(clock: Clock) -> None:
    """Names, defaults, class attributes and attributes of named objects all pass."""
    with sleepless(clock) as slept:
        sleep(1)
        nap(2)
        Client.pause(3)
        CLIENT.pause(4)  # type: ignore[misc, call-arg]
        CLIENT.still(5)
        CLIENT.wait(6)  # type: ignore[operator]
        Client().wait(7)  # type: ignore[operator]

    assert asked(slept) == [1, 2, 2, 3, 4, 5, 6, 7]


def test_leaving_puts_every_function_back(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after an exception, and also for modules that came in between."""
    module = ModuleType("came_in_between")

    def import_and_fail() -> None:
        with sleepless(clock):
            exec("from time import sleep", module.__dict__)
            assert module.__dict__["sleep"] is not ORIGINALS[0]
            raise LookupError

    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(LookupError):
        import_and_fail()

    assert (time.sleep, asyncio.sleep, threading.Event.wait) == ORIGINALS
    assert sleep is ORIGINALS[0]
    assert module.__dict__["sleep"] is ORIGINALS[0]
    assert nap.__defaults__ == (ORIGINALS[0],)
    assert nap.__kwdefaults__ == {"again": ORIGINALS[0]}
    assert vars(Client)["pause"] is ORIGINALS[0]
    assert vars(Client)["still"].__func__ is ORIGINALS[0]
    assert vars(CLIENT) == {"wait": ORIGINALS[0]}
    assert Client.__init__.__defaults__ == (ORIGINALS[0],)


@pytest.mark.parametrize("seconds", [-1, -0.5, math.nan, 1e300, "1", None])
def test_a_senseless_argument_is_refused_as_ever(clock: Clock, seconds: object) -> None:
    """`time.sleep` complains of what it complains of anyway, in the same words."""
    with pytest.raises((ValueError, TypeError, OverflowError)) as before:
        time.sleep(seconds)  # type: ignore[arg-type]

    with sleepless(clock) as slept, pytest.raises(before.type) as inside:
        time.sleep(seconds)  # type: ignore[arg-type]

    assert str(inside.value) == str(before.value)
    assert (clock.now(), slept.waits) == (micros(START), [])


def test_a_wait_for_nothing_is_no_wait(clock: Clock) -> None:
    """`sleep(0)` yields, as ever, and is not written down."""
    with sleepless(clock) as slept:
        time.sleep(0)

    assert slept.waits == []


def test_a_clock_that_cannot_move_so_far_says_so(clock: Clock) -> None:
    """What `advance` raises comes out of the sleep that asked for it."""
    clock.set(LATEST - micros(799))

    with (
        sleepless(clock) as slept,
        pytest.raises(ValueError, match="9998"),
    ):
        time.sleep(3600)

    assert slept.waits == []


def test_a_block_in_a_block_is_refused(clock: Clock) -> None:
    """The error says where the first block began."""
    with (
        sleepless(clock),
        pytest.raises(SleeplessIsOn, match=rf"since .*{HERE}:\d+: .*Leave"),
        sleepless(clock),
    ):
        pass

    with sleepless(clock) as slept:
        time.sleep(1)
    assert asked(slept) == [1]


def test_any_clock_will_do_and_a_lock_is_held_while_it_moves() -> None:
    """All that is asked of a clock is `advance`."""
    lock = threading.Lock()
    moves: list[tuple[float, bool]] = []

    class Mine:
        def advance(self, seconds: float) -> None:
            moves.append((seconds, lock.locked()))

    with sleepless(Mine(), lock=lock):
        time.sleep(60)

    assert moves == [(60, True)]
    assert not lock.locked()


def test_a_function_that_somebody_else_replaced_is_left_alone(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that has put its own `time.sleep` in place keeps it."""
    calls: list[float] = []
    monkeypatch.setattr(time, "sleep", calls.append)

    with sleepless(clock) as slept:
        time.sleep(5)

    assert (calls, slept.waits, clock.now()) == ([5], [], micros(START))
