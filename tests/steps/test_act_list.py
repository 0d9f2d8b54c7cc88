"""What a list finds, and in which order."""

from __future__ import annotations

import pytest
from tiny import Tiny


@pytest.fixture
def shelf() -> Tiny:
    return Tiny("shelf")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3, 4]),
        ("author=1", [1, 2]),
        ("author_not=1", [3, 4]),
        ("author_in=2,3", [3]),
        ("author_in=1,2", [1, 2, 3]),
        ("tag=red", [1, 2, 4]),
        ("tag=re", []),
        ("tags=red&tags=old", [1, 4]),
        ("tags=old&tags=blue&tags=red", [4]),
        ("has=ST", [1, 3, 4]),
        ("starts=st", [1, 3]),
        ("from=200", [2, 3]),
        ("to=200", [1, 3]),
        ("over=200", [2]),
        ("under=200", [1]),
        ("from=100&to=200", [1, 3]),
        ("over=100&under=300", [3]),
        ("text=riv", [2]),
        ("text=r", [2, 3]),
        ("author=1&tag=old&has=s&from=1&text=stone", [1]),
        ("author=1&author_not=1", []),
    ],
)
def test_every_filter_keeps_what_it_says(
    shelf: Tiny, query: str, found: list[int]
) -> None:
    """Filters of a list hold together; a null operand filters nothing."""
    assert shelf.json(f"/books?{query}") == found


def test_a_condition_can_say_what_no_operator_says(shelf: Tiny) -> None:
    """`filter` is an expression on each record; it holds together with the rest."""
    queries = ("cheap=true", "cheap=false", "cheap=true&author=1")

    found = [shelf.json(f"/bargains?{query}") for query in queries]

    assert found == [[1, 3], [1, 2, 3, 4], [1]]


def test_two_filters_with_one_operand_are_not_taken_for_each_other(
    shelf: Tiny,
) -> None:
    """An answer is remembered for the filters that it was made by."""
    queries = ("from=200", "to=200", "over=200", "under=200", "has=s", "starts=s")

    apart = [Tiny("shelf").json(f"/books?{query}") for query in queries]
    together = [shelf.json(f"/books?{query}") for query in queries]

    assert together == apart


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sort=title", [4, 2, 1, 3]),
        ("sort=-title", [3, 1, 2, 4]),
        ("sort=title&dir=desc", [3, 1, 2, 4]),
        ("sort=title&dir=asc", [4, 2, 1, 3]),
        ("sort=longest", [2, 3, 1, 4]),
        ("sort=-longest", [4, 1, 3, 2]),
        ("sort=cost", [1, 3, 4, 2]),
        ("sort=-cost", [2, 4, 3, 1]),
        ("sort=pages", [1, 2, 3, 4]),
        ("sort=-pages", [1, 2, 3, 4]),
        ("dir=desc", [1, 2, 3, 4]),
    ],
)
def test_a_caller_sorts_by_words_that_are_allowed(
    shelf: Tiny, query: str, found: list[int]
) -> None:
    """A word stands for fields; `-` or a direction turns it round; others are ignored."""
    assert shelf.json(f"/books?{query}") == found


def test_a_remembered_list_sees_every_change(shelf: Tiny) -> None:
    """A list that was asked for before is made again when a record has changed."""
    before = shelf.json("/books?author=1")
    shelf.call("PATCH", "/books/2", json={"author_id": 2})
    shelf.post("/books", json={"title": "New", "author_id": 1})
    shelf.call("DELETE", "/books/1")

    assert (before, shelf.json("/books?author=1")) == ([1, 2], [5])


def test_only_an_owners_records_are_seen(shelf: Tiny) -> None:
    """Where records have an owner, no filter shows another's."""
    ada, bob = {"X-Key": "k-ada"}, {"X-Key": "k-bob"}

    assert [one["id"] for one in shelf.json("/notes", headers=ada)] == ["n-1"]
    assert [one["id"] for one in shelf.json("/notes", headers=bob)] == ["n-2"]
    assert shelf.json("/notes?owner=bob", headers=ada) == []
    assert shelf.status("/notes/n-2", headers=ada) == 404
    assert shelf.status("/notes/n-2", headers=bob) == 200
