"""Jobriver's job limit: so many active jobs for a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jobriver_replies import JOB, refusal
from replies import change, shown

if TYPE_CHECKING:
    from tests.conftest import Api

FULL = refusal(403, "JOB_LIMIT_EXCEEDED", "Job limit exceeded")
KEY = "at_job_limit"
INACTIVE, ACTIVE = "/jobs/343", "/jobs/301"


def test_one_active_job_too_many_is_refused(jobriver: Api) -> None:
    """[primary] §6, §8: JOB_LIMIT_EXCEEDED is 403."""
    assert shown(jobriver.post("/jobs", KEY, json=JOB)) == FULL


def test_an_inactive_job_is_exempt(jobriver: Api) -> None:
    """[assumed] §8: the limit counts active jobs."""
    answer = jobriver.post("/jobs", KEY, json={**JOB, "is_active": False})

    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_activating_a_job_needs_room(jobriver: Api, method: str) -> None:
    """[assumed] §8: an update that activates is held to the limit."""
    answer = jobriver.call(method, INACTIVE, KEY, json={"is_active": True})

    assert shown(answer) == FULL
    assert jobriver.get(INACTIVE, KEY).json()["data"]["is_active"] is False


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (ACTIVE, {"title": "Tischler:in"}),
        (ACTIVE, {"is_active": True}),
        (INACTIVE, {"title": "Aushilfe"}),
        (INACTIVE, {"is_active": False}),
    ],
)
def test_an_update_that_activates_nothing_is_no_matter(
    jobriver: Api, path: str, fields: dict[str, object]
) -> None:
    """[assumed] §8: only one more active job meets the limit."""
    assert jobriver.call("PATCH", path, KEY, json=fields).status_code == 200


def test_deleting_an_active_job_makes_room(jobriver: Api) -> None:
    """[primary] §8: at most so many active jobs at one time."""
    jobriver.call("DELETE", ACTIVE, KEY)

    assert jobriver.post("/jobs", KEY, json=JOB).status_code == 201
    assert jobriver.post("/jobs", KEY, json=JOB).status_code == 403


def test_deactivating_a_job_makes_room(jobriver: Api) -> None:
    """[assumed] §8: a job that is no longer active does not count."""
    jobriver.call("PATCH", ACTIVE, KEY, json={"is_active": False})
    activated = jobriver.call("PATCH", INACTIVE, KEY, json={"is_active": True})

    assert activated.status_code == 200
    assert jobriver.post("/jobs", KEY, json=JOB).status_code == 403


def test_deleting_an_inactive_job_makes_no_room(jobriver: Api) -> None:
    """[primary] §8: only active jobs count."""
    jobriver.call("DELETE", INACTIVE, KEY)

    assert jobriver.post("/jobs", KEY, json=JOB).status_code == 403


def test_without_a_limit_there_is_always_room(jobriver: Api) -> None:
    """[assumed] §4.1: an unlimited company has no limit at all."""
    codes = {
        jobriver.post("/jobs", "other_company", json=JOB).status_code for _ in range(50)
    }

    assert codes == {201}


def test_the_limit_is_the_company_s(jobriver: Api) -> None:
    """[primary] §2: another company's jobs do not count; its limit is its own."""
    change(jobriver, "companies", 63, job_limit=4)

    codes = [jobriver.post("/jobs", KEY, json=JOB).status_code for _ in range(2)]

    assert codes == [201, 403]
    assert jobriver.post("/jobs", json=JOB).status_code == 201
