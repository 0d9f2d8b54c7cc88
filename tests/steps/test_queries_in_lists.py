"""Lists that are asked for in a query language, and are paid for by the record."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

ANYONE = {"X-Reader": "anyone"}
THRIFTY = {"X-Reader": "thrifty"}


@pytest.fixture
def press() -> Tiny:
    return Tiny("press")


def search(press: Tiny, headers: dict[str, str] = ANYONE, **body: Any) -> Any:
    return press.post("/articles/search", json=body, headers=headers).json()


def ids(answer: Any) -> list[int]:
    return [article["id"] for article in answer["articles"]]


def storms(words: str) -> dict[str, Any]:
    return {"query_string": {"default_field": "title", "query": words}}


def test_a_list_is_what_its_query_wants(press: Tiny) -> None:
    """From a body, or as JSON in a query string; no query wants everything."""
    listed = press.json(
        "/articles",
        params={"since": "2026-02-01", "find": '{"match": {"title": "sea"}}'},
        headers=ANYONE,
    )

    assert ids(search(press, find=storms("storms OR north"))) == [1, 4, 6]
    assert ids(search(press, find=storms("storms AND NOT north"))) == [4]
    assert search(press)["total"] == 6
    assert ids(listed) == [2, 5]
    assert listed["days"] == [
        {"key": "2026-02-01", "count": 1},
        {"key": "2026-02-03", "count": 1},
    ]


def test_a_query_sees_what_has_changed(press: Tiny) -> None:
    """What a query found before is not kept when the records are others."""
    before = ids(search(press, find=storms("sea")))
    press.world.collections(press.program)["articles"].delete(2)

    assert (before, ids(search(press, find=storms("sea")))) == ([2, 5], [5])


def test_what_is_no_query_is_a_violation(press: Tiny) -> None:
    """In the provider's words, which may say why."""
    in_body = press.post("/articles/search", json={"find": {"a": {}}}, headers=ANYONE)
    in_query = press.get("/articles?since=2026-02-01&find=x", headers=ANYONE)

    assert in_body.status_code == in_query.status_code == 422
    assert in_body.json() == {"error": "find is no query: there is no clause 'a'"}
    assert in_query.json()["error"].startswith("query is no query: it is not JSON")


def test_a_parameter_has_other_names(press: Tiny) -> None:
    """It is required, checked and reported by its own."""
    by_alias = press.json("/articles?from=2026-02-03", headers=ANYONE)
    missing = press.answer("/articles", headers=ANYONE)
    wrong = press.answer("/articles?from=x", headers=ANYONE)

    assert by_alias == press.json("/articles?since=2026-02-03", headers=ANYONE)
    assert ids(by_alias) == [4, 5, 6]
    assert missing == (422, {"error": "since: required"})
    assert wrong == (422, {"error": "since: format"})


def test_a_page_has_at_most_what_its_reader_may_have(press: Tiny) -> None:
    """Effects come about for each record of the page, and for no other."""
    pages = [search(press, THRIFTY), search(press, THRIFTY, after=3)]
    nothing = search(press, THRIFTY, after=4)
    read = press.world.collections(press.program)["read"]

    assert [ids(page) for page in pages] == [[1, 2, 3], [4]]
    assert [(page["total"], page["next"], page["read"]) for page in pages] == [
        (6, 3, 3),
        (6, 4, 4),
    ]
    assert nothing == {"articles": [], "total": 6, "next": None, "read": 4}
    assert [one["article"] for one in read] == [1, 2, 3, 4]
    assert ids(search(press, after=3)) == [4, 5, 6]


def test_a_page_that_is_refused_changes_nothing(press: Tiny) -> None:
    """A cursor that leads nowhere costs no allowance."""
    refused = press.post("/articles/search", json={"after": "x"}, headers=ANYONE)

    assert refused.status_code == 400
    assert search(press, size=1)["read"] == 1
