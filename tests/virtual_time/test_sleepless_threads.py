"""Threads under `sleepless`: those that start in the block share one sequence of waits."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, Queue

import pytest
from front_door import START

from emulator.times import micros
from emulator.virtual_time import sleepless
from emulator.virtual_time.ledger import Ledger
from emulator.virtual_time.threads import Threads
from emulator.world.clock import Clock

GREEN = """
from gevent import monkey; monkey.patch_all()
import time
import emulator
before = (time.sleep, time.monotonic)
try:
    with emulator.sleepless(None): pass
except RuntimeError as error:
    print(error)
print(before == (time.sleep, time.monotonic))
"""


@contextmanager
def running(*targets: object) -> Iterator[list[threading.Thread]]:
    """Threads that have ended when the block is left."""
    threads = [threading.Thread(target=target) for target in targets]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.join()


def test_an_event_that_is_set_is_not_waited_for(clock: Clock) -> None:
    """`Event.wait` answers True at once, and the clock stands."""
    event = threading.Event()
    event.set()

    with sleepless(clock) as slept:
        assert event.wait(60) is True

    assert (clock.now(), slept.waits) == (micros(START), [])


def test_an_event_that_nobody_sets_times_out_at_once(clock: Clock) -> None:
    """The back-off that can be stopped, `stop.wait(seconds)`, is a wait like another."""
    begun = time.perf_counter()

    with sleepless(clock) as slept:
        assert threading.Event().wait(timeout=1800) is False

    assert time.perf_counter() - begun < 60
    assert clock.now() == micros(START + 1800)
    assert [wait[:2] for wait in slept.waits] == [(1800, "Event.wait")]


def test_a_thread_that_is_about_to_set_the_event_may_do_so(clock: Clock) -> None:
    """A thread of the block that is busy comes before the end of the wait."""
    event, go = threading.Event(), threading.Event()

    def work() -> None:
        go.wait()
        sum(range(20_000))
        event.set()

    with sleepless(clock) as slept, running(work):
        go.set()
        assert event.wait(60) is True

    assert (clock.now(), slept.waits) == (micros(START), [])


def test_a_thread_that_sleeps_less_sets_the_event_first(clock: Clock) -> None:
    """Deadlines of threads are kept in order: 5 seconds come before 60."""
    event = threading.Event()

    def work() -> None:
        time.sleep(5)
        event.set()

    with sleepless(clock) as slept, running(work):
        assert event.wait(60) is True

    assert clock.now() == micros(START + 5)
    assert [wait[:2] for wait in slept.waits] == [(5, "time.sleep")]


def test_threads_sleep_side_by_side(clock: Clock) -> None:
    """Three waits at the same time take as long as the longest of them."""
    with sleepless(clock) as slept, ThreadPoolExecutor(3) as pool:
        gate = threading.Barrier(3)

        def work(seconds: float) -> float:
            gate.wait()
            time.sleep(seconds)
            return seconds

        assert list(pool.map(work, (30, 10, 20))) == [30, 10, 20]

    assert clock.now() == micros(START + 30)
    assert [wait.seconds for wait in slept.waits] == [10, 20, 30]


def test_a_function_given_to_a_thread_counts_as_the_givers(clock: Clock) -> None:
    """`Thread(target=time.sleep)` is code under test, though `threading` calls it."""
    with sleepless(clock) as slept, running(lambda: None):
        thread = threading.Thread(target=time.sleep, args=(3600,))
        thread.start()
        thread.join()

    assert [wait.seconds for wait in slept.waits] == [3600]


def test_a_thread_that_ran_before_keeps_real_time(clock: Clock) -> None:
    """A server of the test's own does not hurry because a client does."""
    orders: Queue[float] = Queue()
    took: Queue[float] = Queue()

    def server() -> None:
        seconds = orders.get()
        begun = time.perf_counter()
        time.sleep(seconds)
        took.put(time.perf_counter() - begun)

    with running(server), sleepless(clock) as slept:
        orders.put(0.05)
        time.sleep(3600)
        measured = took.get()

    assert measured >= 0.05
    assert [wait.seconds for wait in slept.waits] == [3600]


def test_the_standard_librarys_own_waits_are_real(clock: Clock) -> None:
    """A queue's timeout and a `threading.Timer` wait for the real world."""
    rang = threading.Event()
    with sleepless(clock) as slept:
        begun = time.perf_counter()
        timer = threading.Timer(0.03, rang.set)
        timer.start()
        timer.join()
        with pytest.raises(Empty):
            Queue[int]().get(timeout=0.03)
        measured = time.perf_counter() - begun

    assert rang.is_set()
    assert measured >= 0.06
    assert (clock.now(), slept.waits) == (micros(START), [])


def test_green_threads_are_told_at_once() -> None:
    """gevent's waits are those of its own loop: nothing is begun that would not hold."""
    done = subprocess.run(
        [sys.executable, "-c", GREEN], capture_output=True, text=True, timeout=60
    )

    assert done.stdout.startswith("gevent has patched threads, ")
    assert done.stdout.endswith("\nTrue\n")


def test_who_still_waits_at_the_end_has_the_rest_left(clock: Clock) -> None:
    """Leaving the block frees nobody early: what is left of a wait is real."""
    threads = Threads(Ledger(clock, None))
    threads.end()

    assert threads.wait(60) == 60
    assert clock.now() == micros(START)
