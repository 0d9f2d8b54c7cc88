"""JobsPikr's search: its query language, its parameters and its records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from replies import shown
from searches import EVERYTHING, NOTHING, found, no_data, reply, search, text, walk

if TYPE_CHECKING:
    from tests.conftest import Api

JOB: dict[str, Any] = {
    "uniq_id": "cc5ebc646150889d82afa36a0f8ebcf0",
    "cursor": 1549140725123457,
    "crawl_timestamp": "2019-02-02 05:31:23 +0000",
    "url": "https://naukri.example/job/area-sales-manager-indore-1",
    "job_title": "Area Sales Manager",
    "category": "Sales",
    "company_name": "Malwa Agro Traders",
    "city": "Indore",
    "state": None,
    "country": "India",
    "geo": "india",
    "inferred_city": "Indore",
    "inferred_state": "Madhya pradesh",
    "inferred_country": "India",
    "post_date": "2019-01-31",
    "job_description": (
        "We look for an area sales manager who visits our dealers between "
        "Indore and Ujjain.\nYou set targets with a team of four and bring "
        "orders home."
    ),
    "html_job_description": (
        "<div><p>We look for an area sales manager who visits our dealers "
        "between Indore and Ujjain.</p>\n<p>You set targets with a team of "
        "four and bring orders home.</p></div>"
    ),
    "job_type": "Full Time",
    "job_board": "naukri_com",
    "salary_offered": "Rs 2.0 - 3.0 Lakh/Yr",
    "contact_email": None,
    "contact_phone_number": None,
    "valid_through": "2019-05-01",
    "has_expired": "true",
    "latest_expiry_check_date": "2019-02-11",
    "duplicate_status": "NA",
    "duplicate_of": None,
    "apply_url": "https://naukri.example/apply/1",
    "logo_url": None,
    "job_post_lang": "en",
    "inferred_job_title": "Area Sales Manager",
    "inferred_department_name": "Sales",
    "inferred_department_score": 88.0,
    "is_remote": False,
    "inferred_salary_currency": "INR",
    "inferred_salary_time_unit": "yearly",
    "inferred_salary_from": 200000,
    "inferred_salary_to": 300000,
    "is_salary_estimated": False,
    "inferred_skills": ["Channel Sales", "Negotiation"],
    "inferred_company_type": "company",
    "inferred_company_type_score": 91.5,
    "inferred_min_experience": 3,
    "inferred_max_experience": 6,
    "inferred_seniority_level": "Mid Level",
    "inferred_iso3_lang_code": "eng",
    "inferred_education_level": "Bachelor's Degree",
    "inferred_onet_soc_code": "11-2022.00",
    "inferred_onet_soc_job_title": "Sales Managers",
    "inferred_co_website_url": None,
}
"""The job that was crawled first, with every field that a job has."""

FIELDS = list(JOB)


def test_a_reply_is_what_the_clients_read(jobspikr: Api) -> None:
    """[primary], [docs: clients] §4.1: the whole envelope and a whole record."""
    answer = search(jobspikr, text("sales AND manager"), size=1)

    assert shown(answer) == reply(
        200,
        {
            "status": "success",
            "message": "Data present.",
            "next_cursor": 1549140725123457,
            "total_count": answer.json()["total_count"],
            "size": 1,
            "job_credit_remaining": 4999,
            "job_data": [JOB],
        },
    )
    assert answer.json()["total_count"] > 10


def test_nothing_found_is_no_data(jobspikr: Api) -> None:
    """[primary] §5: a status of its own, with 200 [assumed]."""
    assert shown(search(jobspikr, NOTHING)) == reply(200, no_data(5000))


def test_there_are_500_jobs_of_three_countries(jobspikr: Api) -> None:
    """Every record has every field, and an id and a cursor of its own."""
    jobs = [job for one in walk(jobspikr, "sandbox") for job in one["job_data"]]
    total = search(jobspikr).json()["total_count"]

    assert total == len(jobs) == len({job["cursor"] for job in jobs}) == 500
    assert all(list(job) == FIELDS for job in jobs)
    for country, least in {"India": 180, "United States": 150}.items():
        query = text(f'"{country}"', "inferred_country")
        assert search(jobspikr, query).json()["total_count"] > least


def titles(jobs: list[dict[str, Any]]) -> set[str]:
    return {job["inferred_job_title"] for job in jobs}


def test_a_text_is_looked_for_in_one_field(jobspikr: Api) -> None:
    """[docs: clients] §4.1: `default_field` and `query`."""
    jobs = found(jobspikr, text("engineer"))

    assert jobs
    assert all("engineer" in job["job_title"].lower() for job in jobs)


def test_a_text_is_looked_for_in_several(jobspikr: Api) -> None:
    """[docs: clients] §4.1: `fields`, quotes and OR."""
    query = {
        "fields": ["job_title", "inferred_job_title"],
        "query": '"nurse" OR "physician"',
    }
    jobs = found(jobspikr, {"query_string": query})

    assert titles(jobs) == {
        "Registered Nurse",
        "Staff Nurse, Night Shift",
        "Family Physician",
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("data AND scientist", {"Data Scientist"}),
        ("data AND NOT scientist", {"Data Analyst"}),
        (
            "(nurse OR physician) AND NOT staff",
            {"Registered Nurse", "Family Physician"},
        ),
        ("pharm*", {"Pharmacist"}),
        ("PHYSICIAN", {"Family Physician"}),
        ('"night shift"', {"Staff Nurse, Night Shift"}),
        ("warehouse driver", {"Warehouse Associate", "Delivery Driver"}),
    ],
)
def test_lucene_syntax(jobspikr: Api, query: str, expected: set[str]) -> None:
    """[docs: clients] §4.1: AND, OR, NOT, quotes, parentheses, `*`; OR by default."""
    assert titles(found(jobspikr, text(query, "inferred_job_title"))) == expected


def test_clauses_are_nested(jobspikr: Api) -> None:
    """[docs: clients] §4.1: bool, range and exists."""
    days = {"gte": "2026-01-20", "lte": "2026-02-10"}
    either = [text("india", "geo"), text("uk", "geo")]
    query = {
        "bool": {
            "must": [
                {"exists": {"field": "apply_url"}},
                {"range": {"post_date": days}},
                {"bool": {"should": either}},
            ],
            "must_not": [text("true", "is_remote")],
            "should": [text("nurse")],
        }
    }
    jobs = found(jobspikr, query)

    assert {job["geo"] for job in jobs} == {"india", "uk"}
    assert all(job["apply_url"] and not job["is_remote"] for job in jobs)
    assert all("2026-01-20" <= job["post_date"] <= "2026-02-10" for job in jobs)
    assert any("nurse" not in job["job_title"].lower() for job in jobs)


def test_should_needs_one_where_nothing_must_be(jobspikr: Api) -> None:
    """[assumed] §4.1: as Elasticsearch has it."""
    query = {"bool": {"should": [text("pharmacist"), text("physician")]}}

    assert titles(found(jobspikr, query)) == {"Pharmacist", "Family Physician"}


@pytest.mark.parametrize("value", [True, "true"])
def test_has_expired_is_a_text_and_found_as_either(jobspikr: Api, value: Any) -> None:
    """[assumed] §10: the raw record's text is shown, both are taken."""
    jobs = found(jobspikr, {"term": {"has_expired": value}})

    assert jobs
    assert {job["has_expired"] for job in jobs} == {"true"}


def test_several_cities_have_pipes_between_them(jobspikr: Api) -> None:
    """[docs: support v1] §4.1."""
    jobs = found(jobspikr, text("thane", "city"))

    assert {job["city"] for job in jobs} == {"Nashik|Thane"}


def test_duplicates_can_be_left_out(jobspikr: Api) -> None:
    """[docs: clients], [assumed] §4.1: those whose status is `true`."""
    everything, without = (
        search(jobspikr, key="sandbox", exclude_duplicates=one).json()["total_count"]
        for one in (False, True)
    )
    jobs = found(jobspikr, {"exists": {"field": "duplicate_of"}})

    assert (everything, without, len(jobs)) == (500, 480, 20)
    assert {job["duplicate_status"] for job in jobs} == {"true"}
    query = {"term": {"uniq_id": jobs[0]["duplicate_of"]}}
    assert found(jobspikr, query)[0]["job_title"] == jobs[0]["job_title"]


def test_a_dataset_can_be_chosen(jobspikr: Api) -> None:
    """[docs: clients] §4.1: either or both."""
    counts = [
        search(jobspikr, key="sandbox", dataset=one).json()["total_count"]
        for one in (["job_board"], ["f500"], ["f500", "job_board"])
    ]

    assert counts[0] > counts[1] > 50
    assert counts[0] + counts[1] == counts[2] == 500
    assert all(
        job["job_board"].startswith("careers_")
        for job in found(jobspikr, EVERYTHING, dataset=["f500"])
    )


def test_unknown_fields_of_the_body_are_ignored(jobspikr: Api) -> None:
    """[assumed] §4.1."""
    assert search(jobspikr, colour="red").status_code == 200


def test_the_documented_search_finds_jobs(jobspikr: Api) -> None:
    """[primary] §4.1: mid-level software engineers in San Francisco, $80,000 to $100,000."""
    query = {
        "bool": {
            "must": [
                text('"software engineer"'),
                text('"San Francisco"', "inferred_city"),
                text('"Mid Level"', "inferred_seniority_level"),
                {"range": {"inferred_salary_from": {"gte": 80_000}}},
                {"range": {"inferred_salary_to": {"lte": 100_000}}},
            ]
        }
    }

    jobs = found(jobspikr, query)

    assert [job["job_title"] for job in jobs] == [
        "Software Engineer",
        "Software Engineer, Backend",
        "Frontend Software Engineer",
    ]
    assert {job["has_expired"] for job in jobs} == {"false"}


@pytest.mark.parametrize("bound", ["yesterday", "2026-13-01", "01.02.2026", "now-7d"])
def test_a_date_that_is_none_is_no_query(jobspikr: Api, bound: str) -> None:
    """[assumed] §6: 400, since an empty market would look the same as a slip."""
    query = {"bool": {"must": [{"range": {"post_date": {"gte": bound}}}]}}

    answer = search(jobspikr, query)

    assert answer.status_code == 400
    assert answer.json()["message"] == "search_query_json is not a valid query."


@pytest.mark.parametrize(
    "bound",
    ["2019", "2019-01", "2019-01-31", "2019-01-31 00:00:00", "2019-01-31T00:00"],
)
def test_a_date_may_be_less_or_more_than_a_day(jobspikr: Api, bound: str) -> None:
    """[docs: clients] §4.1: days; [assumed]: what Elasticsearch takes besides."""
    query = {"range": {"post_date": {"gte": bound}}}

    assert search(jobspikr, query).json()["status"] == "success"
