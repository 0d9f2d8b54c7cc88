"""RecruitSome's vacancies: the list, its filters, and the detail page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recruits import SENIOR, errors, ids, reply
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api

ITEM = {
    "id": 101,
    "slug": SENIOR,
    "title": "Senior Software Engineer",
    "summary": "<p>Build the service that plans a thousand canal tours a day.</p>",
    "language": "en",
    "published_at": "2026-02-26T08:00:00+00:00",
    "ends_at": None,
    "location": {
        "id": 1,
        "name": "Amsterdam Office",
        "city": "Amsterdam",
        "country_code": "NL",
        "country_name": "Netherlands",
    },
    "company_location": None,
    "department": {"id": 3, "name": "Engineering"},
    "job_types": [{"id": 1, "name": "Full-time"}],
    "education_levels": [{"id": 4, "name": "Bachelor"}],
    "tags": [{"id": 9, "name": "Backend"}],
    "views_count": 42,
}
IMAGES = "https://media.recruitsome.example/vacancies/101"
IMAGE = {
    size: f"{IMAGES}/{size}.jpg" for size in ("default", "small", "medium", "large")
}
PAY = {"min": 5200, "max": 7100, "currency": "EUR", "period": "month"}


def vacancies(api: Api, query: str, key: str = "full") -> list[dict[str, Any]]:
    answer = api.get(f"/vacancies?per_page=100&{query}", key)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def vacancy(api: Api, query: str = "", key: str = "full", slug: str = SENIOR) -> Any:
    answer = api.get(f"/vacancies/{slug}?{query}", key)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["data"]
    return answer.json()["data"]


def test_a_list_item_is_short(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: id, slug, title; [assumed] §4.2: the rest."""
    first = vacancies(recruitsome, "")[0]

    assert first == ITEM
    assert list(first) == list(ITEM)


def test_only_published_vacancies_are_listed(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: no draft, nothing over, nothing to come."""
    assert sorted(ids(recruitsome, "/vacancies")) == list(range(101, 139))


def test_a_vacancy_comes_and_goes_on_the_clock(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: active publications only, as time goes by."""
    recruitsome.clock.advance(40 * 86_400)
    later = ids(recruitsome, "/vacancies")
    recruitsome.clock.advance(74 * 365.25 * 86_400)
    much_later = ids(recruitsome, "/vacancies")

    assert 112 not in later
    assert 141 in much_later
    assert not {106, 117} & set(much_later)


def test_the_latest_come_first(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: `published_at`, `desc`, unless said otherwise."""
    found = [one["published_at"] for one in vacancies(recruitsome, "")]

    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("field", ["published_at", "title"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_vacancies_are_sorted(recruitsome: Api, field: str, direction: str) -> None:
    """[docs: vacancies-list] §4.2: `sort` and `sort_direction`."""
    query = f"sort={field}&sort_direction={direction}"
    found = [one[field] for one in vacancies(recruitsome, query)]

    assert found == sorted(found, reverse=direction == "desc")


def test_vacancies_are_sorted_by_what_is_not_shown(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: `sort=created_at`."""
    records = recruitsome.world.collections(recruitsome.program)["vacancies"]

    found = ids(recruitsome, "/vacancies?sort=created_at")

    times = [(records.get(one) or {})["created_at"] for one in found]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=canal%20tours", [101]),
        ("search=SCHIPPER%20rondvaart", [109, 110]),
        ("search=winterklaar", []),  # only in the description
        ("location_id=5", [126]),
        ("location_id[]=5&location_id[]=7", [117, 126]),
        ("location_id=5&location_id=7", [117]),
        ("department_id=4&language=en", [131, 128]),
        ("department_id[]=4&department_id[]=5&language=en", [128, 131, 133, 135, 136]),
        ("job_types[]=3", [106, 129]),
        ("job_types[]=3&job_types[]=4", [106, 126, 129]),
        ("education_levels[]=6", []),
        ("tags[]=13", [113, 114, 115]),
        ("tags[]=4", [105, 112, 114, 115, 137]),
        ("location_id=3&job_types[]=6&tags[]=12", [138]),
    ],
)
def test_vacancies_are_filtered(
    recruitsome: Api, query: str, expected: list[int]
) -> None:
    """[docs: vacancies-list] §4.2: every filter, alone and together."""
    assert sorted(ids(recruitsome, f"/vacancies?{query}")) == sorted(expected)


def test_a_main_tag_finds_its_sub_tags(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: a main tag also matches its sub-tags."""
    main = set(ids(recruitsome, "/vacancies?tags[]=1"))
    subs = set(ids(recruitsome, "/vacancies?tags[]=9&tags[]=10&tags[]=11"))

    assert subs < main
    assert main - subs == {108}


@pytest.mark.parametrize(("language", "many"), [("nl", 23), ("en", 15), ("de", 0)])
def test_vacancies_have_a_language(recruitsome: Api, language: str, many: int) -> None:
    """[docs: vacancies-list] §4.2: `language`."""
    found = vacancies(recruitsome, f"language={language}")

    assert {one["language"] for one in found} <= {language}
    assert len(found) == many


def test_names_are_in_the_language_that_is_asked_for(recruitsome: Api) -> None:
    """[docs: vacancies-detail] §4.3: `language` sets the locale of translated names."""
    found = vacancy(recruitsome, "language=nl")

    assert found["title"] == "Senior Software Engineer"
    assert found["location"]["country_name"] == "Nederland"
    assert found["department"]["name"] == "Techniek"
    assert found["job_types"] == [{"id": 1, "name": "Fulltime"}]
    assert vacancy(recruitsome, "language=fr")["department"]["name"] == "Engineering"


def test_work_sites_are_those_of_an_agency(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: `company_location_id`, one or several."""
    one = ids(recruitsome, "/vacancies?company_location_id=5", "other_tenant")
    query = "company_location_id[]=1&company_location_id[]=2"
    two = ids(recruitsome, f"/vacancies?{query}", "other_tenant")

    assert one == [212, 213]
    assert sorted(two) == list(range(201, 212))


def test_the_company_is_named_on_request(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: `include_company_name`, a privacy opt-in."""
    query = "company_location_id=5"
    silent = vacancies(recruitsome, query, "other_tenant")[0]["company_location"]
    query += "&include_company_name=true"
    named = vacancies(recruitsome, query, "other_tenant")[0]["company_location"]
    slug = "lasser-emmen"

    assert "company_name" not in silent
    assert named == {**silent, "company_name": "Eems Scheepsbouw"}
    detail = vacancy(recruitsome, "include_company_name=1", "other_tenant", slug)
    assert detail["company_location"] == named
    plain = vacancy(recruitsome, "", "other_tenant", slug)
    assert plain["company_location"] == silent


@pytest.mark.parametrize("yes", ["true", "1"])
def test_a_list_shows_media_on_request(recruitsome: Api, yes: str) -> None:
    """[docs: vacancies-list] §4.2: `include_media` is false; [assumed] §9: 1 is true."""
    assert vacancies(recruitsome, f"include_media={yes}")[0] == {
        **ITEM,
        "header_image": IMAGE,
    }
    assert vacancies(recruitsome, "include_media=false")[0] == ITEM


def test_a_detail_shows_media_unless_told_not_to(recruitsome: Api) -> None:
    """[docs: vacancies-detail] §4.3, §10: `include_media` is true there."""
    assert vacancy(recruitsome)["header_image"] == IMAGE
    assert "header_image" not in vacancy(recruitsome, "include_media=0")
    without = vacancy(recruitsome, slug="data-analyst-amsterdam")
    assert without["header_image"] is None


def test_pay_is_shown_on_request(recruitsome: Api) -> None:
    """[docs: vacancies-list], [docs: vacancies-detail]: `include_compensation` is false."""
    query = "include_compensation=true"

    assert vacancies(recruitsome, query)[0] == {**ITEM, "compensation": PAY}
    assert vacancy(recruitsome, query)["compensation"] == PAY
    assert "compensation" not in vacancy(recruitsome)


def test_each_detail_read_is_counted(recruitsome: Api) -> None:
    """[docs: vacancies-detail] §4.3: views are incremented; [assumed] §8: not by lists."""
    before = vacancies(recruitsome, "")[0]["views_count"]
    first, second = (vacancy(recruitsome)["views_count"] for _ in range(2))
    after = vacancies(recruitsome, "")[0]["views_count"]

    assert (before, first, second, after) == (42, 43, 44, 44)


def test_a_refused_read_is_not_counted(recruitsome: Api) -> None:
    """[docs: vacancies-detail] §4.3: only what was read has been seen."""
    recruitsome.get(f"/vacancies/{SENIOR}?language=dutch")
    recruitsome.get(f"/vacancies/{SENIOR}", "no_scopes")

    assert vacancies(recruitsome, "")[0]["views_count"] == 42


def test_a_detail_is_a_whole_reply(recruitsome: Api) -> None:
    """[docs: vacancies-detail] §4.3: in `data`; [assumed] §4.3: with `description`."""
    answer = recruitsome.get(f"/vacancies/{SENIOR}?include_media=false")

    description = answer.json()["data"]["description"]
    assert description.startswith(ITEM["summary"])
    body = {"data": {**ITEM, "views_count": 43, "description": description}}
    assert shown(answer) == reply(200, body)


@pytest.mark.parametrize(
    "slug",
    [
        "nothing",
        "101",
        "bedrijfsjurist-amsterdam",
        "lifeguard-rotterdam",
        "chief-technology-officer-amsterdam",
        "lasser-emmen",
    ],
)
def test_what_is_not_published_is_not_found(recruitsome: Api, slug: str) -> None:
    """[docs: vacancies-detail] §4.3: unknown or expired is 404; [assumed] §6: the text."""
    assert shown(recruitsome.get(f"/vacancies/{slug}")) == reply(
        404, {"message": "Resource not found."}
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("language=eng", {"language": ["The language must be 2 characters."]}),
        ("language=e", {"language": ["The language must be 2 characters."]}),
        ("sort=salary", {"sort": ["The selected sort is invalid."]}),
        (
            "sort_direction=up",
            {"sort_direction": ["The selected sort direction is invalid."]},
        ),
        ("include=media", {"include": ["The selected include is invalid."]}),
        (
            "include_media=maybe",
            {"include_media": ["The include media field must be true or false."]},
        ),
        ("location_id=99", {"location_id": ["The selected location id is invalid."]}),
        ("location_id=11", {"location_id": ["The selected location id is invalid."]}),
        ("location_id=a", {"location_id": ["The location id must be an integer."]}),
        (
            "location_id[]=1&location_id[]=99",
            {"location_id": ["The selected location id is invalid."]},
        ),
        (
            "department_id=99",
            {"department_id": ["The selected department id is invalid."]},
        ),
        (
            "company_location_id=1",
            {"company_location_id": ["The selected company location id is invalid."]},
        ),
        ("tags[]=1&tags[]=b", {"tags.1": ["The tags.1 must be an integer."]}),
    ],
)
@pytest.mark.parametrize("path", ["/vacancies", "/vacancies/facets"])
def test_what_is_wrong_is_said_field_by_field(
    recruitsome: Api, path: str, query: str, expected: dict[str, list[str]]
) -> None:
    """[docs: errors] §7: `language`; [assumed] §7: the others, in the same style."""
    answer = recruitsome.get(f"{path}?{query}")

    if path.endswith("facets") and query.startswith(("sort", "include")):
        assert answer.status_code == 200
    else:
        assert errors(answer) == expected


def test_everything_wrong_is_said_at_once(recruitsome: Api) -> None:
    """[docs: errors] §7: the envelope, with two fields that are wrong."""
    answer = recruitsome.get("/vacancies?per_page=500&language=dutch")

    body = {
        "message": "The given data was invalid.",
        "errors": {
            "per_page": ["The per page must not be greater than 100."],
            "language": ["The language must be 2 characters."],
        },
    }
    assert shown(answer) == reply(422, body)


@pytest.mark.parametrize("path", ["/vacancies", "/vacancies/facets"])
@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("location_id", "location_id", "location id"),
        ("job_types[]", "job_types", "job types"),
        ("education_levels[]", "education_levels", "education levels"),
        ("tags[]", "tags", "tags"),
    ],
)
def test_a_filter_by_what_is_not_there_is_refused(
    recruitsome: Api, path: str, name: str, field: str, words: str
) -> None:
    """[assumed] §7: the rule `exists`, for every filter by an id."""
    answer = recruitsome.get(f"{path}?{name}=999")

    assert answer.status_code == 422
    assert answer.json()["errors"] == {field: [f"The selected {words} is invalid."]}
