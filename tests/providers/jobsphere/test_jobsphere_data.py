"""JobSphere's jobs as a recruiter would believe them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Api

WARDS = re.compile("Nurse|Radiographer|Healthcare|Pharmacist|Physiotherapist|Care Home")
DOCKS = re.compile("Warehouse|Forklift|Transport|Truck|Refrigeration|Health and Safety")
CARERS = {"Brightwell Health", "Brightwell Care Homes"}
CARRIERS = {"Northgate Freight", "Northgate Cold Stores"}
STEPS = (
    ("Junior", ""),
    ("Junior", "Senior"),
    ("Junior", "Lead"),
    ("", "Senior"),
    ("", "Lead"),
)
"""What stands before a title: the first is paid no more than the second."""
LEAST = {"GBP": 12.21 * 37.5 * 52, "USD": 7.25 * 2_080}
"""A year's full time at the minimum wage of 2025."""


@pytest.fixture
def jobs(jobsphere: Api) -> list[dict[str, Any]]:
    """All jobs that are listed."""
    found: list[dict[str, Any]] = jobsphere.get("/jobs?per_page=100").json()["data"]
    return found


def pay(job: dict[str, Any]) -> tuple[float, str] | None:
    """The least pay and its currency."""
    salary = job["salary_range"]
    return None if salary is None else (salary["min"], salary["currency"])


def test_a_company_advertises_a_title_once(jobs: list[dict[str, Any]]) -> None:
    titles = [(job["company"], job["title"]) for job in jobs]

    assert len(jobs) > 60
    assert len(set(titles)) == len(titles)


def test_organizations_advertise_for_themselves(jobsphere: Api) -> None:
    """A hospital's key owns no lorries: who stands in the listing is the organization's."""
    owners = defaultdict(set)
    for job in jobsphere.program.bases["jobs"].records.values():
        owners[job["company"]].add(job["organization_id"])

    assert all(len(one) == 1 for one in owners.values())
    for company, (owner,) in owners.items():
        for word in ("Brightwell", "Harrow Lane", "Northgate"):
            known = owner == "org_" + word.lower().replace(" ", "_")
            assert (word in company) == known, company


def test_companies_advertise_the_work_of_their_trade(jobs: list[dict[str, Any]]) -> None:  # fmt: skip
    """No ward in a law firm, no lorries in a hospital."""
    trades = ((WARDS, CARERS), (DOCKS, CARRIERS))
    for trade, companies in trades:
        theirs = {job["company"] for job in jobs if trade.search(job["title"])}
        assert theirs == companies
    for job in jobs:
        if job["company"] in CARERS | CARRIERS:
            trade = WARDS if job["company"] in CARERS else DOCKS
            assert trade.search(job["title"]) or "Analyst" in job["title"]


def test_only_office_work_is_remote(jobs: list[dict[str, Any]]) -> None:
    remote = [job for job in jobs if job["location"].startswith("Remote")]

    assert len(remote) > 5
    assert not any(
        trade.search(job["title"]) for job in remote for trade in (WARDS, DOCKS)
    )


def test_full_time_is_paid_at_the_minimum_wage_at_least(jobs: list[dict[str, Any]]) -> None:  # fmt: skip
    """And three days of five, where somebody works part time."""
    for job in jobs:
        if (found := pay(job)) is not None and "weekend" not in job["title"].lower():
            least, currency = found
            share = 0.6 if job["type"] == "part-time" else 1
            assert least >= LEAST[currency] * share, job["title"]
            assert job["salary_range"]["max"] >= least


def test_pay_rises_with_the_level(jobs: list[dict[str, Any]]) -> None:
    """Of the same work for full time: a junior never earns more than a senior, wherever they are."""
    pays: dict[tuple[str, str], dict[str, list[float]]]
    pays = defaultdict(lambda: defaultdict(list))
    for job in jobs:
        first, _, rest = job["title"].partition(" ")
        level, work = (first, rest) if first in ("Junior", "Senior", "Lead") else ("", job["title"])  # fmt: skip
        if (found := pay(job)) is not None and job["type"] != "part-time":
            pays[work, found[1]][level].append(found[0])

    compared = 0
    for levels in pays.values():
        for lower, higher in STEPS:
            if levels[lower] and levels[higher]:
                assert max(levels[lower]) <= min(levels[higher])
                compared += 1
    assert compared >= 5


def test_nobody_is_a_junior_or_a_trainee_of_a_registered_trade(jobs: list[dict[str, Any]]) -> None:  # fmt: skip
    for job in jobs:
        if WARDS.search(job["title"]) or DOCKS.search(job["title"]):
            assert not job["title"].startswith(("Junior", "Trainee")), job["title"]


def test_the_board_goes_on_to_the_first_day(jobs: list[dict[str, Any]]) -> None:
    """The newest is of the week before, and all were written in working hours."""
    assert "2026-02-20" < max(job["created_at"] for job in jobs) < "2026-03-02"
    assert all("05:59" < job["created_at"][11:16] < "19:31" for job in jobs)
