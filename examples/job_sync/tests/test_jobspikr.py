"""Our client of JobsPikr: a pair of keys, cursors and credits."""

from __future__ import annotations

import pytest
from emulator import World

from clients import jobspikr_of
from job_sync import JobsPikr, NotAllowed, OutOfCredits, title_query

NURSES = title_query("nurse")


def test_a_search_is_walked_to_its_end(emulator: World, jobspikr: JobsPikr) -> None:
    """Each job once; only a page without jobs is the last."""
    found = [job["uniq_id"] for job in jobspikr.search(NURSES, size=10)]

    assert len(found) == len(set(found)) == 31
    emulator.verify("searchJobs", times=5)


def test_a_search_pays_for_what_is_looked_at(
    emulator: World, jobspikr: JobsPikr
) -> None:
    """And no further page is fetched for somebody who has stopped."""
    paid = emulator.provider("jobspikr").records("consumed")
    before = len(paid)

    first = next(jobspikr.search(NURSES, size=10))

    assert "nurse" in first["job_title"].lower()
    assert len(paid) - before == 10


@pytest.mark.emulator(provider="jobspikr", scenario="credits_nearly_gone")
def test_the_last_credits_are_used_before_there_are_none(jobspikr: JobsPikr) -> None:
    """A page is cut to what the plan has left, and does not end the search."""
    jobs = jobspikr.search(NURSES)

    assert "Nurse" in next(jobs)["job_title"]
    assert "Nurse" in next(jobs)["job_title"]
    with pytest.raises(OutOfCredits, match="Job credits are exhausted"):
        next(jobs)


@pytest.mark.parametrize(
    ("pair", "error"),
    [
        ("no_credits", OutOfCredits),
        ("disabled", NotAllowed),
        ("unknown", NotAllowed),
    ],
)
def test_a_pair_that_may_not_search_is_told_so(
    emulator: World, pair: str, error: type[Exception]
) -> None:
    """A bill, an account and a typing error are different things to do."""
    with jobspikr_of(emulator, pair) as client, pytest.raises(error):
        next(client.search(NURSES))


@pytest.mark.emulator(provider="jobspikr", scenario="error_mid_walk", sleepless=True)
def test_a_page_that_fails_is_asked_for_again(
    emulator: World, jobspikr: JobsPikr
) -> None:
    """From the same cursor, so that nothing is missed and nothing comes twice."""
    found = [job["uniq_id"] for job in jobspikr.search(NURSES, size=10)]

    failed, again = emulator.journal[2:4]
    assert len(found) == len(set(found)) == 31
    assert (failed.status, again.status) == (500, 200)
    assert failed.request.body == again.request.body
