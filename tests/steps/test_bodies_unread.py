"""Bodies of which only the size is known: they say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import BODIES, small

CONTENT = {
    "application/octet-stream": {"schema": {}},
    "application/json": {"schema": {}},
}
PUT = {"operationId": "put", "requestBody": {"content": CONTENT}, "responses": {}}


@pytest.mark.parametrize(
    ("media", "body", "noted"),
    [
        ("application/octet-stream", {"size": 3}, ["application/octet-stream"]),
        ("application/json", 123, []),
    ],
)
def test_what_is_not_read_is_noted(
    tmp_path: Path, media: str, body: Any, noted: list[str]
) -> None:
    """The journal says that the content of a body is not emulated."""
    api = small(
        tmp_path,
        {"/file": {"put": PUT}},
        {"put": {"reply": {"body": "${body}"}}},
        table=BODIES,
    )

    reply = api.call(
        "PUT", "/file", None, content=b"123", headers={"Content-Type": media}
    )

    assert reply.json() == body
    assert [
        facts["asked"]
        for _, decision, facts in list(api.world.journal)[-1].steps
        if decision == "not emulated"
    ] == noted
