"""`request.body` is always the request's, whatever a record's fields are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import BODIES, small

from emulator.diagnostics import SpecError

BODY = {
    "type": "object",
    "properties": {"body": {"type": "string"}, "path": {"type": "string"}},
}
CREATE = {
    "operationId": "create",
    "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": BODY}},
    },
    "responses": {},
}


def made(folder: Path, values: Any) -> Any:
    """What is created of a comment, with these values set."""
    api = small(
        folder,
        {"/comments": {"post": CREATE}},
        {"create": {"create": {"collection": "comments", "set": values}, "reply": {"body": "${item}"}}},
        collections={"comments": None},
        table=BODIES,
    )  # fmt: skip
    return api.post("/comments?q=x", None, json={"body": "hello", "path": "/a"}).json()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${request.body.body}", "hello"),
        ("${request['body'].path}", "/a"),
        ("${upper(this.body)}", "HELLO"),
        ("${this['path']}", "/a"),
        ("${request.query.q}", "x"),
        ("${request.method}", "POST"),
        ("${request.now[:4]}", "${now[:4]}"),
        ("${length([one for one in [request.body] if one.body == this.body])}", 1),
    ],
)
def test_a_name_in_full_says_whose_it_is(
    tmp_path: Path, expression: str, value: Any
) -> None:
    """The call's, or the record's at hand, beside fields called `body` and `path`."""
    found = made(tmp_path, {"it": expression, "now_": "${now[:4]}"})

    assert found["it"] == (found["now_"] if value == "${now[:4]}" else value)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("${body.body}", "shadowed-name"),
        ("${request.query.w}", "'query' has no 'w'"),
        ("${request.bodi}", "'request' has no 'bodi'"),
        ("${this.bodi}", "'this' has no 'bodi'"),
        ("${request}", "there is no 'request' here"),
    ],
)
def test_a_name_that_says_nothing_is_told(
    tmp_path: Path, expression: str, said: str
) -> None:
    """Before the first call."""
    with pytest.raises(SpecError, match=said):
        made(tmp_path, {"it": expression})
