"""What a read takes for missing."""

from __future__ import annotations

from tiny import Tiny


def test_a_record_that_fails_the_filter_is_missing() -> None:
    """A condition on the record itself, as a list has it."""
    shelf = Tiny("shelf", {"operations.readBook.read.filter": "id != 2"})

    assert (shelf.status("/books/1"), shelf.status("/books/2")) == (200, 404)
    assert shelf.json("/books/2") == shelf.json("/books/999")


def test_a_filter_may_ask_for_the_call() -> None:
    """Its names are the record's fields first, then what every expression may name."""
    shelf = Tiny(
        "shelf", {"operations.readBook.read.filter": "now < '2026-03-02T10:00:01Z'"}
    )
    before = shelf.status("/books/1")
    shelf.clock.advance(1)

    assert (before, shelf.status("/books/1")) == (200, 404)
