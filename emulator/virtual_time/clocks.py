"""Clocks: what the clocks of the code under test show, so that they go on with its waits.

`time.monotonic` and `time.perf_counter` go on by themselves, as ever, and by each wait
as well. The date (`time.time`, `datetime.now`) is the world's, which moves by the waits
alone. Where no world is behind it, it is today's date, and moves as the others do.
"""

from __future__ import annotations

import functools
import math
import sys
import time
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType, FrameType
from typing import Any

from emulator.concurrency.fork_locks import Lock
from emulator.virtual_time import callers, doubles
from emulator.virtual_time.endless import Progress
from emulator.virtual_time.ledger import Ledger
from emulator.virtual_time.real import time as real

_NANO = 1_000_000_000


class Clocks:
    """The clocks of one block; *now* gives the world's date, in seconds since 1970."""

    def __init__(
        self, ledger: Ledger, progress: Progress, now: Callable[[], float] | None
    ) -> None:
        self._ledger = ledger
        self._progress = progress
        self._now = now
        self._begun = now() if now else 0.0
        self._lock = Lock()  # code that a signal runs may look as well
        self._ahead = 0

    def date(self, frame: FrameType) -> float:
        """Seconds since 1970, for the code of *frame*. Raises `EndlessWait`."""
        self._progress.read()
        if doubles.travelling():
            return real.time()
        if self._now is None:
            return real.time() + self._ledger.moved
        shown = self._now()
        self._progress.stood(shown, frame)
        return shown

    def ahead(self) -> int:
        """Nanoseconds by which the block is ahead of real time; they never get fewer.

        That is what was waited; and, where the world was moved on by more (a reply was
        late, a test moved the clock), that.
        """
        self._progress.read()
        with self._lock:
            moved = self._ledger.moved
            if self._now is not None:
                moved = max(moved, self._now() - self._begun)
            self._ahead = max(self._ahead, math.ceil(moved * _NANO))
            return self._ahead


Showing = Callable[[FrameType], Clocks | None]
"""The clocks for the code of a frame, or None if they are real for it."""


class Reading:
    """Stands for a function of `time`. No function: in a class it must not bind."""

    def __init__(self, name: str, showing: Showing) -> None:
        self._name = name
        self._real: Callable[..., Any] = getattr(real, name)
        self._show = _SHOWN[name]
        self._showing = showing
        functools.update_wrapper(self, self._real)

    def __call__(self, *arguments: Any) -> Any:
        frame = sys._getframe(1)
        # Code that holds this function holds Python's own for freezegun, which began
        # inside of the block and has not found it.
        if doubles.frozen() and callers.top(frame) != "freezegun":
            frozen: Any = vars(time)[self._name]
            if frozen is not self:
                return frozen(*arguments)
        clocks = self._showing(frame)
        shown = clocks and self._show(clocks, frame, arguments)
        return self._real(*arguments) if shown is None else shown

    def __repr__(self) -> str:
        return f"<time.{self._name} of a sleepless block>"

    def __reduce__(self) -> str:
        return self._name


def readings(showing: Showing) -> Mapping[str, Reading]:
    """What is to stand for each function of `time` that shows a time, by its name."""
    return {name: Reading(name, showing) for name in _SHOWN}


_originals: dict[str, object] = {}


def originals() -> Mapping[str, object]:
    """Those functions as Python has them, without those that a test has replaced."""
    functions = {name: getattr(time, name) for name in _SHOWN}
    _originals.update(
        {
            name: replacement
            for name, replacement in functions.items()
            if type(replacement) is BuiltinFunctionType
        }
    )
    # One of ours is there where a test put back, after a block, what it found in it.
    return {
        name: original
        for name, original in _originals.items()
        if functions[name] is original or isinstance(functions[name], Reading)
    }


_Show = Callable[[Clocks, FrameType, tuple[Any, ...]], Any]
"""What a function shows, or None where it is not asked for the time that is now."""


def _seconds(clocks: Clocks, frame: FrameType, given: tuple[Any, ...]) -> Any:
    return None if given else clocks.date(frame)


def _nanoseconds(clocks: Clocks, frame: FrameType, given: tuple[Any, ...]) -> Any:
    # A world counts in microseconds; the rest is what a float makes of them.
    return None if given else round(clocks.date(frame) * 1_000_000) * 1000


def _counted(name: str) -> _Show:
    count: Callable[[], int] = getattr(real, name)

    def show(clocks: Clocks, _: FrameType, given: tuple[Any, ...]) -> Any:
        return None if given else count() + clocks.ahead()

    return show


def _counted_seconds(name: str) -> _Show:
    nanoseconds = _counted(f"{name}_ns")

    def show(clocks: Clocks, frame: FrameType, given: tuple[Any, ...]) -> Any:
        return None if given else nanoseconds(clocks, frame, given) / _NANO

    return show


def _of_seconds(name: str) -> _Show:
    """`gmtime()`, `gmtime(None)`: now, where no time is given."""
    function: Callable[..., Any] = getattr(real, name)

    def show(clocks: Clocks, frame: FrameType, given: tuple[Any, ...]) -> Any:
        return function(clocks.date(frame)) if given in ((), (None,)) else None

    return show


def _of_fields(name: str, others: int) -> _Show:
    """`strftime(form)`: now, where no time is given after *others* arguments."""
    function: Callable[..., Any] = getattr(real, name)

    def show(clocks: Clocks, frame: FrameType, given: tuple[Any, ...]) -> Any:
        if len(given) != others:
            return None
        return function(*given, real.localtime(clocks.date(frame)))

    return show


_SHOWN: Mapping[str, _Show] = {
    "time": _seconds,
    "time_ns": _nanoseconds,
    "monotonic": _counted_seconds("monotonic"),
    "monotonic_ns": _counted("monotonic_ns"),
    "perf_counter": _counted_seconds("perf_counter"),
    "perf_counter_ns": _counted("perf_counter_ns"),
    "gmtime": _of_seconds("gmtime"),
    "localtime": _of_seconds("localtime"),
    "ctime": _of_seconds("ctime"),
    "asctime": _of_fields("asctime", 0),
    "strftime": _of_fields("strftime", 1),
}
