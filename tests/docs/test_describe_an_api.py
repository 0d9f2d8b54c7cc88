"""The tutorial about an API of one's own: each of its five steps works before the next."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pages import DOCS, agree, blocks, commands, printed, serving
from tiny import SPECS, Tiny

from emulator.compile.load import load
from emulator.compile.places import Place, beside
from emulator.diagnostics import Report

PAGE = DOCS / "tutorials" / "describe-an-api.md"
_FILE = re.compile(r"^`([\w./]+\.yaml)`\n\n```yaml\n(.*?)^```", re.M | re.S)
_MORE = re.compile(r"at the end of `openapi.yaml`:\n\n```yaml\n(.*?)^```", re.M | re.S)
STEPS = re.split(r"^(?=## )", PAGE.read_text("utf-8"), flags=re.M)[1:6]


def write(folder: Path, steps: int) -> None:
    """The files as they are after so many steps."""
    for step in STEPS[:steps]:
        for name, text in _FILE.findall(step):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        for text in _MORE.findall(step):
            with (folder / "providers/todo/openapi.yaml").open("a") as file:
                file.write(text)


@pytest.mark.parametrize("steps", range(1, 6))
def test_each_step_works_before_the_next_begins(
    steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong with its files, and its calls print what it says."""
    write(tmp_path, steps)
    monkeypatch.chdir(tmp_path)
    (place,) = beside(tmp_path / "providers")
    report = Report()
    load(place, None, report)
    step = tmp_path / "step.md"
    step.write_text(STEPS[steps - 1], "utf-8")

    assert report.diagnostics == []
    with serving(PAGE) as server:
        for command, expected in commands(step):
            came = printed(server.url, command, tmp_path)
            assert agree(expected, came), f"{command}\n{came}"
    exec(compile("\n".join(blocks(step, "python")), str(PAGE), "exec"), {})


def test_a_useful_behavior_is_twenty_lines(tmp_path: Path) -> None:
    write(tmp_path, 5)
    text = (tmp_path / "providers/todo/behavior.yaml").read_text("utf-8")

    assert len(text.splitlines()) <= 20


def test_owners_states_and_limits_are_no_longer_than_that() -> None:
    """A to-do API as a stranger would write it, by defaults: nothing is told of it."""
    text = (SPECS / "todo" / "behavior.yaml").read_text("utf-8")
    report = Report()
    load(Place(SPECS / "todo", SPECS / "todo" / "fixtures"), None, report)
    todo = Tiny("todo")

    def call(method: str, path: str, whose: str = "ann", **rest: Any) -> Any:
        held = {"Authorization": f"Bearer token-of-{whose}"}
        return todo.answer(path, method=method, headers=held, **rest)

    assert len(text.splitlines()) <= 20
    assert report.diagnostics == []
    status, made = call("POST", "/tasks", json={"title": "Write"})
    assert (status, made["status"]) == (201, "open")
    assert call("POST", "/tasks/1/complete")[1]["status"] == "done"
    assert call("POST", "/tasks/1/complete")[0] == 409
    assert call("GET", "/tasks", "bob") == (200, [])
    assert call("GET", "/tasks/1", "bob")[0] == 404
    assert call("PATCH", "/tasks/1", json={"title": ""})[0] == 422
    assert call("DELETE", "/tasks/1") == (204, None)
