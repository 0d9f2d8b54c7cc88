"""A thread belongs to the block that started it, and a submitted call to who submits it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import requests
from library import HOST, URL, named

from emulator.interception import ForeignHost, intercept


def said() -> str:
    return requests.get(URL).text


def in_thread(act: Callable[[], Any]) -> Any:
    found = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def in_pool(act: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(2) as pool:
        (found,) = {*pool.map(lambda _: act(), range(4))}
    return found


def in_executor(act: Callable[[], Any]) -> Any:
    async def run() -> Any:
        return await asyncio.get_running_loop().run_in_executor(None, act)

    return asyncio.run(run())


def in_timer(act: Callable[[], Any]) -> Any:
    found = []
    timer = threading.Timer(0, lambda: found.append(act()))
    timer.start()
    timer.join()
    return found[0]


WAYS = [in_thread, in_pool, in_executor, in_timer]


def side_by_side(*acts: Callable[[], Any]) -> list[Any]:
    """What each finds in a thread with a block of its own, all of them open at once."""
    ready = threading.Barrier(len(acts))

    def run(name: str, act: Callable[[], Any]) -> Any:
        with intercept(named(name), [HOST]):
            ready.wait(10)
            try:
                return act()
            finally:
                ready.wait(10)

    with ThreadPoolExecutor(len(acts)) as pool:
        return [*pool.map(run, "ab", acts)]


@pytest.mark.parametrize("way", WAYS)
def test_threads_belong_to_the_block_that_started_them(
    way: Callable[[Callable[[], Any]], Any],
) -> None:
    """Those that they start in turn as well, though blocks of others are newer."""
    deeper = partial(in_thread, said)

    assert side_by_side(*[partial(way, said)] * 2) == ["a", "b"]
    assert side_by_side(*[partial(way, deeper)] * 2) == ["a", "b"]


def test_an_executor_calls_for_whoever_has_submitted() -> None:
    """Whose threads are older than any block, or are another block's."""
    with ThreadPoolExecutor(1) as pool:
        submitted = [lambda: pool.submit(said).result(10)] * 2
        assert side_by_side(*submitted) == ["a", "b"]
        assert side_by_side(*submitted) == ["a", "b"]
        with intercept(named("c"), [HOST]):
            assert pool.submit(said).result(10) == "c"


def test_a_block_inside_a_thread_comes_before_that_around_it() -> None:
    def inside() -> tuple[str, str]:
        with intercept(named("inner"), [HOST]):
            inner = said()
        return inner, said()

    with intercept(named("outer"), [HOST]):
        assert in_thread(inside) == ("inner", "outer")


@pytest.fixture
def stranger() -> Any:
    """Runs functions in a thread that is older than every block."""
    begin, ended = threading.Event(), threading.Event()
    acts, found = list[Callable[[], Any]](), list[Any]()

    def run() -> None:
        begin.wait(30)
        for act in acts:
            try:
                found.append(act())
            except BaseException as error:
                found.append(error)
        ended.set()

    thread = threading.Thread(target=run, name="stranger")
    thread.start()

    def ask(act: Callable[[], Any]) -> Any:
        acts.append(act)
        begin.set()
        ended.wait(30)
        return found[0]

    yield ask
    begin.set()
    thread.join()


def test_a_thread_that_no_block_has_started_calls_the_only_one(stranger: Any) -> None:
    """Or the innermost of those that one thread has entered."""
    with intercept(named("outer"), [HOST]), intercept(named("inner"), [HOST]):
        assert stranger(said) == "inner"


def test_which_of_two_threads_a_third_calls_for_is_not_guessed(stranger: Any) -> None:
    """A wrong guess would be an answer all the same, in the wrong journal."""
    refused, _ = side_by_side(lambda: stranger(said), lambda: None)

    assert isinstance(refused, ForeignHost)
    assert str(refused) == (
        "2 blocks of different threads answer for 'api.library.test', and the thread"
        " 'stranger', which calls it, was started in none of them\n"
        "  fix: start it inside the block that it belongs to"
    )
