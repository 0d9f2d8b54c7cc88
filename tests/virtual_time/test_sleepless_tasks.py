"""Tasks under `sleepless`: sleepers wake in the order of their deadlines."""

from __future__ import annotations

import asyncio
import inspect
import math
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from queue import Empty, Queue

import anyio
import pytest
from front_door import START

from emulator.times import LATEST, SECOND, micros
from emulator.virtual_time import Sleepless, sleepless
from emulator.world.clock import Clock

Story = Callable[[list[str]], Awaitable[None]]


def asked(slept: Sleepless) -> list[tuple[float, str]]:
    return [(wait.seconds, wait.kind) for wait in slept.waits]


async def say(log: list[str], name: str, *delays: float) -> None:
    for delay in delays:
        await asyncio.sleep(delay)
        log.append(f"{name}{delay:g}")


async def gathered(log: list[str]) -> None:
    await asyncio.gather(
        say(log, "a", 3600, 10), say(log, "b", 5, 5, 5), say(log, "c", 7)
    )


async def grouped(log: list[str]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(say(log, "a", 3600, 10))
        group.create_task(say(log, "b", 5, 5, 5))
        group.create_task(say(log, "c", 7))


async def grouped_by_anyio(log: list[str]) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(say, log, "a", 3600, 10)
        group.start_soon(say, log, "b", 5, 5, 5)
        group.start_soon(say, log, "c", 7)


async def waited_for(log: list[str]) -> None:
    stories = (say(log, "a", 3600, 10), say(log, "b", 5, 5, 5), say(log, "c", 7))
    await asyncio.wait([asyncio.ensure_future(story) for story in stories])


@pytest.mark.parametrize("story", [gathered, grouped, grouped_by_anyio, waited_for])
def test_sleepers_wake_in_order(clock: Clock, story: Story) -> None:
    """Tasks side by side take as long as the longest of them, and end in order."""
    log: list[str] = []
    begun = time.perf_counter()

    with sleepless(clock) as slept:
        asyncio.run(story(log))  # type: ignore[arg-type]

    assert time.perf_counter() - begun < 60
    assert log == ["b5", "c7", "b5", "b5", "a3600", "a10"]
    assert clock.now() == micros(START + 3610)
    assert [wait.seconds for wait in slept.waits] == [5, 7, 5, 5, 3600, 10]


def test_another_event_loop_will_do(clock: Clock) -> None:
    """uvloop shows no sockets of its own, so what might come from outside is awaited."""
    uvloop = pytest.importorskip("uvloop")
    log: list[str] = []

    with (
        sleepless(clock),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(grouped(log))

    assert log == ["b5", "c7", "b5", "b5", "a3600", "a10"]
    assert clock.now() == micros(START + 3610)


def test_anyio_sleeps_as_asyncio_does(clock: Clock) -> None:
    """Awaited, or given to a task group, to which it is the task."""

    async def story() -> None:
        await anyio.sleep(60)
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 30)
            group.start_soon(asyncio.sleep, 90)

    with sleepless(clock) as slept:
        asyncio.run(story())

    assert asked(slept) == [
        (60, "anyio.sleep"),
        (30, "anyio.sleep"),
        (90, "asyncio.sleep"),
    ]
    assert clock.now() == micros(START + 150)


def test_a_sleep_lets_other_tasks_run_first(clock: Clock) -> None:
    """A task with work to do, in many small steps, is done before a deadline comes."""
    log: list[str] = []

    async def work() -> None:
        for _ in range(30):
            await asyncio.sleep(0)
        log.append(f"worked at {clock.now() / SECOND - START:g}")

    async def story() -> None:
        task = asyncio.create_task(work())
        assert await asyncio.sleep(60, "result") == "result"
        log.append(f"woke at {clock.now() / SECOND - START:g}")
        await task

    with sleepless(clock):
        asyncio.run(story())

    assert log == ["worked at 0", "woke at 60"]


def test_a_result_that_takes_passes_of_the_loop_comes_first(clock: Clock) -> None:
    """Between the end of a task and the wake of who gathers it, no deadline comes."""
    log: list[str] = []

    async def gathering() -> None:
        await asyncio.gather(say(log, "inner", 1))
        await say(log, "outer", 1)

    async def story() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(gathering())
            group.create_task(say(log, "other", 10))

    with sleepless(clock):
        asyncio.run(story())

    assert log == ["inner1", "outer1", "other10"]
    assert clock.now() == micros(START + 10)


def test_consumers_of_a_queue_wait_for_its_producer(clock: Clock) -> None:
    """A queue may be filled from outside: after a moment, the producer's wait ends."""

    async def produce(queue: asyncio.Queue[float]) -> None:
        for _ in range(3):
            await asyncio.sleep(60)
            queue.put_nowait(clock.now() / SECOND - START)

    async def story() -> list[float]:
        queue: asyncio.Queue[float] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(produce(queue))
            return [await queue.get() for _ in range(3)]

    with sleepless(clock):
        assert asyncio.run(story()) == [60, 120, 180]


def test_a_task_that_only_yields_holds_nobody_up(clock: Clock) -> None:
    """A poll by `sleep(0)` for what a sleeper will do ends."""
    done: list[bool] = []

    async def poll() -> None:
        while not done:
            await asyncio.sleep(0)

    async def story() -> None:
        task = asyncio.create_task(poll())
        await asyncio.sleep(60)
        done.append(True)
        await task

    with sleepless(clock) as slept:
        asyncio.run(story())

    assert asked(slept) == [(60, "asyncio.sleep")]


def test_a_reply_from_a_thread_comes_before_the_deadline(clock: Clock) -> None:
    """Where something may come from outside the loop, it is given a moment."""

    def reply() -> float:
        with suppress(Empty):  # a real wait, which is the standard library's own
            Queue[int]().get(timeout=0.002)
        return clock.now()

    async def story() -> float:
        sleeper = asyncio.create_task(asyncio.sleep(3600))
        at = await asyncio.to_thread(reply)
        await sleeper
        return at

    with sleepless(clock):
        assert asyncio.run(story()) == micros(START)

    assert clock.now() == micros(START + 3600)


def test_timers_of_the_loop_are_real(clock: Clock) -> None:
    """`call_later`, `timeout` and `wait_for` count real seconds."""

    async def story() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        rang = loop.create_future()
        begun = loop.time()
        loop.call_later(0.03, lambda: rang.set_result(loop.time() - begun))
        async with asyncio.timeout(0.5):
            await asyncio.sleep(3600)
        timed_out = loop.time()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(loop.create_future(), 0.03)
        return await rang, loop.time() - timed_out

    with sleepless(clock) as slept:
        rang, timed_out = asyncio.run(story())

    assert rang >= 0.03
    assert timed_out >= 0.02
    assert asked(slept) == [(3600, "asyncio.sleep")]


def test_a_sleep_that_is_cancelled_moves_nothing(clock: Clock) -> None:
    """Its deadline never comes, and it is not written down."""

    async def story() -> None:
        task = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(5)

    with sleepless(clock) as slept:
        asyncio.run(story())

    assert asked(slept) == [(10, "asyncio.sleep"), (5, "asyncio.sleep")]
    assert clock.now() == micros(START + 15)


@pytest.mark.parametrize("delay", [0, -1, -0.5])
def test_a_sleep_for_nothing_is_a_mere_yield(clock: Clock, delay: float) -> None:
    """Nothing and less than nothing let others run once, as ever."""
    log: list[str] = []

    async def story() -> None:
        asyncio.get_running_loop().call_soon(log.append, "other")
        await asyncio.sleep(delay)
        log.append("me")

    with sleepless(clock) as slept:
        asyncio.run(story())

    assert (log, slept.waits, clock.now()) == (["other", "me"], [], micros(START))


def test_a_sleep_for_ever_is_for_ever(clock: Clock) -> None:
    """An infinite sleep has no deadline that the clock could be moved to."""

    async def story() -> None:
        task = asyncio.create_task(anyio.sleep(math.inf))
        await asyncio.sleep(60)
        assert not task.done()
        task.cancel()

    with sleepless(clock) as slept:
        asyncio.run(story())

    assert asked(slept) == [(60, "asyncio.sleep")]


def test_a_task_that_ran_before_keeps_real_time(clock: Clock) -> None:
    """A server on the same loop is not part of a block that begins later."""
    took: list[float] = []

    async def server(begun: asyncio.Event) -> None:
        await begun.wait()
        at = time.perf_counter()
        await asyncio.sleep(0.05)
        took.append(time.perf_counter() - at)

    async def story() -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(server(begun))
        with sleepless(clock) as slept:
            begun.set()
            await asyncio.sleep(3600)
            await task
        assert asked(slept) == [(3600, "asyncio.sleep")]

    asyncio.run(story())

    assert 0.05 <= took[0] < 60


def test_a_blocking_sleep_in_a_task_passes_too(clock: Clock) -> None:
    """`time.sleep` on the loop's thread moves the clock as anywhere else."""

    async def story() -> None:
        time.sleep(60)
        threading.Event().wait(30)

    with sleepless(clock) as slept:
        asyncio.run(story())

    assert asked(slept) == [(60, "time.sleep"), (30, "Event.wait")]


def test_what_is_left_of_a_wait_at_the_end_is_real(clock: Clock) -> None:
    """A task that outlives the block wakes by the real clock."""

    async def story() -> float:
        begun = time.perf_counter()
        with sleepless(clock):
            task = asyncio.create_task(asyncio.sleep(0.05))
            await asyncio.sleep(0)
        await task
        return time.perf_counter() - begun

    assert asyncio.run(story()) >= 0.05
    assert clock.now() == micros(START)


def test_asyncio_sleep_stays_a_coroutine_function(clock: Clock) -> None:
    """Libraries that look whether a given sleep is to be awaited find that it is."""
    with sleepless(clock):
        assert inspect.iscoroutinefunction(asyncio.sleep)
        assert asyncio.sleep.__qualname__ == "sleep"
        assert asyncio.sleep.__module__ == "asyncio.tasks"


def test_a_clock_that_cannot_move_says_so_to_the_task(clock: Clock) -> None:
    """What `advance` raises comes out of the sleep that asked for it."""
    clock.set(LATEST - micros(799))

    with sleepless(clock), pytest.raises(ValueError, match="9998"):
        asyncio.run(asyncio.sleep(3600))
