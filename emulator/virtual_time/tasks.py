"""Tasks: waits of the tasks of one event loop, in the order of their deadlines.

The clock is moved to the earliest deadline once every task of the block waits. Where a
task waits for other tasks (`await task`, `gather`, `wait`, task groups) nothing else is
looked at. Where it waits for something that may come from outside (a socket, a thread,
a queue) the loop is given a moment of real time; when nothing has happened in it, the
clock is moved all the same. The loop's own timers are never touched.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections.abc import Callable
from typing import Any

from emulator.virtual_time import doubles
from emulator.virtual_time.ledger import Ledger
from emulator.virtual_time.real import time
from emulator.virtual_time.threads import PATIENCE

_PASSES = 50
"""Passes of the loop, at least, before tasks that only yield are not waited for."""
_STABLE = 4
"""Passes of the loop without news, before a deadline comes: results take a few."""
_LONGEST = 1.0
"""Real seconds after which a wait passes, however much happens meanwhile."""
_JOINS = frozenset(
    {
        ("asyncio.taskgroups", "TaskGroup.__aexit__"),
        ("asyncio.taskgroups", "TaskGroup._aexit"),
        ("asyncio.tasks", "_wait"),
        ("asyncio.tasks", "wait_for"),
        ("anyio._backends._asyncio", "TaskGroup.__aexit__"),
    }
)

Task = asyncio.Task[Any]
Sleeper = tuple[float, int, "asyncio.Future[None]"]


class Tasks:
    """The waits of one loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        ledger: Ledger,
        included: Callable[[Task], bool],
    ) -> None:
        self._loop = loop
        self._ledger = ledger
        self._included = included
        self._heap: list[Sleeper] = []
        self._count = 0
        self._looking = False
        self._seen: dict[Task, object] = {}
        self._since = self._begun = 0.0
        self._passes = 0
        self._over = False

    async def wait(self, seconds: float) -> None:
        """Let *seconds* pass; the loop runs at least once meanwhile."""
        future = self._loop.create_future()
        deadline = self._ledger.moved + seconds
        self._count += 1
        heapq.heappush(self._heap, (deadline, self._count, future))
        if not self._looking:
            self._begin()
        await future

    def end(self) -> None:
        """Who still waits then waits for the rest in real time. In the loop's thread."""
        self._over = True
        for deadline, _, future in self._heap:
            left = max(0.0, deadline - self._ledger.moved)
            self._loop.call_later(left, _wake, future)
        self._heap.clear()

    def _begin(self) -> None:
        self._looking = True
        self._since = self._begun = time.monotonic()
        self._passes = 0
        self._loop.call_soon(self._look)

    def _look(self) -> None:
        """Move the clock, or look again."""
        while self._heap and self._heap[0][2].done():
            heapq.heappop(self._heap)
        if not self._heap or self._over:
            self._looking = False
            return
        now = time.monotonic()
        standing = self._standing()
        busy = any(_runs(waiter) for waiter in standing.values())
        if busy:
            self._seen = {}
        elif standing != self._seen:
            self._seen, self._since, self._passes = standing, now, 0
        self._passes += 1
        if now - self._begun >= _LONGEST:
            self._move()
        elif self._passes <= (_PASSES if busy else _STABLE):
            self._loop.call_soon(self._look)
        elif now - self._since >= PATIENCE or not (busy or self._outside(standing)):
            self._move()
        elif busy:
            self._loop.call_soon(self._look)
        elif doubles.frozen():  # then no timer of the loop ever rings
            time.sleep(PATIENCE / 20)
            self._loop.call_soon(self._look)
        else:
            self._loop.call_later(PATIENCE / 4, self._look)

    def _move(self) -> None:
        deadline = self._heap[0][0]
        try:
            self._ledger.reach(deadline)
        except Exception as problem:
            _, _, future = heapq.heappop(self._heap)
            future.set_exception(problem)
        while self._heap and self._heap[0][0] <= self._ledger.moved:
            _wake(heapq.heappop(self._heap)[2])
        self._seen = {}
        self._begin()

    def _standing(self) -> dict[Task, object]:
        """Each task of the block, and what it waits for."""
        tasks = [each for each in asyncio.all_tasks(self._loop) if self._included(each)]
        return {task: getattr(task, "_fut_waiter", None) for task in tasks}

    def _outside(self, standing: dict[Task, object]) -> bool:
        """Whether what a task waits for may come from outside the block's tasks."""
        ours = {id(future) for _, _, future in self._heap}
        ours.update(map(id, standing))
        if all(_explained(task, waiter, ours) for task, waiter in standing.items()):
            return False
        selector: Any = getattr(self._loop, "_selector", None)
        sockets = selector.get_map() if hasattr(selector, "get_map") else None
        # One is the loop's own, which wakes it.
        return sockets is None or len(sockets) > 1 or threading.active_count() > 1


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _runs(waiter: object) -> bool:
    """Whether a task that waits for *waiter* is about to run."""
    return waiter is None or (isinstance(waiter, asyncio.Future) and waiter.done())


def _explained(task: Task, waiter: object, ours: set[int]) -> bool:
    """Whether a task waits for a deadline, or for other tasks of the block."""
    if id(waiter) in ours:
        return True
    children = getattr(waiter, "_children", None)  # what `gather` waits for
    if children is not None:
        return all(id(child) in ours or child.done() for child in children)
    inner: Any = task.get_coro()
    while hasattr(getattr(inner, "cr_await", None), "cr_frame"):
        inner = inner.cr_await
    frame = getattr(inner, "cr_frame", None)
    if frame is None:
        return False
    return (frame.f_globals.get("__name__"), frame.f_code.co_qualname) in _JOINS
