"""JobSphere's list: what is in it, filters, order and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from replies import another, shown
from sphere import DOCUMENTED, INPUT, found, ids, invalid, reply

if TYPE_CHECKING:
    from tests.conftest import Api

ADVOCATE = "job_5r0v7c2k"


def test_a_page_is_data_and_pagination(jobsphere: Api) -> None:
    """[assumed] §4.1: the envelope, with the job of the documentation in it."""
    path = "/jobs?location=San%20Francisco&salary_max=150000&sort=created_at&per_page=1"
    total = len(ids(another(jobsphere), "location=San%20Francisco&salary_max=150000"))
    pagination = {
        "current_page": 1,
        "per_page": 1,
        "total_pages": total,
        "total_items": total,
    }

    answer = jobsphere.get(path)

    assert total > 1
    expected = reply(200, {"data": [DOCUMENTED], "pagination": pagination})
    assert shown(answer) == expected


def test_only_active_jobs_are_listed(jobsphere: Api) -> None:
    """[primary] §4.1: active listings only; [assumed] §8: of every organization."""
    records = jobsphere.world.collections(jobsphere.program)["jobs"]
    active = {record["id"] for record in records if record["status"] == "active"}
    owners = {
        record["organization_id"] for record in records if record["status"] == "active"
    }

    assert set(ids(jobsphere, "")) == active
    assert ids(jobsphere, "", "free") == ids(jobsphere, "")
    assert len(owners) == 5
    assert len(active) >= 60
    assert {record["status"] for record in records} == {
        "active",
        "draft",
        "closed",
        "expired",
    }


@pytest.mark.parametrize("key", ["read_only", "no_scopes", "test", "free"])
def test_any_key_may_list(jobsphere: Api, key: str) -> None:
    """[primary] §4: no scope is named for the list."""
    assert jobsphere.get("/jobs", key).status_code == 200


@pytest.mark.parametrize("text", ["Remote", "remote", "REMOTE", "emot"])
def test_location_is_a_part_in_any_case(jobsphere: Api, text: str) -> None:
    """[primary] §4.1: `location=Remote`; [assumed]: a substring, whatever the case."""
    jobs = found(jobsphere, f"location={text}")

    assert jobs
    assert all("remote" in job["location"].lower() for job in jobs)
    assert ADVOCATE in [job["id"] for job in jobs]


@pytest.mark.parametrize(
    "query",
    [
        "tags=react,node",
        "tags=node,react",
        "tags=react%2Cnode",
        "tags=react&tags=node",
        "tags[]=react&tags[]=node",
        "tags%5B%5D=react&tags%5B%5D=node",
        "tags[]=react,node",
        "tags=react&tags[]=node",
    ],
)
def test_a_job_carries_all_the_tags(jobsphere: Api, query: str) -> None:
    """[primary] §4.1: `["react","node"]`; [assumed]: three spellings, all of the tags."""
    listed = found(jobsphere, "")
    both = [one["id"] for one in listed if {"react", "node"} <= set(one["tags"])]

    assert ids(jobsphere, query) == both
    assert len(both) < len(ids(jobsphere, "tags=react"))


@pytest.mark.parametrize("query", ["tags=React,NODE", "tags[]=REACT&tags=node"])
def test_tags_are_found_in_any_case(jobsphere: Api, query: str) -> None:
    """[assumed] §4.1: as the location is."""
    job = jobsphere.post("/jobs", json={**INPUT, "tags": ["React", "Node"]})

    assert ids(jobsphere, query) == ids(jobsphere, "tags=react,node")
    assert job.json()["data"]["id"] in ids(jobsphere, query)


def test_no_tags_filter_nothing(jobsphere: Api) -> None:
    """[assumed] §4.1: an empty list."""
    assert ids(jobsphere, "tags=") == ids(jobsphere, "")


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("salary_min=185000&salary_max=300000", True),
        ("salary_min=185001", False),
        ("salary_max=140000", True),
        ("salary_max=139999", False),
        ("salary_min=150000&salary_max=160000", True),
        ("salary_min=1&salary_max=999999", True),
    ],
)
def test_salaries_overlap(jobsphere: Api, query: str, fits: bool) -> None:
    """[assumed] §4.1: 140,000 to 185,000 overlaps with what is asked for, ends included."""
    jobs = found(jobsphere, query)

    assert (DOCUMENTED in jobs) is fits
    assert all(job["salary_range"] for job in jobs)


def test_a_type_is_one_of_five(jobsphere: Api) -> None:
    """[primary] §10: `full-time`; [assumed] §4.1: the filter, and that others are refused."""
    types = {one["type"] for one in found(jobsphere, "type=full-time")}

    assert types == {"full-time"}
    reason = "must be one of: full-time, part-time, contract, internship, temporary"
    for text in ("full_time", "Full-time", ""):
        answer = another(jobsphere).get(f"/jobs?type={text}")
        assert shown(answer) == invalid("type", reason)


def test_a_text_is_searched_for(jobsphere: Api) -> None:
    """[assumed] §10: `q` is an extension."""
    assert ids(jobsphere, "q=BAKERY") == ["job_b4k3r5y0"]


def test_filters_narrow_each_other(jobsphere: Api) -> None:
    """[primary] §4.1: location, salary and tags."""
    query = "location=remote&tags=react&salary_min=120000&type=full-time"

    assert ADVOCATE in ids(jobsphere, query)
    assert ADVOCATE not in ids(jobsphere, f"{query}&location=London")


def test_the_newest_come_first(jobsphere: Api) -> None:
    """[assumed] §4.1: the order without `sort`, and `sort=-created_at`."""
    times = [one["created_at"] for one in found(jobsphere, "")]

    assert times == sorted(times, reverse=True)
    assert ids(jobsphere, "sort=-created_at") == ids(jobsphere, "")
    assert ids(jobsphere, "sort=created_at") == ids(jobsphere, "")[::-1]


@pytest.mark.parametrize("field", ["title", "company", "updated_at"])
def test_lists_are_sorted_both_ways(jobsphere: Api, field: str) -> None:
    """[primary] §4.1: sorting is there; [assumed]: by what, and the minus sign."""
    values = [one[field] for one in found(jobsphere, f"sort={field}")]

    assert values == sorted(values)
    down = [one[field] for one in found(jobsphere, f"sort=-{field}")]
    assert down == values[::-1]


def test_pages_are_numbered(jobsphere: Api) -> None:
    """[primary] §5: `page` and `per_page`, 20 in the sample; [assumed]: it is the default."""
    everything = ids(jobsphere, "")
    first = jobsphere.get("/jobs").json()
    third = jobsphere.get("/jobs?page=3&per_page=20").json()

    assert [one["id"] for one in first["data"]] == everything[:20]
    assert [one["id"] for one in third["data"]] == everything[40:60]
    assert first["pagination"] == {
        "current_page": 1,
        "per_page": 20,
        "total_pages": -(-len(everything) // 20),
        "total_items": len(everything),
    }
    assert third["pagination"] == {**first["pagination"], "current_page": 3}


def test_a_page_behind_the_last_is_empty(jobsphere: Api) -> None:
    """[assumed] §5: it is no error."""
    answer = jobsphere.get("/jobs?page=500").json()

    assert answer["data"] == []
    assert answer["pagination"]["current_page"] == 500


ORDERS = (
    "must be one of: created_at, -created_at, updated_at, -updated_at, "
    "title, -title, company, -company"
)


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        ("page=0", "page", "must be at least 1"),
        ("page=-1", "page", "must be at least 1"),
        ("page=two", "page", "must be an integer"),
        ("page=", "page", "must be an integer"),
        ("page=1.5", "page", "must be an integer"),
        ("per_page=0", "per_page", "must be at least 1"),
        ("per_page=101", "per_page", "cannot be greater than 100"),
        ("per_page=all", "per_page", "must be an integer"),
        ("per_page=0&page=0", "page", "must be at least 1"),
        ("salary_min=much", "salary_min", "must be an integer"),
        ("salary_max=1e5", "salary_max", "must be an integer"),
        ("sort=salary", "sort", ORDERS),
        ("sort=", "sort", ORDERS),
    ],
)
def test_what_is_out_of_bounds_is_refused(
    jobsphere: Api, query: str, field: str, reason: str
) -> None:
    """[assumed] §5: 400 invalid_request with the field in the details."""
    assert shown(jobsphere.get(f"/jobs?{query}")) == invalid(field, reason)


@pytest.mark.parametrize("name", ["limit", "page_size", "search", "keyword"])
def test_other_pages_parameters_are_not_there(jobsphere: Api, name: str) -> None:
    """[primary] §10: `per_page`; `limit` of the variants is ignored."""
    expected = shown(another(jobsphere).get("/jobs"))

    assert shown(jobsphere.get(f"/jobs?{name}=1")) == expected
