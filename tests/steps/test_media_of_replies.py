"""The media type of a reply: said by it, described by openapi.yaml, chosen by Accept."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from small import small

from emulator.diagnostics import SpecError

PDF = b"%PDF-1.7\n\xff"


def replying(folder: Path, reply: Any, media: Any = (), **more: Any) -> Any:
    """A provider with one operation, whose 200 is described in these types."""
    folder.mkdir(exist_ok=True)
    responses = {"200": {"description": "It", "content": {name: {} for name in media}}}
    get = {"operationId": "read", "responses": responses, "parameters": [
        {"name": "q", "in": "query", "schema": {"type": "string"}},
    ]}  # fmt: skip
    invalid = {"invalid_request": {"status": 422}}
    table = {**invalid, **more.pop("table", {})}
    operation = {"reply": reply, **more.pop("operation", {})}
    return small(
        folder, {"/it": {"get": get}}, {"read": operation}, table=table, **more
    )


def got(api: Any, query: str = "", **headers: str) -> tuple[str | None, bytes]:
    reply = api.get(f"/it{query}", None, headers=headers)
    return reply.headers.get("content-type"), reply.content


@pytest.mark.parametrize(
    ("reply", "media", "type", "body"),
    [
        ({"body": "a,b\n1,2\n"}, ["text/csv"], "text/csv", b"a,b\n1,2\n"),
        ({"body": "hi ${query.q}"}, ["text/html; charset=utf-8"], "text/html; charset=utf-8", b"hi x"),
        ({"body": {"a": 1}}, ["application/vnd.api+json"], "application/vnd.api+json", b'{"a":1}'),
        ({"body": {"a": 1}}, ["application/json; charset=utf-8"], "application/json", b'{"a":1}'),
        ({"body": {"a": 1}}, ["*/*"], "application/json", b'{"a":1}'),
        ({"body": {"a": 1}}, ["application/xml"], "application/xml",
         b'<?xml version="1.0" encoding="UTF-8"?>\n<response><a>1</a></response>'),
        ({"body": {"a": 1, "b": "c d"}}, ["application/x-www-form-urlencoded"],
         "application/x-www-form-urlencoded", b"a=1&b=c+d"),
        ({"body": [{"a": 1}, "b"]}, ["application/x-ndjson"], "application/x-ndjson", b'{"a":1}\n"b"\n'),
        ({"body": ["a", {"b": 1}, {"event": "end", "data": "c"}]}, ["text/event-stream"],
         "text/event-stream", b'data: a\n\ndata: {"b":1}\n\nevent: end\ndata: c\n\n'),
        ({"body": base64.b64encode(PDF).decode(), "encode": "bytes"}, ["application/pdf"],
         "application/pdf", PDF),
        ({"body": "a: ${query.q}", "encode": "text"}, ["application/yaml"], "application/yaml", b"a: x"),
        ({"body": "${query.q}", "content_type": "text/plain"}, ["application/json"], "text/plain", b"x"),
        ({"body": "${query.q}", "content_type": "text/${query.q}", "encode": "text"}, [], "text/x", b"x"),
        ({"body": "${query.q}", "headers": {"content-type": "text/plain"}}, [], "text/plain", b"x"),
        ({"body": "${query.q}", "content_type": "text/plain", "encode": "json"}, [], "text/plain", b'"x"'),
        ({"body": ["${query.q}"], "encode": "events"}, [], "text/event-stream", b"data: x\n\n"),
        ({"body": ["${query.q}"], "encode": "lines"}, ["application/json"], "application/json", b'"x"\n'),
        ({"body": {"a": [1]}, "encode": {"xml": {"root": "all", "items": {"a": "one"}}}}, [],
         "application/xml; charset=utf-8",
         b'<?xml version="1.0" encoding="UTF-8"?>\n<all><a><one>1</one></a></all>'),
        ({"body": "${omit}", "content_type": "text/plain"}, [], None, b""),
        ({"body": [], "encode": "events"}, [], "text/event-stream", b""),
    ],
)  # fmt: skip
def test_a_body_is_written_as_its_type_wants_it(
    tmp_path: Path, reply: Any, media: Any, type: str | None, body: bytes
) -> None:
    """There is one Content-Type, and it says what the bytes are."""
    api = replying(tmp_path, reply, media)

    answer = api.get("/it?q=x", None)

    assert answer.headers.get_list("content-type") == ([type] if type else [])
    assert answer.content == body
    head = api.call("HEAD", "/it?q=x", None)
    assert (head.content, head.headers.get("content-type")) == (b"", type)


@pytest.mark.parametrize(
    ("accept", "type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/xml", "application/xml"),
        ("application/*;q=0.5, application/vnd.acme+json", "application/vnd.acme+json"),
        ("application/json;q=0.1, application/xml;q=0.2", "application/xml"),
        ("image/png", "application/json"),
    ],
)
def test_the_client_chooses_among_several_types(
    tmp_path: Path, accept: str, type: str
) -> None:
    """RFC 9110, 12.5.1; who wants none of them gets the first, unless that is refused."""
    media = ["application/json", "application/vnd.acme+json", "application/xml"]
    api = replying(tmp_path, {"body": {"a": 1}}, media)

    assert got(api, accept=accept)[0] == type


def test_several_accept_headers_are_one(tmp_path: Path) -> None:
    """RFC 9110, 5.3: a list may come in several lines."""
    api = replying(tmp_path, {"body": 1}, ["application/json", "application/xml"])
    headers = [("Accept", "text/html"), ("Accept", "application/xml")]

    reply = api.client.get("/small/it", headers=headers)

    assert reply.headers["content-type"] == "application/xml"


def test_a_type_of_a_reply_can_be_asked_for_where_others_are_refused(
    tmp_path: Path,
) -> None:
    """`accept: enforce` knows what the replies say of themselves."""
    reply = [
        {"when": "query.q", "body": "x", "content_type": "text/csv"},
        {"body": {"a": 1}},
    ]
    api = replying(
        tmp_path, reply, ["application/json"], http={"accept": "enforce"},
        table={"not_acceptable": {"status": 406}},
    )  # fmt: skip

    assert got(api, "?q=1", accept="text/csv") == ("text/csv", b"x")
    assert got(api, "?q=1", accept="image/png")[1] == b'{"error":"refused"}'


def test_formats_hold_for_json_alone(tmp_path: Path) -> None:
    """Who asks for XML gets JSON as XML; a text stays a text."""
    formats = [{"when": "query.q == 'xml'", "xml": {"root": "it"}}]
    reply = [{"when": "method == 'GET' and query.q == 'text'", "body": "t", "content_type": "text/plain"},
             {"body": {"a": 1}}]  # fmt: skip
    media = ["application/json", "application/xml", "text/plain"]
    api = replying(tmp_path, reply, media, formats=formats)

    assert got(api, "?q=xml")[1].endswith(b"<it><a>1</a></it>")
    assert got(api, "?q=text") == ("text/plain", b"t")
    assert got(api, accept="application/xml") == ("application/json", b'{"a":1}')


def test_a_refusal_has_a_type_of_its_own(tmp_path: Path) -> None:
    """By its row, or by openapi.yaml where that describes JSON of another name."""
    table = {
        "no_route": {"status": 404, "body": "gone", "content_type": "text/plain"},
        "wrong_method": {"status": 405, "body": {"a": 1}, "encode": {"xml": {"root": "no"}}},
    }  # fmt: skip
    api = replying(tmp_path, {"body": 1}, table=table)

    gone = api.get("/nowhere", None)
    assert (gone.headers["content-type"], gone.text) == ("text/plain", "gone")
    assert api.call("DELETE", "/it", None).text.endswith("<no><a>1</a></no>")


def test_errors_are_of_the_type_that_is_described(tmp_path: Path) -> None:
    """Of their status, of all of its hundred, or of all."""
    problem = {"application/problem+json": {}}
    get = {
        "operationId": "read",
        "responses": {"4XX": {"description": "", "content": problem}},
    }
    refused = {"check": "false", "refuse": "closed"}
    api = small(
        tmp_path, {"/it": {"get": get}}, {"read": {"requires": [refused]}},
        table={"closed": {"status": 409}},
    )  # fmt: skip

    assert got(api) == ("application/problem+json", b'{"error":"refused"}')


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"body": {"a": 1}, "encode": "text"}, "wrong-type"),
        ({"body": ["a"], "encode": "form"}, "wrong-type"),
        ({"body": {"a": 1}, "encode": "events"}, "wrong-type"),
        ({"body": "no!", "encode": "bytes"}, "wrong-type"),
        ({"encode": "lines", "body": "x"}, "wrong-type"),
        ({"body": 1, "encode": "csv"}, "unknown-value"),
        ({"body": 1, "every": "1s"}, "wrong-form"),
        ({"body": [1], "encode": "events", "every": "2h"}, "wrong-form"),
        ({"body": [1], "encode": "events", "every": "soon"}, "wrong-form"),
        (
            {
                "body": 1,
                "content_type": "text/plain",
                "headers": {"content-type": "text/css"},
            },
            "unusable-header",
        ),
        ({"body": 1, "content_type": "nonsense"}, "wrong-form"),
        ({"body": 1, "content_type": "text/${nobody}"}, "unknown-name"),
    ],
)
def test_what_cannot_be_written_is_told_at_its_line(
    tmp_path: Path, reply: Any, code: str
) -> None:
    with pytest.raises(SpecError) as error:
        replying(tmp_path, reply)

    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [code]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ({"body": "${[[1]][0]}", "encode": "text"}, "is a text, and this is a list"),
        ({"body": "${query.q}", "encode": "bytes"}, "is base64"),
        ({"body": "${[now][0]}", "encode": "events"}, "is a list, and this is a text"),
        (
            {"body": [{"data": 1, "id": "${query.q}"}], "encode": "events"},
            "is one line",
        ),
        ({"body": 1, "content_type": "text/${query.q}"}, "cannot carry"),
    ],
)
def test_what_a_call_makes_unwritable_is_a_mistake_of_the_spec(
    tmp_path: Path, reply: Any, why: str
) -> None:
    """With its place, the expression and the value; the connection goes on.

    Where the kind of a body shows, `check` tells of it before: see tests/compile/test_media.py.
    """
    api = replying(tmp_path, reply)

    answer = api.get("/it?q=a%0d%0aevent:%20b!", None)

    assert (answer.status_code, answer.json()["title"]) == (500, "spec error")
    assert why in answer.json()["detail"]
    assert "behavior.yaml" in answer.json()["where"]


@pytest.mark.parametrize(
    "more",
    [
        {"headers": {"content-type": "text/plain"}},
        {"headers": {"X-A": "1", "x-a": "2"}},
    ],
)
def test_a_header_is_said_once(tmp_path: Path, more: Any) -> None:
    """A type in the general headers would be a second one; names have no case."""
    with pytest.raises(SpecError) as error:
        replying(tmp_path, {"body": 1}, **more)

    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [
        "unusable-header"
    ]
