"""`read_as`: bodies that are read as what their Content-Type does not say."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small

from emulator.diagnostics import SpecError

SCHEMA = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}, "size": {"type": "integer", "default": 3}},
}  # fmt: skip
FORM = "application/x-www-form-urlencoded"
LINES = "application/x-ndjson"


def echo(
    folder: Path,
    content: Any,
    operation: Any = None,
    schema: Any = None,
    **behavior: Any,
) -> Api:
    """A provider that answers what it has read."""
    schemas = {media: {"schema": schema or SCHEMA} for media in content}
    body = {"required": True, "content": schemas}
    paths = {"/echo": {"post": {"operationId": "echo", "requestBody": body}}}
    reply = {"reply": {"body": {"read": "${body}"}}}
    operations = {"echo": {**reply, **(operation or {})}}
    return small(folder, paths, operations, table=BODIES, **behavior)


def sent(api: Api, body: bytes, media: str, **headers: str) -> tuple[int, Any]:
    named = {"Content-Type": media} if media else {}
    reply = api.post("/echo", None, content=body, headers={**named, **headers})
    return reply.status_code, reply.json().get("read")


READ = (200, {"title": "a", "size": 3})


@pytest.mark.parametrize("media", ["application/json", FORM, "text/plain", "x/y", ""])
@pytest.mark.parametrize("way", ["operation", "http"])
def test_json_is_json_whatever_it_says(tmp_path: Path, media: str, way: str) -> None:
    """`curl -d` sends JSON as a form, and many APIs do not mind."""
    as_json: dict[str, Any] = {"read_as": "json"}
    if way == "http":
        api = echo(tmp_path, ["application/json"], http=as_json)
    else:
        api = echo(tmp_path, ["application/json"], as_json)

    assert sent(api, b'{"title": "a"}', media) == READ
    assert sent(api, b'{"title": 3}', media)[0] == 422
    assert sent(api, b"title=a", media)[0] == 400
    entry = next(iter(api.world.journal))
    assert entry.read_request() == ("json", {"title": "a"})


def test_without_it_the_type_counts(tmp_path: Path) -> None:
    api = echo(tmp_path, ["application/json"])

    assert sent(api, b'{"title": "a"}', FORM)[0] == 415


def test_the_narrowest_type_counts(tmp_path: Path) -> None:
    """A type that the document has is read as that says, unless it is named itself."""
    ways = {"*/*": "json", "text/*": "form"}
    api = echo(tmp_path, ["application/json", FORM], {"read_as": ways})

    assert sent(api, b"title=a", "text/plain") == READ
    assert sent(api, b'{"title": "a"}', "x/y") == READ
    assert sent(api, b"title=a", FORM) == READ


def test_a_type_that_is_taken_keeps_its_own_schema(tmp_path: Path) -> None:
    api = echo(tmp_path, ["text/plain"], {"read_as": {"text/plain": "json"}})

    assert sent(api, b'{"title": "a"}', "text/plain") == READ
    assert sent(api, b"a", "text/plain")[0] == 400
    assert sent(api, b'{"title": "a"}', "text/html")[0] == 415


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"title": "a"}\n{"title": "b", "size": 1}\n', (200, [READ[1], {"title": "b", "size": 1}])),
        (b'{"title": "a"}\r\n\r\n', (200, [READ[1]])),
        (b'{"title": "a"}\n{"size": 1}', (422, None)),
        (b'{"title": "a"}\n{"size": ', (400, None)),
        (b'{"title": "a", "title": "b"}', (400, None)),
        (b"[" * 200, (400, None)),
        (b"\n", (200, [])),
    ],
)  # fmt: skip
def test_lines_are_a_list(tmp_path: Path, body: bytes, read: Any) -> None:
    """What the schema says of a body of lines, it says of each."""
    assert sent(echo(tmp_path, [LINES]), body, LINES) == read


def test_a_schema_of_a_list_judges_the_lines_together(tmp_path: Path) -> None:
    schema = {"type": "array", "maxItems": 1, "items": SCHEMA}
    api = echo(tmp_path, [LINES], schema=schema)

    assert sent(api, b'{"title": "a"}', LINES) == (200, [READ[1]])
    assert sent(api, b'{"title": "a"}\n{"title": "a"}', LINES)[0] == 422


def test_a_body_costs_what_its_lines_do(tmp_path: Path) -> None:
    """Of the longest body that is read, and no more than that for each."""
    api = echo(tmp_path, [LINES])

    def seconds(lines: int) -> float:
        began = time.process_time()
        assert sent(api, b'{"title":"a"}\n' * lines, LINES)[0] == 200
        return time.process_time() - began

    seconds(100)
    assert seconds(70_000) < 30 * seconds(7_000)


def test_a_compressed_body_is_read_as_well(tmp_path: Path) -> None:
    """RFC 9110, 8.4: what counts is what comes out, also against the limit."""
    api = echo(tmp_path, ["application/json"], {"read_as": "json", "max_body": 1_000})

    small_body = gzip.compress(b'{"title": "a"}')
    bomb = gzip.compress(b" " * 50_000_000)
    assert sent(api, small_body, FORM, **{"Content-Encoding": "gzip"}) == READ
    assert sent(api, small_body, FORM, **{"Content-Encoding": "br"})[0] == 415
    assert sent(api, bomb, FORM, **{"Content-Encoding": "gzip"})[0] == 413


@pytest.mark.parametrize(
    ("content", "read_as", "told"),
    [
        (["text/csv"], "json", "unread-body"),
        (["application/json"], {"text/csv": "form"}, "no body of the operation 'echo' is form"),
        (["application/json"], "yaml", "'yaml' is not a value of"),
        (["application/json"], {}, "operations.echo.read_as"),
    ],
)  # fmt: skip
def test_a_way_of_reading_that_nothing_has_is_told(
    tmp_path: Path, content: Any, read_as: Any, told: str
) -> None:
    if content == ["text/csv"]:
        read_as = {"application/json": "json"}
    with pytest.raises(SpecError, match=told):
        echo(tmp_path, content, {"read_as": read_as})
