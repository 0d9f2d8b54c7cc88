"""`omit` leaves out what has it as its value, wherever it is written."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny


def body(tree: Any) -> Any:
    """The body that a reply with this template has."""
    return (
        Tiny("shelf", {"operations.readBook.reply": {"body": tree}})
        .get("/books/3")
        .content
    )


@pytest.mark.parametrize(
    ("tree", "sent"),
    [
        ({"a": "${omit}", "b": 1}, b'{"b":1}'),
        ({"a": "${item.isbn if item.price > 9.5 else omit}"}, b"{}"),
        (["${omit}", 1, "${omit}"], b"[1]"),
        ({"a": [{"b": "${omit}"}, "${omit}"]}, b'{"a":[{}]}'),
        ("${[omit, 1]}", b"[1]"),
        ("${[one if one == 'x' else omit for one in ['x', 'y']]}", b'["x"]'),
        ("${{'a': omit, 'b': [omit]}}", b'{"b":[]}'),
        ("${{'a': {'c': 1, 'd': omit}}}", b'{"a":{"c":1}}'),
        ("a${omit}b", b'"ab"'),
        ("${omit or 3}", b"3"),
        ("${omit}", b""),
    ],
)
def test_what_is_omit_is_left_out(tree: Any, sent: bytes) -> None:
    """Members, items, parts of a text, in YAML and in expressions; or the whole body."""
    assert body(tree) == sent


def test_a_filter_that_is_omit_filters_nothing() -> None:
    """As null does."""
    where = {"author_id": "${query.author or omit}", "pages": {"above": "${omit}"}}
    tiny = Tiny("shelf", {"operations.listBooks.list.where": where})

    assert tiny.json("/books") == [1, 2, 3, 4]
    assert tiny.json("/books?author=1") == [1, 2]


def test_a_field_that_is_omit_is_not_stored() -> None:
    """Whether `set` says so of a new record, or of what a call has sent."""
    create = {"collection": "books", "set": {"slug": "${omit}", "price": "${omit}"}}
    reply = {"status": 201, "body": "${record}"}
    tiny = Tiny("shelf", {"operations.createBook": {"create": create, "reply": reply}})

    book = tiny.post(
        "/books", json={"title": "Sand", "author_id": 1, "price": 2}
    ).json()

    assert "price" not in book
    assert book["title"] == "Sand"


def test_a_header_and_an_errors_word_that_are_omit_are_not_sent() -> None:
    """Nor is a line of a list that is."""
    reply = {"headers": {"X-A": "${omit}", "X-B": ["${omit}", "b"]}, "body": 1}
    table = {"status": 404, "error": "${omit}", "headers": {"X-C": "${omit}"}}
    tiny = Tiny(
        "shelf",
        {"operations.readBook.reply": reply, "errors.table.not_found": table},
    )

    found, lost = tiny.get("/books/3"), tiny.get("/books/99")

    assert ("x-a" in found.headers, found.headers.get_list("x-b")) == (False, ["b"])
    assert ("x-c" in lost.headers, lost.json()) == (False, {})
