"""What a spec leaves out of replies and views: the record, whole or by its view."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from small import BODIES, small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError

BOOK = {"id": 1, "title": "Stones", "full-name": "A. Stone", "from": 1999}
MADE = {"201": {"description": "Made"}}
OK = {"200": {"description": "OK"}}
GONE = {"204": {"description": "Gone"}}
SHOWN = {"200": {"description": "The book", "content": {"application/json": {}}}}
ANY = {"default": {"description": "What there is"}}
KEY = {"collection": "books", "key": "path.id"}
IN = {"collection": "books", "key": "path.id"}


def api(
    folder: Path,
    actions: Any,
    responses: Any = None,
    views: Any = None,
    reply: Any = None,
    replies: Any = None,
) -> Any:
    """Books, and what can be done with them by these *actions*."""
    responses = responses or {}
    body = {"requestBody": {"content": {"application/json": {"schema": {
        "type": "object", "properties": {"title": {"type": "string"}},
    }}}}}  # fmt: skip
    methods = {
        "list": ("/books", "get"), "create": ("/books", "post"),
        "read": ("/books/{id}", "get"), "update": ("/books/{id}", "put"),
        "delete": ("/books/{id}", "delete"),
    }  # fmt: skip
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths: Any = {"/books": {}, "/books/{id}": {"parameters": [id]}}
    operations: Any = {}
    for action, written in actions.items():
        path, method = methods[action]
        paths[path][method] = {
            "operationId": action, "responses": responses.get(action, ANY),
            **(body if method in ("post", "put") else {}),
        }  # fmt: skip
        operations[action] = {action: written, **(reply or {})}
    writes = {"create", "update"} & actions.keys()
    finds = {"read", "update", "delete"} & actions.keys()
    table = {
        **(BODIES if writes else {}),
        **({"not_found": {"status": 404}, "invalid_path": {"status": 404}} if finds else {}),
    }  # fmt: skip
    return small(
        folder, {path: item for path, item in paths.items() if len(item) > (path != "/books")},
        operations, table=table, collections={"books": {}},
        fixtures={"books": {"records": [BOOK]}}, **({"views": views} if views else {}),
        **({"replies": replies} if replies else {}),
    )  # fmt: skip


ALL = {
    "list": {"collection": "books"},
    "create": {"collection": "books"},
    "read": KEY,
    "update": IN,
}


def test_the_record_or_the_page_is_the_body_by_default(tmp_path: Path) -> None:
    """Whole, where no view shows less of it; with the first success of openapi.yaml."""
    books = api(tmp_path, {**ALL, "delete": KEY},
                {"create": MADE})  # fmt: skip
    new = {"title": "Rivers"}

    assert books.get("/books", None).json() == [BOOK]
    assert books.get("/books/1", None).json() == BOOK
    made = books.post("/books", None, json=new)
    assert (made.status_code, made.json()) == (201, {"id": 2, **new})
    changed = books.call("PUT", "/books/1", None, json=new)
    assert (changed.status_code, changed.json()) == (200, {**BOOK, **new})
    gone = books.call("DELETE", "/books/1", None)
    assert (gone.status_code, gone.content) == (204, b"")


AROUND = {"record": {"data": "${item}"}, "list": {"data": "${items}", "n": "${length(matched)}"}}  # fmt: skip


def test_what_stands_around_all_replies_is_said_once(tmp_path: Path) -> None:
    """A reply without a body still has none."""
    books = api(tmp_path, {**ALL, "delete": KEY}, {"create": MADE}, replies=AROUND)

    assert books.get("/books", None).json() == {"data": [BOOK], "n": 1}
    assert books.get("/books/1", None).json() == {"data": BOOK}
    made = books.post("/books", None, json={"title": "Rivers"})
    assert (made.status_code, made.json()["data"]["id"]) == (201, 2)
    assert books.call("PUT", "/books/1", None, json={}).json() == {"data": BOOK}
    assert books.call("DELETE", "/books/1", None).content == b""


def test_a_delete_that_shows_the_record_has_it_around_it(tmp_path: Path) -> None:
    books = api(tmp_path, {"read": KEY, "delete": KEY}, {"delete": SHOWN},
                replies={"record": AROUND["record"]})  # fmt: skip

    assert books.call("DELETE", "/books/1", None).json() == {"data": BOOK}


def test_a_body_of_an_operation_s_own_is_kept(tmp_path: Path) -> None:
    books = api(tmp_path, {"list": {"collection": "books"}, "read": KEY}, replies=AROUND,
                reply={"reply": [{"when": "client == 'x'"}, {"body": "mine"}]})  # fmt: skip

    assert books.get("/books/1", None).json() == "mine"


@pytest.mark.parametrize(
    ("replies", "actions", "code"),
    [
        ({"recor": "${item}"}, {"read": KEY}, "unknown-key"),
        ({"record": "${itm}"}, {"read": KEY}, "unknown-name"),
        ({"list": "${items}"}, {"read": KEY}, "idle-key"),
    ],
)
def test_what_cannot_stand_around_replies_is_reported(
    tmp_path: Path, replies: Any, actions: Any, code: str
) -> None:
    report = Report()
    with suppress(SpecError):
        api(tmp_path, actions, replies=replies)
    with suppress(SpecError):
        load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    assert code in {diagnostic.code for diagnostic in report.diagnostics}


@pytest.mark.parametrize(
    ("responses", "status", "sent"),
    [(ANY, 204, None), (GONE, 204, None), (OK, 200, None), (SHOWN, 200, BOOK),
     ({"202": {"description": "Soon"}, **GONE}, 202, None)],
)  # fmt: skip
def test_a_delete_says_what_openapi_describes(
    tmp_path: Path, responses: Any, status: int, sent: Any
) -> None:
    """The record that is gone, where a body is described; else nothing."""
    reply = api(tmp_path, {"delete": KEY}, {"delete": responses}).call(
        "DELETE", "/books/1", None
    )

    assert (reply.status_code, reply.json() if reply.content else None) == (
        status,
        sent,
    )


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ({}, BOOK),
        ({"fields": ["title"]}, {"title": "Stones"}),
        ({"fields": ["full-name", "from"]}, {"full-name": "A. Stone", "from": 1999}),
        ({"fields": ["id", "title"], "show": {"title": "${upper(title)}", "kind": "book"}},
         {"id": 1, "title": "STONES", "kind": "book"}),
        ({"fields": ["id", "title"], "show": {"id": "${omit}"}}, {"title": "Stones"}),
        ({"show": "${title}"}, "Stones"),
    ],
)  # fmt: skip
def test_a_view_shows_fields_and_what_differs(
    tmp_path: Path, view: Any, shown: Any
) -> None:
    """In the order in which they are written; without either, the whole record."""
    actions = {
        "read": {**KEY, "view": "book"},
        "list": {"collection": "books", "view": "book"},
    }
    books = api(tmp_path, actions, views={"book": {"collection": "books", **view}})

    read = books.get("/books/1", None)
    assert read.json() == shown
    assert books.get("/books", None).json() == [shown]
    if isinstance(shown, dict):
        assert [*read.json()] == [*shown]


@pytest.mark.parametrize(
    ("view", "code"),
    [
        ({"fields": ["titles"]}, "unknown-field"),
        ({"fields": ["title", "title"]}, "wrong-form"),
        ({"fields": []}, "wrong-form"),
        ({"fields": "title"}, "wrong-type"),
        ({"fields": ["title"], "show": "${id}"}, "wrong-type"),
        ({"fields": ["title"], "show": {"id": "${idd}"}}, "unknown-name"),
    ],
)
def test_what_a_view_cannot_show_is_told(tmp_path: Path, view: Any, code: str) -> None:
    """At its own line, and nothing more of it."""
    actions = {"read": {**KEY, "view": "book"}}

    with pytest.raises(SpecError) as error:
        api(tmp_path, actions, views={"book": {"collection": "books", **view}})

    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [code]


def test_no_body_is_written_where_the_spec_says_so(tmp_path: Path) -> None:
    """`omit` as a body; redirects and statuses without a body have none by themselves."""
    for number, reply in enumerate(
        ({"body": "${omit}"}, {"status": 204}, {"status": 303}, {"status": 404})
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        books = api(folder, {"read": KEY}, reply={"reply": reply})
        assert books.get("/books/1", None).content == b""
