"""What creating, updating and deleting do to the world."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

ADA, BOB = {"X-Key": "k-ada"}, {"X-Key": "k-bob"}


@pytest.fixture
def shelf() -> Tiny:
    return Tiny("shelf")


def stored(shelf: Tiny, collection: str) -> list[dict[str, Any]]:
    """The records of a collection, as they lie in the world."""
    return list(shelf.world.collections(shelf.program)[collection])


def test_a_new_record_has_defaults_and_what_the_provider_adds(shelf: Tiny) -> None:
    """What the input lacks is its schema's default, or null."""
    reply = shelf.post("/books", json={"title": "Stones", "more": 1})

    assert reply.status_code == 201
    assert reply.headers["location"] == "http://testserver/shelf/books/5"
    assert stored(shelf, "books")[-1] == {
        "id": 5,
        "title": "Stones",
        "author_id": None,
        "tags": [],
        "pages": None,
        "price": 10,
        "isbn": None,
        "slug": "stones-2",
        "sold": 0,
    }


def test_a_key_is_not_the_callers_to_choose(shelf: Tiny) -> None:
    """An id in the input neither names a new record nor renames an old one."""
    made = shelf.post("/books", json={"title": "Mine", "id": 1}).json()
    changed = shelf.call("PATCH", "/books/2", json={"id": 1, "price": 1}).json()

    assert (made["id"], changed["id"]) == (5, 2)
    assert [one["id"] for one in stored(shelf, "books")] == [1, 2, 3, 4, 5]


def test_keys_of_a_sequence_are_never_given_twice(shelf: Tiny) -> None:
    """The key of a deleted record stays its own."""
    first = shelf.post("/books", json={"title": "A"}).json()["id"]
    shelf.call("DELETE", f"/books/{first}")

    assert shelf.post("/books", json={"title": "B"}).json()["id"] == first + 1


def test_keys_can_be_uuids_of_the_worlds_chance(shelf: Tiny) -> None:
    """The same calls in another world give the same ids."""
    made = [
        one.post("/notes", json={"text": "x"}, headers=ADA).json()["id"]
        for one in (shelf, shelf, Tiny("shelf"))
    ]

    assert made[0] == made[2] != made[1]
    assert [len(part) for part in made[0].split("-")] == [8, 4, 4, 4, 12]


def test_keys_can_follow_a_template(shelf: Tiny) -> None:
    """An expression makes the key, and `set` adds what the input does not say."""
    made = [shelf.post("/tickets", json={"text": text}).json() for text in "ab"]

    opened = "2026-03-02T10:00:00Z"
    assert made == [
        {"id": "T-1", "text": "a", "opened": opened},
        {"id": "T-2", "text": "b", "opened": opened},
    ]


def test_a_key_that_is_taken_is_a_conflict(shelf: Tiny) -> None:
    """Where callers give keys, the second record with one is refused."""
    first = shelf.post("/codes", json={"code": "x"})
    second = shelf.post("/codes", json={"code": "x"})

    assert (first.status_code, first.json()) == (201, {"code": "x"})
    assert second.status_code == 409
    assert second.json()["facts"] == {"field": "code", "value": "x"}


def test_a_partial_update_keeps_what_it_does_not_name(shelf: Tiny) -> None:
    """PATCH of one field changes one field."""
    before = stored(shelf, "books")[0]

    answer = shelf.answer("/books/1", method="PATCH", json={"price": 6})

    assert answer == (200, {**before, "price": 6})


def test_a_whole_update_forgets_what_it_does_not_name(shelf: Tiny) -> None:
    """PUT of a title leaves the title, the defaults, and what is not the caller's."""
    answer = shelf.answer("/books/1", method="PUT", json={"title": "Sand"})

    assert answer == (
        200,
        {
            "id": 1,
            "title": "Sand",
            "slug": "stones",
            "author_id": None,
            "tags": [],
            "pages": None,
            "price": 10,
            "isbn": None,
            "sold": 0,
        },
    )


def test_an_update_does_not_give_a_record_away(shelf: Tiny) -> None:
    """The owner of a record is not part of the input, even where the schema has it."""
    body = {"text": "still hers", "owner": "bob", "id": "n-2"}

    status, note = shelf.answer("/notes/n-1", method="PUT", json=body, headers=ADA)

    assert status == 200
    assert note == {
        "id": "n-1",
        "owner": "ada",
        "text": "still hers",
        "pinned": False,
    }


def test_a_value_that_is_taken_can_be_a_violation(shelf: Tiny) -> None:
    """It is then reported together with what else is wrong with the input."""
    answer = shelf.answer(
        "/books", method="POST", json={"title": "New", "isbn": "a", "author_id": 9}
    )

    facts = ["there is no author_id 9", "a is taken"]
    assert answer == (422, {"error": "refused", "facts": facts})


def test_a_value_that_is_taken_can_be_a_conflict(shelf: Tiny) -> None:
    """Fields that must be unique together may each be taken alone."""
    taken = {"title": "Stones", "author_id": 1}

    assert shelf.answer("/books", method="POST", json=taken) == (
        409,
        {"error": "refused", "facts": {"field": "title", "value": "Stones"}},
    )
    assert shelf.answer("/authors", method="POST", json={"name": "X"})[0] == 201
    assert shelf.answer("/authors", method="POST", json={"name": "Y"})[0] == 201
    taken = {"name": "Z", "email": "bo@shelf.example"}
    assert shelf.answer("/authors", method="POST", json=taken) == (
        409,
        {"error": "taken"},
    )


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/authors/1", {"email": "ada@shelf.example"}, 200),
        ("/authors/1", {"email": "bo@shelf.example"}, 409),
        ("/authors/1", {"email": None}, 422),
        ("/books/2", {"title": "Stones"}, 409),
        ("/books/2", {"title": "Rivers"}, 200),
        ("/books/3", {"title": "Stones"}, 200),
    ],
)
def test_a_record_may_keep_its_own_unique_value(
    shelf: Tiny, path: str, body: dict[str, Any], status: int
) -> None:
    """Only another record's value is taken; a refused update changes nothing."""
    before = stored(shelf, "books") + stored(shelf, "authors")

    assert shelf.answer(path, method="PATCH", json=body)[0] == status
    if status != 200:
        assert stored(shelf, "books") + stored(shelf, "authors") == before


def test_a_record_that_is_referred_to_can_be_kept(shelf: Tiny) -> None:
    """`restrict` refuses to delete it, and nothing else happens to it."""
    assert shelf.answer("/authors/2", method="DELETE") == (
        409,
        {"error": "refused", "facts": {"collection": "agreements"}},
    )
    assert shelf.json("/books/3")["author"]["name"] == "Bo"


def test_references_can_be_by_another_field(shelf: Tiny) -> None:
    """A loan refers to a book by its slug; the operation words its own refusal."""
    reply = shelf.call("DELETE", "/books/4")

    assert (reply.status_code, reply.json()) == (423, ["locked", "loans"])
    assert reply.headers["content-type"] == "text/plain"


def test_deleting_takes_along_or_lets_go_what_referred_to_it(shelf: Tiny) -> None:
    """`cascade` deletes, `set_null` empties a field, or takes a key out of a list."""
    assert shelf.answer("/books/1", method="DELETE") == (204, None)
    assert shelf.answer("/authors/1", method="DELETE") == (204, None)

    assert stored(shelf, "reviews") == [{"id": 3, "book_id": 2}]
    assert stored(shelf, "wishes")[0] == {"id": 1, "book_ids": [2]}
    assert shelf.json("/books/2")["author"] is None
    assert shelf.answer("/books/1", method="DELETE")[0] == 404
    assert shelf.answer("/authors/1", method="DELETE") == (
        410,
        {"error": "no such author"},
    )


FAMILY = {
    "collections.books.references": {
        "author_id": {"to": "books", "on_delete": "cascade"}
    }
}


def family(changes: dict[str, Any] | None = None) -> Tiny:
    """Books of which each is the next one's parent, the fourth its own, and the first
    the last one's child."""
    shelf = Tiny("shelf", FAMILY | (changes or {}))
    books = shelf.world.collections(shelf.program)["books"]
    for key, parent in ((1, 6), (2, 1), (3, 2), (4, 4), (5, 3), (6, 5)):
        old = books.get(key) or {"title": f"Book {key}", "slug": f"book-{key}"}
        books.put({**old, "id": key, "author_id": parent})
    return shelf


def test_a_cascade_goes_as_deep_as_there_are_records() -> None:
    """Also where they refer to each other in a circle."""
    shelf = family()

    assert shelf.answer("/books/3", method="DELETE") == (204, None)

    assert [one["id"] for one in stored(shelf, "books")] == [4]
    assert stored(shelf, "reviews") == []


def test_a_record_that_refers_to_itself_is_deleted_once() -> None:
    """And the world can be counted, written down and put back after that."""
    shelf = family({"collections.loans.references": {}})
    worlds = shelf.board.worlds
    assert shelf.answer("/books/4", method="DELETE") == (204, None)
    books = shelf.world.collections(shelf.program)["books"]

    worlds.restore(shelf.world, worlds.snapshot(shelf.world))

    assert books.count({"price": 20}) == 1
    assert [one["id"] for one in stored(shelf, "books")] == [1, 2, 3, 5, 6]


def test_what_is_not_there_cannot_be_deleted() -> None:
    """Nothing is noted that a snapshot could not put back."""
    shelf = Tiny("shelf")
    books = shelf.world.collections(shelf.program)["books"]

    assert [books.delete(key) for key in (99, "x", 1, 1)] == [False, False, True, False]
    assert (books.dump()["deleted"], len(books)) == ([1], 3)


def test_nothing_goes_where_something_below_is_held() -> None:
    """An agreement holds a review, which would go with its book: all of them stay."""
    holds = {"author_id": {"to": "reviews", "on_delete": "restrict"}}
    shelf = Tiny("shelf", {"collections.agreements.references": holds})
    world = shelf.world.collections(shelf.program)
    (review, *_) = [one for one in world["reviews"] if one["book_id"] == 1]
    world["agreements"].put({"id": 50, "author_id": review["id"]})
    before = stored(shelf, "reviews")

    reply = shelf.call("DELETE", "/books/1")

    assert (reply.status_code, reply.json()) == (423, ["locked", "agreements"])
    assert stored(shelf, "reviews") == before
    assert shelf.status("/books/1") == 200


def test_so_many_records_and_no_more(shelf: Tiny) -> None:
    """A limit counts an owner's records that match, and null is no limit."""
    pinned = {"text": "x", "pinned": True}

    answers = [
        shelf.answer("/notes", method="POST", json=pinned, headers=ADA)
        for _ in range(2)
    ]

    assert [status for status, _ in answers] == [201, 402]
    assert answers[1][1]["facts"] == {"at_most": 1, "count": 1}
    assert shelf.post("/notes", json={"text": "y"}, headers=ADA).status_code == 201
    assert shelf.post("/notes", json=pinned, headers=BOB).status_code == 201


def test_an_update_can_reach_the_limit_too(shelf: Tiny) -> None:
    """What counts is one record more that matches; one that matched may change."""
    made = shelf.post("/notes", json={"text": "x", "pinned": True}, headers=ADA).json()

    other = shelf.call("PUT", "/notes/n-1", json={"pinned": True}, headers=ADA)
    same = shelf.call("PUT", f"/notes/{made['id']}", json={"pinned": True}, headers=ADA)

    assert (other.status_code, same.status_code) == (402, 200)


def test_an_effect_can_come_about_for_each_of_a_list(shelf: Tiny) -> None:
    """Once for every item for which its condition holds; unknown keys change nothing."""
    reply = shelf.post("/sales", json={"books": [1, 3, 3, 99]})

    assert reply.json() == [1, 2, 2]
    made = [one["book"] for one in stored(shelf, "agreements")[1:]]
    assert made == [3, 3, 99]
    assert [one["id"] for one in stored(shelf, "reviews")] == [2, 3]
    assert shelf.post("/sales", json={}).json() == []


def test_a_refused_call_changes_nothing(shelf: Tiny) -> None:
    """Effects of an operation come about when it succeeds."""
    before = stored(shelf, "books")

    shelf.post("/sales", json={"books": "1"})

    assert stored(shelf, "books") == before
