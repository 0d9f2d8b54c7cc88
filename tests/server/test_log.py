"""One line per request."""

from __future__ import annotations

import io
import json
import os
import re

import pytest
import requests
from echo_board import Serve

import emulator
from emulator.server.log import Log
from emulator.settings import Settings


def written(form: str, path: str = "/jobs", **more: object) -> str:
    stream = io.StringIO()
    log = Log(form, stream)
    log.request("GET", path, 200, 0.0004, ("acme", "listJobs", ""), world="ada")
    return stream.getvalue()


def test_text_line() -> None:
    """Time, provider, request, status, operation, duration."""
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d acme@ada GET /jobs 200 listJobs 0\.4ms\n", written("text")
    )


def test_json_line() -> None:
    """The same for a program."""
    line = json.loads(written("json"))

    assert line.pop("time")
    assert line == {
        "world": "ada",
        "provider": "acme",
        "method": "GET",
        "path": "/jobs",
        "status": 200,
        "operation": "listJobs",
        "refused_by": None,
        "refusal": None,
        "milliseconds": 0.4,
    }


def test_a_refused_call_is_logged_as_the_journal_has_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The step that refused it, and what it refused with, each by its own name."""
    settings = Settings(log_format="json")
    with emulator.start("jobriver", settings=settings) as server:
        world = server.world("ada")
        url = world.provider("jobriver").url
        requests.get(f"{url}/jobs", headers={"X-API-Key": "jrv_nobody"})
        (entry,) = world.journal

    lines = [json.loads(one) for one in capfd.readouterr().err.splitlines()]
    (line,) = [one for one in lines if one["provider"] == "jobriver"]
    assert line["world"] == "ada"
    assert line["refused_by"] == entry.refused_by == "authenticate"
    assert line["refusal"] == "credential_unknown"


def test_no_lines() -> None:
    """`none` is silence."""
    assert written("none") == ""


@pytest.mark.parametrize(
    "path", ["/a\r\nfake line", "/\x1b[2J", "/\x00", "/\u2028", "/é"]
)
def test_a_path_cannot_write_a_line_of_its_own(path: str) -> None:
    """uvicorn's CVE-2020-7694: escape codes in the log."""
    line = written("text", path)

    assert line.count("\n") == 1
    assert line[:-1].isascii()
    assert line[:-1].isprintable()


def test_a_long_path_is_cut() -> None:
    """64 KB of path is no line."""
    assert len(written("text", "/" + "a" * 60_000)) < 700


def test_queries_are_not_logged(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    """A query may hold an API key."""
    server = serve(log_format="text")
    requests.get(f"{server.url}/jobs?api_key=sekrit", headers={"X-Key": "sekrit"})
    requests.get(f"{server.url}/_emulator/health")
    server.stop()

    logged = capfd.readouterr().err

    assert "GET /jobs 200" in logged
    assert "sekrit" not in logged
    assert "health" not in logged


def test_a_reader_that_does_not_read_stops_nobody() -> None:
    """A test that starts us with a pipe and never empties it must not hang us."""
    reading, writing = os.pipe()
    with open(writing, "w") as stream, open(reading, "rb") as pipe:
        log = Log("text", stream)
        for _ in range(20_000):
            log.request("GET", "/jobs", 200, 0.0004)

        first = os.read(pipe.fileno(), 65_536)
        log.flush()
        later = os.read(pipe.fileno(), 65_536)

    assert first.count(b"GET /jobs 200") > 1_000
    assert b"lines dropped" in later


def test_a_reader_that_has_gone_stops_nobody() -> None:
    """A closed pipe is no error of ours."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as stream:
        log = Log("text", stream)
        log.request("GET", "/jobs", 200, 0.0004)
        log.flush()


def test_a_line_has_the_path_that_was_asked_for(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the prefix of the provider."""
    server = serve(log_format="text")
    requests.get(f"{server.url}/echo/api/v1/things")
    server.stop()

    assert re.search(
        r"^\d\d:\d\d:\d\d echo GET /echo/api/v1/things 200 listThings \d+\.\dms$",
        capfd.readouterr().err,
        re.MULTILINE,
    )
