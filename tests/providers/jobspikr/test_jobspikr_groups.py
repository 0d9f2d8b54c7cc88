"""JobsPikr's grouped counts, and its replies as XML."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from replies import shown
from searches import COUNTS, EVERYTHING, EXPIRED, NOTHING, reply, search, text, walk

if TYPE_CHECKING:
    from tests.conftest import Api

XML = "application/xml; charset=utf-8"


def jobs(api: Api) -> list[dict[str, Any]]:
    return [job for one in walk(api, "sandbox") for job in one["job_data"]]


def test_counts_are_grouped(jobspikr: Api) -> None:
    """[primary] §4.3: a field, a field to group by, and counts; shape [assumed]."""
    answer = jobspikr.get(COUNTS).json()
    countries = Counter(job["inferred_country"] for job in jobs(jobspikr))
    sold = Counter(
        job["inferred_country"] for job in jobs(jobspikr) if job["category"] == "Sales"
    )

    assert list(answer) == ["status", "message", "total_count", "aggregate_data"]
    assert (answer["status"], answer["message"]) == ("success", "Data present.")
    assert answer["total_count"] == 500
    groups = {one["key"]: one for one in answer["aggregate_data"]}
    assert {key: one["count"] for key, one in groups.items()} == {
        key: count for key, count in countries.items() if key
    }
    for country, group in groups.items():
        counts = {one["key"]: one["count"] for one in group["job_category"]}
        assert counts["Sales"] == sold[country]


def test_the_words_of_the_page_are_fields(jobspikr: Api) -> None:
    """[assumed] §10: `job_category` is `category`, `location` the country."""
    plain = jobspikr.get("/aggregate_data?query=category&group_by=inferred_country")
    words = jobspikr.get(COUNTS).text.replace("job_category", "category")

    assert json.loads(words) == plain.json()


def test_counts_can_be_filtered(jobspikr: Api) -> None:
    """[assumed] §4.3: by a query as JSON."""
    query = json.dumps(text("nurse AND registered"))
    answer = jobspikr.get(f"{COUNTS}&search_query_json={query}").json()
    nothing = jobspikr.get(f"{COUNTS}&search_query_json={json.dumps(NOTHING)}")

    assert 0 < answer["total_count"] < 60
    assert {
        one["key"]
        for group in answer["aggregate_data"]
        for one in group["job_category"]
    } == {"Healthcare"}
    assert shown(nothing) == reply(
        200,
        {
            "status": "no_data",
            "message": "No data present.",
            "total_count": 0,
            "aggregate_data": [],
        },
    )


def test_counting_costs_nothing(jobspikr: Api) -> None:
    """[assumed] §4.3: no job data is returned, so there is nothing to pay for."""
    jobspikr.get(COUNTS)

    assert search(jobspikr, NOTHING).json()["job_credit_remaining"] == 5000


def same(element: ElementTree.Element, value: Any) -> bool:
    """Whether an element says what JSON says."""
    if isinstance(value, dict):
        return [one.tag for one in element] == list(value) and all(
            same(one, value[one.tag]) for one in element
        )
    if isinstance(value, list):
        return len(element) == len(value) and all(map(same, element, value))
    if isinstance(value, str):
        return (element.text or "") == value
    return (element.text or "null") == json.dumps(value)


def test_jobs_as_xml(jobspikr: Api) -> None:
    """[primary] §9: the same tree; root [docs: support v1], items and type [assumed]."""
    plain = search(jobspikr, key="sandbox")
    answer = search(jobspikr, key="sandbox", format="xml")
    tree = ElementTree.fromstring(answer.content)

    assert answer.headers["Content-Type"] == XML
    assert tree.tag == "response"
    assert {one.tag for one in tree.findall("job_data/*")} == {"job"}
    assert same(tree, plain.json())


@pytest.mark.parametrize("path", [EXPIRED, COUNTS])
def test_other_replies_as_xml(jobspikr: Api, path: str) -> None:
    """[assumed] §9: a query parameter where there is no body."""
    plain = jobspikr.get(f"{path}&format=json")
    answer = jobspikr.get(f"{path}&format=xml")

    assert plain.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Type"] == XML
    assert same(ElementTree.fromstring(answer.content), plain.json())


def test_an_xml_job_costs_what_a_json_job_costs(jobspikr: Api) -> None:
    """[primary] §8."""
    tree = ElementTree.fromstring(search(jobspikr, size=3, format="xml").content)

    assert tree.findtext("job_credit_remaining") == "4997"


def test_errors_follow_the_format(jobspikr: Api) -> None:
    """[assumed] §9: also those that come before the request is read."""
    asked = {"search_query_json": EVERYTHING, "format": "xml"}
    answers = [
        search(jobspikr, format="xml", size=0),
        search(jobspikr, {}, format="xml"),
        jobspikr.post("/data", None, json=asked),
        jobspikr.post("/data", "no_credits", json=asked),
        jobspikr.get(f"{COUNTS}&format=xml", None),
        jobspikr.get("/expired_jobs?format=xml"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 401, 402, 401, 400]
    assert {answer.headers["Content-Type"] for answer in answers} == {XML}
    assert answers[2].text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<response><status>error</status>'
        "<message>Missing client_id or client_auth_key.</message></response>"
    )


@pytest.mark.parametrize("field", ["job_category", "job_board", "job_type"])
def test_groups_in_groups_have_one_name_in_xml(jobspikr: Api, field: str) -> None:
    """[assumed] §9: whatever is counted."""
    path = f"/aggregate_data?query={field}&group_by=location&format=xml"

    root = ElementTree.fromstring(jobspikr.get(path).text)

    groups = root.findall("aggregate_data/group")
    assert groups
    assert {one.tag for group in groups for one in group.findall(f"{field}/*")} == {
        "item"
    }
