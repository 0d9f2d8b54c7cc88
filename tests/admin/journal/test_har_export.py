"""A journal as an HTTP Archive, which other tools open."""

from __future__ import annotations

import base64
import io
import json
from datetime import datetime
from typing import Any

import harfile
from front_door import JOB, Api
from jsonschema import Draft202012Validator
from tiny import Tiny

from emulator.admin.journal.har import har
from emulator.admin.journal.mask import masked

TEXT = {"type": "string"}
SIZE = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": 0}
PAIR = {
    "type": "object",
    "required": ["name", "value"],
    "properties": {"name": TEXT, "value": TEXT},
}
PAIRS = {"type": "array", "items": PAIR}


def whole(**members: Any) -> dict[str, Any]:
    """An object that has these members, and the `comment` that may be everywhere."""
    return {
        "type": "object",
        "required": [*members],
        "properties": {**members, "comment": TEXT},
        "additionalProperties": False,
    }


def optional(schema: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], **members}}


REQUEST = optional(
    whole(
        method=TEXT,
        url={"type": "string", "format": "uri", "pattern": "^https?://[^#]*$"},
        httpVersion=TEXT,
        cookies=PAIRS,
        headers=PAIRS,
        queryString=PAIRS,
        headersSize=SIZE,
        bodySize=SIZE,
    ),
    postData=whole(mimeType=TEXT, params=PAIRS, text=TEXT),
)
RESPONSE = whole(
    status={"type": "integer"},
    statusText=TEXT,
    httpVersion=TEXT,
    cookies=PAIRS,
    headers=PAIRS,
    content=optional(
        whole(size={"type": "integer"}, mimeType=TEXT),
        text=TEXT,
        encoding={"const": "base64"},
    ),
    redirectURL=TEXT,
    headersSize=SIZE,
    bodySize=SIZE,
)
ARCHIVE = whole(
    log=whole(
        version={"const": "1.2"},
        creator=whole(name=TEXT, version=TEXT),
        pages={"type": "array", "maxItems": 0},
        entries={
            "type": "array",
            "items": whole(
                startedDateTime={"type": "string", "pattern": r"^\d{4}-.*T.*[+]00:00$"},
                time=TIME,
                request=REQUEST,
                response=RESPONSE,
                cache=whole(),
                timings=whole(send=TIME, wait=TIME, receive=TIME),
            ),
        },
    )
)
"""HAR 1.2 as its specification has it, of what we write."""


def archive(api: Tiny | Api) -> dict[str, Any]:
    """The archive of a journal, which keeps the rules of HAR 1.2."""
    programs = {api.program.name: api.program}
    made = har(api.world.journal, programs, "http://127.0.0.1:8080")
    Draft202012Validator(ARCHIVE).validate(made)
    for entry in made["log"]["entries"]:
        parts = entry["timings"]
        assert entry["time"] == parts["send"] + parts["wait"] + parts["receive"]
    return made


def test_an_archive_keeps_the_rules_of_its_format(jobriver: Api) -> None:
    """With bodies and without, refused or not, text or not."""
    jobriver.get("/jobs?search=a%20b&search=c")
    jobriver.post("/jobs", json=JOB)
    jobriver.post("/jobs", content=b"\xff", headers={"content-type": "image/png"})
    jobriver.get("/nowhere", headers={"cookie": "a=1; b=2"})
    jobriver.call("HEAD", "/jobs")
    entries = archive(jobriver)["log"]["entries"]

    assert [entry["response"]["status"] for entry in entries] == [
        200,
        201,
        415,
        404,
        200,
    ]
    assert entries[0]["request"]["queryString"] == [
        {"name": "search", "value": "a b"},
        {"name": "search", "value": "c"},
    ]
    assert entries[0]["request"]["url"] == (
        "http://testserver/jobriver/api/v1/jobs?search=a%20b&search=c"
    )
    assert json.loads(entries[1]["request"]["postData"]["text"]) == JOB
    assert entries[2]["request"]["postData"] == {
        "mimeType": "image/png",
        "text": base64.b64encode(b"\xff").decode(),
        "params": [],
        "comment": "base64",
    }
    assert entries[3]["request"]["cookies"] == [
        {"name": "a", "value": masked("1")},
        {"name": "b", "value": masked("2")},
    ]


def test_an_archive_goes_through_a_tool_that_writes_them(jobriver: Api) -> None:
    """What is read into the classes of `harfile` and written again is the same."""
    jobriver.get("/jobs")
    jobriver.post("/jobs", json=JOB)
    made = archive(jobriver)["log"]
    written = io.StringIO()
    creator = harfile.Creator(**made["creator"])
    with harfile.HarFile(written, creator=creator) as file:
        for one in made["entries"]:
            request, response = dict(one["request"]), dict(one["response"])
            for part in (request, response):
                part["cookies"] = [harfile.Cookie(**each) for each in part["cookies"]]
                part["headers"] = [harfile.Record(**each) for each in part["headers"]]
            request["queryString"] = [
                harfile.Record(**each) for each in request["queryString"]
            ]
            if "postData" in request:
                request["postData"] = harfile.PostData(**request["postData"])
            response["content"] = harfile.Content(**response["content"])
            file.add_entry(
                startedDateTime=datetime.fromisoformat(one["startedDateTime"]),
                time=one["time"],
                request=harfile.Request(**request),
                response=harfile.Response(**response),
                cache=harfile.Cache(),
                timings=harfile.Timings(**one["timings"]),
            )
    read = json.loads(written.getvalue())["log"]["entries"]

    assert [one["request"] for one in read] == [
        entry["request"] for entry in made["entries"]
    ]
    assert [one["response"] for one in read] == [
        entry["response"] for entry in made["entries"]
    ]


def test_an_exchange_takes_as_long_as_its_faults_hold_it_up() -> None:
    """Nothing else takes time in a world."""
    doors = Tiny("doors")
    doors.ask("GET", "/open", x_emulator_fault="delay=2s, dribble=500ms")
    (entry,) = archive(doors)["log"]["entries"]

    assert entry["time"] == 2_500
    assert entry["timings"] == {"send": 0, "wait": 2_000, "receive": 500}


def test_an_entry_says_what_it_is_in_a_comment() -> None:
    """Whoever opens the archive finds the exchange again."""
    doors = Tiny("doors")
    doors.get("/header")
    (entry,) = archive(doors)["log"]["entries"]

    assert entry["comment"] == (
        "exchange 1 of world default, header of doors, refused by identify:"
        " credential_missing"
    )
