"""Threads: waits of threads, side by side on the ledger.

The thread with the earliest deadline moves the clock, once every other thread of the
block waits as well. A thread that does something else (it computes, or waits for the
network) may be about to set an event or to wait for less: it is given a moment of real
time, and when nothing has happened in it, the clock is moved all the same.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from types import FrameType

from emulator.concurrency.green_threads import patched_threads
from emulator.virtual_time.ledger import Ledger
from emulator.virtual_time.real import time

PATIENCE = 0.02
"""Real seconds without news, after which those who are busy are not waited for."""
_LOOK = 0.001
"""Real seconds between two looks at an event or at the other threads."""
_LOOKS = 10
"""Looks, at least, that this takes: a machine under load may have let nobody run."""
_JOINS = frozenset({"Thread.join", "Thread._wait_for_tstate_lock"})


def insist_on_threads() -> None:
    """Raise `RuntimeError` where a thread never runs beside the one that has made it."""
    package = patched_threads()
    if package is not None:
        raise RuntimeError(
            f"{package} has patched threads, and its waits cannot pass at once: use"
            f" sleepless in a process that {package} has not patched, or let the code"
            " wait and move the world's clock by clock.advance()"
        )


class Threads:
    """The threads of one block: the one that began it, and all that start in it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._news = threading.Condition()
        self._latest = time.monotonic()
        self._looks = 0
        self._deadlines: dict[int, float] = {}
        self._over = False
        me = threading.current_thread()
        self._before = {thread for thread in threading.enumerate() if thread is not me}
        # Threads that were not made by `threading` are known by number alone.
        known = {thread.ident for thread in threading.enumerate()}
        self._strangers = set(sys._current_frames()) - known
        _all.add(self)

    def included(self, thread: threading.Thread) -> bool:
        if isinstance(thread, threading._DummyThread):
            return thread not in self._before and thread.ident not in self._strangers
        return thread not in self._before

    def wait(self, seconds: float, event: threading.Event | None = None) -> float:
        """Let *seconds* pass, or less if *event* is set; what is left of them.

        More than nothing is left as well when the block has ended meanwhile.
        """
        me = threading.get_ident()
        with self._news:
            deadline = self._ledger.moved + seconds
            self._deadlines[me] = deadline
            self._tell()
            try:
                while self._ledger.moved < deadline and not self._over:
                    if event is not None and event.is_set():
                        break
                    if deadline <= min(self._deadlines.values()) and self._quiet():
                        self._ledger.reach(deadline)
                    else:
                        self._news.wait(_LOOK)
                        self._looks += 1
            finally:
                del self._deadlines[me]
                self._tell()
            return max(0.0, deadline - self._ledger.moved)

    def end(self) -> None:
        """Who still waits then waits for the rest in real time."""
        with self._news:
            self._over = True
            self._tell()

    def _renew(self) -> None:
        """In a forked child, which has one thread: nobody else waits, or holds a lock."""
        self._news = threading.Condition()
        self._deadlines.clear()

    def _tell(self) -> None:
        self._latest = time.monotonic()
        self._looks = 0
        self._news.notify_all()

    def _quiet(self) -> bool:
        """Whether no thread of the block can be expected to do anything now."""
        busy = [
            thread.ident
            for thread in threading.enumerate()
            if thread.ident not in self._deadlines and self.included(thread)
        ]
        silent = time.monotonic() - self._latest
        if not busy or (silent >= PATIENCE and self._looks >= _LOOKS):
            return True
        frames = sys._current_frames()
        return all(_joins(frames.get(ident or 0)) for ident in busy)


_all: weakref.WeakSet[Threads] = weakref.WeakSet()


def _renew_all() -> None:
    for waits in [*_all]:
        waits._renew()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_renew_all)


def _joins(frame: FrameType | None) -> bool:
    """Whether a thread only waits for other threads to end, or for their results.

    One without a frame has not begun yet, and so is about to do something.
    """
    outer = frame
    while outer is not None and outer.f_globals.get("__name__") == "threading":
        if outer.f_code.co_qualname in _JOINS:
            return True
        outer = outer.f_back
    if outer is frame or outer is None:
        return False
    return outer.f_globals.get("__name__") == "concurrent.futures._base"
