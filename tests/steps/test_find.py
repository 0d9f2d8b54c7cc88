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


def test_a_field_that_is_looked_for_is_that_of_an_own_record() -> None:
    """Two owners may have the same value; each finds its own record."""
    shelf = Tiny("shelf", {"operations.readNote.read.by": "text"})
    notes = shelf.world.collections(shelf.program)["notes"]
    for key, owner in (("n-1", "ada"), ("n-2", "bob")):
        notes.put({"id": key, "owner": owner, "text": "same", "pinned": False})

    found = [
        shelf.answer("/notes/same", headers={"X-Key": f"k-{name}"})
        for name in ("ada", "bob", "ada")
    ]

    assert [(status, body["id"]) for status, body in found] == [
        (200, "n-1"),
        (200, "n-2"),
        (200, "n-1"),
    ]


def test_a_filter_finds_the_one_that_it_lets_by() -> None:
    """Of several records with the same value, and not the first or none."""
    read = {"collection": "books", "key": "path.id", "by": "price", "view": "book"}
    filtered = {**read, "filter": "id != 2"}
    shelf = Tiny("shelf", {"operations.readBook.read": filtered})

    assert shelf.json("/books/20")["id"] == 4
