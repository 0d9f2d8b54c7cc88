"""RecruitSome's team, locations and articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recruits import errors, ids, reply
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api

AVATAR = "https://media.recruitsome.example/avatars/1"
ANOUK = {
    "id": 1,
    "given_name": "Anouk",
    "family_name": "van der Meer",
    "full_name": "Anouk van der Meer",
    "job_title": "Managing Director",
    "email": "anouk.vandermeer@grachtenwerk.example",
    "avatar": {size: f"{AVATAR}/{size}.jpg" for size in ("small", "medium", "large")},
}
OFFICE = {
    "id": 1,
    "slug": "amsterdam-office-amsterdam-nl",
    "name": "Amsterdam Office",
    "address": {
        "address_line_1": "Keizersgracht 100",
        "address_line_2": None,
        "address_line_3": None,
        "locality": "Amsterdam",
        "administrative_area": "North Holland",
        "postal_code": "1015 AA",
        "country_code": "NL",
        "country_name": "Netherlands",
    },
}
FLEET = {
    "id": 1,
    "slug": "our-fleet-is-half-electric",
    "type": "company_update",
    "title": "Our fleet is half electric",
    "excerpt": "Twelve of twenty-four boats now run without diesel.",
    "language": "en",
    "published_at": "2026-02-24T10:00:00+00:00",
    "expires_at": None,
    "views_count": 0,
    "is_featured": True,
    "estimated_reading_time": 2,
    "tags": [{"id": 4, "name": "Sustainability"}],
}


def data(api: Api, path: str, key: str = "full") -> Any:
    answer = api.get(path, key)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


# The team


def test_a_member_has_a_given_name(recruitsome: Api) -> None:
    """[docs: team-list] §4.8: given/family, not first/last; [assumed]: three sizes."""
    first = data(recruitsome, "/team")[0]

    assert list(first.items()) == list(ANOUK.items())
    assert shown(recruitsome.get("/team/1")) == reply(200, {"data": ANOUK}, 58)


def test_only_employed_members_appear(recruitsome: Api) -> None:
    """[docs: team-list] §4.8: no former employees, no external users."""
    assert sorted(ids(recruitsome, "/team")) == list(range(1, 11))
    assert [recruitsome.get(f"/team/{id}").status_code for id in (11, 12, 31, 99)] == [
        404
    ] * 4


def test_phone_and_role_are_shown_on_request(recruitsome: Api) -> None:
    """[docs: team-list] §4.8: `include_phone` and `include_role`, both false."""
    phone = {**ANOUK, "phone": "+31621234567"}
    role = {**ANOUK, "role": "Administrator"}

    assert data(recruitsome, "/team?include_phone=true")[0] == phone
    assert data(recruitsome, "/team?include_role=true")[0] == role
    assert data(recruitsome, "/team/1?include_role=1&include_phone=1") == {
        **phone,
        **role,
    }


def test_what_a_member_lacks_is_null(recruitsome: Api) -> None:
    """[docs: team-list] §4.8: job title, phone, role, and each size of an avatar."""
    jesse = data(recruitsome, "/team/10?include_role=true")
    daan = data(recruitsome, "/team/4?include_phone=true")

    assert (jesse["job_title"], jesse["role"]) == (None, None)
    assert jesse["avatar"] == dict.fromkeys(("small", "medium", "large"))
    assert daan["phone"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=de%20wit", [2]),
        ("search=charlotte.bakker@", [3]),
        ("search=RECRUITER", [5]),
        ("job_title=manager", [3, 4, 9]),
        ("role=hr_manager", [3]),
        ("role=administrator", [1]),
        ("has_avatar=true", [1, 2, 3, 5, 7, 9]),
        ("has_avatar=false", list(range(1, 11))),
    ],
)
def test_the_team_is_filtered(
    recruitsome: Api, query: str, expected: list[int]
) -> None:
    """[docs: team-list] §4.8: search, job_title, role, has_avatar."""
    assert sorted(ids(recruitsome, f"/team?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "field", "falling"),
    [
        ("", "given_name", False),
        ("sort=family_name", "family_name", False),
        ("sort=given_name&sort_direction=desc", "given_name", True),
        ("sort=job_title", "job_title", False),
    ],
)
def test_the_team_is_sorted(
    recruitsome: Api, query: str, field: str, falling: bool
) -> None:
    """[docs: team-list] §4.8, §10: `given_name` and `asc` by default."""
    found = [one[field] or "" for one in data(recruitsome, f"/team?{query}")]

    assert found == sorted(found, reverse=falling)


def test_a_role_that_is_none_is_refused(recruitsome: Api) -> None:
    """[docs: errors] §7: invalid filter values; [assumed] §7: the text."""
    assert errors(recruitsome.get("/team?role=captain")) == {
        "role": ["The selected role is invalid."]
    }


def test_a_member_has_a_number(recruitsome: Api) -> None:
    """[assumed] §4: GET /team/{id}; whatever is no number is nobody."""
    assert shown(recruitsome.get("/team/anouk")) == reply(
        404, {"message": "Resource not found."}
    )


# Locations


def test_a_location_has_an_address(recruitsome: Api) -> None:
    """[docs: locations-list], [docs: locations-detail] §4.9: the sample."""
    listed = next(one for one in data(recruitsome, "/locations") if one["id"] == 1)

    assert list(listed.items()) == list(OFFICE.items())
    answer = recruitsome.get("/locations/amsterdam-office-amsterdam-nl")
    assert shown(answer) == reply(200, {"data": OFFICE}, 58)


def test_a_slug_is_name_city_and_country(recruitsome: Api) -> None:
    """[docs: locations-detail] §4.9: read from the sample."""
    for one in data(recruitsome, "/locations"):
        address = one["address"]
        parts = (one["name"], address["locality"], address["country_code"])
        assert one["slug"] == "-".join(parts).replace(" ", "-").lower()


@pytest.mark.parametrize(
    "path", ["/locations?search=keizers&", "/locations/amsterdam-office-amsterdam-nl?"]
)
def test_coordinates_and_count_are_shown_on_request(
    recruitsome: Api, path: str
) -> None:
    """[docs: locations-list], [docs: locations-detail] §4.9: present only when asked for."""

    def shown_as(query: str) -> Any:
        found = data(recruitsome, path + query)
        return found[0] if isinstance(found, list) else found

    here = {"latitude": 52.3676, "longitude": 4.9041}
    assert shown_as("") == OFFICE
    assert shown_as("include_coordinates=true") == {**OFFICE, "coordinates": here}
    assert shown_as("include_vacancy_count=true") == {**OFFICE, "vacancy_count": 20}


def test_a_vacancy_count_is_what_the_list_finds(recruitsome: Api) -> None:
    """[docs: locations-list] §4.9: published vacancies."""
    for one in data(recruitsome, "/locations?include_vacancy_count=1"):
        found = ids(recruitsome, f"/vacancies?location_id={one['id']}")
        assert one["vacancy_count"] == len(found)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("country_code=BE", [5]),
        ("country_code=nl", [1, 2, 3, 4, 7]),
        ("search=AMSTERDAM", [1, 2]),
        ("search=oudegracht", [3]),
        ("search=kontor", [6]),
        ("search=Hal%203", [2]),
        ("country_code=DE&search=amsterdam", []),
    ],
)
def test_locations_are_filtered(
    recruitsome: Api, query: str, expected: list[int]
) -> None:
    """[docs: locations-list] §4.9: country_code, and search in name, city, address."""
    assert sorted(ids(recruitsome, f"/locations?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 1, 5, 6, 7, 4, 3]),
        ("sort_direction=desc", [3, 4, 7, 6, 5, 1, 2]),
        ("sort=locality", [1, 2, 5, 6, 7, 4, 3]),
        ("sort=created_at", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_locations_are_sorted(
    recruitsome: Api, query: str, expected: list[int]
) -> None:
    """[docs: locations-list] §4.9, §10: `name` and `asc` by default."""
    assert ids(recruitsome, f"/locations?{query}") == expected


def test_countries_have_names_in_a_language(recruitsome: Api) -> None:
    """[docs: locations-list] §4.9: `language` is the locale of country names."""
    found = data(recruitsome, "/locations?language=nl&country_code=DE")[0]

    assert found["address"]["country_name"] == "Duitsland"
    slug = found["slug"]
    assert data(recruitsome, f"/locations/{slug}?language=nl") == found


def test_a_country_has_two_letters(recruitsome: Api) -> None:
    """[docs: locations-list] §4.9: two characters; [assumed] §7: the text."""
    assert errors(recruitsome.get("/locations?country_code=NLD")) == {
        "country_code": ["The country code must be 2 characters."]
    }


@pytest.mark.parametrize("slug", ["1", "nowhere", "vestiging-emmen-emmen-nl"])
def test_a_location_that_is_none_is_not_found(recruitsome: Api, slug: str) -> None:
    """[primary] §6: 404, for another tenant's locations too."""
    assert recruitsome.get(f"/locations/{slug}").status_code == 404


# Articles


def test_an_article_in_a_list(recruitsome: Api) -> None:
    """[docs: articles-list] §4.10: the fields; [assumed]: `tags` after them."""
    first = data(recruitsome, "/articles")[0]

    assert list(first.items()) == list(FLEET.items())


def test_only_published_articles_of_the_website_appear(recruitsome: Api) -> None:
    """[docs: articles-list] §4.10: no other channel, nothing over, nothing to come."""
    assert sorted(ids(recruitsome, "/articles")) == list(range(1, 13))
    for slug in ("a-letter-to-our-crew", "nieuwjaarsborrel", "ten-boats-more"):
        assert recruitsome.get(f"/articles/{slug}").status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=event", [3, 7]),
        ("type=blog_post&is_featured=true", [9]),
        ("is_featured=true", [1, 3, 9]),
        ("is_featured=0&type=news", [2, 6, 10]),
        ("search=ELECTRIC", [1]),
        ("search=rain%20matters", [9]),
        ("search=on%20board", []),  # only in the content
        ("tags[]=1", [4, 9]),
        ("tags[]=3", [3, 7]),
        ("tags[]=14", [3]),
        ("language=en", [1, 2, 4, 5, 7, 9, 10, 12]),
        ("language=nl", [1, 2, 3, 5, 6, 7, 8, 11, 12]),
        ("language=nl&search=diesel", [1]),
        ("language=de", []),
    ],
)
def test_articles_are_filtered(
    recruitsome: Api, query: str, expected: list[int]
) -> None:
    """[docs: articles-list] §4.10: every filter; a main tag cascades."""
    assert sorted(ids(recruitsome, f"/articles?{query}")) == expected


def test_a_language_keeps_and_translates(recruitsome: Api) -> None:
    """[docs: articles-list] §4.10: only content in it, and its locale."""
    first = data(recruitsome, "/articles?language=nl")[0]

    assert first == {
        **FLEET,
        "title": "Onze vloot is half elektrisch",
        "excerpt": "Twaalf van de vierentwintig boten varen zonder diesel.",
        "language": "nl",
        "tags": [{"id": 4, "name": "Duurzaamheid"}],
    }


@pytest.mark.parametrize("field", ["published_at", "title", "views_count"])
@pytest.mark.parametrize("direction", ["asc", "desc", ""])
def test_articles_are_sorted(recruitsome: Api, field: str, direction: str) -> None:
    """[docs: articles-list] §4.10, §10: `published_at` and `desc` by default."""
    query = f"sort={field}" + (f"&sort_direction={direction}" if direction else "")
    found = [one[field] for one in data(recruitsome, f"/articles?{query}")]

    assert found == sorted(found, reverse=direction != "asc")


def test_a_list_of_articles_shows_media_on_request(recruitsome: Api) -> None:
    """[docs: articles-list] §4.10: `include_media` is false."""
    with_media = data(recruitsome, "/articles?include_media=true")

    assert with_media[0]["header_image"]["small"].endswith("/articles/1/small.jpg")
    assert with_media[4]["header_image"] is None


def test_an_article_has_content_and_is_counted(recruitsome: Api) -> None:
    """[assumed] §4.10: `content`, and a view for each read."""
    path = "/articles/our-fleet-is-half-electric?include_media=false"
    first, second = data(recruitsome, path), data(recruitsome, path)

    assert list(first) == [*FLEET, "content"]
    assert first["content"].startswith(f"<p>{FLEET['excerpt']}</p>")
    assert (first["views_count"], second["views_count"]) == (1, 2)
    assert data(recruitsome, "/articles")[0]["views_count"] == 2


def test_an_unknown_type_is_refused(recruitsome: Api) -> None:
    """[docs: errors] §7: invalid filter values; [assumed] §7: the text."""
    assert errors(recruitsome.get("/articles?type=poem&is_featured=perhaps")) == {
        "type": ["The selected type is invalid."],
        "is_featured": ["The is featured field must be true or false."],
    }
