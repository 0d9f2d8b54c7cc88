"""Jobriver's jobs as a recruiter would believe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Api

LEAST = 13.90 * 40 * 52
"""A year's full time at the German minimum wage of 2026; who is trained has another one."""
TIDEWATER = {"Hamburg", "Bremen", "Bremerhaven", "Lübeck"}
FREIGHT = 57


@pytest.fixture
def jobs(jobriver: Api) -> list[dict[str, Any]]:
    """All jobs of all three companies, active or not."""
    return list(jobriver.program.bases["jobs"].records.values())


@pytest.fixture
def freight(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of Hanse Logistik."""
    return [job for job in jobs if job["company_id"] == FREIGHT]


def test_a_company_advertises_a_title_once(freight: list[dict[str, Any]]) -> None:
    assert len(freight) == 20
    assert len({job["title"] for job in freight}) == 20


def test_ships_are_unloaded_where_there_is_water(freight: list[dict[str, Any]]) -> None:
    """Dockers and crane operators work in ports."""
    places = {
        job["location"].removesuffix(", Germany")
        for job in freight
        if "Hafen" in job["title"] or "Containerbrücke" in job["title"]
    }

    assert places
    assert places <= TIDEWATER


def test_an_advert_speaks_of_its_own_work(freight: list[dict[str, Any]]) -> None:
    """Tours are a driver's, papers a clerk's: no two of the jobs have the same task."""
    tasks = [job["description"].split(". ")[1] for job in freight]
    drivers = [job for job in freight if "Lenkzeiten" in job["description"]]

    assert len(set(tasks)) == 20
    assert all(job["title"].startswith("Berufskraftfahrer") for job in drivers)
    for job in freight:
        if "fahrer:in" in job["title"] and "kraft" in job["title"]:
            assert "Führerschein" in job["requirements"]


def test_german_is_asked_for_in_german(freight: list[dict[str, Any]]) -> None:
    """A second language is for those who deal with other countries."""
    assert all(job["languages_required"][0] == "Deutsch" for job in freight)
    assert {one for job in freight for one in job["languages_required"]} == {
        "Deutsch",
        "Englisch",
    }


def test_pay_fits_the_hours_and_the_level(freight: list[dict[str, Any]]) -> None:
    """Part time below full time, apprentices below all, those who lead above all."""
    trained = [job for job in freight if "Auszubildende" in job["title"]]
    full = [job for job in freight if job["employment_type"] != "parttime" and job not in trained]  # fmt: skip
    part = [job for job in freight if job["employment_type"] == "parttime"]

    assert trained
    assert part
    assert min(job["salary_min"] for job in full) >= LEAST
    assert min(job["salary_min"] for job in part) >= LEAST / 2
    assert max(job["salary_max"] for job in part) < min(job["salary_min"] for job in full)  # fmt: skip
    assert max(job["salary_max"] for job in trained) < min(job["salary_min"] for job in part) + 1_000  # fmt: skip
    pay = {level: [job["salary_min"] for job in full if job["experience_level"] == level] for level in ("junior", "mid", "senior", "lead")}  # fmt: skip
    assert max(pay["junior"]) < min(pay["mid"])
    assert max(pay["mid"]) < min(pay["senior"]) < min(pay["lead"])


def test_jobs_are_written_in_working_hours(freight: list[dict[str, Any]]) -> None:
    """And not as many hours apart each time."""
    created = sorted(job["created_at"] for job in freight)

    assert [job["created_at"] for job in freight] == created
    assert all("06:00" <= at[11:16] < "16:00" for at in created)
    assert len({at[14:16] for at in created}) > 10
