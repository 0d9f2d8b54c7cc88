"""JobSphere's POST: the job that is published, and the one field that is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from replies import another, shown
from sphere import INPUT, MINIMAL, NOW, ids, invalid, missing, reply

if TYPE_CHECKING:
    from tests.conftest import Api

REQUIRED = ["title", "company", "location", "description"]
TYPES = "must be one of: full-time, part-time, contract, internship, temporary"


def salary(**changes: Any) -> dict[str, Any]:
    """A body whose salary differs from the one of the documentation."""
    return {**INPUT, "salary_range": {**INPUT["salary_range"], **changes}}  # type: ignore[dict-item]


def test_a_job_is_published(jobsphere: Api) -> None:
    """[primary] §4.2: fields; [assumed]: 201, `data`, Location, active at once."""
    answer = jobsphere.post("/jobs", json=INPUT)

    id = answer.json()["data"]["id"]
    given = ["title", "company", "location", "type", "salary_range"]
    job = {
        "id": id,
        **{name: INPUT[name] for name in given},
        "description": INPUT["description"],
        "tags": INPUT["tags"],
        "status": "active",
        "created_at": NOW,
        "updated_at": NOW,
    }
    assert re.fullmatch("job_[a-z0-9]{8}", id)
    location = f"/jobsphere/v1/jobs/{id}"
    assert shown(answer) == reply(201, {"data": job}, location=location)
    assert jobsphere.get(f"/jobs/{id}").json() == {"data": job}
    assert ids(jobsphere, "")[0] == id


@pytest.mark.parametrize(
    "rest", [{}, {"type": None, "salary_range": None, "tags": None}]
)
def test_what_is_not_required_may_be_left_out(
    jobsphere: Api, rest: dict[str, Any]
) -> None:
    """[assumed] §4.2: type, salary_range and tags."""
    job = jobsphere.post("/jobs", json={**MINIMAL, **rest}).json()["data"]

    assert {name: job[name] for name in MINIMAL} == MINIMAL
    assert (job["type"], job["salary_range"], job["tags"]) == (None, None, [])


def test_a_new_job_belongs_to_the_key_s_organization(jobsphere: Api) -> None:
    """[primary] §8: ownership; another organization's key sees it, and cannot change it."""
    id = jobsphere.post("/jobs", "free", json=MINIMAL).json()["data"]["id"]

    assert jobsphere.get(f"/jobs/{id}").status_code == 200
    assert jobsphere.call("DELETE", f"/jobs/{id}").status_code == 404
    assert jobsphere.call("DELETE", f"/jobs/{id}", "free").status_code == 204


def test_what_is_not_an_input_is_ignored(jobsphere: Api) -> None:
    """[assumed] §4.2: output fields and unknown ones included."""
    sent = {**INPUT, "id": "job_00000000", "status": "draft", "organization_id": "x"}

    sent["salary_range"] = salary(nonsense=1)["salary_range"]
    job = jobsphere.post("/jobs", json={**sent, "nonsense": 1}).json()["data"]

    assert job["id"] != sent["id"]
    assert job["status"] == "active"
    assert "nonsense" not in job
    assert job["salary_range"] == INPUT["salary_range"]


@pytest.mark.parametrize("value", ["absent", None, "", " \t\n"])
@pytest.mark.parametrize("field", REQUIRED)
def test_a_missing_field(jobsphere: Api, field: str, value: str | None) -> None:
    """[primary] §6, §7: the error that is shown; [assumed]: absent, null, empty and blank."""
    sent = {**INPUT, field: value}
    if value == "absent":
        del sent[field]

    assert shown(jobsphere.post("/jobs", json=sent)) == missing(field)


def test_the_first_field_that_fails_is_reported(jobsphere: Api) -> None:
    """[assumed] §7: title, company, location, type, salary_range, description."""
    sent: dict[str, Any] = {"tags": 1, "salary_range": 1, "type": 1}
    reported = []
    for field in [
        "title",
        "company",
        "location",
        "type",
        "salary_range",
        "description",
    ]:
        answer = jobsphere.post("/jobs", json=sent)
        reported.append(answer.json()["error"]["details"]["field"])
        sent[field] = INPUT[field]
    reported.append(
        jobsphere.post("/jobs", json=sent).json()["error"]["details"]["field"]
    )

    assert reported == [
        "title",
        "company",
        "location",
        "type",
        "salary_range",
        "description",
        "tags",
    ]


@pytest.mark.parametrize(
    ("sent", "field", "reason"),
    [
        ({**INPUT, "type": "full_time"}, "type", TYPES),
        ({**INPUT, "type": "Full-time"}, "type", TYPES),
        ({**INPUT, "type": ""}, "type", TYPES),
        ({**INPUT, "type": 1}, "type", "must be a string"),
        ({**INPUT, "title": 1}, "title", "must be a string"),
        ({**INPUT, "company": {"name": "x"}}, "company", "must be a string"),
        ({**INPUT, "salary_range": 150000}, "salary_range", "must be an object"),
        (salary(min=2, max=1), "salary_range", "min cannot be greater than max"),
        (salary(min="2"), "salary_range.min", "must be a number"),
        (salary(max=True), "salary_range.max", "must be a number"),
        (salary(min=-1), "salary_range.min", "must be at least 0"),
        (
            salary(currency="usd"),
            "salary_range.currency",
            "must be an ISO 4217 currency code",
        ),
        (
            salary(currency="XYZ"),
            "salary_range.currency",
            "must be an ISO 4217 currency code",
        ),
        ({**INPUT, "tags": "react"}, "tags", "must be an array"),
        ({**INPUT, "tags": ["react", 2]}, "tags.1", "must be a string"),
    ],
)
def test_a_wrong_value(jobsphere: Api, sent: Any, field: str, reason: str) -> None:
    """[primary] §10: `full-time`, a text as company; [assumed] §7: the wording."""
    assert shown(jobsphere.post("/jobs", json=sent)) == invalid(field, reason)


@pytest.mark.parametrize("part", ["min", "max", "currency"])
def test_a_salary_has_all_its_parts(jobsphere: Api, part: str) -> None:
    """[primary] §4.2: `{min, max, currency}`; [assumed]: each is needed."""
    answer = jobsphere.post("/jobs", json=salary(**{part: None}))

    assert shown(answer) == missing(f"salary_range.{part}")


@pytest.mark.parametrize("amounts", [{"min": 5, "max": 5}, {"min": 0, "max": 0.5}])
def test_a_salary_may_be_one_amount(jobsphere: Api, amounts: dict[str, float]) -> None:
    """[assumed] §4.2: `min` is at most `max`; both are numbers."""
    job = jobsphere.post("/jobs", json=salary(**amounts)).json()["data"]

    assert job["salary_range"] == {**amounts, "currency": "USD"}


@pytest.mark.parametrize("key", ["read_only", "no_scopes"])
def test_the_scope_is_looked_at_before_the_body(jobsphere: Api, key: str) -> None:
    """[primary] §2: `write:jobs` is needed to create a job."""
    answers = [jobsphere.post("/jobs", key, json=one) for one in (INPUT, {})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert len(ids(jobsphere, "")) == len(ids(another(jobsphere), ""))


def test_location_leads_to_the_job_from_where_it_was_published(jobsphere: Api) -> None:
    """[assumed] §4.2: `/v1/jobs/{id}` at the provider's host, and what leads to that here."""
    headers = jobsphere.credentials["full"]["headers"]
    at_host = jobsphere.client.post(
        "/v1/jobs",
        json=MINIMAL,
        headers={**headers, "Host": "api.jobsphere.io"},
    )
    in_world = jobsphere.client.post(
        "/@default/jobsphere/v1/jobs",
        json=MINIMAL,
        headers=headers,
    )

    assert at_host.headers["Location"] == f"/v1/jobs/{at_host.json()['data']['id']}"
    location = in_world.headers["Location"]
    assert location.startswith("/@default/jobsphere/v1/jobs/job_")
    assert jobsphere.client.get(location, headers=headers).json() == in_world.json()
