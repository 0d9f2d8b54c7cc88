"""The Job Space's jobs as a recruiter would believe them, listed on the first day."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from front_door import Api

YEAR = {"ANNUALLY": 1, "DAILY": 220, "HOURLY": 37.5 * 52}
"""What a pay is multiplied by to compare it with that of a year."""
LIVING_WAGE, APPRENTICE_RATE = 12.21, 7.55
"""Pounds an hour from April 2025 on: https://www.gov.uk/national-minimum-wage-rates."""
LEARNING = ("Trainee", "Apprentice", "Junior")
LEADING = ("Senior", "Lead", "Head", "Sous")
TRADES = {
    "Test": {"ACCOUNTANCY", "MARKETING_PR", "IT_TELECOMS", "SCIENTIFIC", "TRANSPORT_LOGISTICS"},
    "Pennine Health Trust": {"HEALTH_NURSING", "SCIENTIFIC", "IT_TELECOMS", "MARKETING_PR", "ACCOUNTANCY"},
    "Severn Haulage Ltd": {"TRANSPORT_LOGISTICS", "ACCOUNTANCY"},
    "Wharf Kitchen": {"HOSPITALITY_CATERING"},
}  # fmt: skip


@pytest.fixture
def board(jobspace: Api) -> list[dict[str, Any]]:
    """All jobs that are listed."""
    found: list[dict[str, Any]] = jobspace.get("/api/job?page[size]=100").json()["data"]
    return found


def company(job: dict[str, Any]) -> str:
    return str(job["organisation"]["data"]["name"])


def yearly(job: dict[str, Any]) -> tuple[float, float]:
    salary = job["salary"]
    factor = YEAR[salary["frequency"]]
    return salary["from"] * factor, salary["to"] * factor


def test_companies_recruit_for_their_own_trades(board: list[dict[str, Any]]) -> None:
    """No nurses in a restaurant, no teachers in a haulage firm."""
    found = defaultdict(set)
    for job in board:
        found[company(job)].add(job["category"]["data"]["parent"]["handle"])

    assert dict(found) == TRADES


def test_a_company_advertises_a_title_once(board: list[dict[str, Any]]) -> None:
    titles = [(company(job), job["job_title"]) for job in board]

    assert len(set(titles)) == len(titles)


def test_who_learns_earns_less_than_who_leads(board: list[dict[str, Any]]) -> None:
    """In each company and category: learners, then those who know the work, then leaders."""
    steps: dict[tuple[str, str], list[list[tuple[float, float]]]]
    steps = defaultdict(lambda: [[], [], []])
    for job in board:
        if job["salary"]["frequency"] == "DAILY":
            continue  # a contractor's day pays for holidays and idle weeks too
        step = 0 if job["job_title"].startswith(LEARNING) else 1
        step = 2 if any(word in job["job_title"] for word in LEADING) else step
        category = job["category"]["data"]["handle"]
        steps[company(job), category][step].append(yearly(job))

    compared = 0
    for pays in steps.values():
        present = [pay for pay in pays if pay]
        for lower, higher in pairwise(present):
            assert max(low for low, _ in lower) <= min(low for low, _ in higher)
            assert max(low for low, _ in lower) < max(high for _, high in higher)
            compared += 1
    assert compared >= 10


def test_only_beginners_are_apprentices(board: list[dict[str, Any]]) -> None:
    held = {job["job_title"] for job in board if job["type"]["data"]["handle"] == "apprenticeship"}  # fmt: skip

    assert held
    assert all(name.startswith(LEARNING) for name in held)


def test_nobody_is_paid_less_than_the_law_allows(board: list[dict[str, Any]]) -> None:
    for job in board:
        apprentice = job["type"]["data"]["handle"] == "apprenticeship"
        least = APPRENTICE_RATE if apprentice else LIVING_WAGE
        assert yearly(job)[0] >= least * YEAR["HOURLY"], job["job_title"]
        assert job["salary"]["from"] <= job["salary"]["to"], job["job_title"]


def test_a_salary_is_worded_as_it_is_counted(board: list[dict[str, Any]]) -> None:
    """`£39,000 to £41,000`, `£12.60 an hour`: of the jobs that the recipe makes."""
    for job in board:
        if job["id"] < 200:
            continue
        salary = job["salary"]
        form, unit = {
            "ANNUALLY": (",.0f", ""),
            "DAILY": (".0f", " a day"),
            "HOURLY": (".2f", " an hour"),
        }[salary["frequency"]]
        bounds = [f"£{salary[end]:{form}}" for end in ("from", "to")]
        assert salary["text"] == " to ".join(dict.fromkeys(bounds)) + unit


def test_the_first_day_has_a_lively_board(jobspace: Api, board: list[dict[str, Any]]) -> None:  # fmt: skip
    """Nobody's window is over, most close within weeks; in a month the rolling ones are left."""
    today = "2026-03-02"
    closing = [job["close_date"]["utc"][:10] for job in board]

    assert all(day > today for day in closing)
    assert sum(day < "2026-04-02" for day in closing) > len(closing) / 2
    assert all(job["close_date"]["utc"][:4] > "2025" for job in board if job["evergreen"])  # fmt: skip
    jobspace.clock.advance(70 * 86_400)
    left = jobspace.get("/api/job?page[size]=100").json()["data"]
    assert left
    assert all(job["evergreen"] for job in left)
