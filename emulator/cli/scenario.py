"""Scenario: the situations that a world can be put into, from the command line."""

from __future__ import annotations

import click

from emulator.cli.connection import Answer, Server, reaching
from emulator.cli.errors import Complaint
from emulator.cli.groups import Group
from emulator.cli.tables import table


@click.group(cls=Group)
def scenario() -> None:
    """Put a world of a running server into a situation."""


@scenario.command("list")
@click.option("--provider", metavar="NAME", help="only those of this one")
@reaching()
def show_all(server: Server, provider: str | None) -> Answer:
    """List the situations that a world can be put into; those that it is in: yes."""
    world = server.of_world("GET")
    names = [provider] if provider else world["providers"]
    scenarios = [
        {
            **listed,
            "applied": f"{listed['provider']}/{listed['name']}" in world["scenarios"],
        }
        for name in names
        for listed in server.of_world("GET", "scenarios", name)
    ]
    rows = [
        (
            f"{listed['provider']}/{listed['name']}",
            ("-", "yes")[listed["applied"]],
            listed["says"],
        )
        for listed in scenarios
    ]
    return Answer(scenarios, table(rows, ("scenario", "applied", "says")))


@scenario.command("apply")
@click.argument("name", metavar="P/S")
@reaching()
def put_into(server: Server, name: str) -> Answer:
    """Put a world into a situation: acme/rate_limited."""
    applied = server.of_world("POST", *_path(name))
    return Answer(applied, table([[f"{name}: {applied['says']}"]]))


@scenario.command()
@click.argument("name", metavar="P/S")
@reaching()
def clear(server: Server, name: str) -> Answer:
    """Take the faults of a situation out of force; what it has arranged stays."""
    says = "its faults are gone; what it has arranged stays until the world is reset"
    return server.done(f"{name}: {says}", *_path(name))


def _path(name: str) -> tuple[str, str, str]:
    provider, slash, own = name.partition("/")
    if not (provider and slash and own):
        raise Complaint(f"no scenario {name!r}: write it as in acme/rate_limited")
    return "scenarios", provider, own
