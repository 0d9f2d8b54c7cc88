"""Our client of Jobriver, over a socket: what it reads, sends and is refused."""

from __future__ import annotations

import pytest
from emulator import Provider, World

from clients import JOB, TEN, jobriver_of
from job_sync import Invalid, Jobriver, NotAllowed


def test_jobs_are_fetched_page_by_page(emulator: World, jobriver: Jobriver) -> None:
    """Each once, and no page more than there are."""
    ids = [job["id"] for job in jobriver.jobs(per_page=10)]

    assert len(ids) == len(set(ids)) == 41
    emulator.verify("listJobs", times=5)


def test_pages_are_fetched_as_they_are_needed(
    emulator: World, jobriver: Jobriver
) -> None:
    """Who looks at one job pays for one call of the quota."""
    next(jobriver.jobs(per_page=10))

    emulator.verify("listJobs", times=1, query={"page": "1"})


def test_a_job_is_sent_as_it_is(emulator: World, jobriver: Jobriver) -> None:
    """And comes back with what the provider makes of it."""
    created = jobriver.create_job(JOB)

    assert created["slug"] == "backend-developer"
    emulator.verify("createJob", times=1, status=201, body=JOB, credential="full")


def test_every_mistake_in_a_job_is_told(jobriver: Jobriver) -> None:
    """By field, in the provider's words."""
    with pytest.raises(Invalid) as refused:
        jobriver.create_job({**JOB, "title": "", "apply_url": None})

    assert refused.value.errors == {
        "title": "Title must be at least 3 characters",
        "apply_url": "apply_url is required when apply_type is external",
    }


STATES = {
    "inactive": "API_KEY_INACTIVE",
    "revoked": "API_KEY_REVOKED",
    "expired": "API_KEY_EXPIRED",
    "ip_restricted": "IP_NOT_ALLOWED",
    "unknown": "INVALID_API_KEY",
    "read_only": "PERMISSION_DENIED",
}


@pytest.mark.parametrize(("key", "code"), STATES.items(), ids=STATES)
def test_a_key_that_is_not_good_is_told_and_not_tried_again(
    emulator: World, key: str, code: str
) -> None:
    """In each state that a key can be in: once is enough to know."""
    with jobriver_of(emulator, key) as client, pytest.raises(NotAllowed) as refused:
        client.create_job(JOB)

    assert (refused.value.status, refused.value.code) == (403, code)
    emulator.verify("createJob", times=1)


@pytest.mark.emulator(clock=TEN)
def test_five_unknown_keys_shut_the_good_one_out_for_a_minute(emulator: World) -> None:
    """A wrong key in one place of production is everybody's problem."""
    with jobriver_of(emulator, "unknown") as stranger:
        for _ in range(5):
            with pytest.raises(NotAllowed, match="Invalid API key"):
                next(stranger.jobs())

    with jobriver_of(emulator) as client:
        with pytest.raises(NotAllowed) as refused:
            next(client.jobs())
        emulator.clock.advance(minutes=1)
        job = next(client.jobs())

    assert refused.value.code == "API_KEY_BLOCKED"
    assert job["id"] == 455


@pytest.mark.emulator(
    provider="jobriver", scenario="credential_expires_soon", clock=TEN
)
def test_a_key_may_expire_between_two_pages(
    emulator: World, jobriver: Jobriver
) -> None:
    """What came before is kept, and what follows is refused."""
    jobs = jobriver.jobs(per_page=40)
    before = [next(jobs) for _ in range(40)]
    expiry = emulator.clock.next("expiry")

    with pytest.raises(NotAllowed) as refused:
        next(jobs)

    assert (len(before), refused.value.code) == (40, "API_KEY_EXPIRED")
    assert (expiry.provider, expiry.what) == ("jobriver", "api_keys full")
    assert [entry.refusal for entry in emulator.journal] == [None, "credential_expired"]


@pytest.mark.emulator(provider="jobriver")
def test_our_key_is_in_no_journal(
    emulator: World, emulator_provider: Provider, jobriver: Jobriver
) -> None:
    """A report of a failing test can be shown to anybody."""
    jobriver.create_job(JOB)
    key = emulator_provider.credentials["full"].value

    entry = emulator.journal[-1]

    assert entry.credential == "full"
    assert key not in str(entry.raw)
    assert key not in entry.explained
