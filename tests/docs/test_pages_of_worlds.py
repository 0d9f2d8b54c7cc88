"""The pages about worlds, time and the journal: every example works as it stands."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from urllib.request import urlopen

import pytest
from pages import DOCS, USUAL, agree, blocks, commands, names, printed, serving

from emulator.admin.journal.question import COUNTS, MATCHERS
from emulator.engine.events import KINDS

HOW_TO = DOCS / "how-to"
PAGES = (
    HOW_TO / "isolate-parallel-tests.md",
    HOW_TO / "move-time.md",
    HOW_TO / "replay-a-failure.md",
    HOW_TO / "watch-and-verify-calls.md",
)
BROWSER = HOW_TO / "read-a-provider-in-a-browser.md"
CONSOLE = HOW_TO / "use-the-console.md"
EXPLAINED = DOCS / "explanation" / "worlds.md"


@pytest.mark.parametrize("page", [*PAGES, BROWSER, CONSOLE], ids=lambda page: page.stem)
def test_every_command_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    """One after the other, on the server that the page starts."""
    with serving(page) as server:
        for command, expected in commands(page):
            came = printed(server.url, command, tmp_path)

            assert agree(expected, came), f"{command}\n{came}"


@pytest.mark.parametrize("page", [*PAGES, EXPLAINED], ids=lambda page: page.stem)
def test_every_example_in_python_runs(page: Path) -> None:
    """In order, as one program, with every assertion that the page makes."""
    examples = "\n".join(blocks(page, "python"))
    assert "assert " in examples

    exec(compile(examples, str(page), "exec"), {"__name__": page.stem})


def test_the_page_about_time_names_every_kind_of_event() -> None:
    """What `next` takes has a row."""
    assert [name for name in names(HOW_TO / "move-time.md") if name in KINDS] == [
        *KINDS
    ]


def test_the_page_about_calls_names_every_part_of_a_question() -> None:
    """What `verify` takes has a row."""
    found = {*names(HOW_TO / "watch-and-verify-calls.md")}

    assert {*MATCHERS, *COUNTS} <= found


def test_the_stream_of_the_page_tells_what_has_come(tmp_path: Path) -> None:
    """The page's `curl -N` shows the calls that came before it, and goes on."""
    page = HOW_TO / "watch-and-verify-calls.md"
    (command,) = (block for block in blocks(page, "sh") if "curl -N" in block)
    call, _ = commands(page)[0]

    with serving(page) as server:
        printed(server.url, call, tmp_path)
        url = shlex.split(command)[-1].replace(USUAL, server.url)
        with urlopen(url, timeout=10) as stream:
            text = "".join(stream.readline().decode() for _ in range(5))

    event = dict(re.findall(r"^(id|event|data): (.*)$", text, re.MULTILINE))
    assert (event["id"], event["event"]) == ("1", "exchange")
    assert json.loads(event["data"])["line"] == (
        "#1 2026-03-02 10:00:00 GET /api/v1/jobs?per_page=1 -> 200 listJobs by 'full'"
    )


def test_every_metric_and_header_that_the_pages_name_is_sent() -> None:
    """What counts worlds and entries that have gone is called as the pages call it."""
    text = "".join(page.read_text("utf-8") for page in (*PAGES, EXPLAINED))
    metrics = {*re.findall(r"metric `(\w+)`", text)}
    headers = {*re.findall(r"`(X-Emulator-Journal-\w+)`", text)}

    with serving(HOW_TO / "watch-and-verify-calls.md") as server:
        with urlopen(f"{server.url}/_emulator/metrics") as reply:
            counted = reply.read().decode()
        with urlopen(f"{server.url}/_emulator/worlds/default/journal") as reply:
            sent = {*reply.headers}

    assert metrics == {"emulator_worlds_evicted_total", "emulator_journal_dropped"}
    assert all(f"\n{metric} " in counted for metric in metrics)
    assert {header.lower() for header in headers} <= {one.lower() for one in sent}
    assert headers
