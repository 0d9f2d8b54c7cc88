"""What an operation shows, `item` and `items`, is a value like any other wherever it is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tiny import Tiny

from emulator.diagnostics import SpecError

BOOK = {"title": "Waves", "author_id": 2}


def shelf(**changes: Any) -> Tiny:
    """The shelf, with parts of its behavior replaced; `__` stands for a dot."""
    return Tiny(
        "shelf", {name.replace("__", "."): one for name, one in changes.items()}
    )


def test_a_header_can_name_a_member_of_what_is_shown() -> None:
    """The reply of a creation leads to what was created, and it is created once."""
    tiny = shelf(
        operations__createBook__reply={
            "status": 201,
            "headers": {
                "Location": "${base_url}/books/${item.id}",
                "X-Slug": "${item['slug']}",
            },
            "body": "${item}",
        }
    )

    reply = tiny.post("/books", json=BOOK)

    assert (reply.status_code, reply.json()["id"]) == (201, 5)
    assert reply.headers["location"] == "http://testserver/shelf/books/5"
    assert reply.headers["x-slug"] == "waves"
    assert tiny.status("/books/6") == 404


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${item.author.name}", "Bo"),
        ("${length(item.author.books)}", 1),
        ("${item.nothing}", None),
        ("the book ${item.slug}", "the book storms"),
        ("${merge(item, {'id': 'b3'}).id}", "b3"),
        ("${[one for one in item.author.books]}", ["storms"]),
        (
            "${show('author', {'id': item.id, 'name': item.title})}",
            {"name": "storms", "books": []},
        ),
    ],
)
def test_what_is_shown_can_be_looked_into(expression: str, expected: Any) -> None:
    """Members, lengths, loops and texts; beside it whole, with the same in both."""
    tiny = shelf(
        operations__readBook__reply={"body": {"it": expression, "whole": "${item}"}}
    )

    answer = tiny.json("/books/3")

    assert answer["it"] == expected
    assert answer["whole"]["slug"] == "storms"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${[one.title for one in items]}", ["Stones", "Rivers", "storms", "Dust"]),
        ("${length(items)}", 4),
        ("${items[0].author.name}", "Ada"),
        ("${first(items).id}", 1),
        ("${[one.id for one in items[1:3]]}", [2, 3]),
    ],
)
def test_what_a_list_shows_can_be_looked_into(expression: str, expected: Any) -> None:
    """Its items are a list of what the view makes of each record."""
    tiny = shelf(
        operations__listBooks={
            "list": {"collection": "books", "view": "book"},
            "reply": {"body": {"it": expression, "whole": "${items}"}},
        }
    )

    answer = tiny.json("/books")

    assert answer["it"] == expected
    assert [one["id"] for one in answer["whole"]] == [1, 2, 3, 4]


def test_a_text_shows_what_is_shown_as_json() -> None:
    """In a text, what is no text stands as its JSON."""
    tiny = shelf(operations__readBook__reply={"body": "is ${item}"})

    text = tiny.json("/books/3")

    assert json.loads(text.removeprefix("is "))["author"] == {
        "name": "Bo",
        "books": ["storms"],
    }


def test_without_a_view_the_whole_record_is_shown() -> None:
    """Nothing is null in silence because nobody says how it looks."""
    tiny = shelf(
        operations__readBook={
            "read": {"collection": "books", "key": "path.id"},
            "reply": {"body": "${item}"},
        },
        operations__listBooks={
            "list": {"collection": "books"},
            "reply": {"body": "${items}"},
        },
        operations__createBook={
            "create": {"collection": "books"},
            "reply": {"body": "${item}"},
        },
    )

    first = tiny.json("/books/1")

    assert first == {
        "id": 1, "title": "Stones", "slug": "stones", "author_id": 1, "tags": ["red", "old"],
        "pages": 100, "price": 5, "isbn": "a", "sold": 0,
    }  # fmt: skip
    assert tiny.json("/books")[0] == first
    assert tiny.post("/books", json=BOOK).json()["slug"] == "waves"


def test_what_is_fresh_is_the_same_in_all_parts_of_a_reply() -> None:
    """A view that draws lots draws once for a reply, wherever the item is named."""
    tiny = shelf(
        views__book__show={"id": "${id}", "etag": "${uuid()}"},
        operations__readBook__reply={
            "headers": {"ETag": "${item.etag}"},
            "body": "${item}",
        },
    )

    reply = tiny.get("/books/3")

    assert reply.headers["etag"] == reply.json()["etag"]


def test_an_effect_sees_what_is_shown() -> None:
    """It comes before the reply is made, and sees the record as its view shows it then."""
    tiny = shelf(
        operations__createBook__effects=[
            {"create": "agreements", "set": {"author_id": "${record.author_id}", "slug": "${item.slug}"}}
        ],
        operations__createBook__reply={
            "body": "${[one.slug for one in records('agreements', author_id=2)]}"
        },
    )  # fmt: skip

    assert tiny.post("/books", json=BOOK).json()[-1] == "waves"


def test_a_payload_can_name_a_member_of_what_is_shown() -> None:
    """A subscriber is told of the record as the operation's view shows it."""
    tiny = Tiny(
        "hooks",
        {"webhooks.events": {"made": {"operations": ["createParcel"], "payload": {"n": "${item.number}"}}}},
    )  # fmt: skip
    tiny.world.outbox.subscribe("hooks", "http://127.0.0.1:1/", "s3cret")

    assert tiny.post("/parcels", json={"to": "Rom"}).status_code == 201

    assert [one.message.body for one in tiny.world.outbox] == [b'{"n":3}']


def test_worlds_share_what_they_show_until_one_changes_something_in_it() -> None:
    """What a view looks up elsewhere counts as well; the other world sees none of it."""
    first, second = shelf(), shelf()
    assert first.program is second.program
    before = first.json("/books/1")
    assert second.json("/books/1") == before

    authors = first.world.collections(first.program)["authors"]
    authors.put({"id": 1, "name": "Ada the Second", "email": None})
    books = second.world.collections(second.program)["books"]
    books.put({**(books.get(2) or {}), "title": "Streams"})

    assert first.json("/books/1")["author"] == {
        "name": "Ada the Second",
        "books": ["Stones", "Rivers"],
    }
    assert second.json("/books/1")["author"] == {
        "name": "Ada",
        "books": ["Stones", "Streams"],
    }
    assert shelf().json("/books/1") == before


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        *(("listBooks", name) for name in ("item", "record", "before", "page")),
        *(("readBook", name) for name in ("items", "results", "matched", "page")),
        ("sell", "page"),
    ],
)
def test_what_an_operation_never_has_cannot_be_named(operation: str, name: str) -> None:
    """It would be null in every reply: one record of a list, a page of what has none."""
    action = {"list": {"collection": "books", "view": "book"}}
    changes: dict[str, Any] = {
        f"operations__{operation}__reply": {"body": {"it": f"${{{name}}}"}}
    }
    if operation == "listBooks":
        changes = {
            "operations__listBooks": {**action, "reply": {"body": f"${{{name}}}"}}
        }

    with pytest.raises(SpecError) as refused:
        shelf(**changes)

    told = {(diagnostic.code, diagnostic.what.split("'")[1]) for diagnostic in refused.value.diagnostics
            if diagnostic.severity == "error"}  # fmt: skip
    assert told == {("not-yet-known", name)}


def test_text_from_a_request_is_never_an_expression() -> None:
    """Nor where it is stored, shown, and put into a text of the spec's."""
    title = "${now} $${x} ${1 + 1}"
    tiny = shelf(
        operations__createBook__reply={
            "status": 201,
            "headers": {"X-Title": "${body.title}"},
            "body": {"title": "${item.title}", "told": "made: ${body.title}"},
        }
    )

    reply = tiny.post("/books", json={**BOOK, "title": title})

    assert reply.json() == {"title": title, "told": f"made: {title}"}
    assert reply.headers["x-title"] == title
    assert tiny.json("/books/5")["title"] == title
