"""The waits of a forked child pass at once, whatever its parent's other threads did."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import emulator

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]


class Clock:
    """One that a test reads."""

    moved = 0.0

    def advance(self, seconds: float) -> None:
        self.moved += seconds


def test_a_child_waits_for_no_thread_of_its_parent() -> None:
    """One of them waits at the fork, and none of them is there in the child."""
    clock, waiting, over = Clock(), threading.Event(), threading.Event()

    def wait_on() -> None:
        while not over.is_set():
            waiting.set()
            time.sleep(0.001)

    threads = [threading.Thread(target=wait_on) for _ in range(3)]
    with emulator.sleepless(clock):
        for one in threads:
            one.start()
        waiting.wait()
        ended = [_waits_in_a_child() for _ in range(10)]
        over.set()
        for thread in threads:
            thread.join()

    assert ended == [0] * 10


def _waits_in_a_child() -> int:
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    failed = True
    try:
        signal.alarm(10)
        time.sleep(3_600)
        failed = False
    finally:
        os._exit(failed)
