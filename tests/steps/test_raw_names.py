"""Raw names: what a call sent, before anything was read of it."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small

from emulator.diagnostics import SpecError

PARAMETER = {"name": "X-Kind", "in": "header", "schema": {"type": "string"}}
BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
PATHS = {
    "/raw": {
        "post": {"operationId": "raw", "parameters": [PARAMETER], "requestBody": BODY}
    }
}


def api(folder: Path, body: Any) -> Api:
    """A provider that answers with *body*."""
    return small(folder, PATHS, {"raw": {"reply": {"body": body}}}, table=BODIES)


def test_query_and_body_are_there_as_they_were_sent(tmp_path: Path) -> None:
    """Byte for byte, whatever becomes of them when they are read."""
    names = {"query": "${raw_query}", "body": "${request.raw_body}"}
    provider = api(tmp_path, {**names, "exact": "${raw_body_base64}"})
    sent = b'{ "b":1 , "a": "\xc3\xbc" }'

    reply = provider.call(
        "POST",
        "/raw?b=%20x+y&a&b=%c3%bc",
        None,
        content=gzip.compress(sent),
        headers={"content-type": "application/json", "content-encoding": "gzip"},
    )

    assert reply.json() == {
        "query": "b=%20x+y&a&b=%c3%bc",
        "body": sent.decode(),
        "exact": base64.b64encode(sent).decode(),
    }


def test_a_call_without_them_has_empty_texts(tmp_path: Path) -> None:
    provider = api(tmp_path, "${[raw_query, raw_body, raw_body_base64]}")

    assert provider.call("POST", "/raw", None).json() == ["", "", ""]


def test_a_body_that_is_no_text_is_not_lost(tmp_path: Path) -> None:
    """Replacement characters stand in the text, and its bytes have a hash."""
    table = {**BODIES, "malformed_body": {"status": 400, "code": "${raw_body}"}}
    operations = {"raw": {"reply": {"body": "never"}}}
    provider = small(tmp_path, PATHS, operations, table=table)

    reply = provider.call(
        "POST",
        "/raw",
        None,
        content=b"\xff\x00{",
        headers={"content-type": "application/json"},
    )

    assert (reply.status_code, reply.json()) == (400, {"error": "\ufffd\x00{"})


def test_every_header_can_be_asked_for_by_its_name(tmp_path: Path) -> None:
    """In any case; lines of one name are one list, as RFC 9110 (5.3) has it."""
    names = "header_lines['X-Many'], request.header_lines.Authorization"
    provider = api(tmp_path, f"${{[{names}, header_lines['x-none']]}}")
    many = [("X-Many", "a"), ("x-many", "b, c"), ("Authorization", "Custom 1")]

    reply = provider.client.post(provider.root + "/raw", headers=many)

    assert reply.json() == ["a, b, c", "Custom 1", None]


@pytest.mark.parametrize(
    ("expression", "what", "fix"),
    [
        (
            "header['authorization']",
            "'header' has no 'authorization'",
            "declare it in openapi.yaml, or write header_lines['authorization']",
        ),
        ("header['X-Kin']", "'header' has no 'X-Kin'", "did you mean 'X-Kind'?"),
        (
            "header_lines.content_type",
            "no header is called 'content_type'",
            "write header_lines['content-type']",
        ),
    ],
)
def test_a_header_that_is_named_wrongly_is_reported(
    tmp_path: Path, expression: str, what: str, fix: str
) -> None:
    with pytest.raises(SpecError) as caught:
        api(tmp_path, f"${{{expression}}}")

    assert what in str(caught.value)
    assert f"fix: {fix}" in str(caught.value)
