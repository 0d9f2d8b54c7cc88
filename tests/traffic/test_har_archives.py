"""Archives as tools write them, and such as nobody should: what is read, and what is said."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from traffic_archives import archive, call

from emulator.diagnostics import Report
from emulator.traffic import har
from emulator.traffic.har import read_archive

Json = Any
GOOD = call("GET", "https://a.test/x", reply={"id": 1})


def said(content: bytes, *, lenient: bool = False) -> tuple[int, list[str]]:
    """How many calls are read, and the first lines of the diagnostics."""
    report = Report()
    read = read_archive(content, "a.har", report, lenient=lenient)
    return len(read.entries), [str(each).split("\n")[0] for each in report.diagnostics]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "a.har:1:1: error[archive-syntax]: it ends in the middle"),
        (b"PK\x03\x04....", "a.har:1:1: error[archive-syntax]: it is a zip file"),
        (b"\x1f\x8b\x08\x00", "a.har:1:1: error[archive-syntax]: it is compressed by gzip"),
        (b"<html>", "a.har:1:1: error[archive-syntax]: it is XML or HTML"),
        (b"\xff\xfe{\x00", "a.har:1:1: error[archive-syntax]: it is not UTF-8"),
        (b"[]", "a.har:1:1: error[archive-structure]: it has no `log` with `entries`"),
        (b'{"log": {}}', "a.har:1:1: error[archive-structure]: its `log` has no `entries`"),
        (b'{"openapi": "3.1.0"}', "a.har:1:1: error[archive-structure]: it is an OpenAPI document"),
        (b'{"log": {"version": "7", "entries": []}}',
         "a.har:1:1: error[archive-version]: it says to be of a version of HAR that is not known"),
    ],
)  # fmt: skip
def test_what_is_no_archive_is_said_to_be_none(content: bytes, line: str) -> None:
    many, lines = said(content)

    assert many == 0
    assert len(lines) == 1
    assert lines[0].startswith(line)


def test_a_syntax_error_has_its_place_and_not_its_text() -> None:
    """The line may hold a secret."""
    report = Report()
    read_archive(b'{"log": {\n  "entries": [hunter2]}}', "a.har", report)

    (only,) = report.diagnostics
    assert (only.at.line, only.at.column) == (2, 15)
    assert "hunter2" not in str(only)


def test_ten_thousand_levels_are_refused() -> None:
    content = b'{"log": {"entries": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}"

    many, (line,) = said(content)

    assert many == 0
    assert line.endswith("error[archive-syntax]: it is nested too deeply")


def test_deep_bodies_are_texts() -> None:
    """They are read as they came, and nothing recurses into them."""
    deep = "[" * 10_000 + "]" * 10_000
    entry = call("POST", "https://a.test/x", media="application/json", text=deep)

    report = Report()
    (only,) = read_archive(archive(entry), "a.har", report).entries
    assert (only.body.kind, report.diagnostics) == ("text", [])


def test_what_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 MiB, which no test writes: the bound is lowered here."""
    assert har.MAX_BYTES == 200 * 1024 * 1024
    monkeypatch.setattr(har, "MAX_BYTES", 100)

    assert said(archive(GOOD)) == (
        0,
        ["a.har:1:1: error[archive-too-large]: it is too large"],
    )


def test_an_archive_that_ends_early_is_read_with_lenient() -> None:
    """Up to its last whole entry, and said so."""
    content = archive(GOOD, GOOD, GOOD)[:-100]

    assert said(content)[0] == 0
    many, (line,) = said(content, lenient=True)
    assert many == 2
    assert "warning[archive-syntax]: it ends in the middle" in line


def without(key: str, part: str = "") -> Json:
    entry = json.loads(json.dumps(GOOD))
    del (entry[part] if part else entry)[key]
    return entry


def with_(part: str, **members: Json) -> Json:
    entry = json.loads(json.dumps(GOOD))
    entry[part] |= members
    return entry


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (7, "it is not an object"),
        (without("request"), "it has no `request`"),
        (without("url", "request"), "its request has no `url`"),
        (without("method", "request"), "its request has no `method`"),
        (with_("request", method="G T"), "its request has no `method`"),
        (with_("request", url="https://a.test:99999/"), "its `url` is not an address"),
        (with_("request", url="https:///x"), "its `url` has no host"),
        (with_("request", headers={}), "the request's `headers` are not a list"),
        (with_("request", postData=[]), "its `postData` is not an object"),
        (with_("response", status="ok"), "its `status` is no status of HTTP"),
        (with_("response", status=99), "its `status` is no status of HTTP"),
        (with_("response", headers=[{}]), "one of the response's `headers` has no `name`"),
        (with_("response", content={"text": "%", "encoding": "base64"}),
         "a body is not the base64 that it says to be"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used_is_reported_where_it_stands(
    entry: Json, what: str
) -> None:
    """An error, or with lenience a warning, and the others are read."""
    content = json.dumps({"log": {"entries": [GOOD, entry]}}, indent=1).encode()

    _, (line,) = said(content)
    many, (mild,) = said(content, lenient=True)

    assert line.endswith(f"error[archive-entry]: entry 2 cannot be used: {what}")
    assert mild == line.replace(": error[", ": warning[")
    assert many == 1
    if isinstance(entry, dict):
        number = int(line.split(":")[1])
        assert content.decode().split("\n")[number - 1] == "   {"


def test_what_tells_nothing_of_an_api_is_left_out_and_counted() -> None:
    """Without lenience: browsers write such entries all the time."""
    preflight = call(
        "OPTIONS", "https://a.test/x", headers={"Access-Control-Request-Method": "PUT"}
    )
    entries = [
        GOOD,
        call("GET", "data:image/png;base64,AA"),
        call("GET", "wss://a.test/live"),
        with_("response", status=0),
        without("response"),
        preflight,
    ]
    report = Report()

    read = read_archive(archive(*entries), "a.har", report)

    assert (len(read.entries), report.diagnostics) == (1, [])
    assert read.skipped == {
        "not of HTTP: data, sockets, extensions": 2,
        "without a reply: aborted, blocked, or from a cache": 2,
        "preflights of browsers": 1,
    }


def test_archives_of_many_tools_are_read() -> None:
    """A mark of byte order, headers of HTTP/2, base64, pairs of a form, null members."""
    entry = call("POST", "https://A.test:443/x?q=a%20b&q=", form={"a": "1", "b": "ü"})
    entry["request"]["headers"] = [
        {"name": ":authority", "value": "a.test"},
        {"name": "Content-Type", "value": "application/x-www-form-urlencoded"},
        {"name": "X-Empty", "value": None},
    ]
    entry["response"] |= {
        "status": "201",
        "headers": None,
        "content": {
            "mimeType": "application/json",
            "text": base64.b64encode(b'{"id": 7}').decode(),
            "encoding": "base64",
        },
    }
    report = Report()

    (only,) = read_archive(b"\xef\xbb\xbf" + archive(entry), "a.har", report).entries

    assert report.diagnostics == []
    assert (only.origin, only.path, only.query) == (
        "https://a.test",
        "/x",
        (("q", "a b"), ("q", "")),
    )
    assert [name for name, _ in only.headers] == ["content-type", "x-empty"]
    assert only.body.value == [("a", "1"), ("b", "ü")]
    assert (only.status, only.reply.value) == (201, {"id": 7})


def test_the_guide_explains_every_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "learn-from-traffic.md"
    codes = set(
        re.findall(r'"(archive-[a-z-]+)"', Path(har.__file__).read_text("utf-8"))
    )

    assert (
        set(re.findall(r"^\| `(archive-[a-z-]+)`", page.read_text("utf-8"), re.M))
        == codes
    )
