"""How our clients back off: to the second, and without a second of waiting.

With `sleepless=True` each wait passes at once, moves the world's clock, and is written
down in `emulator.waits`.
"""

from __future__ import annotations

import asyncio

import pytest
from emulator import World

from clients import JOB, TEN, async_jobspikr_of
from job_sync import Broken, Jobriver, JobsPikr, TryLater, title_query

pytestmark = pytest.mark.emulator(clock=TEN, sleepless=True)

NURSES = title_query("nurse")


def waits(world: World) -> list[float]:
    return [wait.seconds for wait in world.waits]


@pytest.mark.emulator(provider="jobriver", scenario="rate_limited")
def test_a_spent_quota_is_waited_for_as_long_as_the_provider_says(
    emulator: World, jobriver: Jobriver
) -> None:
    """Retry-After is sixty seconds at the beginning of a minute, and is enough."""
    jobriver.create_job(JOB)

    assert waits(emulator) == [60]
    assert [entry.status for entry in emulator.journal] == [429, 201]


@pytest.mark.emulator(provider="jobriver", scenario="small_quota")
def test_a_walk_over_a_small_quota_takes_its_minutes(
    emulator: World, jobriver: Jobriver
) -> None:
    """Three calls a minute make nine pages in two waits, and none is lost."""
    jobs = [job["id"] for job in jobriver.jobs(per_page=5)]

    assert len(jobs) == 41
    assert waits(emulator) == [60, 60]
    emulator.verify("listJobs", times=9, status=200)
    emulator.verify("listJobs", times=2, refusal="rate_limited")


def test_without_advice_each_wait_is_twice_the_last(
    emulator: World, jobriver: Jobriver
) -> None:
    """1 and 2 seconds for two errors, and no word to the caller."""
    emulator.provider("jobriver").add_fault(status=503, calls="1-2")

    jobriver.create_job(JOB)

    assert waits(emulator) == [1, 2]
    emulator.verify("createJob", times=3)


@pytest.mark.emulator(provider="jobriver", scenario="maintenance")
def test_a_provider_that_stays_away_is_given_up(
    emulator: World, jobriver: Jobriver
) -> None:
    """After four calls, and seven seconds."""
    began = emulator.clock.now

    with pytest.raises(TryLater, match="503 Service unavailable"):
        next(jobriver.jobs())

    assert waits(emulator) == [1, 2, 4]
    assert (emulator.clock.now - began).total_seconds() == 7


def test_an_outage_that_is_shorter_than_our_patience_is_not_noticed(
    emulator: World, jobriver: Jobriver
) -> None:
    """The clock moves by the waits alone, so five seconds are over after the third."""
    emulator.provider("jobriver").add_fault(status=503, until="5s")

    assert next(jobriver.jobs())["id"] == 455
    assert waits(emulator) == [1, 2, 4]


@pytest.mark.emulator(provider="jobspikr", scenario="hour_spent")
def test_nobody_is_waited_for_for_an_hour(emulator: World, jobspikr: JobsPikr) -> None:
    """The caller is told how long it would be, and may do something else."""
    with pytest.raises(TryLater) as refused:
        next(jobspikr.search(NURSES))

    assert refused.value.retry_after == 3600
    assert waits(emulator) == []


@pytest.mark.emulator(provider="jobriver", scenario="rate_limited")
def test_advice_may_be_a_date(emulator: World, jobriver: Jobriver) -> None:
    """Of the provider's clock: ours may be wrong."""
    emulator.provider("jobriver").add_fault("retry-after=date")

    jobriver.create_job(JOB)

    assert waits(emulator) == [60]


def test_a_create_that_failed_is_not_sent_again(
    emulator: World, jobriver: Jobriver
) -> None:
    """An error 500 may come after the deed, and two jobs are worse than none."""
    emulator.provider("jobriver").add_fault(status=500, operation="createJob")

    with pytest.raises(Broken):
        jobriver.create_job(JOB)

    assert waits(emulator) == []
    emulator.verify("createJob", times=1)


@pytest.mark.emulator(intercept=True, provider="jobspikr", scenario="rate_limited")
def test_tasks_wait_side_by_side(emulator: World) -> None:
    """Three searches that are told to wait for a minute take one, and not three."""
    began = emulator.clock.now

    async def first_of(words: str) -> str:
        async with async_jobspikr_of(emulator) as client:
            async for job in client.search(title_query(words)):
                return str(job["job_title"])
        return ""

    async def all_three() -> list[str]:
        return await asyncio.gather(*map(first_of, ["nurse", "engineer", "driver"]))

    titles = asyncio.run(all_three())

    assert all(titles)
    assert waits(emulator) == [60, 60, 60]
    assert (emulator.clock.now - began).total_seconds() == 60


@pytest.mark.emulator(intercept=True, provider="jobriver", scenario="rate_limited")
def test_it_is_the_same_in_process(emulator: World) -> None:
    """With the provider's real address, and no socket."""
    key = emulator.provider("jobriver").credentials["full"].value

    with Jobriver(key) as client:
        client.create_job(JOB)

    assert waits(emulator) == [60]
    assert emulator.journal[-1].request.url == "https://dev.jobriver.de/api/v1/jobs"
