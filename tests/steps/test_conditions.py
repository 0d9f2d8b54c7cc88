"""A caller says which state it knows: what has not changed is not sent, and what has is not
written over (RFC 9110, 13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small

from emulator.diagnostics import SpecError

ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
BODY = {
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"title": {"type": "string"}}}
        }
    }
}
TABLE = {
    **BODIES,
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
    "not_modified": {"status": 304},
    "precondition_failed": {"status": 412, "code": "changed"},
}
NOTES = [
    {"id": 1, "title": "a", "at": "2026-03-01T10:00:00Z"},
    {"id": 2, "title": "b", "at": "2026-03-02T10:00:00Z"},
]
KEY = {"collection": "notes", "key": "path.id", "view": "note"}
SHOWN = {
    "headers": {"Cache-Control": "no-cache", "X-A": "1"},
    "body": {"note": "${item}"},
}


def api(folder: Path, validators: Any = None, **more: Any) -> Api:
    operations = {
        "list": {"list": {"collection": "notes"}, "reply": {"body": "${results}"}},
        "read": {"read": KEY, "reply": SHOWN},
        "change": {"update": {**KEY, "set": {"at": "${now}"}}, "reply": SHOWN},
        "remove": {
            "delete": {"collection": "notes", "key": "path.id"},
            "reply": {"status": 204},
        },
        "add": {
            "create": {"collection": "notes"},
            "reply": {"status": 201, "body": "${record}"},
        },
    }
    for name, changes in more.pop("operations", {}).items():
        operations[name] |= changes
    return small(
        folder,
        {
            "/notes": {
                "get": {"operationId": "list", "responses": {}},
                "post": {"operationId": "add", "requestBody": BODY, "responses": {}},
            },
            "/notes/{id}": {
                "get": {"operationId": "read", "parameters": ID, "responses": {}},
                "patch": {"operationId": "change", "parameters": ID, "requestBody": BODY,
                          "responses": {}},
                "delete": {"operationId": "remove", "parameters": ID, "responses": {}},
            },
        },
        operations,
        table={**TABLE, **more.pop("table", {})},
        fixtures={"notes": NOTES},
        collections={"notes": {"validators": validators or {}, **more.pop("notes", {})}},
        views={"note": {"collection": "notes", "fields": ["id", "title"], **more.pop("view", {})}},
        **more,
    )  # fmt: skip


def ask(
    made: Api, method: str, path: str = "/notes/1", body: Any = None, **headers: str
) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return made.call(method, path, None, json=body, headers=sent)


def test_what_the_caller_has_is_not_sent_again(tmp_path: Path) -> None:
    """A 304 has no body, and those headers of the reply that a cache has to know."""
    made = api(tmp_path, {"last_modified": "at"}, headers={"X-Every": "1"})
    first = ask(made, "GET")
    again = ask(made, "GET", If_None_Match=first.headers["ETag"])
    since = ask(made, "GET", If_Modified_Since="Sun, 01 Mar 2026 10:00:00 GMT")
    head = ask(made, "HEAD", If_None_Match=first.headers["ETag"])

    assert first.headers["Last-Modified"] == "Sun, 01 Mar 2026 10:00:00 GMT"
    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.headers.get(name) for name in (
        "ETag", "Last-Modified", "Cache-Control", "X-Every", "X-A", "Content-Type",
    )} == {
        "ETag": first.headers["ETag"],
        "Last-Modified": first.headers["Last-Modified"],
        "Cache-Control": "no-cache",
        "X-Every": "1",
        "X-A": None,
        "Content-Type": None,
    }  # fmt: skip
    assert (since.status_code, head.status_code) == (304, 304)


def test_a_change_gives_another_tag(tmp_path: Path) -> None:
    """The reply to a write has the tag that a read has afterwards."""
    made = api(tmp_path)
    old = ask(made, "GET").headers["ETag"]
    written = ask(made, "PATCH", body={"title": "c"}, If_Match=old)
    read = ask(made, "GET", If_None_Match=old)

    assert written.status_code == read.status_code == 200
    assert old != written.headers["ETag"] == read.headers["ETag"]


def test_a_write_to_another_state_changes_nothing(tmp_path: Path) -> None:
    made = api(tmp_path)
    old = ask(made, "GET").headers["ETag"]
    ask(made, "PATCH", body={"title": "c"})

    replies = [
        ask(made, "PATCH", body={"title": "d"}, If_Match=old),
        ask(made, "DELETE", If_Match=f'"other", {old}'),
        ask(made, "PATCH", body={"title": "e"}, If_None_Match="*"),
    ]

    assert [(reply.status_code, reply.json()) for reply in replies] == [
        (412, {"error": "changed"})
    ] * 3
    assert ask(made, "GET").json()["note"]["title"] == "c"
    assert ask(made, "DELETE", If_Match="*").status_code == 204


def test_a_list_has_a_tag_of_what_is_on_the_page(tmp_path: Path) -> None:
    made = api(tmp_path)
    tag = ask(made, "GET", "/notes").headers["ETag"]
    same = ask(made, "GET", "/notes", If_None_Match=f'"x", W/{tag}').status_code
    ask(made, "POST", "/notes", {"title": "new"})
    other = ask(made, "GET", "/notes", If_None_Match=tag)

    assert (same, other.status_code) == (304, 200)
    assert "Last-Modified" not in other.headers


def test_a_tag_may_be_a_field_and_weak(tmp_path: Path) -> None:
    """A weak tag serves caches, and no write (RFC 9110, 8.8.1)."""
    made = api(tmp_path, {"etag": "id", "weak": True})
    tag = ask(made, "GET").headers["ETag"]

    assert tag == 'W/"1"'
    assert ask(made, "GET", If_None_Match='"1"').status_code == 304
    assert ask(made, "PATCH", body={}, If_Match=tag).status_code == 412


def test_a_write_may_have_to_say_what_it_knows(tmp_path: Path) -> None:
    needed = {"precondition_required": {"status": 428}}
    made = api(tmp_path, {"required": True}, table=needed)
    tag = ask(made, "GET").headers["ETag"]

    assert ask(made, "PATCH", body={}).status_code == 428
    assert ask(made, "PATCH", body={}, If_Match=tag).status_code == 200


def test_an_operation_may_have_none(tmp_path: Path) -> None:
    made = api(tmp_path, operations={"list": {"validators": False}})

    assert "ETag" not in ask(made, "GET", "/notes").headers
    assert "ETag" in ask(made, "GET").headers


def test_a_view_may_have_its_own(tmp_path: Path) -> None:
    """They hold for those who read by it, and for who writes what they read."""
    made = api(tmp_path, view={"validators": {"etag": "title"}})
    tag = ask(made, "GET").headers["ETag"]

    assert tag == '"a"'
    assert ask(made, "PATCH", body={}, If_Match='"b"').status_code == 412
    assert ask(made, "PATCH", body={}, If_Match=tag).status_code == 200
    assert ask(made, "GET", "/notes").headers["ETag"] != tag
    none = api(tmp_path / "none", view={"validators": False})
    assert "ETag" not in ask(none, "GET").headers


def test_not_modified_may_cost_nothing(tmp_path: Path) -> None:
    limit = {
        "name": "a",
        "quota": 9,
        "window": "1h",
        "per": "ip",
        "uncharged": ["not_modified"],
    }
    made = api(tmp_path, rate_limits=[limit], headers={"X-Used": "${quotas.a.used}"},
               table={"rate_limited": {"status": 429}})  # fmt: skip
    tag = ask(made, "GET").headers["ETag"]
    used = [ask(made, "GET", If_None_Match=tag).headers["X-Used"] for _ in range(3)]

    assert used == ["1"] * 3


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/notes/1", "not_modified"),
        ("GET", "/notes", "not_modified"),
        ("PATCH", "/notes/1", "precondition_failed"),
        ("DELETE", "/notes/1", "precondition_failed"),
    ],
)
def test_its_refusals_can_be_forced(
    tmp_path: Path, method: str, path: str, code: str
) -> None:
    """With the bytes of a natural one."""
    made = api(tmp_path)
    tag = ask(made, "GET", path).headers["ETag"]
    names = {
        "not_modified": {"If_None_Match": tag},
        "precondition_failed": {"If_Match": '"x"'},
    }
    body = {} if method == "PATCH" else None
    forced = ask(made, method, path, body, X_Emulator_Refuse=code)
    natural = ask(made, method, path, body, **names[code])

    assert (forced.status_code, forced.content) == (
        natural.status_code,
        natural.content,
    )


@pytest.mark.parametrize(
    "field", ["," * 1_000, '"', 'W/"' * 3_000, "x" * 8_000, '"a" ' * 1_000, '"\u00e9"'.encode("latin-1").decode("latin-1")]
)  # fmt: skip
def test_a_field_that_is_no_list_of_tags_matches_nothing(
    tmp_path: Path, field: str
) -> None:
    made = api(tmp_path)
    headers = {"If-None-Match": field.encode("latin-1")}

    assert made.call("GET", "/notes/1", None, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"etag": "vershion"}, "unknown-name"),
        ({"etag": False}, "wrong-form"),
        ({"weak": True, "required": True}, "wrong-form"),
        ({"last_modified": "edited"}, "unknown-name"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, written: Any, code: str) -> None:
    with pytest.raises(SpecError) as mistakes:
        api(tmp_path, written)

    assert code in {diagnostic.code for diagnostic in mistakes.value.diagnostics}
