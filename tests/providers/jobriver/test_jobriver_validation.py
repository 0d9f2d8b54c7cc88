"""Jobriver's 422: every rule for a job's fields, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jobriver_replies import JOB, invalid
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api

LOCATION_TYPES = ["onsite", "remote", "hybrid"]
EMPLOYMENT_TYPES = ["fulltime", "parttime", "contract", "freelance", "internship"]
LEVELS = ["junior", "mid", "senior", "lead", "any"]
APPLY_TYPES = ["internal", "external", "email"]

WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"title": "ab"}, {"title": "Title must be at least 3 characters"}),
    ({"title": ""}, {"title": "Title must be at least 3 characters"}),
    ({"title": "x" * 256}, {"title": "Title must not exceed 255 characters"}),
    (
        {"description": "x" * 49},
        {"description": "Description must be at least 50 characters"},
    ),
    ({"title": "     "}, {"title": "Title must be at least 3 characters"}),
    ({"title": " a\n\t"}, {"title": "Title must be at least 3 characters"}),
    ({"title": 12_345}, {"title": "Title must be a string"}),
    (
        {"description": " " * 60},
        {"description": "Description must be at least 50 characters"},
    ),
    (
        {"description": "x" * 49 + "\n"},
        {"description": "Description must be at least 50 characters"},
    ),
    ({"location": ""}, {"location": "Location is required"}),
    ({"location": " \t"}, {"location": "Location is required"}),
    ({"location": 10_115}, {"location": "Location must be a string"}),
    ({"location": "x" * 256}, {"location": "Location must not exceed 255 characters"}),
    (
        {"requirements": "x" * 65_536},
        {"requirements": "Requirements must not exceed 65535 characters"},
    ),
    (
        {"benefits": "x" * 65_536},
        {"benefits": "Benefits must not exceed 65535 characters"},
    ),
    (
        {"location_type": "office"},
        {"location_type": "location_type must be one of: onsite, remote, hybrid"},
    ),
    (
        {"employment_type": "minijob"},
        {
            "employment_type": (
                "employment_type must be one of: "
                "fulltime, parttime, contract, freelance, internship"
            )
        },
    ),
    (
        {"experience_level": "Senior"},
        {
            "experience_level": (
                "experience_level must be one of: junior, mid, senior, lead, any"
            )
        },
    ),
    (
        {"apply_type": "phone"},
        {"apply_type": "apply_type must be one of: internal, external, email"},
    ),
    ({"category_id": 99}, {"category_id": "category_id is invalid"}),
    ({"category_id": 0}, {"category_id": "category_id is invalid"}),
    ({"category_id": "5"}, {"category_id": "category_id must be an integer"}),
    ({"category_id": True}, {"category_id": "category_id must be an integer"}),
    ({"salary_min": -1}, {"salary_min": "salary_min must be between 0 and 1000000"}),
    (
        {"salary_min": 1_000_001},
        {"salary_min": "salary_min must be between 0 and 1000000"},
    ),
    ({"salary_min": "viel"}, {"salary_min": "salary_min must be an integer"}),
    ({"salary_min": 1000.5}, {"salary_min": "salary_min must be an integer"}),
    ({"salary_max": "viel"}, {"salary_max": "salary_max must be an integer"}),
    ({"salary_max": -1}, {"salary_max": "salary_max must be between 0 and 1000000"}),
    (
        {"salary_max": 2_000_000},
        {"salary_max": "salary_max must be between 0 and 1000000"},
    ),
    (
        {"salary_min": 60_000, "salary_max": 50_000},
        {"salary_min": "salary_min cannot be greater than salary_max"},
    ),
    ({"technologies": "PHP"}, {"technologies": "technologies must be an array"}),
    ({"technologies": 1}, {"technologies": "technologies must be an array"}),
    ({"technologies": [1, 999]}, {"technologies": "technologies contains invalid IDs"}),
    ({"technologies": ["PHP"]}, {"technologies": "technologies contains invalid IDs"}),
    (
        {"apply_type": "external"},
        {"apply_url": "apply_url is required when apply_type is external"},
    ),
    (
        {"apply_type": "external", "apply_url": None, "apply_email": "a@b.example"},
        {"apply_url": "apply_url is required when apply_type is external"},
    ),
    (
        {"apply_type": "email"},
        {"apply_email": "apply_email is required when apply_type is email"},
    ),
    (
        {"apply_type": "email", "apply_email": ""},
        {"apply_email": "apply_email is required when apply_type is email"},
    ),
    (
        {"apply_type": "email", "apply_email": "keine-mail"},
        {"apply_email": "apply_email must be a valid email address"},
    ),
    (
        {"apply_type": "external", "apply_url": "notaurl"},
        {"apply_url": "apply_url must be a valid URL"},
    ),
    (
        {"start_date": "01.04.2026"},
        {"start_date": "start_date must be in format YYYY-MM-DD"},
    ),
    (
        {"start_date": "2026-02-30"},
        {"start_date": "start_date must be in format YYYY-MM-DD"},
    ),
    (
        {"start_date": "2026-04-01T00:00:00Z"},
        {"start_date": "start_date must be in format YYYY-MM-DD"},
    ),
    (
        {"languages_required": "Deutsch"},
        {"languages_required": "languages_required must be an array"},
    ),
    (
        {"languages_required": ["Deutsch", 1]},
        {"languages_required": "languages_required must contain only strings"},
    ),
    (
        {"soft_skills": [None]},
        {"soft_skills": "soft_skills must contain only strings"},
    ),
    ({"soft_skills": {}}, {"soft_skills": "soft_skills must be an array"}),
    ({"is_featured": "yes"}, {"is_featured": "is_featured must be a boolean"}),
    ({"is_active": 1}, {"is_active": "is_active must be a boolean"}),
]
"""Fields that break a rule, and the messages for them."""


@pytest.mark.parametrize(("fields", "errors"), WRONG)
def test_a_wrong_field_is_named_with_one_message(
    jobriver: Api, fields: dict[str, Any], errors: dict[str, str]
) -> None:
    """[primary] §4.5: the rules; [primary], [assumed] §7: the words."""
    answer = jobriver.post("/jobs", json={**JOB, **fields})

    assert shown(answer) == invalid(**errors)


@pytest.mark.parametrize(("fields", "errors"), WRONG)
def test_an_update_keeps_the_same_rules(
    jobriver: Api, fields: dict[str, Any], errors: dict[str, str]
) -> None:
    """[primary] §4.6: what is supplied is checked as when a job is created."""
    answer = jobriver.call("PATCH", "/jobs/123", json=fields)

    assert shown(answer) == invalid(**errors)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Bäc"},
        {"title": "ü" * 255},
        {"description": "ß" * 50},
        {"description": "x" * 200_000},
        {"location": "ö" * 255},
        {"requirements": "x" * 65_535, "benefits": "x" * 65_535},
        *({"location_type": one} for one in LOCATION_TYPES),
        *({"employment_type": one} for one in EMPLOYMENT_TYPES),
        *({"experience_level": one} for one in LEVELS),
        {"apply_type": "internal"},
        {"apply_type": "external", "apply_url": "https://techstartup.example"},
        {"apply_type": "email", "apply_email": "jobs@techstartup.example"},
        *({"category_id": one} for one in (1, 8)),
        {"technologies": []},
        {"technologies": [1, 30]},
        {"salary_min": 50_000, "salary_max": 50_000},
        {"salary_max": 1_000_000},
        {"salary_min": 0, "salary_max": 0},
        {"title": " a c "},
        {"apply_url": "", "apply_email": ""},
        {"start_date": "2028-02-29"},
        {"languages_required": [], "soft_skills": []},
        {"is_featured": True, "is_active": False},
    ],
)
def test_what_just_keeps_the_rules_is_taken(
    jobriver: Api, fields: dict[str, Any]
) -> None:
    """[primary] §4.5: bounds belong to what is allowed; lengths are in characters."""
    assert jobriver.post("/jobs", json={**JOB, **fields}).status_code == 201
    assert jobriver.call("PUT", "/jobs/456", json=fields).status_code == 200


def test_the_documented_example_is_answered_word_for_word(jobriver: Api) -> None:
    """[primary] §7: all failing fields at once; the salary's error stands at `salary_min`."""
    job = {
        "title": "PO",
        "description": "Zu kurz.",
        "location": "Berlin",
        "salary_min": 90_000,
        "salary_max": 60_000,
    }

    answer = jobriver.post("/jobs", json=job)

    assert shown(answer) == invalid(
        title="Title must be at least 3 characters",
        description="Description must be at least 50 characters",
        salary_min="salary_min cannot be greater than salary_max",
    )


def test_an_empty_job_lacks_three_fields(jobriver: Api) -> None:
    """[primary] §4.5: title, description and location are required; [assumed] §7: words."""
    assert shown(jobriver.post("/jobs", json={})) == invalid(
        title="Title is required",
        description="Description is required",
        location="Location is required",
    )


def test_null_is_no_title(jobriver: Api) -> None:
    """[assumed] §7: as if it were missing, in a new job; a job cannot lose it either."""
    job = {**JOB, "title": None, "location": None}

    assert shown(jobriver.post("/jobs", json=job)) == invalid(
        title="Title is required", location="Location is required"
    )
    assert shown(jobriver.call("PATCH", "/jobs/123", json={"title": None})) == invalid(
        58, title="Title must be a string"
    )


def test_every_wrong_field_is_reported_at_once(jobriver: Api) -> None:
    """[primary] §7: `details.errors` maps each field to one string, not a list."""
    job = {
        "title": "x",
        "location_type": "moon",
        "category_id": 99,
        "salary_min": -1,
        "technologies": [999],
        "apply_type": "email",
        "start_date": "soon",
        "is_active": "yes",
    }

    answer = jobriver.post("/jobs", json=job)

    assert shown(answer) == invalid(
        title="Title must be at least 3 characters",
        description="Description is required",
        location="Location is required",
        location_type="location_type must be one of: onsite, remote, hybrid",
        category_id="category_id is invalid",
        salary_min="salary_min must be between 0 and 1000000",
        technologies="technologies contains invalid IDs",
        apply_email="apply_email is required when apply_type is email",
        start_date="start_date must be in format YYYY-MM-DD",
        is_active="is_active must be a boolean",
    )
