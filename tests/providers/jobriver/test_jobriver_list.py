"""Jobriver's lists: jobs, categories and technologies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jobriver_replies import CREATED, DOCUMENTED, JOB, meta, reply
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api


def jobs(api: Api, query: str = "", key: str = "full") -> list[dict[str, Any]]:
    """The jobs that a query finds, up to a hundred."""
    answer = api.get(f"/jobs?per_page=100&{query}", key)
    found: list[dict[str, Any]] = answer.json()["data"]["jobs"]
    return found


def pagination(api: Api, query: str) -> list[int]:
    """Page, size, total and pages of a query, and how many jobs are on the page."""
    data = api.get(f"/jobs?{query}").json()["data"]
    names = ("current_page", "per_page", "total", "total_pages")
    assert list(data["pagination"]) == list(names)
    return [*data["pagination"].values(), len(data["jobs"])]


def test_a_list_is_jobs_pagination_and_meta(jobriver: Api) -> None:
    """[primary] §4.2, §5: the whole reply, with the documented job in it."""
    answer = jobriver.get("/jobs?search=senior%20backend&per_page=10")

    body = {
        "success": True,
        "data": {
            "jobs": [DOCUMENTED],
            "pagination": {
                "current_page": 1,
                "per_page": 10,
                "total": 1,
                "total_pages": 1,
            },
        },
        "meta": meta(),
    }
    assert shown(answer) == reply(200, body)


def test_nothing_found_has_no_pages(jobriver: Api) -> None:
    """[assumed] §5: an empty set has `total_pages` 0."""
    answer = jobriver.get("/jobs?search=Raumfahrt")

    pages = {"current_page": 1, "per_page": 20, "total": 0, "total_pages": 0}
    body = {
        "success": True,
        "data": {"jobs": [], "pagination": pages},
        "meta": meta(),
    }
    assert shown(answer) == reply(200, body)


def test_a_page_has_twenty_jobs_by_default(jobriver: Api) -> None:
    """[primary] §4.2: `page` is 1 and `per_page` is 20 unless said otherwise."""
    assert pagination(jobriver, "") == [1, 20, 41, 3, 20]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("page=2", [2, 20, 41, 3, 20]),
        ("page=3", [3, 20, 41, 3, 1]),
        ("per_page=1", [1, 1, 41, 41, 1]),
        ("per_page=41", [1, 41, 41, 1, 41]),
        ("per_page=100", [1, 100, 41, 1, 41]),
        ("page=5&per_page=10", [5, 10, 41, 5, 1]),
    ],
)
def test_pages_have_numbers(jobriver: Api, query: str, expected: list[int]) -> None:
    """[primary] §4.2, §5: page-number style, at most 100 on a page."""
    assert pagination(jobriver, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("page=0", [1, 20, 41, 3, 20]),
        ("page=-3", [1, 20, 41, 3, 20]),
        ("page=two", [1, 20, 41, 3, 20]),
        ("page=1.5", [1, 20, 41, 3, 20]),
        ("page=", [1, 20, 41, 3, 20]),
        ("per_page=0", [1, 1, 41, 41, 1]),
        ("per_page=-3", [1, 1, 41, 41, 1]),
        ("per_page=101", [1, 100, 41, 1, 41]),
        ("per_page=1000000", [1, 100, 41, 1, 41]),
        ("per_page=many", [1, 20, 41, 3, 20]),
    ],
)
def test_what_is_out_of_bounds_is_clamped(
    jobriver: Api, query: str, expected: list[int]
) -> None:
    """[assumed] §5: the documentation words bounds, not validation rules."""
    assert pagination(jobriver, query) == expected


@pytest.mark.parametrize("page", [4, 100, 10**15])
def test_beyond_the_end_there_are_no_jobs(jobriver: Api, page: int) -> None:
    """[assumed] §5: 200 with an empty list, and the totals all the same."""
    assert pagination(jobriver, f"page={page}") == [page, 20, 41, 3, 0]


def test_pages_put_together_are_the_whole_list(jobriver: Api) -> None:
    """[primary] §5: no job is on two pages, and none is missing."""
    pages = [
        jobriver.get(f"/jobs?per_page=7&page={page}").json() for page in range(1, 7)
    ]

    found = [job["id"] for page in pages for job in page["data"]["jobs"]]
    assert found == [job["id"] for job in jobs(jobriver)]
    assert len(set(found)) == 41


def test_the_newest_job_comes_first(jobriver: Api) -> None:
    """[assumed] §4.2: by `created_at`, newest first."""
    jobriver.clock.advance(1)
    jobriver.post("/jobs", json=JOB)
    jobriver.post("/jobs", json=JOB)

    found = jobs(jobriver)

    times = [job["created_at"] for job in found]
    assert times == sorted(times, reverse=True)
    assert [job["id"] for job in found[:2]] == [457, 456]


def test_inactive_jobs_are_listed_too(jobriver: Api) -> None:
    """[primary] §4.2: all jobs of the company, unless `is_active` filters them."""
    active = jobs(jobriver, "is_active=true")
    inactive = jobs(jobriver, "is_active=false")

    assert {job["is_active"] for job in active} == {True}
    assert {job["is_active"] for job in inactive} == {False}
    assert (len(active), len(inactive), len(jobs(jobriver))) == (23, 18, 41)


@pytest.mark.parametrize("value", ["yes", "", "maybe", "null", "2"])
def test_an_is_active_that_means_nothing_is_ignored(jobriver: Api, value: str) -> None:
    """[assumed] §10: neither true nor false filters nothing."""
    assert len(jobs(jobriver, f"is_active={value}")) == 41


def test_jobs_are_filtered_by_category(jobriver: Api) -> None:
    """[primary] §4.2: `category_id`."""
    found = jobs(jobriver, "category_id=6")

    assert {job["category"]["id"] for job in found} == {6}
    assert len(found) == 6
    assert jobs(jobriver, "category_id=999") == []


@pytest.mark.parametrize("value", ["six", "", "6.5"])
def test_a_category_that_is_no_number_is_ignored(jobriver: Api, value: str) -> None:
    """[assumed] §10: as with `is_active`, a filter that cannot be read filters nothing."""
    assert len(jobs(jobriver, f"category_id={value}")) == 41


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("devops engineer", [139]),
        ("DEVOPS", [139]),
        ("stra%C3%9Fenbauer", [256]),
        ("STRASSENBAUER", [256]),
        ("Buchhalter%3Ain", [160]),
        ("Montagmorgen", [123]),
        ("montagMORGEN", [123]),
        ("Deutschlandticket", []),
        ("100%25", []),
        (".*", []),
    ],
)
def test_search_looks_into_title_and_description(
    jobriver: Api, text: str, ids: list[int]
) -> None:
    """[primary] §4.2: title and description, in any case, and nowhere else."""
    assert [job["id"] for job in jobs(jobriver, f"search={text}")] == ids


def test_an_empty_search_finds_everything(jobriver: Api) -> None:
    """[primary] §4.2: `search` is optional."""
    assert len(jobs(jobriver, "search=")) == 41


def test_a_search_is_cut_at_a_hundred_characters(jobriver: Api) -> None:
    """[primary] §4.2: at most 100 characters; [assumed] §10: the rest is dropped."""
    title = "Ü" * 100
    jobriver.post("/jobs", json={**JOB, "title": title})

    assert [job["id"] for job in jobs(jobriver, f"search={title}")] == [456]
    assert [job["id"] for job in jobs(jobriver, f"search={title}xyz")] == [456]
    assert jobs(jobriver, f"search={title[1:]}x") == []


def test_filters_hold_together(jobriver: Api) -> None:
    """[primary] §4.2: every filter narrows the list."""
    found = jobs(jobriver, "is_active=true&category_id=5&search=entwickl")

    assert found
    for job in found:
        assert job["is_active"]
        assert job["category"]["id"] == 5
        assert "entwickl" in (job["title"] + job["description"]).lower()
    assert len(found) < len(jobs(jobriver, "is_active=true&category_id=5"))


def test_unknown_parameters_are_ignored(jobriver: Api) -> None:
    """[primary] §4.2: there are five parameters."""
    assert len(jobs(jobriver, "sort=title&limit=1&location=Berlin")) == 41


def test_a_list_shows_the_company_s_own_jobs(jobriver: Api) -> None:
    """[primary] §2: a key belongs to one company."""
    own = {job["id"] for job in jobs(jobriver)}
    other = {job["id"] for job in jobs(jobriver, key="other_company")}

    assert other == set(range(201, 221))
    assert own.isdisjoint(other)


def test_a_new_job_stands_in_the_list_as_it_was_answered(jobriver: Api) -> None:
    """[primary] §4.3: a job has one shape everywhere."""
    jobriver.post("/jobs", json=JOB)

    assert jobs(jobriver)[0] == CREATED


def test_categories_are_listed(jobriver: Api) -> None:
    """[docs: en page] §4.8: GET /categories; [assumed] §4.8: the shape."""
    names = {
        1: ("Accounting & Finance", "accounting-finance"),
        2: ("Office & Administration", "office-administration"),
        3: ("Construction & Crafts", "construction-crafts"),
        4: ("Design & UX", "design-ux"),
        5: ("Software Development", "software-development"),
        6: ("IT Operations", "it-operations"),
        7: ("Logistics & Transport", "logistics-transport"),
        8: ("Sales & Marketing", "sales-marketing"),
    }
    categories = [
        {"id": id, "name": name, "slug": slug} for id, (name, slug) in names.items()
    ]

    body = {"success": True, "data": {"categories": categories}, "meta": meta()}
    assert shown(jobriver.get("/categories", "read_only")) == reply(200, body)


def test_technologies_are_listed(jobriver: Api) -> None:
    """[docs: en page] §4.8: GET /technologies; [assumed] §4.8: items as jobs show them."""
    body = jobriver.get("/technologies").json()
    technologies = body["data"]["technologies"]

    assert body == {
        "success": True,
        "data": {"technologies": technologies},
        "meta": meta(),
    }
    assert technologies[:3] == DOCUMENTED["technologies"]
    assert [technology["id"] for technology in technologies] == list(range(1, 31))
    assert {tuple(technology) for technology in technologies} == {
        ("id", "name", "slug", "category")
    }
