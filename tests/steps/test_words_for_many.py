"""Words that hold for several refusals, or for all violations of a field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small import BODIES, small

NOTE = {
    "type": "object",
    "required": ["size", "title"],
    "properties": {"size": {"type": "integer", "maximum": 9}, "title": {"type": "string"}},
}  # fmt: skip
BODY = {"required": True, "content": {"application/json": {"schema": NOTE}}}
PATHS = {
    "/notes": {"post": {"operationId": "add", "requestBody": BODY, "responses": {}}}
}


def test_a_default_of_a_field_is_for_its_violations_without_words(
    tmp_path: Path,
) -> None:
    """A rule of the field comes before it, and a general rule after it."""
    errors: Any = {
        "default": {},
        "violations": {
            "rules": {"required": "needed", "type.integer": "no number"},
            "fields": {"size": {"default": "1 to 9", "required": "how large?"}},
        },
    }
    api = small(tmp_path, PATHS, {"add": {}}, errors=errors)

    said = {
        sent: [
            each["detail"]
            for each in api.post("/notes", None, content=sent, headers=JSON).json()[
                "errors"
            ]
        ]
        for sent in ('{"size": 10}', '{"size": "x", "title": "a"}', '{"title": "a"}')
    }

    assert [sorted(words) for words in said.values()] == [
        ["1 to 9", "needed"],
        ["1 to 9"],
        ["how large?"],
    ]


def test_an_entry_of_an_operation_may_take_after_another_of_its_own(
    tmp_path: Path,
) -> None:
    """`same_as`, or its name alone, where both stand in the same table."""
    own: Any = {
        "malformed_body": {"status": 422, "code": "unreadable"},
        "unsupported_media": "malformed_body",
        "body_too_large": {"same_as": "malformed_body", "code": "too long"},
    }
    api = small(
        tmp_path, PATHS, {"add": {"errors": own, "max_body": "10B"}}, table=BODIES
    )

    replies = [
        api.post("/notes", None, content=content, headers={"Content-Type": media})
        for content, media in [("{", JSON["Content-Type"]), ("a", "text/plain"), ("x" * 11, JSON["Content-Type"])]
    ]  # fmt: skip

    assert [(reply.status_code, reply.json()) for reply in replies] == [
        (422, {"error": "unreadable"}),
        (422, {"error": "unreadable"}),
        (422, {"error": "too long"}),
    ]


JSON = {"Content-Type": "application/json"}
