"""The providers at their real addresses, answered in this process: no socket, no URL.

For code whose address cannot be set, and for tests that want to be quick. There are
four ways to say it, and one is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import emulator
import pytest
import requests
from emulator import World

from clients import JOB, TEN, pair_of
from job_sync import AsyncJobsPikr, Jobriver, JobsPikr, TryLater, title_query

NURSES = title_query("nurse")


@pytest.mark.emulator(intercept=True, provider="jobriver")
def test_a_marker_answers_real_addresses(emulator: World) -> None:
    """The fixture is the world that answers."""
    key = emulator.provider("jobriver").credentials["full"].value

    with Jobriver(key) as client:
        client.create_job(JOB)

    emulator.verify("createJob", times=1)


def test_a_context_manager_does_too() -> None:
    """Where only some lines are to be answered."""
    with emulator.intercept("jobspikr", clock=TEN) as world:
        with JobsPikr(*pair_of(world)) as client:
            assert len([*client.search(NURSES)]) == 31

        world.verify("searchJobs", times=2)


@emulator.intercept("jobriver", scenario="maintenance", sleepless=True)
def test_a_decorator_does_where_the_world_is_not_needed() -> None:
    """Each call of the function has a new world."""
    with Jobriver("any key") as client, pytest.raises(TryLater):
        next(client.jobs())


@pytest.fixture
def answered() -> Iterator[World]:
    """A world of both providers that refuses calls to anybody else."""
    with emulator.intercept(["jobriver", "jobspikr"], on_other="refuse") as world:
        yield world


def test_a_fixture_of_your_own_does(answered: World) -> None:
    """Two providers are in one world, and each has its own keys."""
    key = answered.provider("jobriver").credentials["full"].value

    with JobsPikr(*pair_of(answered)) as source, Jobriver(key) as to:
        next(source.search(NURSES))
        next(to.jobs())

    assert [entry.provider for entry in answered.journal] == ["jobspikr", "jobriver"]


def test_nothing_else_is_called_by_mistake(answered: World) -> None:
    """A test that would leave the machine fails, and says where to."""
    with pytest.raises(AssertionError, match=r"api\.example"):
        requests.get("https://api.example/jobs", timeout=1)

    answered.verify(times=0)


def test_tasks_are_answered_as_well() -> None:
    """Each search of asyncio is walked by itself, in one world."""

    async def count(client: AsyncJobsPikr, words: str) -> int:
        return len([job async for job in client.search(title_query(words), size=10)])

    async def both(world: World) -> tuple[int, int]:
        async with AsyncJobsPikr(*pair_of(world)) as client:
            return await asyncio.gather(count(client, "nurse"), count(client, "driver"))

    with emulator.intercept() as world:
        nurses, drivers = asyncio.run(both(world))
        calls = world.verify("searchJobs")

    assert (nurses, drivers, calls) == (31, 15, 8)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.emulator(intercept=True, provider="jobspikr")
async def test_an_async_test_has_the_same_fixtures(
    emulator: World, anyio_backend: str
) -> None:
    """The plugin of anyio, which httpx brings, runs it."""
    async with AsyncJobsPikr(*pair_of(emulator)) as client:
        found = [job async for job in client.search(NURSES)]

    assert len(found) == 31
