"""Short: what is wanted most of a running server, by the names that people try first."""

from __future__ import annotations

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server
from emulator.cli.errors import OneLineCommand
from emulator.cli.journal import journal
from emulator.cli.worlds import about_world, world_shown

logs = journal.commands["list"]


@click.command(cls=OneLineCommand)
@about_world
def status(server: Server) -> Answer:
    """Show how a world stands, and where its calls go (`worlds show`)."""
    return world_shown(server.of_world("GET"))


@click.command(cls=OneLineCommand)
@about_world
def reset(server: Server) -> Answer:
    """Have a world begin again, with its credentials (`worlds reset`)."""
    return world_shown(server.of_world("POST", "reset"))
