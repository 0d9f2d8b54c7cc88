"""JobSphere's extensions: one job by its id, and applying for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from replies import another, shown
from sphere import (
    APPLICANT,
    DOCUMENTED,
    INPUT,
    MINIMAL,
    NOW,
    ids,
    invalid,
    missing,
    refusal,
    reply,
)

if TYPE_CHECKING:
    from tests.conftest import Api

NOT_FOUND = refusal(404, "not_found", "Job not found")
ONE = "/jobs/job_8x29a1b3"
DRAFT = "/jobs/job_d7n4b6y2"
OPEN = "app_4kz81m0q"
APPLICATION = f"/applications/{OPEN}"
OTHERS = "/jobs/job_b4k3r5y0"
BODIES: dict[str, Any] = {"GET": None, "PUT": INPUT, "DELETE": None}


def test_they_are_labelled_as_extensions(jobsphere: Api) -> None:
    """[primary] §4: v1 documents two operations."""
    described = [
        one
        for path in jobsphere.program.openapi["paths"].values()
        for one in path.values()
        if isinstance(one, dict)
    ]
    own = {one["operationId"] for one in described if one["tags"] == ["Jobs"]}
    others = [one for one in described if one["tags"] != ["Jobs"]]

    assert own == {"listJobs", "createJob"}
    assert {other["operationId"] for other in others} == {
        "getJob",
        "replaceJob",
        "deleteJob",
        "applyForJob",
        "updateApplication",
    }
    assert all(other["description"].startswith("An extension.") for other in others)


def test_a_job_is_shown(jobsphere: Api) -> None:
    """[docs: sib-A] §4: the path; [assumed] §4.1: the job."""
    assert shown(jobsphere.get(ONE)) == reply(200, {"data": DOCUMENTED})


def test_a_draft_is_shown_to_its_own_organization(jobsphere: Api) -> None:
    """[assumed] §8: the board shows what is active."""
    assert jobsphere.get(DRAFT, "read_only").json()["data"]["status"] == "draft"
    assert jobsphere.get(DRAFT, "free").status_code == 404


@pytest.mark.parametrize("id", ["job_00000000", "8", "%20", "job_8X29A1B3", "null"])
@pytest.mark.parametrize("method", BODIES)
def test_a_job_that_is_not_there(jobsphere: Api, method: str, id: str) -> None:
    """[assumed] §6: not_found."""
    answer = jobsphere.call(method, f"/jobs/{id}", json=BODIES[method])

    assert shown(answer) == NOT_FOUND


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_another_organization_s_job_cannot_be_changed(
    jobsphere: Api, method: str
) -> None:
    """[primary] §8: ownership; [assumed]: it is as if it were not there."""
    before = shown(another(jobsphere).get(OTHERS, "free"))

    answer = jobsphere.call(method, OTHERS, json=BODIES[method])

    assert shown(answer) == NOT_FOUND
    assert shown(jobsphere.get(OTHERS, "free")) == before


def test_put_replaces_a_job(jobsphere: Api) -> None:
    """[docs: sib-B] §4: PUT; [assumed]: what is left out is emptied."""
    answer = jobsphere.call("PUT", ONE, json=MINIMAL)

    changed = {"type": None, "salary_range": None, "tags": [], "updated_at": NOW}
    job = {**DOCUMENTED, "description": MINIMAL["description"], **changed}
    assert shown(answer) == reply(200, {"data": job})
    assert jobsphere.get(ONE).json() == {"data": job}


def test_what_is_shown_can_be_put(jobsphere: Api) -> None:
    """[assumed] §4: a job comes back as it went out, but for `updated_at`."""
    job = jobsphere.get(ONE).json()["data"]

    again = jobsphere.call("PUT", ONE, json=job).json()["data"]

    assert again == {**job, "updated_at": NOW}


def test_put_is_validated_as_post_is(jobsphere: Api) -> None:
    """[primary] §7: the same error."""
    wrong = {**INPUT, "salary_range": {"min": 2, "max": 1, "currency": "GBP"}}

    assert shown(another(jobsphere).call("PUT", ONE, json={})) == missing("title")
    expected = invalid("salary_range", "min cannot be greater than max")
    assert shown(jobsphere.call("PUT", ONE, json=wrong)) == expected


def test_a_job_is_deleted(jobsphere: Api) -> None:
    """[docs: sib-B] §4: DELETE; [assumed]: 204, and its applications go with it."""
    answer = jobsphere.call("DELETE", ONE)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-RateLimit-Remaining"] == "999"
    assert shown(jobsphere.get(ONE)) == NOT_FOUND.replace(": 999", ": 998")
    assert "job_8x29a1b3" not in ids(jobsphere, "")
    left = jobsphere.world.collections(jobsphere.program)["applications"]
    assert {one["job_id"] for one in left} == {"job_5r0v7c2k"}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_changing_needs_the_scope(jobsphere: Api, method: str) -> None:
    """[assumed] §4: `write:jobs`, as for creating."""
    answer = jobsphere.call(method, ONE, "read_only", json=BODIES[method])

    assert answer.status_code == 403
    assert answer.json()["error"]["details"] == {"required_scope": "write:jobs"}


@pytest.mark.parametrize("key", ["full", "read_only", "free"])
def test_a_candidate_applies(jobsphere: Api, key: str) -> None:
    """[docs: sib-C] §4: the path; [assumed]: the rest of it."""
    sent = {**APPLICANT, "resume_url": "https://files.example.com/cv.pdf"}

    answer = jobsphere.post(f"{ONE}/apply", key, json=sent)

    id = answer.json()["data"]["id"]
    application = {
        "id": id,
        "job_id": "job_8x29a1b3",
        **sent,
        "cover_letter": None,
        "status": "received",
        "created_at": NOW,
        "updated_at": NOW,
    }
    quota = (100, 99) if key == "free" else (1000, 999)
    assert re.fullmatch("app_[a-z0-9]{8}", id)
    assert shown(answer) == reply(201, {"data": application}, quota)


@pytest.mark.parametrize("path", [DRAFT, "/jobs/job_c2s5h8u1", "/jobs/job_00000000"])
def test_only_an_active_job_can_be_applied_for(jobsphere: Api, path: str) -> None:
    """[assumed] §4: others are not there."""
    assert shown(jobsphere.post(f"{path}/apply", json=APPLICANT)) == NOT_FOUND


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, missing("name")),
        ({"name": " "}, missing("name")),
        ({"name": "A"}, missing("email")),
        ({"name": "A", "email": "a"}, invalid("email", "must be an email address")),
        ({**APPLICANT, "resume_url": "cv"}, invalid("resume_url", "must be a URL")),
        ({**APPLICANT, "cover_letter": 1}, invalid("cover_letter", "must be a string")),
    ],
)
def test_an_application_is_validated(
    jobsphere: Api, sent: dict[str, Any], expected: str
) -> None:
    """[assumed] §7: one field, in the order of the document."""
    assert shown(jobsphere.post(f"{ONE}/apply", json=sent)) == expected


def test_an_application_moves_on(jobsphere: Api) -> None:
    """[assumed] §8: what the dashboard does; the organization whose job it is does it."""
    before = jobsphere.world.collections(jobsphere.program)["applications"].get(OPEN)
    assert before is not None

    answer = jobsphere.call("PATCH", APPLICATION, json={"status": "interview"})

    expected = {**before, "status": "interview", "updated_at": NOW}
    assert shown(answer) == reply(200, {"data": expected})


def test_an_application_of_another_organization_is_not_there(jobsphere: Api) -> None:
    """[assumed] §8: as with the jobs themselves."""
    expected = refusal(404, "not_found", "Application not found")
    body = {"status": "hired"}

    assert jobsphere.call("PATCH", APPLICATION, "free", json=body).status_code == 404
    assert shown(jobsphere.call("PATCH", "/applications/x", json=body)) == expected


def test_an_update_of_an_application_is_validated(jobsphere: Api) -> None:
    """[assumed] §7: a status, one of those that there are; and the scope."""
    reason = "must be one of: received, reviewed, interview, rejected, hired"
    for sent, expected in (
        ({}, missing("status")),
        ({"status": "Hired"}, invalid("status", reason)),
    ):
        answer = another(jobsphere).call("PATCH", APPLICATION, json=sent)
        assert shown(answer) == expected
    answer = jobsphere.call("PATCH", APPLICATION, "read_only", json={"status": "hired"})
    assert answer.status_code == 403
