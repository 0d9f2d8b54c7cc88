"""Results and refusals as the provider's bytes."""

from __future__ import annotations

import pytest
from tiny import Tiny


@pytest.fixture
def shelf() -> Tiny:
    return Tiny("shelf")


def test_a_view_shows_a_record_with_the_records_around_it(shelf: Tiny) -> None:
    """Views look things up, show one another, count, and leave out what is `omit`."""
    assert shelf.json("/books/3") == {
        "id": 3,
        "title": "storms",
        "slug": "storms",
        "price": 9.5,
        "author": {"name": "Bo", "books": ["storms"]},
        "reviews": 0,
    }


def test_a_view_follows_every_record_that_it_shows(shelf: Tiny) -> None:
    """What was shown before is shown anew when a record it looks up has changed."""
    first = shelf.json("/books/1")["author"]
    shelf.call("PATCH", "/authors/1", json={"name": "Ada L"})
    shelf.call("PATCH", "/books/2", json={"title": "Lakes"})

    assert first == {"name": "Ada", "books": ["Stones", "Rivers"]}
    assert shelf.json("/books/1")["author"] == {
        "name": "Ada L",
        "books": ["Stones", "Lakes"],
    }


def test_a_refusal_goes_into_its_envelope(shelf: Tiny) -> None:
    """Words that an error does not say are the defaults, or are left out."""
    assert shelf.answer("/nowhere") == (404, {"error": "refused"})
    assert shelf.answer("/books/99") == (404, {"error": "not here"})
    assert shelf.answer("/authors/1") == (405, ["no method", 405])


def test_an_error_can_be_that_of_another_refusal(shelf: Tiny) -> None:
    """`same_as`, or a bare name, takes everything from the other entry."""
    missing = shelf.answer("/notes")
    unknown = shelf.answer("/notes", headers={"X-Key": "k-nobody"})

    assert missing == unknown == (401, {"error": "refused"})
    assert shelf.answer("/books/x") == shelf.answer("/books/99")


def test_an_operation_can_answer_in_words_of_its_own(shelf: Tiny) -> None:
    """The same refusal has a status, a body and a type per operation."""
    general = shelf.call("DELETE", "/authors/2")
    own = shelf.call("DELETE", "/books/4")

    assert (general.status_code, own.status_code) == (409, 423)
    assert general.headers["content-type"] == "application/json"
    assert own.headers["content-type"] == "text/plain"


def test_a_reply_without_a_body_has_no_type(shelf: Tiny) -> None:
    """204 says nothing, and says nothing about what it says."""
    reply = shelf.call("DELETE", "/books/1")

    assert (reply.status_code, reply.content) == (204, b"")
    assert "content-type" not in reply.headers
