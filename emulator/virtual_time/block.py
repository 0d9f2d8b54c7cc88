"""Sleepless: the waits of the code under test pass at once, and move a clock instead.

`with sleepless(world.clock) as slept:` has `time.sleep`, `asyncio.sleep`, `anyio.sleep`
(on asyncio) and `threading.Event.wait` with a timeout advance the clock, and has the
clocks that the same code reads go on with them (`clocks`, `dates`). Whose waits and
clocks these are is told by who calls (`callers`), and by the thread and the task:
those that ran before the block keep real time. Timers of event loops, sockets, queues,
locks, processes and the standard library's own waits are never touched.

Not reached are functions taken before the block into a place that `names`
does not look at: a local variable, a closure, a container, a bound `event.wait`, C code.
A loop that therefore does not end is ended by an error (`endless`).
"""

from __future__ import annotations

import asyncio
import functools
import operator
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any

from emulator.concurrency.block_decorators import as_block
from emulator.virtual_time import callers, doubles
from emulator.virtual_time.clocks import Clocks, originals, readings
from emulator.virtual_time.dates import Dates
from emulator.virtual_time.endless import Progress
from emulator.virtual_time.ledger import Advancing, Ledger, Wait
from emulator.virtual_time.names import swap
from emulator.virtual_time.tasks import Tasks
from emulator.virtual_time.threads import Threads, insist_on_threads

_time_sleep = time.sleep
_asyncio_sleep: Any = asyncio.sleep
_event_wait = threading.Event.wait


class SleeplessIsOn(RuntimeError):
    """A second block was started inside the first; a process has only one `time.sleep`."""


class Sleepless:
    """One block of `sleepless`, with its waits."""

    def __init__(
        self,
        clock: Advancing,
        lock: AbstractContextManager[object] | None,
        now: Callable[[], float] | None,
        place: str,
    ) -> None:
        self._ledger = Ledger(clock, lock)
        self._progress = Progress()
        self._clocks = Clocks(self._ledger, self._progress, now)
        self._threads = Threads(self._ledger)
        self._loops: dict[asyncio.AbstractEventLoop, Tasks] = {}
        self._before: weakref.WeakSet[asyncio.Task[Any]] = weakref.WeakSet()
        self._place = place
        with suppress(RuntimeError):  # begun outside of any loop
            loop = asyncio.get_running_loop()
            current = asyncio.current_task()
            self._before.update(asyncio.all_tasks(loop) - {current})

    @property
    def waits(self) -> list[Wait]:
        """The waits, in the order in which they ended.

        `sleep(0)`, and waits that an event or a cancellation cut short, do not count.
        """
        return self._ledger.waits

    def _covers(self, frame: FrameType) -> bool:
        return callers.spared(frame) and self._has_caller()

    def _has_caller(self) -> bool:
        """Whether the running thread and task belong to the block."""
        if not self._threads.included(threading.current_thread()):
            return False
        if not self._before:
            return True
        try:
            return asyncio.current_task() not in self._before
        except RuntimeError:  # no loop runs in this thread
            return True

    def _shows(self, frame: FrameType) -> Clocks | None:
        """The clocks for the code of *frame*, or None if they are real for it."""
        return self._clocks if callers.timed(frame) and self._has_caller() else None

    @contextmanager
    def _waiting(self, place: str) -> Iterator[None]:
        """While a wait passes. Raises `EndlessWait` where it leads nowhere."""
        self._progress.begin(place)
        try:
            yield
        finally:
            self._progress.end(place)

    def _note(self, seconds: float, kind: str, place: str) -> None:
        self._ledger.waits.append(Wait(seconds, kind, place))

    def _sleep(self, seconds: float, place: str) -> None:
        with self._waiting(place):
            left = self._threads.wait(seconds)
            if left:
                _time_sleep(left)
        self._note(seconds, "time.sleep", place)

    async def _sleep_in_loop(
        self, delay: Any, result: object, kind: str, place: str
    ) -> object:
        if _on is not self or not 0 < delay <= threading.TIMEOUT_MAX:
            return await _asyncio_sleep(delay, result)
        loop = asyncio.get_running_loop()
        if loop not in self._loops:
            self._loops[loop] = Tasks(loop, self._ledger, self._is_ours)
        with self._waiting(place):
            await self._loops[loop].wait(delay)
        self._note(delay, kind, place)
        return result

    def _is_ours(self, task: asyncio.Task[Any]) -> bool:
        return task not in self._before

    def _wait(self, event: threading.Event, timeout: float, place: str) -> bool:
        with self._waiting(place):
            left = self._threads.wait(timeout, event)
            if event.is_set():
                return True
            if left and _event_wait(event, left):
                return True
        self._note(timeout, "Event.wait", place)
        return event.is_set()

    def _end(self) -> None:
        self._threads.end()
        for loop, tasks in self._loops.items():
            with suppress(RuntimeError):  # a loop that is closed has no one waiting
                if loop is asyncio._get_running_loop():
                    tasks.end()
                else:
                    loop.call_soon_threadsafe(tasks.end)


_on: Sleepless | None = None
_one = threading.Lock()


class _Sleep:
    """Stands for `time.sleep`. No function: as a class's attribute it must not bind."""

    def __call__(self, seconds: Any, /) -> None:
        block = _on
        length = _length(seconds)
        if block is None or not 0 < length <= threading.TIMEOUT_MAX:
            return _time_sleep(seconds)
        frame = sys._getframe(1)
        if not block._covers(frame):
            return _time_sleep(seconds)
        return block._sleep(length, callers.place(frame))


class _SleepInLoop(functools.partial[Any]):
    """Stands for `asyncio.sleep`. As a `partial` of it, it is a coroutine function."""

    def __call__(self, delay: Any, result: Any = None) -> Any:
        block = _on
        if block is None:
            return _asyncio_sleep(delay, result)
        kind, frame = "asyncio.sleep", sys._getframe(1)
        if callers.asks_for_anyio(frame):
            kind, awaiting = "anyio.sleep", callers.beyond_anyio(frame)
            covered = awaiting is None or callers.spared(awaiting)
        else:
            covered = callers.spared(frame)
        if not covered or not block._has_caller():
            return _asyncio_sleep(delay, result)
        return block._sleep_in_loop(delay, result, kind, callers.place(frame))


def _length(seconds: object) -> float:
    """*seconds* as a number, or nothing where `time.sleep` is to say what is wrong."""
    if isinstance(seconds, float):
        return seconds
    try:
        return operator.index(seconds)  # type: ignore[arg-type]
    except TypeError:
        return 0


@functools.wraps(_event_wait)
def _wait(self: threading.Event, timeout: float | None = None) -> bool:
    block = _on
    if block is None or timeout is None or self.is_set():
        return _event_wait(self, timeout)
    frame = sys._getframe(1)
    if not 0 < timeout <= threading.TIMEOUT_MAX or not block._covers(frame):
        return _event_wait(self, timeout)
    return block._wait(self, timeout, callers.place(frame))


def _shows(frame: FrameType) -> Clocks | None:
    block = _on
    return None if block is None else block._shows(frame)


_sleep = _Sleep()
functools.update_wrapper(_sleep, _time_sleep)
_sleep_in_loop = _SleepInLoop(_asyncio_sleep)
functools.update_wrapper(_sleep_in_loop, _asyncio_sleep)
_readings = readings(_shows)
_dates = Dates(_shows)


@as_block
def sleepless(
    clock: Advancing,
    *,
    lock: AbstractContextManager[object] | None = None,
    now: Callable[[], float] | None = None,
) -> Iterator[Sleepless]:
    """Let the waits of a block return at once, advance *clock*, and be recorded.

    *clock* is any object with `advance(seconds)`; *lock* is held while it moves. *now*
    returns the date that the code sees, in seconds since 1970; by default it is today's,
    advanced by the waits. Raises `SleeplessIsOn` if another such block is open in any
    thread; `RuntimeError` if gevent or eventlet has replaced threads; and `EndlessWait`,
    inside the block, from a wait in a loop that never ends.
    """
    global _on
    insist_on_threads()
    # Two frames up: `contextlib` stands between this generator and the block.
    place = callers.place(sys._getframe(2))
    block = Sleepless(clock, lock, now, place)
    with _one:
        if _on is not None:
            raise SleeplessIsOn(
                f"sleepless is on already, since {_on._place}: a process has only one "
                "time.sleep. Leave that block first, or wait on its clock"
            )
        _on = block
    try:
        with ExitStack() as undo:
            _put_in_place(undo)
            yield block
    finally:
        _on = None
        block._end()


def _put_in_place(undo: ExitStack) -> None:
    """Have the process wait and read clocks by what stands here; *undo* ends that."""
    doubles.prepare()
    pairs: list[tuple[object, object]] = [
        (_time_sleep, _sleep),
        (_asyncio_sleep, _sleep_in_loop),
        *((original, _readings[name]) for name, original in originals().items()),
    ]
    swap(
        {id(pair): other for pair, other in pairs},
        {id(other): pair for pair, other in pairs},
        undo,
    )
    _dates.put(undo)
    if threading.Event.wait is _event_wait:
        undo.callback(_give_back_event_wait)
        threading.Event.wait = _wait  # type: ignore[method-assign]


def _give_back_event_wait() -> None:
    if threading.Event.wait is _wait:
        threading.Event.wait = _event_wait  # type: ignore[method-assign]
