"""One of several replies is given: the first whose condition holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import BODIES, small

from emulator.admin.journal.entry import shown

JOB = {"/jobs/{id}": {
    "parameters": [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
    ],
    "get": {"operationId": "read", "responses": {"default": {"description": "The job"}}},
    "put": {
        "operationId": "put",
        "requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "properties": {"state": {"type": "string"}},
        }}}},
        "responses": {"default": {"description": "The job"}},
    },
}}  # fmt: skip
READ = {"collection": "jobs", "key": "path.id"}
JOBS = [
    {"id": 1, "state": "queued"},
    {"id": 2, "state": "done"},
    {"id": 3, "state": "moved"},
]
POLL = [
    {"when": "record.state == 'queued'", "status": 202, "headers": {"Retry-After": "5"},
     "body": "${omit}"},
    {"when": "record.state == 'moved'", "status": 303, "headers": {"Location": "/jobs/2"}},
    {"body": {"state": "${record.state}"}},
]  # fmt: skip
NOT_FOUND = {"not_found": {"status": 404}, "invalid_path": {"status": 404}}


def steps(entry: Any, api: Any) -> Any:
    return shown(entry, api.program)["steps"]


def polled(folder: Path, reply: Any = POLL, **more: Any) -> Any:
    operations = {"read": {"read": READ, "reply": reply}, "put": {"reply": {}}, **more}
    return small(
        folder, JOB, operations, table={**NOT_FOUND, **BODIES},
        fixtures={"jobs": {"records": JOBS}}, collections={"jobs": {}},
    )  # fmt: skip


def test_the_first_reply_that_holds_is_given(tmp_path: Path) -> None:
    """With its own status, headers and body: 202 until done, a redirect, the result."""
    api = polled(tmp_path)

    replies = [
        api.get(f"/jobs/{id}", None, follow_redirects=False) for id in (1, 2, 3, 9)
    ]

    assert [
        (reply.status_code, reply.headers.get("retry-after"), reply.text)
        for reply in replies
    ] == [
        (202, "5", ""),
        (200, None, '{"state":"done"}'),
        (303, None, ""),
        (404, None, '{"error":"refused"}'),
    ]
    assert replies[2].headers["location"] == "/jobs/2"


def test_the_journal_says_which_reply_was_given(tmp_path: Path) -> None:
    """Among several: a reader of the spec finds its line by the number."""
    api = polled(tmp_path)
    api.get("/jobs/3", None, follow_redirects=False)

    (entry,) = api.world.journal

    words = [step["decision"] for step in steps(entry, api) if step["step"] == "render"]
    assert words == ["gave reply 2 of 3: 303"]


def test_a_condition_may_look_at_the_input(tmp_path: Path) -> None:
    """An upsert: 201 or 200 by what the call says and what is stored."""
    reply = [
        {"when": "lookup('jobs', path.id)", "body": "${body.state}"},
        {"status": 201, "body": "made"},
    ]
    api = polled(tmp_path, put={"reply": reply})

    put = [api.call("PUT", f"/jobs/{id}", None, json={"state": "x"}) for id in (1, 8)]

    assert [(one.status_code, one.text) for one in put] == [
        (200, '"x"'),
        (201, '"made"'),
    ]


@pytest.mark.parametrize("status", [200, 207, 299, 404, 418, 503, 599])
def test_a_reply_may_have_any_status_of_a_final_reply(
    tmp_path: Path, status: int
) -> None:
    """Nothing has refused the call, whatever its number says."""
    api = polled(tmp_path, {"status": status, "body": 1})

    assert api.get("/jobs/1", None).status_code == status
    (entry,) = api.world.journal
    assert entry.refusal is None
