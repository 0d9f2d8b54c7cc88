"""What The Job Space's older revision had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from job_space import LEGACY_JOB, invalid, refusal, reply
from replies import shown

from emulator.times import micros

if TYPE_CHECKING:
    from front_door import Api

ROOT = "http://testserver/jobspace"
FULL: dict[str, Any] = {
    **LEGACY_JOB,
    "job_category_id": "5",
    "job_type_id": "1",
    "country_id": "229",
    "premise": "123 Main Road",
    "sub_premise": "Flat 2",
    "main_area": "Sheffield",
    "sub_area": "South Yorkshire",
    "postcode": "S9 5AT",
    "location_display": "Sheffield, South Yorkshire",
    "salary_frequency": "ANNUALLY",
    "salary_currency": "GBP",
    "salary_from": "30000.00",
    "salary_to": "35000.00",
    "salary_text": "Competitive",
    "apply_type": "REDIRECT",
    "apply_url": "https://jobs.example.com/1",
    "sites[]": ["1", "2"],
}
NOW = {
    "utc": "2026-03-02T10:00:00+00:00",
    "converted": "2026-03-02T05:00:00-05:00",
    "formatted": "2 Mar 2026 05:00:00",
}
SHOWN: dict[str, Any] = {
    "id": 258,
    "reference": "1234567895",
    "number_applied": 0,
    "job_title": "Job Title",
    "job_title_suggest": {
        "input": ["Job Title"],
        "output": "Job Title",
        "payload": {"id": 258},
        "context": {"location": {"lat": 53.39, "lon": -1.41}},
    },
    "slug": "test/258/job-title",
    "summary": "A description of the job.",
    "description": "A description of the job.",
    "benefits": "A pension.",
    "skills": "Patience.",
    "salary": {
        "from": "30000.00",
        "to": "35000.00",
        "text": "Competitive",
        "frequency": "ANNUALLY",
        "currency": {"iso_code": "GBP", "symbol": "£", "unicode": "£"},
    },
    "location": {
        "display": "Sheffield, South Yorkshire",
        "postcode": {"id": 22, "postcode": "S95AT"},
        "country": {
            "id": 229,
            "iso": "GB",
            "name": "United Kingdom",
            "geo": {"lon": 0, "lat": 0},
        },
        "geo": {"lon": "-1.41", "lat": "53.39"},
    },
    "language": {"data": {"id": 1, "iso_code": "en", "name": "English"}},
    "open_date": {
        "utc": "2017-12-01T00:00:00+00:00",
        "converted": "2017-11-30T19:00:00-05:00",
        "formatted": "30 Nov 2017 19:00:00",
    },
    "close_date": {
        "utc": "2017-12-30T00:00:00+00:00",
        "converted": "2017-12-29T19:00:00-05:00",
        "formatted": "29 Dec 2017 19:00:00",
    },
    "created_at": NOW,
    "updated_at": NOW,
    "deleted_at": None,
    "category": {
        "data": {
            "id": 5,
            "handle": "ACCOUNTS_MANAGER",
            "parent": {"id": 2, "handle": "ACCOUNTANCY"},
        }
    },
    "type": {"data": {"id": 1, "handle": "perm_fulltime"}},
    "media": {"data": []},
    "address": None,
    "links": {
        "self": f"{ROOT}/api/job/258",
        "apply": f"{ROOT}/api/job/258/apply",
    },
}


def test_a_legacy_job_has_the_shape_of_the_list(jobspace: Api) -> None:
    """[docs: rev A] §4.7: without what the newer one has; texts for salaries."""
    answer = jobspace.post("/api/job", data=FULL)

    assert shown(answer) == reply(200, {"data": SHOWN})
    assert list(answer.json()["data"]) == list(SHOWN)
    read = jobspace.get("/api/job/258").json()["data"]
    assert (read["apply_type"], read["apply_data"]) == (
        "REDIRECT",
        "https://jobs.example.com/1",
    )


@pytest.mark.parametrize("path", ["/api/job", "/api/job/150/update"])
def test_eight_fields_are_required(jobspace: Api, path: str) -> None:
    """[docs: rev A] §7: the 422 sample's; [assumed] §4.7: and no others."""
    names = ["organisation", "reference", "name", "description", "benefits", "skills"]
    names += ["open_date", "close_date"]
    lacking = {
        name: [f"The {name.replace('_', ' ')} field is required."] for name in names
    }

    assert shown(jobspace.post(path)) == invalid(**lacking)
    assert jobspace.post(path, data=LEGACY_JOB).status_code == 200


def test_what_was_left_out_is_null(jobspace: Api) -> None:
    """[assumed] §4.7: a job can be without type, category and place."""
    found = jobspace.post("/api/job", data=LEGACY_JOB).json()["data"]

    assert (found["category"], found["type"]) == ({"data": None}, {"data": None})
    assert found["location"]["country"] is None
    assert jobspace.get("/api/job/258").status_code == 200
    jobspace.clock.set(micros(1_512_993_600))
    assert jobspace.get("/api/job").json()["data"][0]["id"] == 258


@pytest.mark.parametrize(
    ("opens", "closes"), [("01-12-2017", "30-12-2017"), ("2017-12-01", "2017-12-30")]
)
def test_an_update_takes_dates_either_way(
    jobspace: Api, opens: str, closes: str
) -> None:
    """[docs: rev A] §4.7: DD-MM-YYYY; [assumed] §10: both are accepted."""
    changes = {"open_date": opens, "close_date": closes}
    found = jobspace.post("/api/job/150/update", data={**FULL, **changes}).json()

    assert found["data"]["open_date"] == SHOWN["open_date"]
    assert found["data"]["close_date"] == SHOWN["close_date"]


def test_an_update_in_part_leaves_the_rest(jobspace: Api) -> None:
    """[assumed] §4.7: what is not required is left as it was."""
    found = jobspace.post("/api/job/150/update", data=LEGACY_JOB).json()["data"]

    assert found["category"]["data"]["handle"] == "ACCOUNTS_MANAGER"
    assert found["location"]["postcode"]["postcode"] == "S12HE"
    assert found["salary"]["text"] == "£38,000 to £44,000"


DATE = "does not match the format Y-m-d."


@pytest.mark.parametrize(
    ("path", "changes", "field", "message"),
    [
        ("/api/job", {"name": "x" * 256}, "name", "The name may not be greater than 255 characters."),
        ("/api/job", {"skills": "x" * 6501}, "skills", "The skills may not be greater than 6500 characters."),
        ("/api/job", {"open_date": "01-12-2017"}, "open_date", f"The open date {DATE}"),
        ("/api/job/150/update", {"open_date": "31-02-2017"}, "open_date", f"The open date {DATE}"),
        ("/api/job/150/update", {"close_date": "29-02-2017"}, "close_date", f"The close date {DATE}"),
        ("/api/job", {"organisation": "nobody"}, "organisation", "The selected organisation is invalid."),
        ("/api/job", {"organisation": "wharf-kitchen"}, "organisation", "The selected organisation is invalid."),
        ("/api/job", {"job_category_id": "9999"}, "job_category_id", "The selected job category id is invalid."),
        ("/api/job", {"country_id": "x"}, "country_id", "The country id must be an integer."),
        ("/api/job", {"reference": "TEST-0151"}, "reference", "The reference has already been taken."),
        ("/api/job/150/update", {"reference": "TEST-0151"}, "reference", "The reference has already been taken."),
    ],
)  # fmt: skip
def test_legacy_rules(
    jobspace: Api, path: str, changes: dict[str, str], field: str, message: str
) -> None:
    """[docs: rev A] §4.7: lengths, dates, handles; [assumed] §7: the words."""
    answer = jobspace.post(path, data={**LEGACY_JOB, **changes})

    assert shown(answer) == invalid(**{field: [message]})


@pytest.mark.parametrize("day", ["29-02-2024", "31-12-2017", "28-02-1999"])
def test_days_that_there_are(jobspace: Api, day: str) -> None:
    """[docs: rev A] §4.7."""
    changes = {"open_date": day, "close_date": "2030-01-01"}
    answer = jobspace.post("/api/job/150/update", data={**LEGACY_JOB, **changes})

    utc = answer.json()["data"]["open_date"]["utc"]
    assert utc[:10] == "-".join(reversed(day.split("-")))


@pytest.mark.parametrize("path", ["/api/job", "/api/job/155/update"])
def test_legacy_writes_cost_the_same(jobspace: Api, path: str) -> None:
    """[assumed] §8: credits know no revisions."""
    job = {**LEGACY_JOB, "organisation": "severn-haulage"}

    assert shown(jobspace.post(path, "no_credits", data=job)) == refusal(
        402, "Insufficient Credits"
    )


def test_a_legacy_update_of_nothing_is_404(jobspace: Api) -> None:
    """[docs: rev A] §6."""
    answer = jobspace.post("/api/job/99999/update", data=LEGACY_JOB)

    assert shown(answer) == refusal(404, "404 Not Found")


def test_countries_types_and_categories(jobspace: Api) -> None:
    """[docs: rev A] §4.7: three lists; types and categories have times, and no names."""
    countries = jobspace.get("/api/address/country").json()["data"]
    types = jobspace.get("/api/job/type").json()["data"]
    categories = jobspace.get("/api/job/category").json()["data"]

    assert countries[0] == {"id": 1, "iso": "AF", "name": "Afghanistan"}
    assert countries[228] == {"id": 229, "iso": "GB", "name": "United Kingdom"}
    assert types[0] == {
        "id": 1,
        "handle": "perm_fulltime",
        "created_at": {
            "utc": "2016-11-01T09:00:00+00:00",
            "converted": "2016-11-01T05:00:00-04:00",
            "formatted": "1 Nov 2016 05:00:00",
        },
        "updated_at": {
            "utc": "2017-04-06T06:00:15+00:00",
            "converted": "2017-04-06T02:00:15-04:00",
            "formatted": "6 Apr 2017 02:00:15",
        },
    }
    assert [category["handle"] for category in categories[:2]] == [
        "root",
        "ACCOUNTANCY",
    ]
    assert list(categories[0]) == list(types[0])
