"""Remote: a real server with one provider, and the commands that drive it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from click.testing import CliRunner, Result
from front_door import START
from tiny import program

from emulator.cli.main import cli
from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.run import Running, running
from emulator.settings import Settings
from emulator.settings import table as settings_table
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.journal import Journal
from emulator.world.world import World


class Remote:
    """A server, and the command line that is told its address."""

    def __init__(self, server: Running, board: Dispatcher) -> None:
        self.server = server
        self.board = board
        self.variables: dict[str, str] = {"EMULATOR_URL": server.url}

    def run(self, *words: str, input: str | None = None, **variables: str) -> Result:
        """Run the command in this process."""
        clean: dict[str, str | None] = {row.variable: None for row in settings_table()}
        given = {"EMULATOR_WORLD": None, **clean, **self.variables, **variables}
        result = CliRunner().invoke(
            cli, [*words], input, prog_name="emulator", env=given
        )
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    def shown(self, *words: str) -> str:
        """What a command prints that ends well, with the usual address."""
        result = self.run(*words)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout.replace(self.server.url, "http://127.0.0.1:8080")

    def json(self, *words: str) -> Any:
        """What it prints with --json."""
        return json.loads(self.shown(*words, "--json"))

    def complaint(self, *words: str, input: str | None = None) -> tuple[int, str]:
        """The exit code and the line of a command that does not end well."""
        result = self.run(*words, input=input)
        assert result.stdout == "", result.output
        assert result.stderr.count("\n") == result.stderr.endswith("\n") == 1
        return result.exit_code, result.stderr[:-1]

    def call(self, path: str, credential: str | None = None) -> int:
        """The status of a GET of the provider with one of the fixtures' credentials."""
        found: Program = next(iter(self.board.programs.values()))
        known = {one["name"]: one["headers"] for one in credentials(found)}
        headers: Mapping[str, str] = known[credential] if credential else {}
        url = f"{self.server.url}/{found.name}{found.base_path}{path}"
        try:
            with urlopen(Request(url, headers=dict(headers))) as reply:
                return int(reply.status)
        except OSError as error:
            return int(getattr(error, "code", 0))


def board_of(
    *names: str, journal: Journal | None = None, **settings: Any
) -> Dispatcher:
    """Tiny providers; the clock stands still at 2026-03-02T10:00:00Z."""
    chosen = Settings(**{"log_format": "none", "port": 0, **settings})
    programs = {name: program(name) for name in names}
    world = World(clock=Clock(micros(START), frozen=True), journal=journal)
    return Dispatcher(programs, world, chosen)


@contextmanager
def serving(board: Dispatcher) -> Iterator[Remote]:
    with running(board, board.settings) as server:
        yield Remote(server, board)
