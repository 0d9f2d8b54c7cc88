"""RecruitSome's records as a recruiter would believe them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from emulator.language.functions import slug

if TYPE_CHECKING:
    from tests.conftest import Api

LEAST = {"hour": 14.71, "month": 14.71 * 36 * 52 / 12}
"""The Dutch minimum wage of January 2026, and a month of 36 hours a week at it."""
INTERNSHIP = 3


def records(api: Api, collection: str) -> list[dict[str, Any]]:
    return list(api.program.bases[collection].records.values())


@pytest.fixture
def vacancies(recruitsome: Api) -> list[dict[str, Any]]:
    """Those of all tenants, seen or not."""
    return records(recruitsome, "vacancies")


def test_nobody_is_paid_less_than_the_law_allows(vacancies: list[dict[str, Any]]) -> None:  # fmt: skip
    """Interns have no wage by law."""
    for vacancy in vacancies:
        pay = vacancy["compensation"]
        if pay is not None and INTERNSHIP not in vacancy["job_types"]:
            assert pay["min"] >= LEAST[pay["period"]], vacancy["slug"]
            assert pay["min"] <= pay["max"], vacancy["slug"]


def test_a_vacancy_that_ends_ends_soon(vacancies: list[dict[str, Any]]) -> None:
    """Who looks for somebody for this summer does not look until 2099."""
    ends = [
        vacancy["ends_at"] for vacancy in vacancies if vacancy["ends_at"] is not None
    ]

    assert ends
    assert all(end < "2027" for end in ends)


def test_no_two_vacancies_have_the_same_tasks(vacancies: list[dict[str, Any]]) -> None:
    """What one does stands under what one does, an agency's own merits do not."""
    tasks = [
        re.findall("<li>(.*?)</li>", vacancy["description"]) for vacancy in vacancies
    ]

    assert all(len(some) > 1 for some in tasks)
    assert Counter(task for some in tasks for task in some).most_common(1)[0][1] == 1


@pytest.mark.parametrize(("collection", "key"), [("vacancies", "views_count"), ("articles", "views_count"), ("articles", "estimated_reading_time")])  # fmt: skip
def test_counts_do_not_run_in_steps(recruitsome: Api, collection: str, key: str) -> None:  # fmt: skip
    """The commonest step between neighbours is no rule."""
    counts = [record[key] for record in records(recruitsome, collection)]
    steps = Counter(after - before for before, after in pairwise(counts))

    assert steps.most_common(1)[0][1] < len(counts) / 2


def test_telephone_numbers_do_not_run_in_steps(recruitsome: Api) -> None:
    numbers = [int(record["phone"]) for record in records(recruitsome, "candidates") if record["phone"]]  # fmt: skip
    steps = Counter(after - before for before, after in pairwise(numbers))

    assert len(set(numbers)) == len(numbers)
    assert steps.most_common(1)[0][1] == 1


@pytest.mark.parametrize("collection", ["vacancies", "articles"])
def test_texts_are_published_in_working_hours(recruitsome: Api, collection: str) -> None:  # fmt: skip
    """By people who are awake, after they were written."""
    for record in records(recruitsome, collection):
        assert "06:00" <= record["published_at"][11:16] < "17:00", record["id"]
        assert record["created_at"] < record["published_at"], record["id"]


def test_names_are_spelt_whole_in_slugs_and_addresses(recruitsome: Api) -> None:
    """A letter that is none of ASCII is not left out."""
    for record in records(recruitsome, "candidates"):
        assert record["slug"].startswith(
            slug(f"{record['first_name']} {record['last_name']}")
        )
        last = slug(record["last_name"]).split("-")[-1]
        assert record["email"] is None or last in record["email"], record["email"]
