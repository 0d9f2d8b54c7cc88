"""Cursors lead on and back, carry the question, and refuse what is not theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small
from tiny import Tiny

from emulator.diagnostics import SpecError

ALL = list(range(1, 26))
CURSOR = {"style": "cursor", "size": "limit", "default": 10, "max": 20}


def pager(page: dict[str, Any], where: str = "sealed", **more: Any) -> Tiny:
    return Tiny("pager", {f"pages.{where}": {**CURSOR, **page}, **more})


def shop(folder: Path, page: dict[str, Any], *, beside: tuple[str, ...] = ()) -> Api:
    """Thirty things of three colours, listed by filter and sort."""
    names = ("colour", "sort", "cursor", "limit", *beside)
    return small(
        folder,
        {
            "/things": {
                "get": {
                    "operationId": "things",
                    "parameters": [
                        {
                            "name": name, "in": "query",
                            "schema": {"type": "integer" if name == "limit" else "string"},
                        }
                        for name in names
                    ],
                    "responses": {"200": {"description": "things"}},
                }
            }
        },
        {
            "things": {
                "list": {
                    "collection": "things",
                    "where": {"colour": "${query.colour}"},
                    "sort": {"by": "query.sort", "allowed": {"down": ["-id"]}},
                    "page": "sealed",
                },
                "reply": {
                    "body": {"ids": "${[thing.id for thing in results]}", "page": "${page}"}
                },
            }
        },
        pages={"sealed": {**CURSOR, "default": 4, **page}},
        collections={"things": {"order": ["id"]}},
        table={
            "invalid_cursor": {
                "status": 400, "code": "cursor", "facts": ["parameter"],
            },
            "invalid_request": BODIES["invalid_request"],
        },
        fixtures={
            "things": {
                "records": [
                    {"id": at, "colour": ("red", "blue", "green")[at % 3]}
                    for at in range(1, 31)
                ]
            }
        },
    )  # fmt: skip


def test_a_sealed_cursor_leads_back() -> None:
    """The page before is the one that came before, in the order of the list."""
    tiny = pager({"links": ["prev", "next"]}, "linked_sealed")
    first = tiny.json("/linkedSealed?limit=7")
    second = tiny.json(f"/linkedSealed?limit=7&cursor={first['page']['next_cursor']}")

    back = tiny.json(f"/linkedSealed?limit=7&cursor={second['page']['prev_cursor']}")

    assert first["page"]["prev_cursor"] is None
    assert (back["items"], back["page"]["offset"]) == (first["items"], 0)
    assert back["page"]["has_more"] is False  # that way there is nothing left
    assert "prev" not in back["page"]["urls"]
    onwards = back["page"]["urls"]["next"].partition("/v2")[2]
    assert tiny.json(onwards)["items"] == second["items"]


def test_a_second_parameter_leads_back(tmp_path: Path) -> None:
    """`before` takes the key of a record, as `cursor` does, and reads the other way."""
    page = {"before": "back", "key": "id", "link_header": ["prev", "next"]}
    api = shop(tmp_path, page, beside=("back",))

    def ids(more: str) -> list[int]:
        return list(api.get(f"/things?limit=3{more}", None).json()["ids"])

    api.world.collections(api.program)["things"].delete(20)
    assert ids("&back=10") == [7, 8, 9]
    assert ids("&back=3") == [1, 2]
    assert ids("&back=1") == []
    assert ids("&back=20") == [17, 18, 19]  # its record is gone, its place is not
    assert ids("&back=99") == [28, 29, 30]
    assert ids("&sort=down&back=10") == [13, 12, 11]
    reply = api.get("/things?limit=3&back=10", None)
    assert reply.json()["page"]["prev_cursor"] == 7
    url = f"http://testserver{api.root}/things?limit=3"
    assert reply.headers["link"] == (
        f'<{url}&back=7>; rel="prev", <{url}&cursor=9>; rel="next"'
    )
    assert api.get("/things?back=5&cursor=1", None).status_code == 400


def test_what_comes_or_goes_before_a_page_is_neither_repeated_nor_lost() -> None:
    """A walk back sees each record that stays, whatever changes behind it."""
    tiny = pager({}, "linked_sealed")
    numbers = tiny.world.collections(tiny.program)["numbers"]
    page = tiny.json("/linkedSealed?limit=5")["page"]
    for _ in range(3):
        page = tiny.json(f"/linkedSealed?limit=5&cursor={page['next_cursor']}")["page"]
    seen: list[int] = []
    for gone in (16, 11, 6, 1):
        numbers.delete(gone)
        body = tiny.json(f"/linkedSealed?limit=5&cursor={page['prev_cursor']}")
        page = body["page"]
        seen = body["items"] + seen
        if page["prev_cursor"] is None:
            break

    assert seen == ALL[:15]


def test_a_cursor_carries_the_question(tmp_path: Path) -> None:
    """With the filters, the order and the size in it, the cursor is all that is sent."""
    api = shop(tmp_path, {"carries": ["filters", "sort", "size"]})
    first = api.get("/things?colour=red&sort=down&limit=3", None).json()

    alone = api.get(f"/things?cursor={first['page']['next_cursor']}", None).json()
    back = api.get(f"/things?cursor={alone['page']['prev_cursor']}", None).json()

    assert first["ids"] == [30, 27, 24]
    assert alone["ids"] == [21, 18, 15]
    assert back["ids"] == first["ids"]


def test_what_is_sent_beside_a_cursor_has_to_be_what_it_carries(tmp_path: Path) -> None:
    """The same filter again is no other question; another one is. A size may change."""
    api = shop(tmp_path, {"carries": ["filters", "sort", "size"]})
    cursor = api.get("/things?colour=red&limit=3", None).json()["page"]["next_cursor"]

    same = api.get(f"/things?colour=red&limit=2&cursor={cursor}", None)
    other = api.get(f"/things?colour=blue&cursor={cursor}", None)

    assert same.json()["ids"] == [12, 15]
    assert (other.status_code, other.json()) == (400, {"error": "cursor"})


def test_other_parameters_beside_a_cursor_can_be_refused(tmp_path: Path) -> None:
    """But for the size, and for what `beside` names."""
    page = {"carries": ["filters"], "with_others": "refuse", "beside": ["view"]}
    api = shop(tmp_path, page, beside=("view",))
    first = api.get("/things?colour=red&view=a", None).json()
    cursor = first["page"]["next_cursor"]

    assert api.get(f"/things?cursor={cursor}&limit=2&view=b", None).json()["ids"] == [
        15,
        18,
    ]
    assert api.get(f"/things?cursor={cursor}&colour=red", None).status_code == 400
    assert api.get(f"/things?cursor={cursor}&sort=down", None).status_code == 400
    assert api.get("/things?colour=red&sort=down", None).status_code == 200


def test_links_do_not_repeat_what_a_cursor_carries(tmp_path: Path) -> None:
    """A provider that refuses the filters beside a cursor links without them."""
    page = {
        "carries": ["filters", "sort"],
        "with_others": "refuse",
        "link_header": {"prev": "previous", "next": "next"},
    }
    api = shop(tmp_path, page)
    first = api.get("/things?colour=red&sort=down&limit=3", None)
    url = f"http://testserver{api.root}/things"
    cursor = first.json()["page"]["next_cursor"]

    second = api.client.get(f"{url}?limit=3&cursor={cursor}")

    assert first.headers["link"] == f'<{url}?limit=3&cursor={cursor}>; rel="next"'
    assert second.json()["ids"] == [21, 18, 15]
    assert '; rel="previous", <' in second.headers["link"]


@pytest.mark.parametrize("carried", [[], {"colour": "red"}, {"colour": [1]}, "x", None])
def test_a_forged_cursor_carries_nothing(tmp_path: Path, carried: Any) -> None:
    """It is refused in the provider's words, whatever it says that it carries."""
    import base64
    import json

    api = shop(tmp_path, {"carries": ["filters", "size"]})
    for parts in ([[1, 1, []], 0, "", False, carried], [[1, 1, []], 0, "", carried]):
        text = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
        reply = api.get(f"/things?cursor={text}", None)
        assert (reply.status_code, reply.json()) == (400, {"error": "cursor"})


def test_pages_can_be_counted_from_zero() -> None:
    """The first page is number 0, and 1 is another one."""
    tiny = Tiny(
        "pager",
        {
            "pages.linked": {
                "first": 0,
                "default": 10,
                "link_header": ["first", "prev", "next", "last"],
            }
        },
    )
    first, last = tiny.get("/linked?page=0"), tiny.get("/linked?page=2")
    url = "http://testserver/pager/v2/linked"

    assert first.json()["items"] == tiny.json("/linked")["items"] == ALL[:10]
    assert tiny.json("/linked?page=1")["items"] == ALL[10:20]
    assert first.headers["link"] == (
        f'<{url}?page=1>; rel="next", <{url}?page=2>; rel="last"'
    )
    assert last.json()["page"]["number"] == 2
    assert last.headers["link"] == (
        f'<{url}?page=0>; rel="first", <{url}?page=1>; rel="prev"'
    )


def test_a_page_can_have_one_size_alone() -> None:
    """With `size: null` no parameter sets it, and none has to be described."""
    tiny = Tiny("pager", {"pages.numbered": {"size": None, "default": 250}})

    assert tiny.json("/numbered?per_page=2")["items"] == ALL


def test_links_can_lead_to_the_ends_from_everywhere() -> None:
    """And to the page itself."""
    page = {
        "default": 50,
        "link_header": ["self", "first", "last"],
        "link_ends": "always",
    }
    tiny = Tiny("pager", {"pages.linked": page})
    url = "http://testserver/pager/v2/linked"

    assert tiny.get("/linked?per_page=50").headers["link"] == (
        f'<{url}?per_page=50>; rel="self", <{url}?per_page=50&page=1>; rel="first", '
        f'<{url}?per_page=50&page=1>; rel="last"'
    )


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"links": ["last"]}, "never leads to the last page"),
        ({"key": "id", "link_header": {"prev": "previous"}}, "not that it leads back"),
        ({"before": "cursor"}, "goes on and back by one parameter"),
        ({"link_header": {"next": 'a"b'}}, "link_header"),
        ({"link_header": {"previous": "prev"}}, "previous"),
        ({"carries": ["everything"]}, "everything"),
        ({"before": "nowhere"}, "has no query parameter 'nowhere'"),
        ({"first": 3}, "first"),
    ],
)
def test_what_no_page_has_is_refused(page: dict[str, Any], said: str) -> None:
    """A spec that asks for it does not load."""
    with pytest.raises(SpecError, match=said):
        pager(page)
