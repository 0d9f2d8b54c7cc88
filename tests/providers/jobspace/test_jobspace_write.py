"""The Job Space's jobs as they are created, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from job_space import JOB, invalid, refusal, reply
from replies import shown

if TYPE_CHECKING:
    from front_door import Api

ROOT = "http://testserver/jobspace"
COUNTRY = {
    "id": 229,
    "iso": "GB",
    "name": "United Kingdom",
    "geo_lon": 0,
    "geo_lat": 0,
}
NOW = {
    "utc": "2026-03-02T10:00:00+00:00",
    "converted": "2026-03-02T05:00:00-05:00",
    "formatted": "2 Mar 2026 05:00:00",
}
WRITTEN: dict[str, Any] = {
    "links": {"self": f"{ROOT}/api/job/258"},
    "id": 258,
    "reference": "1234567894",
    "slug": "test/258/job-title",
    "number_applied": None,
    "job_title": "Job Title",
    "name": "Job Title",
    "summary": "A description of the job.",
    "description": "A description of the job.",
    "benefits": None,
    "skills": None,
    "content_mode": None,
    "salary_from": None,
    "salary_to": None,
    "salary_text": "Competitive",
    "open_date": {
        "utc": "2026-03-02T00:00:00+00:00",
        "converted": "2026-03-01T19:00:00-05:00",
        "formatted": "1 Mar 2026 19:00:00",
    },
    "close_date": {
        "utc": "2026-03-30T00:00:00+00:00",
        "converted": "2026-03-29T20:00:00-04:00",
        "formatted": "29 Mar 2026 20:00:00",
    },
    "creator_name": "Test Martin",
    "location_display": "Sheffield, South Yorkshire",
    "location": {
        "display": "Sheffield, South Yorkshire",
        "postcode": 25,
        "country": 229,
        "geo": {"lon": -1.41, "lat": 53.39},
    },
    "created_at": NOW,
    "updated_at": NOW,
    "deleted_at": None,
    "premise": "123 Main Road",
    "sub_premise": None,
    "thoroughfare": "",
    "locality": None,
    "main_area": "Sheffield",
    "sub_area": "South Yorkshire",
    "country_id": 229,
    "postcode": "S14DP",
    "source_address": "manual",
    "language": {"data": {"id": 1, "iso_code": "en", "name": "English"}},
    "salary_frequency": {"data": {"id": 7, "handle": "ANNUALLY"}},
    "salary_currency": {
        "data": {"id": 4, "iso_code": "GBP", "symbol": "£", "unicode": "&#163;"}
    },
    "organisation": {"data": {"id": 10, "handle": "test", "name": "Test"}},
    "address": {
        "data": {
            "id": 258,
            "source_id": 2,
            "postcode_id": 25,
            "premise": "123 Main Road",
            "sub_premise": None,
            "thoroughfare": "",
            "locality": None,
            "geo_lon": -1.41,
            "geo_lat": 53.39,
            "country": COUNTRY,
            "administrative": {
                "id": 2,
                "source_id": 1,
                "main_area": "Sheffield",
                "sub_area": "South Yorkshire",
                "geo_lon": -1.48,
                "geo_lat": 53.38,
                "country": COUNTRY,
            },
            "postcode": {"id": 25, "postcode": "S14DP"},
        }
    },
}
CREDITS = refusal(402, "Insufficient Credits")


def create(api: Api, key: str = "full", **changes: Any) -> Any:
    return api.post("/admin/api/job", key, data={**JOB, **changes})


def update(api: Api, id: int, key: str = "full", **changes: Any) -> Any:
    return api.post(f"/admin/api/job/{id}/update", key, data={**JOB, **changes})


def credits_of(api: Api, organisation: int) -> int:
    found = api.world.collections(api.program)["organisations"].get(organisation)
    assert found is not None
    left: int = found["credits"]
    return left


@pytest.mark.parametrize("way", ["multipart", "data", "json"])
def test_a_job_that_was_written_has_a_shape_of_its_own(jobspace: Api, way: str) -> None:
    """[docs: rev B] §4.3: `self` alone, nulls, numbers; [assumed] §4: 200, also for JSON."""
    sent: dict[str, Any] = {way: JOB}
    if way == "multipart":
        sent = {"files": {name: (None, value) for name, value in JOB.items()}}

    answer = jobspace.post("/admin/api/job", **sent)

    assert shown(answer) == reply(200, {"data": WRITTEN})
    assert list(answer.json()["data"]) == list(WRITTEN)


def test_it_can_be_read_and_is_listed(jobspace: Api) -> None:
    """[docs: rev B] §4: the other two shapes of the same job."""
    create(jobspace)

    read = jobspace.get("/api/job/258").json()["data"]
    listed = jobspace.get("/api/job?page[size]=1").json()["data"][0]

    assert (read["number_applied"], read["content_mode"]) == (0, "html")
    assert (read["salary_from"], read["apply_type"]) == ("0.00", "SIGNUP")
    assert (listed["id"], listed["salary"]["from"]) == (258, 0)
    assert listed["location"]["postcode"] == {"id": 25, "postcode": "S14DP"}


def test_a_summary_is_made_of_the_description(jobspace: Api) -> None:
    """[docs: rev B] §4.3: blank: its first 300 characters."""
    long = "word " * 100

    assert create(jobspace, description=long).json()["data"]["summary"] == long[:300]
    given = create(jobspace, reference="REF-2", summary="Short.").json()["data"]
    assert given["summary"] == "Short."


@pytest.mark.parametrize("blank", ["", "   "])
def test_blank_fields_count_as_not_sent(jobspace: Api, blank: str) -> None:
    """[assumed] §7: as the framework does with forms; [docs: rev B] §4.3: the fillings."""
    answer = create(
        jobspace, summary=blank, close_date=blank, salary_to=blank, locality=blank
    )

    assert answer.json()["data"] == WRITTEN
    assert shown(create(jobspace, name=blank)) == invalid(
        58,
        reference=["The reference has already been taken."],
        name=["The name field is required."],
    )


@pytest.mark.parametrize(
    ("sent", "stored"), [("S1 4DP", "S14DP"), ("s9 5at", "S95AT"), ("LA94DN", "LA94DN")]
)
def test_postcodes_are_stored_without_spaces(
    jobspace: Api, sent: str, stored: str
) -> None:
    """[docs: rev B] §8: upper case too; one that is known keeps its number."""
    found = create(jobspace, postal_code=sent).json()["data"]

    assert found["postcode"] == stored
    known = {"S14DP": 25, "S95AT": 22, "LA94DN": 19}
    assert found["location"]["postcode"] == known[stored]


def test_coordinates_are_echoed_or_looked_up(jobspace: Api) -> None:
    """[assumed] §8."""
    given = create(jobspace, location_geo_lat="53.38", location_geo_lon="-1.4701")
    known = create(jobspace, reference="REF-2", postal_code="S2 4SU")

    assert given.json()["data"]["location"]["geo"] == {"lon": -1.4701, "lat": 53.38}
    postcode = jobspace.program.bases["postcodes"].records[23]
    assert known.json()["data"]["location"]["geo"] == {
        "lon": postcode["lon"],
        "lat": postcode["lat"],
    }


def test_a_postcode_that_is_not_known_is_at_home_or_nowhere(jobspace: Api) -> None:
    """[assumed] §4.3: no place abroad is in Sheffield."""
    home = create(jobspace, postal_code="ZZ9 9ZZ")
    abroad = create(
        jobspace,
        reference="REF-2",
        postal_code="75001",
        country="FR",
        main_area="Paris",
    )

    shown_at = [one.json()["data"]["location"]["geo"] for one in (home, abroad)]
    assert shown_at == [{"lon": -1.41, "lat": 53.39}, {"lon": 0, "lat": 0}]
    area = abroad.json()["data"]["address"]["data"]["administrative"]
    assert (area["geo_lon"], area["geo_lat"]) == (0, 0)


def test_a_town_that_is_new_gets_a_number(jobspace: Api) -> None:
    """[assumed] §4.3: as every place has one."""
    found = create(jobspace, main_area="Whitby", sub_area="North Yorkshire").json()

    area = found["data"]["address"]["data"]["administrative"]
    assert (area["id"], area["main_area"]) == (12, "Whitby")


def test_salaries_are_texts_with_two_digits(jobspace: Api) -> None:
    """[docs: rev B] §4.2; [docs: rev B] §4.1: numbers in the list."""
    found = create(jobspace, salary_from="30000", salary_to="35000.5").json()["data"]
    listed = jobspace.get("/api/job?page[size]=1").json()["data"][0]["salary"]

    assert (found["salary_from"], found["salary_to"]) == ("30000.00", "35000.50")
    assert (listed["from"], listed["to"]) == (30000, 35000.5)


REQUIRED = {
    "job_category": ["The job category field is required."],
    "job_type": ["The job type field is required."],
    "reference": ["The reference field is required."],
    "name": ["The name field is required."],
    "description": ["The description field is required."],
    "open_date": ["The open date field is required."],
    "premise": ["The premise field is required."],
    "main_area": ["The main area field is required."],
    "sub_area": ["The sub area field is required."],
    "postal_code": ["The postal code field is required."],
    "country": ["The country field is required."],
    "location_display": ["The location display field is required."],
    "salary_frequency": ["The salary frequency field is required."],
    "salary_currency": ["The salary currency field is required."],
    "salary_text": ["The salary text field is required."],
    "apply_type": ["The apply type field is required."],
}


@pytest.mark.parametrize("path", ["/admin/api/job", "/admin/api/job/150/update"])
@pytest.mark.parametrize("sent", [{}, {"json": {}}, {"data": {"x": "y"}}])
def test_all_that_is_required_is_said_at_once(
    jobspace: Api, path: str, sent: dict[str, Any]
) -> None:
    """[docs: rev B] §7: every failure, each in an array; §4.4: an update is whole too."""
    assert shown(jobspace.post(path, **sent)) == invalid(**REQUIRED)


@pytest.mark.parametrize("path", ["/admin/api/job", "/admin/api/job/150/update"])
def test_a_wished_422_is_the_natural_one(jobspace: Api, path: str) -> None:
    """[docs: rev B] §7."""
    headers = {"X-Emulator-Refuse": "invalid_request"}

    assert shown(jobspace.post(path, data=JOB, headers=headers)) == invalid(**REQUIRED)


DATE = "does not match the format Y-m-d."


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": "abcd"}, "name", "The name must be at least 5 characters."),
        ({"name": "x" * 192}, "name", "The name may not be greater than 191 characters."),
        ({"reference": "abcd"}, "reference", "The reference must be at least 5 characters."),
        ({"reference": "TEST-0150"}, "reference", "The reference has already been taken."),
        ({"description": "abcd"}, "description", "The description must be at least 5 characters."),
        ({"summary": "x" * 301}, "summary", "The summary may not be greater than 300 characters."),
        ({"sub_premise": "x" * 192}, "sub_premise", "The sub premise may not be greater than 191 characters."),
        ({"open_date": "02-03-2026"}, "open_date", f"The open date {DATE}"),
        ({"open_date": "2026-02-29"}, "open_date", f"The open date {DATE}"),
        ({"open_date": "2026-3-2"}, "open_date", f"The open date {DATE}"),
        ({"close_date": "soon"}, "close_date", f"The close date {DATE}"),
        ({"close_date": "2026-03-01"}, "close_date", "The close date must be a date after or equal to open date."),
        ({"salary_from": "2", "salary_to": "1"}, "salary_to", "The salary to must be greater than or equal to salary from."),
        ({"job_type": "none"}, "job_type", "The selected job type is invalid."),
        ({"job_category": "none"}, "job_category", "The selected job category is invalid."),
        ({"country": "XX"}, "country", "The selected country is invalid."),
        ({"salary_frequency": "YEARLY"}, "salary_frequency", "The selected salary frequency is invalid."),
        ({"salary_currency": "XXX"}, "salary_currency", "The selected salary currency is invalid."),
        ({"apply_type": "FAX"}, "apply_type", "The selected apply type is invalid."),
        ({"salary_from": "much"}, "salary_from", "The salary from must be a number."),
        ({"salary_to": "more"}, "salary_to", "The salary to must be a number."),
        ({"location_geo_lat": "north"}, "location_geo_lat", "The location geo lat must be a number."),
        ({"show_map": "maybe"}, "show_map", "The show map field must be true or false."),
        ({"apply_type": "REDIRECT"}, "apply_data", "The apply data field is required when apply type is REDIRECT."),
        ({"apply_type": "SIGNUP_WITHPOST"}, "apply_data", "The apply data field is required when apply type is SIGNUP_WITHPOST."),
        ({"apply_type": "EMAIL"}, "apply_data", "The apply data field is required when apply type is EMAIL."),
        ({"apply_type": "REDIRECT", "apply_data": "a@example.com"}, "apply_data", "The apply data format is invalid."),
        ({"apply_type": "EMAIL", "apply_data": "https://example.com"}, "apply_data", "The apply data must be a valid email address."),
        (
            {"apply_type": "REDIRECT", "apply_data": "https://example.com/" + "x" * 3000},
            "apply_data",
            "The apply data may not be greater than 3000 characters.",
        ),
    ],
)  # fmt: skip
def test_rules_and_their_words(
    jobspace: Api, changes: dict[str, str], field: str, message: str
) -> None:
    """[docs: rev B] §4.3: the rules; [assumed] §7: the framework's words."""
    assert shown(create(jobspace, **changes)) == invalid(**{field: [message]})


def test_a_text_that_is_none(jobspace: Api) -> None:
    """[assumed] §7."""
    answer = jobspace.post("/admin/api/job", json={**JOB, "name": 12345})

    assert shown(answer) == invalid(name=["The name must be a string."])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("SIGNUP", None),
        ("REDIRECT", "https://example.com/apply?job=1"),
        ("SIGNUP_WITHPOST", "http://example.com"),
        ("EMAIL", "jobs@example.com"),
    ],
)
def test_ways_to_apply(jobspace: Api, kind: str, value: str | None) -> None:
    """[docs: rev B] §4.3."""
    changes = {"apply_type": kind} | ({"apply_data": value} if value else {})

    assert create(jobspace, **changes).status_code == 200
    read = jobspace.get("/api/job/258").json()["data"]
    assert (read["apply_type"], read["apply_data"]) == (kind, value)


def test_a_reference_is_unique_in_its_account(jobspace: Api) -> None:
    """[docs: rev B] §4.3: and only there."""
    other = create(jobspace, "other_organisation", reference="TEST-0150")

    assert other.status_code == 200
    assert create(jobspace, reference="TEST-0150").status_code == 422


def test_an_update_keeps_its_own_reference(jobspace: Api) -> None:
    """[assumed] §4.4: uniqueness ignores the job itself."""
    assert update(jobspace, 150, reference="TEST-0150").status_code == 200
    assert shown(update(jobspace, 150, reference="TEST-0151")) == invalid(
        58, reference=["The reference has already been taken."]
    )


def test_an_update_replaces_the_whole_job(jobspace: Api) -> None:
    """[docs: rev B] §4.4: the same table and reply; what is left out is empty."""
    found = update(jobspace, 150).json()["data"]

    before = "2026-02-16T09:12:40+00:00"
    assert (found["id"], found["slug"]) == (150, "test/150/job-title")
    assert (found["created_at"]["utc"], found["updated_at"]) == (before, NOW)
    assert (found["salary_from"], found["creator_name"]) == (None, "Test Martin")
    assert found["close_date"] == WRITTEN["close_date"]
    read = jobspace.get("/api/job/150").json()["data"]
    assert (read["apply_type"], read["apply_data"]) == ("SIGNUP", None)
    assert read["number_applied"] == 4


@pytest.mark.parametrize("id", [99999, 153])
def test_only_own_jobs_can_be_changed(jobspace: Api, id: int) -> None:
    """[assumed] §4.4: what is not there is 404, as is another account's job."""
    assert shown(update(jobspace, id)) == refusal(404, "404 Not Found")


def test_a_job_is_deleted(jobspace: Api) -> None:
    """[docs: rev B] §4.5; [assumed] §8: 404 afterwards."""
    answer = jobspace.post("/admin/api/job/150/delete")

    assert shown(answer) == reply(200, {"data": {"acknowledged": True}})
    assert shown(jobspace.get("/api/job/150")) == refusal(404, "404 Not Found", 58)


@pytest.mark.parametrize("id", ["99999", "153", "abc", "0"])
def test_a_job_that_is_not_there_cannot_be_deleted(
    jobspace: Api, elsewhere: Callable[[str], Api], id: str
) -> None:
    """[docs: rev B] §4.5: 422, not 404; the same when it is wished for."""
    natural = jobspace.post(f"/admin/api/job/{id}/delete")
    headers = {"X-Emulator-Refuse": "job_unknown"}
    asked = elsewhere("jobspace").post("/admin/api/job/150/delete", headers=headers)

    assert shown(natural) == shown(asked) == invalid(job_id=["Invalid job id."])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/admin/api/job/150/update", "/api/job/150"])
def test_writes_are_posts(jobspace: Api, method: str, path: str) -> None:
    """[docs: rev B] §4: update and delete are POST."""
    assert jobspace.call(method, path).status_code == 405


def test_creating_costs_a_credit(jobspace: Api) -> None:
    """[docs: rev B] §8: none left is 402; [assumed]: one each."""
    assert create(jobspace, "one_credit").status_code == 200
    assert credits_of(jobspace, 13) == 0
    assert shown(create(jobspace, "one_credit", reference="REF-2")) == refusal(
        402, "Insufficient Credits", 58
    )


def test_a_refused_job_costs_nothing(jobspace: Api) -> None:
    """[assumed] §8."""
    create(jobspace, name="abc")

    assert credits_of(jobspace, 10) == 500


def test_beyond_the_contract_it_costs_two(jobspace: Api) -> None:
    """[docs: rev B] §4.3: extra tokens may be charged; [assumed] §8: one."""
    create(jobspace, close_date="2026-04-01")
    assert credits_of(jobspace, 10) == 499
    create(jobspace, reference="REF-2", close_date="2026-04-02")
    assert credits_of(jobspace, 10) == 497
    assert shown(create(jobspace, "one_credit", close_date="2026-04-02")) == CREDITS


def test_updates_need_credits_too(jobspace: Api) -> None:
    """[docs: rev B] §8: 402 is among the samples; [assumed]: what is extended costs."""
    assert shown(update(jobspace, 155, "no_credits")) == CREDITS
    update(jobspace, 150)
    assert credits_of(jobspace, 10) == 500
    update(jobspace, 150, close_date="2026-04-02")
    update(jobspace, 150, close_date="2026-04-09")
    assert credits_of(jobspace, 10) == 499


@pytest.mark.parametrize("path", ["/admin/api/job", "/admin/api/job/150/update"])
def test_a_wished_402_is_the_natural_one(jobspace: Api, path: str) -> None:
    """[docs: rev B] §6: Insufficient Credits."""
    headers = {"X-Emulator-Refuse": "insufficient_credits"}

    assert shown(jobspace.post(path, data=JOB, headers=headers)) == CREDITS


def test_a_body_of_another_kind(jobspace: Api) -> None:
    """[docs: rev A] §6: 400; [assumed]: what counts as a bad request, and 415."""
    path, json = "/admin/api/job", {"Content-Type": "application/json"}
    text = {"Content-Type": "text/plain"}

    broken = jobspace.post(path, content=b"{", headers=json)
    other = jobspace.post(path, content=b"x", headers=text)

    assert shown(broken) == refusal(400, "400 Bad Request")
    assert shown(other) == refusal(415, "415 Unsupported Media Type", 58)


def test_json_may_spell_numbers_as_forms_do(jobspace: Api) -> None:
    """[assumed] §4.3: the framework's rules `boolean` and `numeric` take texts."""
    spelt = {"show_map": "1", "salary_from": "25000", "salary_to": "30000.50"}
    typed = {"show_map": 1, "salary_from": 25000, "salary_to": 30000.5}
    as_json = jobspace.post("/admin/api/job", json={**JOB, **spelt}).json()
    as_form = create(jobspace, reference="REF-2", **spelt).json()
    as_numbers = jobspace.post(
        "/admin/api/job", json={**JOB, **typed, "reference": "REF-3"}
    ).json()

    found = [
        (one["data"]["salary_from"], one["data"]["salary_to"])
        for one in (as_json, as_form, as_numbers)
    ]
    assert found == [("25000.00", "30000.50")] * 3


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("show_map", "yes", "The show map field must be true or false."),
        ("show_map", 2, "The show map field must be true or false."),
        ("salary_to", "much", "The salary to must be a number."),
        ("salary_to", True, "The salary to must be a number."),
        ("name", 12345, "The name must be a string."),
    ],
)
def test_json_that_spells_nothing_is_refused(
    jobspace: Api, field: str, value: Any, message: str
) -> None:
    """[assumed] §7: in the words for a form."""
    answer = jobspace.post("/admin/api/job", json={**JOB, field: value})

    assert shown(answer) == invalid(**{field: [message]})
