"""Unlisted: a published document of which only a part is emulated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.diagnostics import SpecError

OK = {"responses": {"200": {"description": "Fine"}}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
PATHS = {
    "/things": {
        "get": {"operationId": "listThings", **OK},
        "post": {"operationId": "createThing", **OK},
    },
    "/others/{id}": {"put": {"operationId": "putOther", "parameters": [ID], **OK}},
}
LISTED = {"listThings": {"reply": {"body": {"fine": True}}}}


def published(tmp_path: Path, **changes: Any) -> Api:
    return small(tmp_path, PATHS, LISTED, **{"unlisted": "not_emulated", **changes})


def test_what_is_listed_answers_and_what_is_not_says_so(tmp_path: Path) -> None:
    api = published(tmp_path)
    reply = api.post("/things", None)

    assert api.get("/things", None).json() == {"fine": True}
    assert (reply.status_code, reply.json()) == (
        501,
        {
            "type": "about:blank",
            "title": "not emulated",
            "status": 501,
            "detail": "POST /things asks for what the spec of small does not say: the"
            " operation 'createThing' (known: listThings)",
            "unknown": [{"what": "operation", "asked": "createThing", "nearest": None}],
            "fix": "ask for what is known; or say under `operations` of"
            " specs/small/behavior.yaml how createThing behaves",
        },
    )
    assert api.call("PUT", "/others/7", None).status_code == 501
    assert api.call("DELETE", "/others/7", None).status_code == 405
    assert (
        api.call("OPTIONS", "/things", None).headers["allow"]
        == "GET, HEAD, OPTIONS, POST"
    )


def test_the_journal_has_it_and_a_test_is_told(tmp_path: Path) -> None:
    api = published(tmp_path)
    api.call("PUT", "/others/7", None)

    assert [alarm.kind for alarm in api.world.alarms] == ["not emulated"]
    assert [entry.status for entry in api.world.journal] == [501]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unlisted": None}, "missing-operation"),
        ({"unlisted": "ignored"}, "unknown-value"),
        ({"unlisted": True}, "unknown-value"),
    ],
)
def test_without_the_word_every_operation_is_asked_for(
    tmp_path: Path, changes: Any, code: str
) -> None:
    with pytest.raises(SpecError) as caught:
        published(tmp_path, **changes)

    assert code in {each.code for each in caught.value.diagnostics}
