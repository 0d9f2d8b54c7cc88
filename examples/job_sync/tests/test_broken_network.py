"""What our clients make of a network that breaks: by the wire, and in no time."""

from __future__ import annotations

import pytest
from emulator import World

from clients import JOB, TEN, jobriver_of, jobspikr_of
from job_sync import Broken, Jobriver, JobsPikr, NoAnswer, title_query

NURSES = title_query("nurse")
BREAKS = ["reset", "empty", "truncate=0.5", "malformed", "garbage"]


@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.emulator(sleepless=True)
def test_a_read_that_breaks_is_read_again(
    emulator: World, jobriver: Jobriver, fault: str
) -> None:
    """Whatever has become of the first reply, the caller sees only the second."""
    broken = emulator.provider("jobriver").add_fault(fault, calls=1)

    assert next(jobriver.jobs())["id"] == 455
    assert (broken.hits, broken.over) == (1, True)
    assert [wait.seconds for wait in emulator.waits] == [1]


@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.emulator(sleepless=True)
def test_a_search_that_breaks_is_not_paid_twice(
    emulator: World, jobspikr: JobsPikr, fault: str
) -> None:
    """JobsPikr has charged for what never arrived, and does not charge again."""
    paid = emulator.provider("jobspikr").records("consumed")
    before = len(paid)
    emulator.provider("jobspikr").add_fault(fault, calls=1)

    next(jobspikr.search(NURSES, size=10))

    assert len(paid) - before == 10
    emulator.verify("searchJobs", times=2)


def test_whether_a_create_without_an_answer_was_carried_out_is_not_guessed(
    emulator: World, jobriver: Jobriver
) -> None:
    """It was, here: so sending it again would have made a second job."""
    jobs = emulator.provider("jobriver").records("jobs")
    before = len(jobs)
    emulator.provider("jobriver").add_fault("reset", "createJob")

    with pytest.raises(NoAnswer):
        jobriver.create_job(JOB)

    assert len(jobs) - before == 1
    emulator.verify("createJob", times=1)


def test_the_page_of_a_gateway_is_an_error_in_words(
    emulator: World, jobriver: Jobriver
) -> None:
    """HTML where JSON should be."""
    emulator.provider("jobriver").add_fault("gateway=502")

    with pytest.raises(Broken, match="502 Bad Gateway"):
        jobriver.create_job(JOB)


def test_a_client_has_its_own_patience(emulator: World) -> None:
    """Over a socket a delay is real, so it is a short one."""
    emulator.provider("jobriver").add_fault("delay=1s")

    with jobriver_of(emulator, timeout=0.1) as client, pytest.raises(NoAnswer):
        client.create_job(JOB)


@pytest.mark.emulator(intercept=True, clock=TEN)
def test_ten_seconds_of_silence_are_enough(emulator: World) -> None:
    """In process a delay moves the clock instead: half a minute of it is nothing."""
    emulator.provider("jobriver").add_fault("delay=30s", "createJob")
    began = emulator.clock.now

    with jobriver_of(emulator) as client, pytest.raises(NoAnswer, match="timed out"):
        client.create_job(JOB)

    assert (emulator.clock.now - began).total_seconds() == 10


@pytest.mark.emulator(intercept=True, clock=TEN, provider="jobspikr", scenario="slow")
def test_a_slow_search_is_waited_for(emulator: World) -> None:
    """Three seconds a page is slow, and not too slow."""
    began = emulator.clock.now

    with jobspikr_of(emulator) as client:
        found = [*client.search(NURSES, size=100)]

    assert len(found) == 31
    assert (emulator.clock.now - began).total_seconds() == 6
