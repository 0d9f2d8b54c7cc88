"""The examples of the page about what is not emulated work as they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path

from atlas import ask, board_of, noted
from front_door import served
from starlette.testclient import TestClient

from emulator.program.program import Program
from emulator.program.undeclared import (
    MEMBER,
    METHOD,
    OPERATION,
    PATH,
    QUERY,
    VERSION,
)

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to"
TEXT = (HOW_TO / "find-what-is-not-emulated.md").read_text(encoding="utf-8")
NOTE, PROBLEM = (
    json.loads(one) for one in re.findall(r"^```json\n(.*?)^```", TEXT, re.M | re.S)
)


def target() -> str:
    """The address of the page's curl line."""
    found = re.search(r"^curl 'http://127\.0\.0\.1:8080(\S+)'$", TEXT, re.M)
    assert found is not None
    return found[1]


def test_the_pages_note_is_in_the_journal(programs: dict[str, Program]) -> None:
    """The page's call has the page's note."""
    board = board_of(programs["jobriver"], strict=True)

    ask(board, "GET", target(), headers={})

    assert [facts for _, facts in noted(board)] == [NOTE]


def test_the_pages_call_gets_the_pages_problem(programs: dict[str, Program]) -> None:
    """What curl shows is what the page shows."""
    board = board_of(programs["jobriver"], strict=True)

    answer = TestClient(served(board)).get(target())

    assert (answer.status_code, answer.json()) == (501, PROBLEM)


def test_the_page_names_every_kind_of_thing() -> None:
    """Each `what` of a note has a row."""
    rows = re.findall(r"^\| `([^`]+)` \| \w+ \|", TEXT, re.M)

    assert sorted(rows) == sorted([PATH, OPERATION, METHOD, QUERY, VERSION, MEMBER])
