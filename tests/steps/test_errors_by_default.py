"""Refusals that have no row: by status, by default, or as problem documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small import small

from emulator.diagnostics import SpecError
from emulator.explanation.explain import explain

ENVELOPE = {"default": {"ok": False, "error": "${error}"}}
PATHS = {
    "/tasks": {
        "get": {"operationId": "list", "responses": {}, "parameters": [
            {"name": "n", "in": "query", "schema": {"type": "integer", "minimum": 1}},
        ]},
        "post": {"operationId": "add", "responses": {}, "security": [{"Key": []}],
                 "requestBody": {"content": {"application/json": {"schema": {
                     "type": "object", "required": ["title"],
                     "properties": {"title": {"type": "string"}, "pages": {"type": "integer"}},
                 }}}}},
    },
    "/tasks/{id}": {"get": {"operationId": "read", "responses": {}, "parameters": [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
    ]}},
}  # fmt: skip
OPERATIONS = {
    "list": {"list": {"collection": "tasks"}},
    "add": {
        "create": {"collection": "tasks"},
        "requires": [{"check": "body.title != 'no'", "step": "act", "refuse": "task_refused"}],
    },
    "read": {"read": {"collection": "tasks", "key": "path.id"}},
}  # fmt: skip


def tasks(folder: Path, errors: Any = None, **more: Any) -> Any:
    """A provider with these *errors*, and none by default."""
    scheme = {"type": "http", "scheme": "bearer"}
    return small(
        folder, PATHS, OPERATIONS, errors=errors, collections={"tasks": {}, "keys": {}},
        openapi={"components": {"securitySchemes": {"Key": scheme}}},
        authentication={"schemes": {"Key": {"credentials": "keys"}}},
        fixtures={"keys": {"records": [{"id": 1, "name": "full", "key": "k-0123456789"}]}},
        rate_limits=[{"quota": 8, "window": "1m", "per": "ip"}], **more,
    )  # fmt: skip


def problem(status: int, title: str, detail: str, **more: Any) -> dict[str, Any]:
    said = {"type": "about:blank", "title": title, "status": status}
    return {**said, "detail": detail, **more}


def test_a_spec_without_errors_refuses_with_problems(tmp_path: Path) -> None:
    """RFC 9457, with the status that HTTP has for each, and the headers that it wants."""
    api = tasks(tmp_path)

    def told(reply: Any) -> tuple[int, Any]:
        assert reply.headers["content-type"] == "application/problem+json"
        return reply.status_code, reply.json()

    assert told(api.get("/nowhere", None)) == (
        404,
        problem(404, "Not Found", "No operation has this path"),
    )
    wrong = api.call("DELETE", "/tasks", None)
    assert (wrong.status_code, wrong.headers["allow"]) == (
        405,
        "GET, HEAD, OPTIONS, POST",
    )
    missing = api.post("/tasks", None, json={})
    assert missing.headers["www-authenticate"] == "Bearer"
    assert told(missing)[0] == 401
    violations = [
        {"field": "title", "detail": "title is required"},
        {"field": "pages", "detail": "pages must be of the type integer"},
    ]
    status, body = told(api.post("/tasks", json={"pages": "x"}))
    assert (status, body["status"], body["title"]) == (
        422,
        422,
        "Unprocessable Content",
    )
    assert sorted(body["errors"], key=json.dumps) == sorted(violations, key=json.dumps)
    assert told(api.post("/tasks", json={"title": "no"})) == (
        409,
        problem(409, "Conflict", "Task refused"),
    )
    assert told(api.get("/tasks/9", None))[1]["detail"] == "No such record"
    for _ in range(8):
        limited = api.get("/tasks", None)
    assert told(limited)[1] == problem(429, "Too Many Requests", "The quota is spent")
    assert limited.headers["retry-after"].isdigit()


def test_such_an_answer_is_marked_as_assumed(tmp_path: Path) -> None:
    """Nobody has said that the provider answers so."""
    api = tasks(tmp_path)

    explained = explain(api.program, api.program.operations["read"])

    assert {refusal["evidence"] for refusal in explained["refusals"]} == {"assumed"}


def test_a_default_answers_what_has_no_row(tmp_path: Path) -> None:
    """A row wins, then the status, then the hundred, then the default."""
    errors = {
        "envelopes": ENVELOPE,
        "table": {"not_found": {"status": 404, "error": "no_task"}},
        "by_status": {
            "401": {"error": "invalid_auth", "status": 200},
            "4XX": {"error": "${refused}"},
        },
        "default": {"error": "fatal"},
    }
    api = tasks(tmp_path, errors)

    def told(reply: Any) -> tuple[int, str]:
        return reply.status_code, reply.json()["error"]

    assert told(api.get("/tasks/9", None)) == (404, "no_task")
    assert told(api.post("/tasks", None, json={})) == (200, "invalid_auth")
    assert told(api.post("/tasks", json={"title": "no"})) == (409, "task_refused")
    assert told(api.get("/nowhere", None)) == (404, "no_route")


def test_a_default_may_use_what_is_known_of_a_refusal(tmp_path: Path) -> None:
    """A sentence, the status, the code; and facts, which others have not."""
    default = {
        "error": {"code": "${refused}", "text": "${status}: ${reason}"},
        "headers": {"Retry-After": "${retry_after}"},
    }
    api = tasks(tmp_path, {"envelopes": ENVELOPE, "default": default})

    reply = api.get("/tasks/9", None)

    assert reply.json() == {
        "ok": False,
        "error": {"code": "not_found", "text": "404: No such record"},
    }
    assert "retry-after" not in reply.headers
    for _ in range(9):
        reply = api.get("/tasks", None)
    assert (reply.status_code, int(reply.headers["retry-after"]) > 0) == (429, True)


def test_a_forced_refusal_is_the_same(tmp_path: Path) -> None:
    """Byte for byte, by default as well."""
    api = tasks(tmp_path, {"default": {"detail": "${reason}"}})

    natural = api.get("/tasks/9", None)
    forced = api.get("/tasks/9", None, headers={"X-Emulator-Refuse": "not_found"})

    assert forced.content == natural.content


def test_words_without_an_envelope_are_members_of_a_problem(tmp_path: Path) -> None:
    """RFC 9457, 3.2: a problem may have members of its own."""
    row = {"status": 404, "type": "https://acme.example/gone", "task": "${key}"}
    api = tasks(tmp_path, {"table": {"not_found": row}, "default": {}})

    assert api.get("/tasks/9", None).json() == {
        "type": "https://acme.example/gone",
        "title": "Not Found",
        "status": 404,
        "detail": "No such record",
        "task": 9,
    }


@pytest.mark.parametrize(
    ("errors", "codes"),
    [
        ({"table": {}}, {"unrenderable-refusal"}),
        ({"by_status": {"40X": {}}}, {"wrong-form"}),
        ({"by_status": {"404": {"fault": True}}}, {"unknown-key"}),
        ({"default": {"same_as": "not_found"}}, {"unknown-key"}),
        ({"default": {"status": 100}}, {"wrong-form"}),
        ({"default": {"detail": "${why_not}"}}, {"unknown-name"}),
        ({"envelopes": ENVELOPE, "default": {}}, {"missing-key"}),
        ({"default": {"envelope": "plain"}}, {"unknown-envelope"}),
    ],
)
def test_what_is_wrong_with_a_default_is_told_once(
    tmp_path: Path, errors: Any, codes: set[str]
) -> None:
    """However many refusals it answers."""
    with pytest.raises(SpecError) as error:
        tasks(tmp_path, errors)

    found = [
        diagnostic
        for diagnostic in error.value.diagnostics
        if diagnostic.severity == "error"
    ]
    assert {one.code for one in found} == codes
    if codes != {"unrenderable-refusal"}:
        assert len(found) == 1


def test_only_what_no_status_covers_needs_a_row(tmp_path: Path) -> None:
    """Each such code is told once, with the operations that can meet it."""
    errors = {"table": {}, "by_status": {"4XX": {"detail": "no"}}}

    tasks(tmp_path, errors)
    (tmp_path / "other").mkdir()
    with pytest.raises(SpecError) as error:
        tasks(tmp_path / "other", {"table": {}, "by_status": {"404": {}}})

    told = [diagnostic.what for diagnostic in error.value.diagnostics]
    assert len({*told}) == len(told)
    assert not [what for what in told if "'not_found'" in what]
    assert [what for what in told if "'rate_limited' on list, add, read" in what]


def test_a_useful_provider_is_openapi_and_a_few_lines(tmp_path: Path) -> None:
    """`provider`, `collections` and one line for each operation."""
    behavior = {"provider": "small", "collections": {"tasks": {}}, "operations": {
        "list": {"list": {"collection": "tasks"}}, "read": OPERATIONS["read"],
    }}  # fmt: skip
    api = small(
        tmp_path,
        {
            "/tasks": {"get": PATHS["/tasks"]["get"]},
            "/tasks/{id}": PATHS["/tasks/{id}"],
        },
        behavior["operations"], errors=None, collections=behavior["collections"],
        fixtures={"tasks": {"records": [{"id": 1, "title": "Sleep"}]}},
    )  # fmt: skip

    assert api.get("/tasks", None).json() == [{"id": 1, "title": "Sleep"}]
    assert api.get("/tasks/1", None).json() == {"id": 1, "title": "Sleep"}
    assert api.get("/tasks/2", None).status_code == 404


def test_body_and_headers_of_a_default_know_the_same(tmp_path: Path) -> None:
    """Without an envelope, too; and violations have plain words."""
    default = {
        "body": {"why": "${reason}", "all": "${violations}"},
        "headers": {"X-Code": "${refused}", "X-Status": "${status}"},
    }
    api = tasks(tmp_path, {"table": {}, "default": default})

    lost = api.get("/tasks/9", None)
    assert (lost.headers["x-code"], lost.headers["x-status"]) == ("not_found", "404")
    assert lost.json() == {"why": "No such record", "all": None}
    wrong = api.post("/tasks", json={}).json()
    assert wrong["all"][0]["message"] == "title is required"


@pytest.mark.parametrize(
    "own",
    [
        {"content_type": "application/json"},
        {"headers": {"content-type": "application/json"}},
    ],
)
def test_a_problem_may_have_another_type(tmp_path: Path, own: Any) -> None:
    """Its members are the same, and it has one type."""
    api = tasks(
        tmp_path, {"table": {"not_found": {"status": 404, **own}}, "default": {}}
    )

    reply = api.get("/tasks/9", None)

    assert reply.headers.get_list("content-type") == ["application/json"]
    assert reply.json()["title"] == "Not Found"


def test_a_default_of_the_specs_own_stands_in_for_all_plain_words(
    tmp_path: Path,
) -> None:
    """It is said of every rule that the spec has no other words for."""
    rules = {"required": "${field} is needed", "default": "${field} is wrong"}
    api = tasks(tmp_path, {"violations": {"rules": rules}})
    reply = api.post("/tasks", json={"pages": "x"})

    assert sorted(error["detail"] for error in reply.json()["errors"]) == [
        "pages is wrong",
        "title is needed",
    ]
