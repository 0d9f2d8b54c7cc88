"""A forked child is answered as its parent is, whatever other threads did at the fork."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from library import HOST, URL, answer, named

import emulator
from emulator.concurrency.fork_locks import Lock
from emulator.exchange.call import Call, Reply
from emulator.interception import intercept

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]


def forked(act: Callable[[], object]) -> bool:
    """Whether a forked child has done *act*, in ten seconds and without an error."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    failed = True
    try:
        signal.alarm(10)
        act()
        failed = False
    finally:
        os._exit(failed)


def test_a_fork_while_another_thread_is_answered() -> None:
    """The child finds no call half answered, and answers its own."""
    inside, slow = threading.Event(), threading.Event()

    def slowly(call: Call) -> Reply:
        if call.path == "/slow":
            inside.set()
            slow.wait(0.3)  # long enough for the fork to begin
        return answer(call)

    with intercept(slowly, [HOST]), ThreadPoolExecutor(1) as pool:
        before = pool.submit(requests.get, f"{URL}/slow")
        assert inside.wait(10)

        assert forked(lambda: requests.get(URL).raise_for_status())
        assert before.result(10).status_code == 200


def test_a_child_opens_blocks_and_moves_clocks_of_its_own() -> None:
    """Its parent's world knows nothing of that."""

    def act() -> None:
        world.clock.advance("61s")
        with intercept(named("inner"), [HOST]):
            assert requests.get(URL).text == "inner"

    with emulator.intercept("jobriver", clock="frozen 2026-03-02T10:00:00Z") as world:
        assert forked(act)
        assert f"{world.clock.now:%H:%M:%S}" == "10:00:00"


def test_a_child_has_its_locks_for_itself() -> None:
    """But for those that the thread which forks holds itself."""
    lock, taken, free = Lock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            free.wait(10)

    def take() -> None:
        with lock, lock:
            pass

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        assert taken.wait(10)
        assert forked(take)
        free.set()
    with lock:
        assert forked(take)
    take()
