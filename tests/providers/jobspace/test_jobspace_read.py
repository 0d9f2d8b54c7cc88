"""The Job Space's jobs as they are listed and read, and what a job can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from job_space import refusal, reply
from replies import shown

from emulator.times import micros

if TYPE_CHECKING:
    from front_door import Api

DOCUMENTED_DAY = 1_505_894_400.0
"""2017-09-20T08:00:00Z, when the documentation's three jobs were open."""

ROOT = "http://testserver/jobspace"
COUNTRY = {"id": 229, "iso": "GB", "name": "United Kingdom"}
ON_MAP = {**COUNTRY, "geo": {"lon": 0, "lat": 0}}
IN_FULL = {**COUNTRY, "geo_lon": 0, "geo_lat": 0}
LANGUAGE = {"data": {"id": 1, "iso_code": "en", "name": "English"}}
OPENS = {
    "utc": "2017-09-14T00:00:00+00:00",
    "converted": "2017-09-13T20:00:00-04:00",
    "formatted": "13 Sep 2017 20:00:00",
}
CLOSES = {
    "utc": "2017-10-14T00:00:00+00:00",
    "converted": "2017-10-13T20:00:00-04:00",
    "formatted": "13 Oct 2017 20:00:00",
}
MADE = {
    "utc": "2017-09-13T08:30:15+00:00",
    "converted": "2017-09-13T04:30:15-04:00",
    "formatted": "13 Sep 2017 04:30:15",
}
SUMMARY = "A developer who cares about the data behind the page."
DESCRIPTION = (
    "We are looking for a PHP developer who cares about the data behind the page. You "
    "write the services that feed our reports."
)
LINKS = {"self": f"{ROOT}/api/job/142", "apply": f"{ROOT}/api/job/142/apply"}

LISTED: dict[str, Any] = {
    "id": 142,
    "organisation_id": 10,
    "reference": "1234567893",
    "number_applied": 0,
    "job_title": "PHP Developer",
    "job_title_suggest": {
        "input": ["PHP Developer"],
        "contexts": {"location": [{"lat": 53.39, "lon": -1.41}]},
    },
    "slug": "test/142/php-developer",
    "summary": SUMMARY,
    "description": DESCRIPTION,
    "benefits": None,
    "skills": None,
    "salary": {
        "from": 0,
        "to": 0,
        "text": "Competitive",
        "frequency": "ANNUALLY",
        "currency": {"iso_code": "GBP", "symbol": "£", "unicode": "£"},
    },
    "creator_name": "Test Martin",
    "location": {
        "display": "Sheffield, South Yorkshire",
        "postcode": {"id": 22, "postcode": "S95AT"},
        "country": ON_MAP,
        "geo": {"lon": "-1.41", "lat": "53.39"},
    },
    "language": LANGUAGE,
    "evergreen": False,
    "open_date": OPENS,
    "close_date": CLOSES,
    "open_time_frame": {
        "gte": {
            "date": "2017-09-14 00:00:00.000000",
            "timezone_type": 3,
            "timezone": "UTC",
        },
        "lte": {
            "date": "2017-10-14 00:00:00.000000",
            "timezone_type": 3,
            "timezone": "UTC",
        },
    },
    "created_at": MADE,
    "updated_at": MADE,
    "deleted_at": None,
    "organisation": {"data": {"id": 10, "handle": "test", "name": "Test"}},
    "category": {
        "data": {
            "id": 6,
            "handle": "ANALYST",
            "parent": {"id": 749, "handle": "SCIENTIFIC"},
        }
    },
    "type": {"data": {"id": 1, "handle": "perm_fulltime"}},
    "media": {
        "data": [
            {
                "id": 8,
                "type": "JOB_LOGO",
                "path": "https://www.thejobspace.com/media/8/logo.png",
            }
        ]
    },
    "address": {
        "id": 16,
        "premise": "123 Main Road",
        "sub_premise": None,
        "thoroughfare": "",
        "locality": None,
        "postalcode": {"id": 22, "postcode": "S95AT"},
        "geo": {"lat": 53.39, "lon": -1.41},
        # [docs: rev B] §4.1: another order than in `location`.
        "country": {**COUNTRY, "geo": {"lat": 0, "lon": 0}},
    },
    "links": LINKS,
}

READ: dict[str, Any] = {
    "links": LINKS,
    "id": 142,
    "reference": "1234567893",
    "slug": "test/142/php-developer",
    "number_applied": 0,
    "job_title": "PHP Developer",
    "name": "PHP Developer",
    "summary": SUMMARY,
    "description": DESCRIPTION,
    "benefits": None,
    "skills": None,
    "content_mode": "html",
    "salary_from": "0.00",
    "salary_to": "0.00",
    "salary_text": "Competitive",
    "open_date": OPENS,
    "close_date": CLOSES,
    "creator_name": "Test Martin",
    "location_display": "Sheffield, South Yorkshire",
    "location": {
        "display": "Sheffield, South Yorkshire",
        "postcode": 22,
        "country": 229,
        "geo": {"lon": "-1.41", "lat": "53.39"},
    },
    "apply_type": "SIGNUP",
    "apply_data": None,
    "created_at": MADE,
    "updated_at": MADE,
    "deleted_at": None,
    "premise": "123 Main Road",
    "sub_premise": None,
    "thoroughfare": "",
    "locality": None,
    "main_area": "Sheffield",
    "sub_area": "South Yorkshire",
    "country_id": 229,
    "postcode": "S95AT",
    "source_address": "manual",
    "language": LANGUAGE,
    "salary_frequency": {"data": {"id": 7, "handle": "ANNUALLY"}},
    "salary_currency": {
        "data": {"id": 4, "iso_code": "GBP", "symbol": "£", "unicode": "&#163;"}
    },
    "organisation": {
        "data": {
            "id": 10,
            "handle": "test",
            "name": "Test",
            "description": None,
            "created_at": {
                "utc": "2017-03-01T09:00:00+00:00",
                "converted": "2017-03-01T04:00:00-05:00",
                "formatted": "1 Mar 2017 04:00:00",
            },
            "updated_at": {
                "utc": "2017-09-13T08:30:00+00:00",
                "converted": "2017-09-13T04:30:00-04:00",
                "formatted": "13 Sep 2017 04:30:00",
            },
            "deleted_at": None,
        }
    },
    "address": {
        "data": {
            "id": 16,
            "source_id": 2,
            "postcode_id": 22,
            "premise": "123 Main Road",
            "sub_premise": None,
            "thoroughfare": "",
            "locality": None,
            "geo_lon": -1.41,
            "geo_lat": 53.39,
            "country": IN_FULL,
            "administrative": {
                "id": 2,
                "source_id": 1,
                "main_area": "Sheffield",
                "sub_area": "South Yorkshire",
                "geo_lon": -1.48,
                "geo_lat": 53.38,
                "country": IN_FULL,
            },
            "postcode": {"id": 22, "postcode": "S95AT"},
        }
    },
}


def ids(answer: Any) -> list[int]:
    return [job["id"] for job in answer.json()["data"]]


def pagination(answer: Any) -> dict[str, int]:
    found: dict[str, int] = answer.json()["meta"]["pagination"]
    return found


def test_the_board_of_the_documentation(jobspace: Api) -> None:
    """[docs: rev B] §4.1: the item, the pagination and the aggregations, lower-cased."""
    jobspace.clock.set(micros(DOCUMENTED_DAY))
    answer = jobspace.get("/api/job")

    assert ids(answer) == [142, 141, 140]
    assert answer.json()["data"][0] == LISTED
    assert list(answer.json()["data"][0]) == list(LISTED)
    assert answer.json()["meta"] == {
        "pagination": {
            "total": 3,
            "count": 3,
            "per_page": 25,
            "current_page": 1,
            "total_pages": 1,
        },
        "aggregations": {
            "location.country.iso": [{"key": "gb", "doc_count": 3}],
            "category.parent.handle": [
                {"key": "scientific", "doc_count": 2},
                {"key": "it_telecoms", "doc_count": 1},
            ],
            "type.handle": [{"key": "perm_fulltime", "doc_count": 3}],
        },
    }


def test_one_job_is_not_shown_as_in_the_list(jobspace: Api) -> None:
    """[docs: rev B] §4.2: flat salaries, ids for places, `address` in `data`."""
    answer = jobspace.get("/api/job/142")

    meta = {"similarity_boxes": [{"handle": "MORE_LIKE_THIS", "data": []}]}
    assert shown(answer) == reply(200, {"data": READ, "meta": meta})


def test_only_open_jobs_are_listed(jobspace: Api) -> None:
    """[assumed] §8: whose window contains now, and evergreen ones."""
    found = ids(jobspace.get("/api/job?page[size]=100"))

    assert [id for id in found if id < 200] == [
        156, 152, 155, 151, 154, 150, 153, 158,
    ]  # fmt: skip
    assert len([id for id in found if id >= 200]) == 58
    jobspace.clock.advance(86_400)
    later = ids(jobspace.get("/api/job?page[size]=100"))
    assert set(later) ^ set(found) == {157, 158}


def test_a_closed_job_can_be_read(jobspace: Api) -> None:
    """[assumed] §8: the window is about the list."""
    assert jobspace.get("/api/job/159").status_code == 200


def test_the_board_is_everybody_s(jobspace: Api) -> None:
    """[assumed] §4.1: jobs of all client accounts are listed and read."""
    everybody = jobspace.get("/api/job?page[size]=100").json()["data"]

    assert {job["organisation_id"] for job in everybody} == {10, 11, 12, 13}
    assert jobspace.get("/api/job/153").status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (66, 25, 25, 1, 3)),
        ("?page[number]=3", (66, 16, 25, 3, 3)),
        ("?page[number]=2&page[size]=10", (66, 10, 10, 2, 7)),
        ("?page%5Bnumber%5D=2&page%5Bsize%5D=10", (66, 10, 10, 2, 7)),
        ("?page[number]=99", (66, 0, 25, 99, 3)),
        ("?page[size]=1000", (66, 66, 100, 1, 1)),
        ("?page[size]=0&page[number]=0", (66, 25, 25, 1, 3)),
        ("?page[size]=-5&page[number]=-1", (66, 25, 25, 1, 3)),
        ("?page[size]=x&page[number]=1.5", (66, 25, 25, 1, 3)),
        ("?page[size]=&page[number]=", (66, 25, 25, 1, 3)),
        ("?page=2&per_page=10", (66, 25, 25, 1, 3)),
    ],
)
def test_pages(jobspace: Api, query: str, expected: tuple[int, ...]) -> None:
    """[docs: rev B] §5: names and envelope; [assumed]: 100 at most, defaults for nonsense."""
    answer = jobspace.get("/api/job" + query)

    names = ("total", "count", "per_page", "current_page", "total_pages")
    assert pagination(answer) == dict(zip(names, expected, strict=True))
    assert len(ids(answer)) == expected[1]


def test_aggregations_count_every_page(jobspace: Api) -> None:
    """[docs: rev B] §4.1: whatever part of the list is shown."""
    first = jobspace.get("/api/job?page[size]=1").json()["meta"]["aggregations"]
    whole = jobspace.get("/api/job?page[size]=100").json()["meta"]["aggregations"]

    assert first == whole
    assert [sum(one["doc_count"] for one in found) for found in whole.values()] == [
        66, 66, 66,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "at", "converted", "formatted"),
    [
        ("open_date", 156, "2026-03-01T19:00:00-05:00", "1 Mar 2026 19:00:00"),
        ("close_date", 156, "2026-03-29T20:00:00-04:00", "29 Mar 2026 20:00:00"),
    ],
)
def test_times_are_new_york_s(
    jobspace: Api, key: str, at: int, converted: str, formatted: str
) -> None:
    """[docs: rev A] §9: summer time and winter time; no leading zero of the day."""
    moment = jobspace.get(f"/api/job/{at}").json()["data"][key]

    assert list(moment) == ["utc", "converted", "formatted"]
    assert (moment["converted"], moment["formatted"]) == (converted, formatted)


@pytest.mark.parametrize("id", ["99999", "0", "-1", "abc", "1.5", "9" * 30])
def test_there_is_no_such_job(jobspace: Api, id: str) -> None:
    """[docs: rev B] §6: 404; [assumed]: the text."""
    assert shown(jobspace.get(f"/api/job/{id}")) == refusal(404, "404 Not Found")


def test_a_job_cannot_be_applied_for(jobspace: Api) -> None:
    """[assumed] §4: the link leads nowhere that is documented."""
    answer = jobspace.post("/api/job/142/apply")

    assert (answer.status_code, answer.json()) == (
        404,
        {"data": {"message": "404 Not Found", "status_code": 404}},
    )


def test_the_options(jobspace: Api) -> None:
    """[docs: rev B] §4.6: six lists, with the values that are known."""
    data = jobspace.get("/admin/api/job/options").json()["data"]

    assert list(data) == [
        "country",
        "job_type",
        "job_category",
        "salary_currency",
        "salary_frequency",
        "apply_type",
    ]
    geo = {"geo_lon": 0, "geo_lat": 0}
    assert data["country"][0] == {"id": 1, "iso": "AF", "name": "Afghanistan", **geo}
    assert data["country"][1] == {"id": 2, "iso": "AL", "name": "Albania", **geo}
    assert data["country"][228] == IN_FULL
    assert data["job_type"][:2] == [
        {"id": 1, "handle": "perm_fulltime", "name": "Perm Full-time"},
        {"id": 2, "handle": "perm_parttime", "name": "Perm Part-time"},
    ]
    assert data["job_category"][1:3] == [
        {"id": 3, "handle": "ACCOUNTS_ADMIN", "name": "Accounts Admin"},
        {"id": 4, "handle": "ACCOUNTS_ASSISTANT", "name": "Accounts Assistant"},
    ]
    assert [one for one in data["salary_currency"] if one["id"] != 3] == [
        {"id": 1, "iso_code": "USD", "symbol": "$", "unicode": "&#36;"},
        {"id": 2, "iso_code": "EUR", "symbol": "€", "unicode": "&#128;"},
        {"id": 4, "iso_code": "GBP", "symbol": "£", "unicode": "&#163;"},
    ]
    assert [one["handle"] for one in data["salary_frequency"]] == [
        "HOURLY",
        "DAILY",
        "WEEKLY",
        "FORTNIGHTLY",
        "4WEEKLY",
        "MONTHLY",
        "ANNUALLY",
    ]
    assert data["salary_frequency"][6] == {
        "id": 7,
        "handle": "ANNUALLY",
        "name": "Annually",
    }
    assert data["apply_type"][:2] == [
        {
            "id": 1,
            "handle": "REDIRECT",
            "name": "Redirect applicants away to an external url",
        },
        {
            "id": 2,
            "handle": "SIGNUP",
            "name": "Applicants signup and are managed on the job board",
        },
    ]
    assert [one["handle"] for one in data["apply_type"][2:]] == [
        "SIGNUP_WITHPOST",
        "EMAIL",
    ]


@pytest.mark.parametrize(
    ("id", "handle", "parent"),
    [(6, "ANALYST", 749), (604, "INTERNAL_COMMUNICATIONS", 138)],
)
def test_known_categories_and_their_parents(
    jobspace: Api, id: int, handle: str, parent: int
) -> None:
    """[docs: rev A] §4.6."""
    categories = jobspace.program.bases["categories"].records

    assert (categories[id]["handle"], categories[id]["parent_id"]) == (handle, parent)
    assert categories[1]["handle"] == "root"
