"""RecruitSome's facets: what vacancies can be filtered by, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recruits import ids
from replies import change

if TYPE_CHECKING:
    from tests.conftest import Api


def facets(api: Api, query: str = "", key: str = "full") -> dict[str, Any]:
    answer = api.get(f"/vacancies/facets?{query}", key)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["data"]
    found: dict[str, Any] = answer.json()["data"]
    return found


def counts(options: list[dict[str, Any]]) -> dict[Any, int]:
    return {option["id"]: option["count"] for option in options}


def selected(options: list[dict[str, Any]]) -> list[Any]:
    return [option["id"] for option in options if option["selected"]]


def test_a_location_is_counted(recruitsome: Api) -> None:
    """[docs: vacancies-facets] §4.4: the sample's members, in its order."""
    first = facets(recruitsome)["locations"][0]

    assert list(first.items()) == [
        ("id", 1),
        ("name", "Amsterdam Office"),
        ("city", "Amsterdam"),
        ("country_code", "NL"),
        ("country_name", "Netherlands"),
        ("count", 20),
        ("selected", False),
    ]


def test_there_are_six_groups(recruitsome: Api) -> None:
    """[assumed] §4.4: the groups beside `locations`, and their items."""
    found = facets(recruitsome)

    assert list(found) == [
        "locations",
        "departments",
        "job_types",
        "education_levels",
        "tags",
        "languages",
    ]
    for name in ("departments", "job_types", "education_levels", "languages"):
        assert list(found[name][0]) == ["id", "name", "count", "selected"]
    assert list(found["tags"][0]) == ["id", "name", "count", "selected", "children"]
    assert found["tags"][0]["children"][0] == {
        "id": 9,
        "name": "Backend",
        "count": 5,
        "selected": False,
    }


@pytest.mark.parametrize(
    ("group", "parameter"),
    [
        ("locations", "location_id[]"),
        ("departments", "department_id[]"),
        ("job_types", "job_types[]"),
        ("education_levels", "education_levels[]"),
        ("tags", "tags[]"),
        ("languages", "language"),
    ],
)
def test_a_count_is_what_its_filter_finds(
    recruitsome: Api, group: str, parameter: str
) -> None:
    """[docs: vacancies-facets] §4.4, §8: counts follow the data."""
    for id, count in counts(facets(recruitsome)[group]).items():
        assert len(ids(recruitsome, f"/vacancies?{parameter}={id}")) == count


def test_counts_honour_the_filters(recruitsome: Api) -> None:
    """[docs: vacancies-facets] §4.4: those that are already applied."""
    found = facets(recruitsome, "language=nl&location_id=1&search=jij")
    listed = ids(recruitsome, "/vacancies?language=nl&location_id=1&search=jij")

    assert len(listed) > 1
    assert sum(counts(found["departments"]).values()) == len(listed)
    assert counts(found["locations"]) == {
        1: len(listed),
        **dict.fromkeys(range(2, 8), 0),
    }
    assert counts(found["languages"]) == {"nl": len(listed), "en": 0}


@pytest.mark.parametrize(
    ("query", "group", "expected"),
    [
        ("location_id=3", "locations", [3]),
        ("location_id[]=3&location_id[]=5", "locations", [3, 5]),
        ("department_id=2", "departments", [2]),
        ("job_types[]=1&job_types[]=2", "job_types", [1, 2]),
        ("education_levels[]=4", "education_levels", [4]),
        ("tags[]=1", "tags", [1]),
        ("language=NL", "languages", ["nl"]),
        ("", "locations", []),
    ],
)
def test_what_is_filtered_by_is_selected(
    recruitsome: Api, query: str, group: str, expected: list[Any]
) -> None:
    """[assumed] §4.4: `selected` is true for the ids of the request."""
    assert selected(facets(recruitsome, query)[group]) == expected


def test_a_sub_tag_can_be_selected(recruitsome: Api) -> None:
    """[assumed] §4.4: tags have children, which are selected by themselves."""
    tag = facets(recruitsome, "tags[]=13")["tags"][1]

    assert not tag["selected"]
    assert selected(tag["children"]) == [13]
    assert (tag["count"], counts(tag["children"])) == (3, {12: 0, 13: 3})


def test_names_are_translated(recruitsome: Api) -> None:
    """[docs: vacancies-facets] §4.4: takes the list's filters, `language` among them."""
    found = facets(recruitsome, "language=nl")

    assert found["departments"][2]["name"] == "Techniek"
    assert found["locations"][5]["country_name"] == "Duitsland"


def test_a_tenant_has_facets_of_its_own(recruitsome: Api) -> None:
    """[primary] §1: data is tenant-scoped, and so are its names: in Dutch here."""
    found = facets(recruitsome, key="other_tenant")

    assert counts(found["locations"]) == {11: 9, 12: 6, 13: 7}
    assert [department["name"] for department in found["departments"]][:2] == [
        "Zorg",
        "Logistiek",
    ]


def test_counts_move_with_the_data(recruitsome: Api) -> None:
    """[docs: vacancies-facets] §8: what is closed is not counted."""
    change(recruitsome, "vacancies", 126, status="closed")

    assert counts(facets(recruitsome)["locations"])[5] == 0


def test_a_list_can_bring_its_facets(recruitsome: Api) -> None:
    """[docs: vacancies-list] §4.2: `include=facets`; [assumed]: beside data, links, meta."""
    body = recruitsome.get("/vacancies?include=facets&location_id=1&per_page=3").json()

    assert list(body) == ["data", "links", "meta", "facets"]
    assert len(body["data"]) == 3
    assert body["facets"] == facets(recruitsome, "location_id=1")


def test_facets_are_not_a_slug(recruitsome: Api) -> None:
    """[assumed] §4: /vacancies/facets is matched before /vacancies/{slug}."""
    assert "locations" in facets(recruitsome)
