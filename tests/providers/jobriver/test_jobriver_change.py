"""Jobriver's jobs, one by one: reading, changing and deleting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jobriver_replies import DOCUMENTED, JOB, NOW, invalid, meta, refusal, reply
from replies import another, shown

if TYPE_CHECKING:
    from tests.conftest import Api

NOT_FOUND = refusal(404, "JOB_NOT_FOUND", "Job not found")
INVALID_ID = refusal(400, "INVALID_JOB_ID", "Invalid job ID")
BODIES: dict[str, Any] = {"GET": None, "PUT": {}, "PATCH": {}, "DELETE": None}


def test_a_job_is_shown_as_documented(jobriver: Api) -> None:
    """[primary] §4.3: the object; [assumed] §4.4: in `data`, with meta."""
    body = {"success": True, "data": DOCUMENTED, "meta": meta()}

    assert shown(jobriver.get("/jobs/123")) == reply(200, body)


def test_a_job_without_category_and_technologies_shows_null_and_none(
    jobriver: Api,
) -> None:
    """[assumed] §4.3: no category is null; technologies are an empty list."""
    job = jobriver.get("/jobs/131").json()["data"]

    assert list(job) == list(DOCUMENTED)
    assert (job["category"], job["technologies"]) == (None, [])


@pytest.mark.parametrize(
    "id", ["abc", "0", "-1", "1.5", "12x", "%20", "9" * 40, "null"]
)
@pytest.mark.parametrize("method", BODIES)
def test_an_id_that_is_none_is_400(jobriver: Api, method: str, id: str) -> None:
    """[primary] §6: INVALID_JOB_ID; [assumed] §6: whatever is no positive integer."""
    answer = jobriver.call(method, f"/jobs/{id}", json=BODIES[method])

    assert shown(answer) == INVALID_ID


@pytest.mark.parametrize("path", ["/jobs", "/jobs/"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_missing_id_is_400_too(jobriver: Api, method: str, path: str) -> None:
    """[primary] §6: INVALID_JOB_ID covers a missing id; [assumed] §6: so it is not 405."""
    answer = jobriver.call(method, path, json=BODIES[method])

    assert shown(answer) == INVALID_ID


@pytest.mark.parametrize("id", [1, 456, 999_999_999_999])
@pytest.mark.parametrize("method", BODIES)
def test_a_job_that_is_not_there_is_404(jobriver: Api, method: str, id: int) -> None:
    """[primary] §6: JOB_NOT_FOUND."""
    answer = jobriver.call(method, f"/jobs/{id}", json=BODIES[method])

    assert shown(answer) == NOT_FOUND


@pytest.mark.parametrize("method", BODIES)
def test_another_company_s_job_is_not_there(jobriver: Api, method: str) -> None:
    """[assumed] §6: it is JOB_NOT_FOUND, and stays as it was."""
    before = another(jobriver).get("/jobs/201", "other_company")

    answer = jobriver.call(method, "/jobs/201", json=BODIES[method])

    assert shown(answer) == NOT_FOUND
    assert shown(jobriver.get("/jobs/201", "other_company")) == shown(before)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_put_and_patch_change_only_what_they_are_given(
    jobriver: Api, method: str
) -> None:
    """[primary] §4.6: both are the same partial update, without meta in the reply."""
    changes = {
        "location": "Hamburg, Germany",
        "salary_min": 70_000,
        "salary_max": 90_000,
        "category_id": 6,
        "technologies": [2],
    }
    answer = jobriver.call(method, "/jobs/123", json=changes)

    data = {
        **DOCUMENTED,
        "location": "Hamburg, Germany",
        "salary": {"min": 70_000, "max": 90_000, "currency": "EUR"},
        "category": {"id": 6, "name": "IT Operations", "slug": "it-operations"},
        "technologies": DOCUMENTED["technologies"][1:2],
        "updated_at": NOW,
    }
    assert shown(answer) == reply(200, {"success": True, "data": data})
    assert jobriver.get("/jobs/123").json()["data"] == data


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_empty_object_changes_nothing(jobriver: Api, method: str) -> None:
    """[assumed] §10: 200 with the unchanged job."""
    answer = jobriver.call(method, "/jobs/123", json={})

    assert shown(answer) == reply(200, {"success": True, "data": DOCUMENTED})


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_unknown_fields_change_no_field(jobriver: Api, method: str) -> None:
    """[assumed] §10: ignored, output fields included."""
    sent = {"id": 7, "slug": "x", "applications_count": 0, "company_id": 57, "x": 1}

    data = jobriver.call(method, "/jobs/123", json=sent).json()["data"]

    assert {**data, "updated_at": None} == {**DOCUMENTED, "updated_at": None}


def test_a_field_can_be_emptied(jobriver: Api) -> None:
    """[primary] §4.3: what may be null can become null again."""
    emptied: dict[str, Any] = {
        "requirements": None,
        "benefits": None,
        "category_id": None,
        "salary_min": None,
        "salary_max": None,
        "start_date": None,
        "technologies": [],
    }

    data = jobriver.call("PATCH", "/jobs/123", json=emptied).json()["data"]

    assert data == {
        **DOCUMENTED,
        "requirements": None,
        "benefits": None,
        "category": None,
        "salary": {"min": None, "max": None, "currency": "EUR"},
        "start_date": None,
        "technologies": [],
        "updated_at": NOW,
    }


def test_every_update_is_a_later_one(jobriver: Api) -> None:
    """[assumed] §8: `updated_at` moves, `created_at` and `published_at` do not."""
    times = []
    for _ in range(2):
        jobriver.clock.advance(60)
        answer = jobriver.call("PUT", "/jobs/123", json={"is_featured": True})
        job = answer.json()["data"]
        times.append(
            [job[f"{what}_at"] for what in ("created", "published", "updated")]
        )

    created, published = "2024-02-01T09:30:00Z", "2024-02-01T10:00:00Z"
    assert times == [
        [created, published, "2026-03-02T10:01:00Z"],
        [created, published, "2026-03-02T10:02:00Z"],
    ]


def test_a_new_title_keeps_the_slug(jobriver: Api) -> None:
    """[assumed] §8: links to a job stay good."""
    answer = jobriver.call("PUT", "/jobs/123", json={"title": "Staff Engineer"})

    job = answer.json()["data"]
    assert (job["title"], job["slug"]) == ("Staff Engineer", "senior-backend-developer")


def test_a_job_is_published_when_it_first_becomes_active(jobriver: Api) -> None:
    """[assumed] §8: null while never active, and kept when it is active again."""
    jobriver.post("/jobs", json={**JOB, "is_active": False})
    published = []
    for active in (False, True, False, True):
        jobriver.clock.advance(60)
        answer = jobriver.call("PATCH", "/jobs/456", json={"is_active": active})
        published.append(answer.json()["data"]["published_at"])

    assert published == [None, *["2026-03-02T10:02:00Z"] * 3]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (
            {"salary_min": 90_000},
            {"salary_min": "salary_min cannot be greater than salary_max"},
        ),
        (
            {"salary_max": 60_000},
            {"salary_min": "salary_min cannot be greater than salary_max"},
        ),
        (
            {"apply_type": "external"},
            {"apply_url": "apply_url is required when apply_type is external"},
        ),
    ],
)
def test_rules_between_fields_hold_for_the_merged_job(
    jobriver: Api, method: str, fields: dict[str, Any], errors: dict[str, str]
) -> None:
    """[assumed] §4.6: the job as it would be is checked, and nothing is changed."""
    answer = jobriver.call(method, "/jobs/123", json=fields)

    assert shown(answer) == invalid(**errors)
    assert jobriver.get("/jobs/123").json()["data"] == DOCUMENTED


def test_required_fields_need_not_be_sent_again(jobriver: Api) -> None:
    """[primary] §4.6: even PUT is a partial update."""
    answer = jobriver.call("PUT", "/jobs/123", json={"title": "Staff Engineer"})

    assert answer.status_code == 200


def test_a_deleted_job_is_answered_with_its_id(jobriver: Api) -> None:
    """[primary] §4.7: 200 with a body, not 204."""
    body = {"success": True, "data": {"deleted": True, "job_id": 123}}

    assert shown(jobriver.call("DELETE", "/jobs/123")) == reply(200, body)


@pytest.mark.parametrize("method", BODIES)
def test_a_deleted_job_is_gone_for_good(jobriver: Api, method: str) -> None:
    """[primary] §4.7: deleting is permanent; [assumed] §4.7: a second DELETE is 404."""
    jobriver.call("DELETE", "/jobs/123")

    answer = jobriver.call(method, "/jobs/123", json=BODIES[method])

    assert shown(answer) == refusal(404, "JOB_NOT_FOUND", "Job not found", 58)
    listed = jobriver.get("/jobs?per_page=100").json()["data"]["jobs"]
    assert 123 not in {job["id"] for job in listed}
    assert len(listed) == 40
