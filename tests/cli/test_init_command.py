"""`emulator init`: what it writes works at once, and it writes over nothing."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import requests
from command import installed, serving

import emulator
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report

STARTER = Path(emulator.__file__).parent / "cli" / "starter"


def test_what_it_writes_is_in_order_and_is_served_by_the_line_that_it_prints(
    tmp_path: Path,
) -> None:
    """From nothing to a record that is created, as a newcomer would."""
    written = installed("init", "to-do", "--into", str(tmp_path))
    check, serve = written.stdout.splitlines()[-2:]
    words = shlex.split(serve)

    assert (written.returncode, written.stderr) == (0, "")
    checked = installed(*shlex.split(check)[1:])
    assert checked.stdout == "1 provider: nothing is wrong\n"
    with serving(tmp_path, *words[2:], "--log-format", "none") as server:
        curl = shlex.split(server.printed().splitlines()[-1])
        assert requests.get(curl[-1], headers=dict([curl[2].split(": ")])).ok
        url = f"{server.url}/to-do/v1/tasks"
        ann = {"Authorization": "Bearer token-of-ann"}
        made = requests.post(url, headers=ann, json={"title": "Learn"})
        listed = requests.get(url, headers=ann, params={"done": "false"}).json()
        missing = requests.get(f"{url}/9", headers=ann)

        assert (made.status_code, made.json()["title"]) == (201, "Learn")
        assert [task["title"] for task in listed] == ["Test a client with it", "Learn"]
        assert (missing.status_code, missing.json()) == (
            404,
            {"error": {"code": "not_found", "message": "There is no such task"}},
        )
        assert requests.get(url).status_code == 401


def test_it_is_small() -> None:
    """What it says without its comments fits on half a page."""
    lines = (STARTER / "behavior.yaml").read_text("utf-8").splitlines()
    said = [line for line in lines if line.strip() and line.strip()[0] != "#"]

    assert len(said) <= 33


def test_nothing_is_wrong_with_the_starter_and_its_scenarios_work() -> None:
    report = Report()
    program = load(Place(STARTER, STARTER / "fixtures"), None, report)

    assert report.diagnostics == []
    with emulator.start(["starter"], specs=STARTER) as server:
        provider = server.world(scenario="starter/rate_limited").provider("starter")
        reply = requests.get(
            f"{provider.url}/tasks", headers=provider.credentials["ann"].headers
        )
        assert reply.status_code == 429
        assert (
            reply.json()["error"]["message"]
            == "Slow down: 60 calls a minute are enough"
        )
    assert [*program.scenarios] == ["rate_limited", "overloaded"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Acme", "'Acme' cannot be the name of a provider"),
        ("../acme", "'../acme' cannot be the name of a provider"),
        ("", "'' cannot be the name of a provider"),
        ("jobriver", "'jobriver' comes with the emulator: choose another name"),
        ("there", "already: nothing is changed"),
    ],
)
def test_what_cannot_be_made_is_told_in_a_line(
    tmp_path: Path, name: str, says: str
) -> None:
    (tmp_path / "there").mkdir()
    ran = installed("init", name, "--into", str(tmp_path))

    assert ran.returncode == 2
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_as_json_it_lists_the_files(tmp_path: Path) -> None:
    ran = installed("init", "acme", "--into", str(tmp_path), "--json")

    assert [Path(file["file"]).name for file in json.loads(ran.stdout)] == [
        "openapi.yaml", "behavior.yaml", "scenarios.yaml", "tokens.yaml", "tasks.yaml",
    ]  # fmt: skip
