"""What an interception decorates runs inside a block of its own, whatever it is."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import unittest
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import requests
from library import HOST, URL, named

from emulator.concurrency.block_decorators import as_block
from emulator.interception import ForeignHost, intercept, registry

decorate: Callable[[Any], Any] = intercept(named("one"), [HOST], on_other="refuse")


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """A call outside of a block fails, and no block is left open."""
    with intercept(named("nobody"), [], on_other="refuse"):
        yield
        gc.collect()
        assert len(registry._open) == 1


def said() -> str:
    return requests.get(URL).text


async def said_in_loop() -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(URL)).text


def outside() -> None:
    """No block is open that answers."""
    with pytest.raises(ForeignHost):
        said()


@decorate
def yielding() -> Iterator[str]:
    try:
        yield said()
    finally:
        said()


@decorate
async def yielding_in_loop() -> AsyncIterator[str]:
    try:
        yield await said_in_loop()
    finally:
        await said_in_loop()


def test_a_generator_is_in_its_block_until_it_ends() -> None:
    """So that a yield fixture may be decorated; one that is left early ends as well."""
    assert [*yielding()] == ["one"]
    outside()

    with contextlib.contextmanager(yielding)() as inside:
        assert (inside, said()) == ("one", "one")
    outside()

    assert next(yielding()) == "one"
    outside()


def test_an_async_generator_is_in_its_block_until_it_ends() -> None:
    """Errors are thrown into it, and what it makes of them counts."""

    @decorate
    async def forgiving() -> AsyncIterator[str]:
        with contextlib.suppress(KeyError):
            yield await said_in_loop()

    async def use() -> list[str]:
        found = [one async for one in yielding_in_loop()]
        async with contextlib.asynccontextmanager(yielding_in_loop)() as inside:
            found += [inside, await said_in_loop()]
        with contextlib.suppress(KeyError):
            async with contextlib.asynccontextmanager(yielding_in_loop)():
                raise KeyError
        async with contextlib.asynccontextmanager(forgiving)() as inside:
            found.append(inside)
            raise KeyError
        return found

    assert asyncio.run(use()) == ["one"] * 4
    outside()


def test_generators_are_sent_values() -> None:
    """What is sent into a decorated one arrives, and what it returns comes out."""

    @decorate
    def adding() -> Any:
        total = 0
        for _ in range(2):
            total += yield total
        return total

    @decorate
    async def adding_in_loop() -> Any:
        total = 0
        for _ in range(2):
            total += yield total

    def use() -> Iterator[Any]:
        running = adding()
        next(running)
        yield running.send(3)
        with pytest.raises(StopIteration) as ended:
            running.send(4)
        yield ended.value.value

    async def use_in_loop() -> Any:
        running = adding_in_loop()
        await anext(running)
        return await running.asend(3)

    assert [*use()] == [3, 7]
    assert asyncio.run(use_in_loop()) == 3


def behind(function: Callable[[], Any]) -> Callable[[], Any]:
    """Another decorator, which says nothing of what it is around."""
    return lambda: function()


class Calling:
    async def __call__(self) -> str:
        return await said_in_loop()


@pytest.mark.parametrize(
    "function",
    [
        said_in_loop,
        behind(said_in_loop),
        functools.partial(said_in_loop),
        Calling(),
        lambda: asyncio.ensure_future(said_in_loop()),
    ],
)
def test_what_returns_an_awaitable_is_in_its_block_until_that_is_awaited(
    function: Callable[[], Awaitable[str]],
) -> None:
    async def use() -> str:
        found: str = await decorate(function)()
        return found

    assert asyncio.run(use()) == "one"
    outside()


def test_a_generator_that_a_function_gives_is_in_the_block_as_well() -> None:
    @decorate
    def given() -> Iterator[str]:
        return (said() for _ in range(2))

    @decorate
    def given_in_loop() -> AsyncIterator[str]:
        return (await said_in_loop() for _ in range(2))

    async def use() -> list[str]:
        return [one async for one in given_in_loop()]

    assert [*given()] == ["one"] * 2
    assert asyncio.run(use()) == ["one"] * 2
    outside()


def test_a_future_that_a_function_gives_keeps_the_block_open() -> None:
    """It is the same object, with whatever else it can do."""
    with ThreadPoolExecutor(1) as pool:

        @decorate
        def submitted() -> Future[str]:
            return pool.submit(said)

        assert submitted().result(10) == "one"
    outside()


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_a_coroutine_that_nobody_awaits_closes_its_block() -> None:
    """When it is forgotten."""
    forgotten = decorate(behind(said_in_loop))()

    assert said() == "one"
    del forgotten
    gc.collect()

    outside()


def test_the_test_methods_of_a_class_have_a_block_each() -> None:
    """As `unittest.mock.patch` has it: the class stays, and what else is in it."""

    class Base(unittest.TestCase):
        def test_inherited(self) -> None:
            assert said() == "one"

    @decorate
    class Cases(Base):
        kept = "kept"

        def test_it(self) -> None:
            assert said() == "one"

        def test_failing(self) -> None:
            assert said() == "two"

        @staticmethod
        def test_static() -> None:
            assert said() == "one"

        @classmethod
        def test_of_class(cls) -> None:
            assert (said(), cls.kept) == ("one", "kept")

        def helper(self) -> None:
            outside()

        class TestInner:
            def test_inner(self) -> str:
                return said()

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Cases).run(result)

    assert (result.testsRun, len(result.failures), result.errors) == (5, 1, [])
    assert Cases.TestInner().test_inner() == "one"
    Cases("helper").helper()
    with pytest.raises(ForeignHost):
        Base("test_inherited").test_inherited()


def test_async_test_methods_are_awaited_in_the_block() -> None:
    @decorate
    class Cases(unittest.IsolatedAsyncioTestCase):
        async def test_it(self) -> None:
            assert await said_in_loop() == "one"

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Cases).run(result)

    assert (result.testsRun, result.failures, result.errors) == (1, [], [])


class NoTests:
    def check(self) -> None: ...


@pytest.fixture
def made() -> None: ...


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (NoTests, "the class NoTests has no test methods"),
        (property(said), "cannot be decorated: a function, a method or a class can"),
        ("said", "'said' cannot be decorated"),
        (made, "is a fixture already: write this decorator below @pytest.fixture"),
    ],
)
def test_what_cannot_be_in_a_block_is_refused_where_it_is_decorated(
    wrong: Any, says: str
) -> None:
    with pytest.raises(TypeError) as refused:
        decorate(wrong)

    assert says in str(refused.value)


def test_every_block_decorates_in_this_way() -> None:
    """That of `World.sleepless`, too: `contextlib`'s own takes classes and generators."""
    open_now = list[str]()

    @as_block
    def opened(name: str) -> Iterator[str]:
        open_now.append(name)
        yield name
        open_now.remove(name)

    @opened("a")
    async def awaited() -> list[str]:
        return [*open_now]

    @opened("b")
    class Cases:
        def test_it(self) -> list[str]:
            return [*open_now]

    assert asyncio.run(awaited()) == ["a"]
    assert (Cases().test_it(), Cases().test_it()) == (["b"], ["b"])
    with opened("c") as name:
        assert (name, open_now) == ("c", ["c"])
    assert open_now == []
