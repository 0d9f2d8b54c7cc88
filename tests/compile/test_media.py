"""Media types of replies: what is written in others than JSON and XML is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError

XML = [{"when": "true", "xml": {"root": "things"}}]


def told(folder: Path, media: Any, reply: Any, **more: Any) -> list[tuple[str, str]]:
    """What is said of an operation that is documented to reply with these types."""
    content = {one: {} for one in media}
    get = {"operationId": "read", "responses": {"2XX": {"content": content}}}
    small(folder, {"/things": {"get": get}}, {"read": {"reply": reply}}, **more)
    report = Report()
    load(Place(folder / "small", folder / "small" / "fixtures"), None, report)
    return [(diagnostic.code, diagnostic.what) for diagnostic in report.diagnostics]


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/problem+json",
        "text/json",
        "Application/Vnd.Acme.v1+JSON",
        "*/*",
    ],
)
def test_json_of_any_name_is_in_order(tmp_path: Path, media: str) -> None:
    """What is sent is JSON."""
    assert told(tmp_path, [media], {"body": 1}) == []


@pytest.mark.parametrize(
    "media",
    ["text/csv", "application/pdf", "text/event-stream", "application/x-ndjson"],
)  # fmt: skip
def test_a_type_that_nothing_is_written_in_is_told(tmp_path: Path, media: str) -> None:
    """With what is sent in its place; also where JSON is documented beside it."""
    what = f"read: no reply is written as {media!r}"

    found = told(tmp_path, ["application/json", media], {"body": 1})

    assert found == [("unwritten-media-type", what)]


def test_xml_is_written_where_formats_say_so(tmp_path: Path) -> None:
    """And where openapi.yaml names it: every JSON can be written so."""
    assert told(tmp_path, ["application/xml"], {"body": 1}, formats=XML) == []
    (tmp_path / "other").mkdir()
    assert told(tmp_path / "other", ["text/xml"], {"body": 1}) == []


@pytest.mark.parametrize("key", ["content_type", "encode"])
def test_a_form_without_a_body_is_told(tmp_path: Path, key: str) -> None:
    """Nothing would come of it."""
    value = {"content_type": "text/plain", "encode": "text"}[key]

    found = told(tmp_path, [], {"status": 303, key: value})

    assert found == [("idle-key", f"nothing comes of {key!r} here")]


def test_a_type_beside_what_a_reply_says_is_told(tmp_path: Path) -> None:
    """XML is not written where the reply is a stream, and the like."""
    reply = {"body": [1], "encode": "events"}

    found = told(tmp_path, ["application/json", "application/xml"], reply)

    assert found == [
        ("unwritten-media-type", "read: no reply is written as 'application/xml'")
    ]


def test_a_reply_without_a_body_has_no_type(tmp_path: Path) -> None:
    """Nothing is sent, so nothing is sent instead."""
    assert told(tmp_path, ["text/csv"], {"status": 204}) == []


@pytest.mark.parametrize(
    ("reply", "more"),
    [
        ({"body": {}, "headers": {"content-type": "text/csv; header=present"}}, {}),
        ({"body": [1], "content_type": "text/csv"}, {}),
        ({"body": 1}, {"http": {"content_type": "text/csv"}}),
        ({"body": 1}, {"table": {"no_route": {"status": 404, "content_type": "text/csv"}}}),
        ({"body": 1}, {"table": {
            "no_route": {"status": 404, "headers": {"Content-Type": "text/csv"}},
        }}),
    ],
    ids=["header", "reply", "http", "error", "header of an error"],
)  # fmt: skip
def test_json_under_another_name_is_told(tmp_path: Path, reply: Any, more: Any) -> None:
    """Wherever behavior.yaml can name the type."""
    found = told(tmp_path, [], reply, **more)

    assert found == [("unwritten-media-type", "JSON is sent under the name 'text/csv'")]


@pytest.mark.parametrize(
    ("encode", "body", "kind"),
    [
        ("events", "${now}", "a text"),
        ("lines", "${count('things')}", "a number"),
        ("sequence", "${{'a': 1}}", "a mapping"),
        ("form", "${[1]}", "a list"),
        ("text", "${[now]}", "a list"),
        ("bytes", "${1 + 1}", "a number"),
    ],
)
def test_an_expression_of_another_kind_is_told(
    tmp_path: Path, encode: str, body: str, kind: str
) -> None:
    """As what is written out is: each call would be a spec error."""
    with pytest.raises(SpecError) as refused:
        told(tmp_path, [], {"body": body, "encode": encode}, collections={"things": {}})

    found = [(each.code, each.what) for each in refused.value.diagnostics]
    what = f"the body is {kind}, and is to be written as {encode}"
    assert found == [("wrong-type", what)]


@pytest.mark.parametrize(
    ("encode", "body"),
    [
        ("events", "${[now]}"),
        ("lines", "${records('things')}"),
        ("form", "${{'a': 1}}"),
        ("text", "${count('things')}"),
        ("bytes", "${raw_body_base64}"),
        ("events", "${body}"),
    ],
)
def test_an_expression_that_can_be_written_is_not(
    tmp_path: Path, encode: str, body: str
) -> None:
    """Nor one of which no kind is known."""
    found = told(
        tmp_path, [], {"body": body, "encode": encode}, collections={"things": {}}
    )

    assert found == []
