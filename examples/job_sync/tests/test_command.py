"""The whole of it: what was found at one provider stands at the other, once."""

from __future__ import annotations

import pytest
from emulator import World

from clients import TEN
from job_sync import Jobriver, JobsPikr, NoAnswer, sync, title_query
from job_sync.command import main

DEVELOPERS = title_query("backend developer")


@pytest.fixture
def environment(emulator: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses and keys of this world, as the command is told of them."""
    jobriver, jobspikr = emulator.provider("jobriver"), emulator.provider("jobspikr")
    pair = jobspikr.credentials["full"].headers
    monkeypatch.setenv("JOBRIVER_URL", jobriver.url)
    monkeypatch.setenv("JOBRIVER_API_KEY", jobriver.credentials["full"].value)
    monkeypatch.setenv("JOBSPIKR_URL", jobspikr.url)
    monkeypatch.setenv("JOBSPIKR_CLIENT_ID", pair["client_id"])
    monkeypatch.setenv("JOBSPIKR_CLIENT_AUTH_KEY", pair["client_auth_key"])


@pytest.mark.usefixtures("environment")
def test_the_command_tells_of_each_job(
    emulator: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """And those that are there already are left alone the second time."""
    first = main(["backend developer", "--limit", "2"])
    second = main(["backend developer", "--limit", "3"])

    lines = capsys.readouterr().out.splitlines()
    assert (first, second) == (0, 0)
    assert [line.split()[0] for line in lines] == [
        *["created", "created"],
        *["known", "known", "created"],
    ]
    emulator.verify("createJob", times=3, status=201)


@pytest.mark.usefixtures("environment")
@pytest.mark.emulator(provider="jobspikr", scenario="credits_exhausted")
def test_the_command_ends_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody wants to read a traceback for a bill."""
    code = main(["backend developer"])

    assert (code, *capsys.readouterr()) == (
        1,
        "",
        "job-sync: 402 Job credits are exhausted.\n",
    )


@pytest.mark.emulator(clock="frozen")
def test_a_run_that_broke_off_is_finished_by_the_next(
    emulator: World, jobriver: Jobriver, jobspikr: JobsPikr
) -> None:
    """The job whose answer was lost is known by then, and made no second time."""
    emulator.provider("jobriver").add_fault("reset", "createJob", calls=2)
    outcomes = sync(jobspikr.search(DEVELOPERS), jobriver)
    assert next(outcomes).became == "created"
    with pytest.raises(NoAnswer):
        next(outcomes)

    again = [one.became for one in sync(jobspikr.search(DEVELOPERS), jobriver)]

    found = [job["apply_url"] for job in jobriver.jobs() if job["apply_url"]]
    assert again[:3] == ["known", "known", "created"]
    assert len(found) == len(set(found))
    emulator.verify("createJob", times=len(again))


def test_one_job_that_is_not_taken_stops_no_other(
    emulator: World, jobriver: Jobriver, jobspikr: JobsPikr
) -> None:
    """The reason is the provider's, and the rest is created."""
    found = [*jobspikr.search(DEVELOPERS)]
    emulator.provider("jobspikr").records("jobs").update(
        found[0]["uniq_id"], job_description="Ask us."
    )

    outcomes = [*sync(jobspikr.search(DEVELOPERS), jobriver)]

    assert [one.became for one in outcomes] == [
        "refused",
        *["created"] * (len(found) - 1),
    ]
    assert outcomes[0].why == "Description must be at least 50 characters"


@pytest.mark.emulator(
    provider=["jobriver", "jobspikr"],
    scenario="jobriver/small_quota",
    clock=TEN,
    sleepless=True,
)
def test_a_small_quota_makes_a_run_longer_and_not_shorter(
    emulator: World, jobriver: Jobriver, jobspikr: JobsPikr
) -> None:
    """A list and as many creates as there are jobs, three calls a minute."""
    outcomes = [*sync(jobspikr.search(DEVELOPERS), jobriver)]

    minutes = (1 + len(outcomes) - 1) // 3
    assert {one.became for one in outcomes} == {"created"}
    assert [wait.seconds for wait in emulator.waits] == [60] * minutes
