"""Keys of new records: who gives them, and what becomes of one that is another's."""

from __future__ import annotations

from typing import Any

from tiny import Tiny

EMAILS = {"unique": [{"fields": ["email"], "refuse": "email_taken"}]}
NAMES = {"key": "name", **EMAILS}


def shelf(**changes: Any) -> Tiny:
    """The shelf, with parts of its behavior replaced; `__` stands for a dot."""
    return Tiny(
        "shelf", {name.replace("__", "."): one for name, one in changes.items()}
    )


def authors(tiny: Tiny) -> list[Any]:
    """The names and addresses of all authors, in order."""
    return [
        (author["name"], author["email"])
        for author in tiny.world.collections(tiny.program)["authors"]
    ]


def test_a_creation_never_replaces_a_record() -> None:
    """A key that is taken is refused as a conflict, and the record stays what it was."""
    tiny = shelf()
    first = tiny.answer("/codes", method="POST", json={"code": "a", "note": 1})
    again = tiny.answer("/codes", method="POST", json={"code": "a", "note": 2})

    assert first == (201, {"code": "a"})
    assert again == (
        409,
        {"error": "refused", "facts": {"field": "code", "value": "a"}},
    )
    assert len(tiny.world.collections(tiny.program)["codes"]) == 1


def test_unique_says_how_a_taken_key_is_refused() -> None:
    """Also of a key that is put together, which no field of the body shows."""
    tiny = shelf(
        collections__codes={
            "key": "code",
            "ids": "'c/' + text(body.code)",
            "unique": [{"fields": ["code"], "refuse": "violation"}],
        }
    )
    tiny.post("/codes", json={"code": "a"})

    answer = tiny.answer("/codes", method="POST", json={"code": "a"})

    assert answer == (422, {"error": "refused", "facts": ["c/a is taken"]})


def test_a_caller_gives_the_key_that_the_body_declares() -> None:
    """Where `ids` says nothing else, what is sent is not thrown away."""
    tiny = shelf(collections__authors=NAMES)

    made = tiny.answer("/authors", method="POST", json={"name": "Di", "email": "d@x"})
    taken = tiny.answer("/authors", method="POST", json={"name": "Ada"})

    assert made == (201, {"name": "Di", "email": "d@x"})
    assert taken == (
        409,
        {"error": "refused", "facts": {"field": "name", "value": "Ada"}},
    )
    assert authors(tiny)[0] == ("Ada", "ada@shelf.example")


def test_ids_says_how_keys_are_made_whatever_is_sent() -> None:
    """A provider that makes its keys itself takes none."""
    tiny = shelf(collections__authors={**NAMES, "ids": "'A-' + text(body.name)"})

    assert tiny.post("/authors", json={"name": "Ada"}).json()["name"] == "A-Ada"


def test_a_change_of_the_key_moves_the_record() -> None:
    """It is found by the new key alone; the key of another is refused."""
    tiny = shelf(
        collections__authors=NAMES,
        operations__changeAuthor={
            "update": {"collection": "authors", "key": "'Ada' if path.id == 1 else 'Adi'"},
            "reply": {"body": "${record}"},
        },
    )  # fmt: skip

    taken = tiny.answer("/authors/1", method="PATCH", json={"name": "Bo"})
    moved = tiny.answer("/authors/1", method="PATCH", json={"name": "Adi"})

    assert taken == (
        409,
        {"error": "refused", "facts": {"field": "name", "value": "Bo"}},
    )
    assert moved[1]["name"] == "Adi"
    assert tiny.answer("/authors/1", method="PATCH", json={})[0] == 404
    assert sorted(name for name, _ in authors(tiny)) == ["Adi", "Bo", "Cy"]


def test_a_key_that_is_drawn_is_drawn_until_it_is_free() -> None:
    """Two records never share one: there are ten keys, and ten records."""
    tiny = shelf(collections__tickets={"ids": "token(1, '0123456789')"})

    keys = {tiny.post("/tickets", json={}).json()["id"] for _ in range(10)}

    assert keys == set("0123456789")


def test_a_key_that_may_be_sent_or_drawn_is_refused_where_it_was_sent() -> None:
    """It was drawn a hundred times in vain, and told as a mistake in the spec."""
    ids = "(body.code if body.code != 'new' else null) or token(8)"
    tiny = shelf(collections__codes={"key": "code", "ids": ids})
    codes = ("a", "a", "new", "new")
    made = [tiny.answer("/codes", method="POST", json={"code": code}) for code in codes]

    assert [status for status, _ in made] == [201, 409, 201, 201]
    assert made[0][1] == {"code": "a"}
    assert len({made[2][1]["code"], made[3][1]["code"]} - {"new"}) == 2


def test_a_refused_key_can_be_had_on_purpose() -> None:
    """As any refusal that an operation can give."""
    reply = shelf().post(
        "/codes", json={"code": "z"}, headers={"X-Emulator-Refuse": "conflict"}
    )

    assert reply.status_code == 409


EFFECT = {"create": "agreements", "set": {"author_id": "${record.id}"}}


def test_an_effect_creates_as_an_operation_does() -> None:
    """With `ids`, `owned_by` and `on_create`; what it sets wins, and `omit` takes out."""
    tiny = shelf(
        collections__agreements={
            "ids": "'agr_' + text(count('agreements'))",
            "owned_by": {"owner": "${operation_id}"},
            "on_create": {"made": "${now}", "state": "new", "gone": 1},
            "fields": ["author_id"],
        },
        operations__createAuthor__effects=[
            {
                **EFFECT,
                "set": {
                    "author_id": "${record.id}",
                    "state": "signed",
                    "gone": "${omit}",
                },
            }
        ],
    )

    tiny.post("/authors", json={"name": "Di"})

    assert tiny.world.collections(tiny.program)["agreements"].get("agr_1") == {
        "id": "agr_1", "owner": "createAuthor", "made": "2026-03-02T10:00:00Z",
        "state": "signed", "author_id": 4,
    }  # fmt: skip


def test_a_refused_effect_leaves_nothing_behind() -> None:
    """The call is refused, and so is all that it has done until then."""
    tiny = shelf(
        collections__agreements={
            "ids": "text(body.author_id)",
            "fields": ["author_id"],
        },
        operations__createBook__effects=[
            {
                "update": "authors",
                "key": "record.author_id",
                "set": {"email": "busy"},
            },
            {"create": "agreements", "set": {"author_id": "${record.author_id}"}},
        ],
    )
    book = {"title": "Waves", "author_id": 3}

    first = tiny.post("/books", json=book)
    before = tiny.json("/books")
    again = tiny.post("/books", json={**book, "title": "Again", "author_id": 3})

    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json()["facts"] == {"field": "id", "value": "3"}
    assert tiny.json("/books") == before
    assert tiny.post("/books", json={"title": "Next", "author_id": 2}).json()["id"] == 6


def test_an_effect_keeps_the_rules_of_its_collection() -> None:
    """What breaks one is refused in the words of the operation."""
    tiny = shelf(
        collections__agreements={
            "fields": ["author_id"],
            "rules": [
                {"check": "author_id != 5", "field": "author_id", "rule": "five"}
            ],
        },
        operations__createAuthor__effects=[EFFECT],
    )

    answers = [
        tiny.answer("/authors", method="POST", json={"name": one}) for one in "ab"
    ]

    assert answers[0][0] == 201
    assert answers[1] == (422, {"error": "refused", "facts": ["author_id breaks five"]})
    assert [name for name, _ in authors(tiny)][3:] == ["a"]


def test_what_is_omitted_is_taken_out_of_a_new_record() -> None:
    """A member of the input that is not to be stored."""
    tiny = shelf(
        operations__createAuthor__create={
            "collection": "authors",
            "set": {"email": "${omit}"},
        }
    )

    assert tiny.post("/authors", json={"name": "Di", "email": "d@x"}).json() == {
        "id": 4,
        "name": "Di",
    }


def test_a_guarded_effect_needs_no_words_for_a_conflict() -> None:
    """Who looks first whether the key is free is never refused it."""
    guarded = {
        "create": "agreements",
        "when": "lookup('agreements', text(record.id)) is None",
        "set": {"id": "${text(record.id)}", "author_id": 1},
    }
    tiny = Tiny(
        "shelf",
        {
            "operations.createAuthor.effects": [guarded],
            "collections.authors": {},
            "collections.books": {"on_create": {"slug": "x"}, "fields": ["sold"]},
            "collections.codes": {"key": "code", "ids": "uuid"},
            "collections.tickets": {},
            "errors.table.conflict": None,
            "errors.table.email_taken": None,
        },
    )

    assert tiny.post("/authors", json={"name": "Di"}).status_code == 201
