"""What a client computes from its own clocks is right in a sleepless world."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

import emulator
from emulator import World

BEGINS = datetime(2026, 3, 2, 10, tzinfo=UTC)
FROZEN = "frozen 2026-03-02T10:00:00Z"


def now() -> datetime:
    return datetime.now(UTC)


def patient() -> requests.Session:
    """A session that tries again when `Retry-After` says so, seconds or a date."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[429])))
    return session


def waits(world: World) -> list[float]:
    return [wait.seconds for wait in world.waits]


def test_the_code_sees_the_date_of_its_world(sandbox: World) -> None:
    """And that date alone, as long as the block lasts."""
    with sandbox.sleepless():
        begun = now(), time.time(), date.today()
        time.sleep(90)
        waited = now(), time.time()
        shown = sandbox.clock.now

    assert begun == (BEGINS, BEGINS.timestamp(), BEGINS.astimezone().date())
    assert waited == (shown, shown.timestamp())
    assert shown == BEGINS + timedelta(seconds=90)
    assert now() > datetime(2026, 11, 1, tzinfo=UTC)


def test_a_test_that_moves_the_world_moves_its_clients_clocks(sandbox: World) -> None:
    """To another date, or by some minutes; what counts has counted them."""
    with sandbox.sleepless():
        counted = time.monotonic()
        sandbox.clock.advance(minutes=10)
        advanced = now()
        sandbox.clock.set("2027-01-01T00:00:00Z")
        moved = now()
        counted = time.monotonic() - counted
        time.sleep(1)

        assert now() == sandbox.clock.now

    assert advanced == BEGINS + timedelta(minutes=10)
    assert moved == datetime(2027, 1, 1, tzinfo=UTC)
    assert counted >= (moved - BEGINS).total_seconds()


def test_a_date_to_retry_after_is_waited_for_once(sandbox: World) -> None:
    """Three quotas that were spent are three waits for their windows, and no more."""
    jobriver = sandbox.provider("jobriver")
    jobriver.add_fault("retry-after=date")
    headers = jobriver.credentials["full"].headers

    with sandbox.sleepless(), patient() as session:
        for _ in range(3):
            jobriver.drain_quota()
            answer = session.get(f"{jobriver.url}/jobs", headers=headers, timeout=30)
            assert answer.status_code == 200

    assert waits(sandbox) == [60, 60, 60]


def test_an_epoch_at_which_a_quota_is_reset_is_waited_for_once(sandbox: World) -> None:
    """`X-RateLimit-Reset` less `time.time()` is the wait that is needed."""
    jobriver = sandbox.provider("jobriver")
    headers = jobriver.credentials["full"].headers
    url = f"{jobriver.url}/jobs"
    jobriver.drain_quota()

    with sandbox.sleepless():
        refused = requests.get(url, headers=headers, timeout=30)
        time.sleep(int(refused.headers["X-RateLimit-Reset"]) - time.time())
        answer = requests.get(url, headers=headers, timeout=30)

    assert (refused.status_code, answer.status_code) == (429, 200)
    assert waits(sandbox) == [60]


def test_the_date_of_a_reply_is_the_date_of_its_client(sandbox: World) -> None:
    """A client that measures how wrong its clock is finds that it is right."""
    jobriver = sandbox.provider("jobriver")
    headers = jobriver.credentials["full"].headers

    with sandbox.sleepless():
        time.sleep(3600)
        answer = requests.get(f"{jobriver.url}/jobs", headers=headers, timeout=30)
        skew = parsedate_to_datetime(answer.headers["Date"]) - now()

    assert skew == timedelta(0)


def test_a_deadline_of_retries_ends_them(sandbox: World) -> None:
    """Five minutes of tries, one a minute, are six tries against any provider."""
    jobriver = sandbox.provider("jobriver")
    jobriver.add_fault(status=503)
    headers = jobriver.credentials["full"].headers

    @tenacity.retry(
        stop=tenacity.stop_after_delay(300), wait=tenacity.wait_fixed(60), reraise=True
    )
    def call() -> None:
        url = f"{jobriver.url}/jobs"
        requests.get(url, headers=headers, timeout=30).raise_for_status()

    with sandbox.sleepless(), pytest.raises(requests.HTTPError):
        call()

    assert waits(sandbox) == [60] * 5


def test_a_reply_that_is_late_is_late_by_the_clients_clocks() -> None:
    """In process it takes no time, and is seen to have taken it."""
    with emulator.intercept("jobriver", clock=FROZEN) as world, world.sleepless():
        jobriver = world.provider("jobriver")
        jobriver.add_fault("delay=20s")
        begun = time.monotonic()
        answer = requests.get(f"{jobriver.url}/status", timeout=30)

        assert now() == BEGINS + timedelta(seconds=20)
        assert 20 <= time.monotonic() - begun < 60
        assert 20 <= answer.elapsed.total_seconds() < 60


def test_a_world_that_begins_again_has_its_first_date_again() -> None:
    """The client sees it at once, and what counts does not go back."""
    with emulator.intercept("jobriver", clock=FROZEN, sleepless=True) as world:
        time.sleep(3600)
        counted = time.monotonic()
        world.reset()

        assert now() == BEGINS
        assert time.monotonic() >= counted
