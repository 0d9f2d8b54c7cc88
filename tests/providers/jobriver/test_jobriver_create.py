"""Jobriver's POST /jobs: what a new job becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jobriver_replies import CREATED, JOB, NOW, meta, refusal, reply
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api


def created(api: Api, **fields: Any) -> dict[str, Any]:
    """The job that `JOB` with other *fields* becomes."""
    answer = api.post("/jobs", json={**JOB, **fields})
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_the_smallest_job_gets_every_default(jobriver: Api) -> None:
    """[primary] §4.5: 201 with the full job and no meta; [assumed] §4.5: the defaults."""
    answer = jobriver.post("/jobs", json=JOB)

    assert shown(answer) == reply(201, {"success": True, "data": CREATED})


def test_flat_input_becomes_nested_output(jobriver: Api) -> None:
    """[primary] §4.3: salary, category and technologies go in flat and come out nested."""
    job = {
        **JOB,
        "title": "Senior Backend Developer",
        "requirements": "Mindestens fünf Jahre Erfahrung mit PHP und SQL.",
        "benefits": "30 Tage Urlaub, Homeoffice, Jobrad.",
        "location_type": "hybrid",
        "employment_type": "parttime",
        "experience_level": "senior",
        "category_id": 5,
        "salary_min": 65000,
        "salary_max": 85000,
        "technologies": [3, 1],
        "apply_type": "external",
        "apply_url": "https://techstartup.example/jobs",
        "start_date": "2026-04-01",
        "languages_required": ["Deutsch", "Englisch"],
        "soft_skills": ["Teamfähigkeit"],
        "is_featured": True,
    }
    answer = jobriver.post("/jobs", json=job)

    flat = ("category_id", "salary_min", "salary_max")
    data = {
        **CREATED,
        **{name: value for name, value in job.items() if name not in flat},
        "slug": "senior-backend-developer-2",
        "category": {
            "id": 5,
            "name": "Software Development",
            "slug": "software-development",
        },
        "salary": {"min": 65000, "max": 85000, "currency": "EUR"},
        "technologies": [
            {"id": 3, "name": "MariaDB", "slug": "mariadb", "category": "database"},
            {"id": 1, "name": "PHP", "slug": "php", "category": "backend"},
        ],
    }
    assert shown(answer) == reply(201, {"success": True, "data": data})


def test_a_new_job_can_be_read(jobriver: Api) -> None:
    """[primary] §4.4: the same object; [assumed] §4.4: directly in `data`, with meta."""
    jobriver.post("/jobs", json=JOB)

    assert shown(jobriver.get("/jobs/456")) == reply(
        200, {"success": True, "data": CREATED, "meta": meta(58)}, 58
    )


def test_optional_fields_may_be_null(jobriver: Api) -> None:
    """[assumed] §4.3: null is what an omitted field is shown as."""
    names = (
        "requirements",
        "benefits",
        "category_id",
        "salary_min",
        "salary_max",
        "apply_url",
        "apply_email",
        "start_date",
    )

    assert created(jobriver, **dict.fromkeys(names)) == CREATED


@pytest.mark.parametrize(
    ("fields", "salary"),
    [
        ({"salary_min": 40000}, (40000, None)),
        ({"salary_max": 60000}, (None, 60000)),
        ({"salary_min": 0, "salary_max": 0}, (0, 0)),
        ({"salary_min": 1_000_000, "salary_max": 1_000_000}, (1_000_000, 1_000_000)),
    ],
)
def test_a_salary_may_have_one_bound(
    jobriver: Api, fields: dict[str, int], salary: tuple[int | None, int | None]
) -> None:
    """[primary] §4.5: 0 to 1,000,000, in Euro; [assumed] §4.3: a bound may be null."""
    low, high = salary

    found = created(jobriver, **fields)["salary"]
    assert found == {"min": low, "max": high, "currency": "EUR"}


def test_ids_grow_and_are_never_given_again(jobriver: Api) -> None:
    """[primary] §8: integer ids, monotonic."""
    first = created(jobriver)["id"]
    jobriver.call("DELETE", f"/jobs/{first}")
    second = created(jobriver)["id"]

    assert (first, second) == (456, 457)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Bäcker für Süßgebäck in Köln", "baecker-fuer-suessgebaeck-in-koeln"),
        ("ÄRZTIN/ARZT", "aerztin-arzt"),
        ("  C++ / C# Entwickler:in (m/w/d)  ", "c-c-entwickler-in-m-w-d"),
        ("Café-Leitung à la carte", "cafe-leitung-a-la-carte"),
    ],
)
def test_a_slug_is_made_of_the_title(jobriver: Api, title: str, slug: str) -> None:
    """[primary] §8: from the title; [assumed] §8: ä ö ü ß become ae oe ue ss."""
    assert created(jobriver, title=title)["slug"] == slug


def test_a_taken_slug_gets_a_number(jobriver: Api) -> None:
    """[primary] §8: `senior-backend-developer-2`, then -3."""
    slugs = [created(jobriver, title="Senior Backend Developer")["slug"] for _ in "123"]

    assert slugs == [f"senior-backend-developer-{number}" for number in (2, 3, 4)]


def test_a_title_that_has_a_slug_s_number_gets_its_own(jobriver: Api) -> None:
    """[primary] §8: a slug is taken whatever title it came from."""
    titles = ["Koch", "Koch 2", "Koch", "Koch"]

    slugs = [created(jobriver, title=title)["slug"] for title in titles]

    assert len(set(slugs)) == 4


@pytest.mark.parametrize(
    ("active", "published"), [({}, NOW), ({"is_active": False}, None)]
)
def test_an_active_job_is_published_at_once(
    jobriver: Api, active: dict[str, bool], published: str | None
) -> None:
    """[primary] §4.5: `is_active` is true by default; [assumed] §8: null while never active."""
    assert created(jobriver, **active)["published_at"] == published


def test_times_are_the_world_s(jobriver: Api) -> None:
    """[primary] §9: UTC to the second, with a Z."""
    jobriver.clock.advance(61.9)
    job = created(jobriver)

    times = {job[name] for name in ("created_at", "updated_at", "published_at")}
    assert times == {"2026-03-02T10:01:01Z"}


@pytest.mark.parametrize(
    "fields",
    [
        {"id": 1, "slug": "mine", "company_id": 57, "applications_count": 9_000},
        {"created_at": "1999-01-01T00:00:00Z", "published_at": None, "expires_at": NOW},
        {"category": {"id": 5}, "salary": {"min": 1}, "unheard_of": [[[]]]},
    ],
)
def test_unknown_fields_are_ignored(jobriver: Api, fields: dict[str, Any]) -> None:
    """[assumed] §10: what is no input field changes nothing, not even an output field."""
    assert created(jobriver, **fields) == CREATED


def test_a_new_job_belongs_to_the_key_s_company(jobriver: Api) -> None:
    """[primary] §2: other companies do not see it; [assumed] §6: JOB_NOT_FOUND."""
    id = created(jobriver)["id"]

    assert shown(jobriver.get(f"/jobs/{id}", "other_company")) == refusal(
        404, "JOB_NOT_FOUND", "Job not found"
    )


def test_a_refused_job_leaves_nothing_behind(jobriver: Api) -> None:
    """[primary] §7: an input that breaks rules creates nothing."""
    jobriver.post("/jobs", json={**JOB, "title": "x"})

    assert jobriver.get("/jobs/456").status_code == 404
    assert created(jobriver)["id"] == 456
