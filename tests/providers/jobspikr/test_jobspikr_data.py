"""JobsPikr's jobs as a recruiter would believe them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from searches import walk

if TYPE_CHECKING:
    from tests.conftest import Api

OFFICE = {
    "Software Engineer", "Backend Developer", "Java Engineer", "Frontend Engineer",
    "Data Scientist", "Data Analyst", "DevOps Engineer", "QA Engineer",
    "Product Manager", "Inside Sales Representative", "Digital Marketing Executive",
    "Staff Accountant", "HR Business Partner", "Customer Support Executive", "Tutor",
}  # fmt: skip
"""What can be done from home."""
CARE = {"Clinical", "Pharmacy", "Therapy", "Laboratory"}
LEAST = {"USD": 7.25 * 2_080, "GBP": 12.21 * 37.5 * 52}
"""A year's full time at the minimum wage of 2025: federal in the USA."""


@pytest.fixture
def jobs(jobspikr: Api) -> list[dict[str, Any]]:
    """All jobs but those that repeat another one."""
    everything = [job for one in walk(jobspikr, "sandbox") for job in one["job_data"]]
    return [job for job in everything if job["duplicate_of"] is None]


def test_a_company_seeks_an_occupation_once(jobs: list[dict[str, Any]]) -> None:
    titles = Counter((job["company_name"], job["job_title"]) for job in jobs)

    assert titles.most_common(1)[0][1] == 1


def test_companies_seek_people_of_their_trade(jobs: list[dict[str, Any]]) -> None:
    """Whoever seeks nurses seeks no engineers, and whoever seeks teachers no drivers."""
    departments = defaultdict(set)
    for job in jobs:
        departments[job["company_name"]].add(job["inferred_department_name"])

    for found_there in departments.values():
        apart = [CARE, {"Teaching"}, {"Construction", "Operations"}, {"Infrastructure", "Quality"}]  # fmt: skip
        assert sum(bool(found_there & trade) for trade in apart) <= 1, found_there
    assert sum(bool(department & CARE) for department in departments.values()) > 10


def test_a_title_s_level_is_what_is_inferred(jobs: list[dict[str, Any]]) -> None:
    """A senior is no beginner, an intern no executive, and a chief neither."""
    executives = {job["inferred_job_title"] for job in jobs if job["inferred_seniority_level"] == "Executive Level"}  # fmt: skip

    assert executives == {"Chief Financial Officer"}
    for job in jobs:
        title, level = job["job_title"], job["inferred_seniority_level"]
        learns = "Intern" in title.split() or "Trainee" in title
        if title.startswith(("Senior", "Lead ")):
            assert level == "Mid Level"
            assert job["inferred_min_experience"] >= 3
        if title.startswith("Junior") or learns:
            assert level == "Entry Level"
            assert job["inferred_max_experience"] <= 2
        assert (job["job_type"] == "Internship") == learns


def test_chiefs_are_few(jobs: list[dict[str, Any]]) -> None:
    """No occupation has more than an eighth of the board; chief officers are a handful."""
    counts = Counter(job["inferred_job_title"] for job in jobs)

    assert counts.most_common(1)[0][1] < len(jobs) / 8
    assert 0 < counts["Chief Financial Officer"] < 10


def step(job: dict[str, Any]) -> int:
    """How far up its occupation a job is: interns, juniors, those without a word, seniors, leads."""
    words = re.findall(r"\bIntern\b|^Junior|^Senior|^Lead", job["job_title"])
    return ["Intern", "Junior", "", "Senior", "Lead"].index(words[0] if words else "")


def test_pay_rises_with_the_level(jobs: list[dict[str, Any]]) -> None:
    """Of one occupation in one country, for full time: interns, juniors, plain, senior, lead."""
    pays: dict[tuple[str, str], dict[int, list[float]]]
    pays = defaultdict(lambda: defaultdict(list))
    for job in jobs:
        if (
            job["inferred_salary_time_unit"] == "yearly"
            and job["job_type"] != "Part Time"
        ):
            key = (job["inferred_job_title"], job["geo"])
            pays[key][step(job)].append(job["inferred_salary_from"])

    several = [steps for steps in pays.values() if len(steps) > 1]
    assert len(several) > 30
    for steps in several:
        ranked = [steps[step] for step in sorted(steps)]
        for lower, higher in pairwise(ranked):
            assert max(lower) < min(higher)


def test_part_time_is_paid_less_than_full_time(jobs: list[dict[str, Any]]) -> None:
    full: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    part: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for job in jobs:
        if job["inferred_salary_time_unit"] == "yearly":
            pays = part if job["job_type"] == "Part Time" else full
            key = (job["inferred_job_title"], job["geo"], step(job))
            pays[key].append(job["inferred_salary_from"])

    both = part.keys() & full.keys()
    assert len(both) > 10
    assert all(max(part[one]) < min(full[one]) for one in both)


def test_nobody_is_paid_less_than_the_law_allows(jobs: list[dict[str, Any]]) -> None:
    """Three days of five, where somebody works part time."""
    for job in jobs:
        least = LEAST.get(job["inferred_salary_currency"])
        if least is not None and job["inferred_salary_time_unit"] == "yearly":
            share = 0.6 if job["job_type"] == "Part Time" else 1
            assert job["inferred_salary_from"] >= least * share, job["job_title"]
            assert job["inferred_salary_to"] >= job["inferred_salary_from"]


def test_only_office_work_is_remote(jobs: list[dict[str, Any]]) -> None:
    remote = {job["inferred_job_title"] for job in jobs if job["is_remote"]}

    assert len(remote) > 5
    assert remote <= OFFICE


def test_agencies_do_not_turn_agencies_away(jobs: list[dict[str, Any]]) -> None:
    kinds = {job["inferred_company_type"] for job in jobs if "No agencies" in job["job_description"]}  # fmt: skip
    companies = defaultdict(set)
    for job in jobs:
        companies[job["company_name"]].add(job["inferred_company_type"])

    assert kinds == {"company"}
    assert all(len(company) == 1 for company in companies.values())
    assert sum("agency" in company for company in companies.values()) > 5


def test_hardly_two_texts_are_alike(jobs: list[dict[str, Any]]) -> None:
    """Without the company and the place, there are hundreds."""
    cores = {job["job_description"].split(". ", 1)[-1] for job in jobs}

    assert len(cores) > 350


def test_the_first_day_has_open_and_expired_jobs(jobs: list[dict[str, Any]]) -> None:
    over = Counter(job["has_expired"] for job in jobs)

    assert min(over["true"], over["false"]) > 50
    for job in jobs:
        if job["valid_through"]:
            assert (job["valid_through"] < "2026-03-02") == (job["has_expired"] == "true")  # fmt: skip
