"""RecruitSome's pages: numbers, although the text says cursors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recruits import ROOT, errors, ids

if TYPE_CHECKING:
    from tests.conftest import Api

LISTS = [
    ("/vacancies", 38),
    ("/candidates?user_id=5", 39),
    ("/team", 10),
    ("/locations", 7),
    ("/articles", 12),
]


def cut(answer: Any) -> tuple[Any, Any]:
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["data", "links", "meta"]
    return body["links"], body["meta"]


def test_a_page_has_links_and_meta(recruitsome: Api) -> None:
    """[primary] §5: the envelope of the sample, member by member and in its order."""
    links, meta = cut(recruitsome.get("/vacancies"))

    path = f"{ROOT}/vacancies"
    assert list(links.items()) == [
        ("first", f"{path}?page=1"),
        ("last", f"{path}?page=2"),
        ("prev", None),
        ("next", f"{path}?page=2"),
    ]
    assert list(meta.items()) == [
        ("current_page", 1),
        ("from", 1),
        ("last_page", 2),
        ("path", path),
        ("per_page", 20),
        ("to", 20),
        ("total", 38),
    ]


def test_the_host_of_the_documentation_stands_in_its_links(recruitsome: Api) -> None:
    """[primary] §1, §5: links start with the base URL that was called."""
    answer = recruitsome.client.get(
        "/api/v1/vacancies",
        headers={
            **recruitsome.credentials["full"]["headers"],
            "Host": "app.recruitsome.com",
        },
    )

    assert cut(answer)[1]["path"] == "http://app.recruitsome.com/api/v1/vacancies"


@pytest.mark.parametrize(("path", "total"), LISTS)
def test_every_list_is_cut_the_same_way(
    recruitsome: Api, path: str, total: int
) -> None:
    """[primary] §5: one paginator; twenty on a page unless said otherwise."""
    links, meta = cut(recruitsome.get(path))
    plain = ROOT + path.partition("?")[0]

    assert (meta["total"], meta["per_page"], meta["path"]) == (total, 20, plain)
    assert meta["to"] == min(total, 20)
    assert links["first"] == f"{plain}?page=1"


def test_links_keep_only_the_page(recruitsome: Api) -> None:
    """[primary] §5: as in the sample; [assumed]: other parameters are not appended."""
    links, _ = cut(recruitsome.get("/vacancies?per_page=5&language=nl&page=2"))

    assert links["next"] == f"{ROOT}/vacancies?page=3"
    assert links["prev"] == f"{ROOT}/vacancies?page=1"


def test_the_last_page_has_no_next(recruitsome: Api) -> None:
    """[primary] §5: `next` is null; `from` and `to` count from 1."""
    links, meta = cut(recruitsome.get("/vacancies?page=2"))

    assert (links["next"], links["prev"]) == (None, f"{ROOT}/vacancies?page=1")
    assert (meta["from"], meta["to"]) == (21, 38)


def test_a_page_beyond_the_last_is_empty(recruitsome: Api) -> None:
    """[assumed] §5, §10: 200, an empty list, and null for `from` and `to`."""
    answer = recruitsome.get("/vacancies?page=9")
    _, meta = cut(answer)

    assert answer.json()["data"] == []
    assert (meta["current_page"], meta["from"], meta["to"]) == (9, None, None)
    assert (meta["last_page"], meta["total"]) == (2, 38)


def test_nothing_found_is_one_empty_page(recruitsome: Api) -> None:
    """[assumed] §5: `last_page` is at least 1."""
    links, meta = cut(recruitsome.get("/vacancies?search=submarine"))

    assert (meta["last_page"], meta["total"], meta["from"]) == (1, 0, None)
    assert links["last"] == f"{ROOT}/vacancies?page=1"


def test_pages_put_together_are_the_whole_list(recruitsome: Api) -> None:
    """[primary] §5: no record is on two pages, and none is missing."""
    pages = [
        recruitsome.get(f"/vacancies?per_page=7&page={page}").json()["data"]
        for page in range(1, 7)
    ]

    found = [one["id"] for page in pages for one in page]
    assert found == ids(recruitsome, "/vacancies")
    assert len(set(found)) == 38


@pytest.mark.parametrize("path", [path for path, _ in LISTS])
@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("per_page=101", "per_page", "The per page must not be greater than 100."),
        ("per_page=0", "per_page", "The per page must be at least 1."),
        ("per_page=many", "per_page", "The per page must be an integer."),
        ("page=0", "page", "The page must be at least 1."),
        ("page=two", "page", "The page must be an integer."),
        ("page=1.5", "page", "The page must be an integer."),
    ],
)
def test_what_is_out_of_bounds_is_refused(
    recruitsome: Api, path: str, query: str, field: str, message: str
) -> None:
    """[docs: errors] §7: over the limit is 422, not clamped; [assumed] §7: the others."""
    joint = "&" if "?" in path else "?"
    answer = recruitsome.get(f"{path}{joint}{query}")

    assert errors(answer) == {field: [message]}
