"""Replies that are written as XML, because the call asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

ANYONE = {"X-Reader": "anyone"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@pytest.fixture
def press() -> Tiny:
    return Tiny("press")


def shown(answer: Any) -> tuple[int, str, str]:
    text = answer.content.decode()
    assert text.startswith(HEAD)
    return (
        answer.status_code,
        answer.headers["Content-Type"],
        text.removeprefix(HEAD),
    )


def test_a_list_is_written_as_xml(press: Tiny) -> None:
    """The same tree that JSON would show."""
    answer = press.post(
        "/articles/search", json={"form": "xml", "size": 1, "after": 2}, headers=ANYONE
    )

    assert shown(answer) == (
        200,
        "text/xml",
        (
            "<answer><articles><article><id>3</id><title>Harbour &amp; town</title>"
            "</article></articles><total>6</total><next>3</next><read>1</read></answer>"
        ),
    )


def test_one_record_is_written_as_xml(press: Tiny) -> None:
    answer = press.get("/articles/2?form=xml", headers=ANYONE)

    assert shown(answer)[2] == (
        "<answer><article><id>2</id><title>A quiet day at sea</title></article></answer>"
    )


def test_who_does_not_ask_gets_json(press: Tiny) -> None:
    """So does who asks for something else, or where nothing is asked."""
    answer = press.get("/articles/2?form=csv", headers=ANYONE)
    elsewhere = press.post("/articles/search?form=xml", json={}, headers=ANYONE)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"article": {"id": 2, "title": "A quiet day at sea"}}
    assert elsewhere.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "rest", "status", "error"),
    [
        ("GET", "/articles/9?form=xml", {"headers": ANYONE}, 404, "No such article"),
        ("GET", "/articles/9?form=xml", {}, 401, "Who reads?"),
        ("GET", "/nowhere?form=xml", {}, 404, "Nothing here"),
        ("POST", "/articles/search", {"json": {"form": "xml"}}, 401, "Who reads?"),
        (
            *("POST", "/articles/search"),
            {"json": {"form": "xml", "find": []}, "headers": ANYONE},
            *(422, "find is no query: a clause is an object with one member"),
        ),
    ],
)
def test_a_refusal_is_written_as_xml(
    press: Tiny, method: str, path: str, rest: Any, status: int, error: str
) -> None:
    """Also one that comes before query and body are read."""
    answer = press.call(method, path, **rest)

    assert shown(answer) == (
        status,
        "text/xml",
        f"<answer><error>{error}</error></answer>",
    )


@pytest.mark.parametrize("body", [b"{", b"[]", b'"xml"', b"\xff"])
def test_what_cannot_be_read_asks_for_nothing(press: Tiny, body: bytes) -> None:
    """A body that is no object, and a query that is none."""
    headers = {**ANYONE, "Content-Type": "application/json"}
    answer = press.post("/articles/search", content=body, headers=headers)

    assert answer.json() == {"error": "No JSON"}
    assert press.get("/articles?form=%ff", headers=ANYONE).json() == {
        "error": "refused"
    }
