"""Which part of the result did the caller ask for?"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tiny import Tiny

ALL = list(range(1, 26))


@pytest.fixture
def pager() -> Tiny:
    return Tiny("pager")


def refused(error: str, parameter: str, value: Any) -> tuple[int, dict[str, Any]]:
    return 400, {"error": error, "parameter": parameter, "value": value}


def test_a_numbered_page_says_where_it_stands(pager: Tiny) -> None:
    """Everything that a provider may show of a page is known."""
    assert pager.json("/numbered?page=3")["page"] == {
        "number": 3,
        "size": 10,
        "total": 25,
        "count": 3,
        "offset": 20,
        "shown": 5,
        "start": 21,
        "end": 25,
        "next": None,
        "prev": 2,
        "has_more": False,
        "has_next": False,
        "has_prev": True,
        "cursor": None,
        "next_cursor": None,
        "prev_cursor": None,
        "urls": {},
    }


@pytest.mark.parametrize(
    ("query", "items"),
    [
        ("", ALL[:10]),
        ("page=2", ALL[10:20]),
        ("page=3", ALL[20:]),
        ("page=4", []),
        ("page=2&per_page=20", ALL[20:]),
        ("per_page=21", ALL[:20]),
        ("per_page=0", ALL[:1]),
        ("per_page=-5&page=-5", ALL[:1]),
        ("per_page=many&page=second", ALL[:10]),
        ("per_page=&page=", ALL[:10]),
        ("page=2.5", ALL[:10]),
        ("page=99999999999999999999", ALL[:10]),
        ("page=999999999999999999", []),
    ],
)
def test_bounds_can_clamp(pager: Tiny, query: str, items: list[int]) -> None:
    """What lies outside the bounds becomes the bound, what is no number the default."""
    assert pager.json(f"/numbered?{query}")["items"] == items


@pytest.mark.parametrize(
    ("query", "items"),
    [("per_page=1", ALL[:10]), ("per_page=21", ALL[:10]), ("per_page=2", ALL[:2])],
)
def test_bounds_can_fall_back_to_the_default(
    pager: Tiny, query: str, items: list[int]
) -> None:
    """A size outside the bounds is as good as none."""
    assert pager.json(f"/defaulting?{query}")["items"] == items


@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ("per_page=1", "per_page", "1"),
        ("per_page=21", "per_page", "21"),
        ("per_page=many", "per_page", "many"),
        ("page=0", "page", "0"),
        ("page=second", "page", "second"),
        ("page=4", "page", 4),
        ("page=2&per_page=26", "per_page", "26"),
    ],
)
def test_bounds_can_refuse(pager: Tiny, query: str, parameter: str, value: Any) -> None:
    """The refusal names the parameter and what was sent for it."""
    assert pager.answer(f"/strict?{query}") == refused("page", parameter, value)


@pytest.mark.parametrize("query", ["", "page=3", "per_page=2&page=13", "per_page=20"])
def test_what_lies_inside_strict_bounds_is_answered(pager: Tiny, query: str) -> None:
    """The last page is not after the last one, and neither is the only one."""
    assert pager.status(f"/strict?{query}") == 200


def test_the_first_page_of_nothing_is_not_after_the_last(pager: Tiny) -> None:
    """An empty result has a first page, whatever lies beyond the end."""
    numbers = pager.world.collections(pager.program)["numbers"]
    for one in ALL:
        numbers.delete(one)

    assert pager.json("/strict")["items"] == []
    assert pager.json("/strictSkipping")["items"] == []
    assert pager.status("/strict?page=2") == 400
    assert pager.json("/strict")["page"]["count"] == 0


@pytest.mark.parametrize(
    ("query", "items", "following", "previous"),
    [
        ("", ALL[:10], 10, None),
        ("offset=5", ALL[5:15], 15, 0),
        ("offset=20&limit=5", ALL[20:], None, 15),
        ("offset=25", [], None, 15),
        ("offset=-1", ALL[:10], 10, None),
        ("limit=0", [], 0, None),
        ("limit=99", ALL[:20], 20, None),
        ("offset=x", ALL[:10], 10, None),
    ],
)
def test_an_offset_skips(
    pager: Tiny,
    query: str,
    items: list[int],
    following: int | None,
    previous: int | None,
) -> None:
    """An offset counts records, and leads on by the size of the page."""
    body = pager.json(f"/skipping?{query}")

    assert body["items"] == items
    assert (body["page"]["next"], body["page"]["prev"]) == (following, previous)


@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ("offset=25", "offset", 25),
        ("offset=-1", "offset", "-1"),
        ("offset=x", "offset", "x"),
        ("limit=0", "limit", "0"),
    ],
)
def test_an_offset_can_be_refused(
    pager: Tiny, query: str, parameter: str, value: Any
) -> None:
    """Where a page after the last is refused, so is an offset."""
    assert pager.answer(f"/strictSkipping?{query}") == refused("page", parameter, value)


def test_a_sealed_cursor_leads_to_the_next_page(pager: Tiny) -> None:
    """Following each cursor shows every record once, in order; the last has none."""
    seen: list[list[int]] = []
    cursor: str | None = ""
    while cursor is not None:
        body = pager.json("/sealed", params={"limit": 7, "cursor": cursor})
        seen.append(body["items"])
        cursor = body["page"]["next_cursor"]

    assert seen == [ALL[:7], ALL[7:14], ALL[14:21], ALL[21:]]


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def test_a_sealed_cursor_cannot_be_made_up(pager: Tiny) -> None:
    """Nonsense, a changed place and a changed character are refused alike."""
    cursor = pager.json("/sealed")["page"]["next_cursor"]
    place, made, seal = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    key, came, values = place
    wrong = [
        "x",
        "nonsense",
        "ünsinn",
        "7",
        f"{cursor}=",
        f"{cursor}!",
        cursor[:-1],
        cursor[::-1],
        forged([key + 1, came, values], made, seal),
        forged([key, came + 1, values], made, seal),
        forged([key, came, None], made, seal),
        forged([key, came], made, seal),
        forged(place, made + 1, seal),
        forged(place, made, ""),
        forged(place, made),
        forged(10**400, made, seal),
        forged(place, "soon", seal),
        forged(None, None, None),
        forged({"a": 1}, [], True),
    ]

    answers = [pager.answer("/sealed", params={"cursor": one}) for one in wrong]

    assert answers == [refused("cursor", "cursor", one) for one in wrong]


def test_a_sealed_cursor_belongs_to_its_operation(pager: Tiny) -> None:
    """What one list gave out, another does not take."""
    cursor = pager.json("/sealed")["page"]["next_cursor"]

    answer = pager.answer("/other", params={"cursor": cursor})

    assert answer == refused("cursor", "cursor", cursor)


def test_a_sealed_cursor_expires(pager: Tiny) -> None:
    """A cursor is good for as long as the provider says; for ever, if it says nothing."""
    short = pager.json("/sealed")["page"]["next_cursor"]
    long = pager.json("/lasting")["page"]["next_cursor"]

    pager.clock.advance(3_599)
    in_time = pager.status("/sealed", params={"cursor": short})
    pager.clock.advance(1)
    late = pager.answer("/sealed", params={"cursor": short})

    assert in_time == 200
    assert late == refused("cursor", "cursor", short)
    assert pager.json("/lasting", params={"cursor": long})["items"] == ALL[10:20]


def test_a_sealed_cursor_is_good_in_a_world_with_the_same_past(pager: Tiny) -> None:
    """Cursors hold no secret of a world: the same calls give the same bytes."""
    assert pager.json("/sealed") == Tiny("pager").json("/sealed")


@pytest.mark.parametrize(
    ("path", "items", "cursor"),
    [
        ("/after", ALL[:10], 10),
        ("/after?after=10", ALL[10:20], 20),
        ("/after?after=0", ALL[:10], 10),
        ("/after?after=24", [25], 25),
        ("/after?after=25", [], None),
        ("/after?after=-3", ALL[:10], 10),
        ("/after?after=4.5&limit=2", [5, 6], 6),
        ("/before", ALL[:14:-1], 16),
        ("/before?after=16", ALL[14:4:-1], 6),
        ("/before?after=6", ALL[4::-1], 1),
        ("/named", ["007", "10"], "10"),
        ("/named?after=10", ["9", "ada"], "ada"),
        ("/named?after=bea", ["ben"], "ben"),
    ],
)
def test_a_meaningful_cursor_is_the_value_of_a_field(
    pager: Tiny, path: str, items: list[Any], cursor: Any
) -> None:
    """It leads to the records that follow that value in the list, whatever its order."""
    body = pager.json(path)

    assert (body["items"], body["page"]["next_cursor"]) == (items, cursor)


def test_a_meaningful_cursor_outlives_its_record(pager: Tiny) -> None:
    """The list goes on after the place where a deleted record stood."""
    numbers = pager.world.collections(pager.program)["numbers"]
    numbers.delete(10)
    numbers.delete(16)

    assert pager.json("/after?after=10")["items"][:2] == [11, 12]
    assert pager.json("/before?after=16")["items"][:2] == [15, 14]


def shuffled(invalid: str = "") -> Tiny:
    """Numbers that are not in the order of the field that is their cursor."""
    page = {"style": "cursor", "cursor": "after", "size": "limit", "key": "id"}
    more = {"invalid": invalid} if invalid else {}
    return Tiny(
        "pager",
        {
            "pages.after": {**page, **more},
            "collections.numbers": {"order": ["-parity"], "fields": ["parity"]},
        },
    )


@pytest.mark.parametrize("after", ["10", "99", "-3", "x"])
def test_a_cursor_without_a_record_has_no_place_in_another_order(after: str) -> None:
    """Its walk does not begin anew in silence: the cursor is refused."""
    pager = shuffled()
    pager.world.collections(pager.program)["numbers"].delete(10)

    assert pager.answer(f"/after?after={after}") == refused("cursor", "after", after)
    assert pager.json("/after?after=9&limit=2")["items"] == [11, 12]


@pytest.mark.parametrize("path", ["/after?after=99", "/sealed?cursor=nonsense"])
def test_a_spec_can_have_a_lost_cursor_begin_again(path: str) -> None:
    """Where `invalid` says `default`, the first page comes."""
    sealed = {"style": "cursor", "size": "limit", "default": 10, "invalid": "default"}
    after = {**sealed, "cursor": "after", "key": "id"}
    pager = Tiny(
        "pager",
        {
            "pages.sealed": sealed,
            "pages.after": after,
            "collections.numbers": {"order": ["-parity"], "fields": ["parity"]},
        },
    )

    assert pager.json(path)["items"] == ALL[:10]


def test_a_sealed_cursor_belongs_to_what_was_asked() -> None:
    """One of another filter or order is refused; another size is fine."""
    shelf = Tiny(
        "shelf",
        {
            "pages": {"sealed": {"style": "cursor", "size": "limit"}},
            "operations.listBooks.list.page": "sealed",
            "operations.listBooks.reply": {
                "body": {"books": "${items}", "next": "${page.next_cursor}"}
            },
            "errors.table.invalid_cursor": {"status": 400, "error": "no cursor"},
        },
    )
    first = shelf.json("/books?tag=red&sort=title&limit=1")
    cursor = first["next"]
    assert first["books"] == [4]

    same = shelf.json(f"/books?tag=red&sort=title&cursor={cursor}&limit=2")
    others = [
        shelf.status(f"/books?{query}&cursor={cursor}")
        for query in (
            "tag=old&sort=title",
            "tag=red&sort=cost",
            "tag=red",
            "sort=title",
        )
    ]

    assert same["books"] == [2, 1]
    assert others == [400] * 4


def test_a_cursor_of_long_values_is_short() -> None:
    """It carries no title of ten thousand letters; then its record has to be there."""
    pager = Tiny(
        "pager", {"collections.numbers": {"order": ["text", "id"], "fields": ["text"]}}
    )
    numbers = pager.world.collections(pager.program)["numbers"]
    for key in ALL:
        numbers.put({"id": key, "text": "x" * 10_000})
    cursor = pager.json("/sealed?limit=2")["page"]["next_cursor"]
    assert len(cursor) < 200

    assert pager.json(f"/sealed?limit=2&cursor={cursor}")["items"] == [3, 4]
    numbers.delete(2)
    assert pager.status(f"/sealed?cursor={cursor}") == 400


def test_a_meaningful_cursor_of_another_type_is_refused(pager: Tiny) -> None:
    """A text says nothing about a place among numbers."""
    assert pager.answer("/after?after=x") == refused("cursor", "after", "x")


def test_a_link_header_names_the_other_pages(pager: Tiny) -> None:
    """RFC 8288: each address in angle brackets, with its relation."""
    url = "http://testserver/pager/v2/linked"

    first = pager.get("/linked").headers["link"]
    middle = pager.get("/linked?page=2").headers["link"]
    last = pager.get("/linked?page=3").headers["link"]
    beyond = pager.get("/linked?page=9").headers["link"]

    assert first == f'<{url}?page=2>; rel="next", <{url}?page=3>; rel="last"'
    assert last == f'<{url}?page=1>; rel="first", <{url}?page=2>; rel="prev"'
    assert beyond == f'<{url}?page=1>; rel="first", <{url}?page=3>; rel="last"'
    assert middle == (
        f'<{url}?page=1>; rel="first", <{url}?page=1>; rel="prev", '
        f'<{url}?page=3>; rel="next", <{url}?page=3>; rel="last"'
    )


def test_a_single_page_has_no_link_header(pager: Tiny) -> None:
    """There is no other page to lead to."""
    assert "link" not in pager.get("/linked?per_page=50").headers


def test_links_repeat_the_other_parameters(pager: Tiny) -> None:
    """Every value of a parameter that came twice is kept; the page's own is replaced."""
    sent = {"tag": ["a b", "c&d"], "page": ["1", "2"], "per_page": "4"}

    urls = pager.json("/linked", params=sent)["page"]["urls"]

    assert parse_qs(urlsplit(urls["next"]).query) == {
        "tag": ["a b", "c&d"],
        "page": ["3"],
        "per_page": ["4"],
    }


def test_links_of_offsets_and_cursors_lead_where_they_say(pager: Tiny) -> None:
    """Following `next` to the end shows every record once, in order."""
    for path in ("/linked", "/linkedSkipping", "/linkedSealed?limit=7"):
        seen: list[int] = []
        url: str | None = path
        while url:
            body = pager.json(url)
            seen += body["items"]
            url = body["page"]["urls"].get("next", "").partition("/v2")[2]

        assert seen == ALL


def test_page_parameters_can_stand_in_the_body(pager: Tiny) -> None:
    """A search by POST says in its body which page it wants."""
    reply = pager.post("/posted", json={"page": 2, "per_page": 3})

    assert reply.json()["items"] == [4, 5, 6]
    assert pager.post("/posted").json()["items"] == ALL[:10]


@pytest.mark.parametrize("page", [True, [2], {"a": 1}, None, "x", 1.5])
def test_a_page_in_a_body_can_be_anything(pager: Tiny, page: Any) -> None:
    """What is no whole number gets the first page."""
    reply = pager.post("/posted", json={"page": page})

    assert reply.json()["items"] == ALL[:10]
