"""The guides of commands that drive a server: what stands there can be typed."""

from __future__ import annotations

import re
import shlex
from contextlib import chdir
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from front_door import START
from remote import Remote, serving

from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGE = HOW_TO / "drive-a-running-server.md"
USUAL = "http://127.0.0.1:8080"


def steps() -> list[tuple[str, str]]:
    """The commands of the page, each with what it prints."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.M)
    assert len(found) == text.count("\n$ ")
    return found


def test_every_command_of_the_page_prints_what_the_page_says(
    programs: dict[str, Program], tmp_path: Path
) -> None:
    """One after the other, on one server; `...` stands for anything."""
    board = _jobriver(programs)

    with chdir(tmp_path), serving(board) as remote:
        for command, expected in steps():
            printed = _printed(remote, command)

            pattern = re.escape(expected).replace(r"\.\.\.", "(?s:.*)")
            assert re.fullmatch(pattern, printed), f"{command}\n{printed}"


def test_every_command_of_the_table_of_wishes_can_be_typed(
    programs: dict[str, Program], tmp_path: Path
) -> None:
    """One after the other; what one keeps, the next puts back."""
    page = HOW_TO / "one-command-for-each-wish.md"
    commands = re.findall(r"\| `emulator (.*?)` \|$", page.read_text("utf-8"), re.M)
    assert len(commands) > 30

    with chdir(tmp_path), serving(_jobriver(programs)) as remote:
        for command in commands:
            if command.endswith(" -f"):
                command = command.removesuffix(" -f")  # that one has no end
            if command == "logs":
                remote.call("/status", "full")
            if "--before 1" in command:
                remote.shown("reset")
                remote.call("/status", "full")
                last = remote.json("journal", "list")[-1]["id"]
                command = command.replace("--before 1", f"--before {last}")
            if command.startswith("clock next"):
                remote.shown("scenario", "apply", "jobriver/rate_limited")
            result = remote.run(*shlex.split(command))
            assert result.exit_code == 0, f"{command}: {result.stderr}"


def _jobriver(programs: dict[str, Program]) -> Dispatcher:
    return Dispatcher(
        {"jobriver": programs["jobriver"]},
        World(clock=Clock(micros(START), frozen=True)),
        Settings(log_format="none", port=0),
    )


def _printed(remote: Remote, command: str) -> str:
    words = shlex.split(command)
    if words[0] == "curl":
        name, _, value = words[2].partition(": ")
        url = words[3].replace(USUAL, remote.server.url)
        try:
            with urlopen(Request(url, headers={name: value})) as reply:
                body = reply.read()
        except HTTPError as error:
            body = error.read()
        return f"{body.decode()}\n"
    assert words[0] == "emulator"
    result = remote.run(*words[1:])
    assert result.stderr == ""
    return result.stdout.replace(remote.server.url, USUAL)
