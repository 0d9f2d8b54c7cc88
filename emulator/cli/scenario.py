"""Scenario: the situations that a world can be put into, from the command line."""

from __future__ import annotations

from typing import Any

import click

from emulator.cli.connection import Server, reaching
from emulator.cli.errors import Complaint
from emulator.cli.groups import Group
from emulator.cli.tables import print_json, table
from emulator.cli.worlds import print_done

Json = Any


@click.group(cls=Group)
def scenario() -> None:
    """Put a world of a running server into a situation."""


@scenario.command("list")
@click.option("--provider", metavar="NAME", help="only those of this one")
@reaching()
def show_all(server: Server, provider: str | None) -> None:
    """List the situations that a world can be put into; those that it is in: yes."""
    world = server.of_world("GET")
    names = [provider] if provider else world["providers"]
    found = [
        {**one, "applied": f"{one['provider']}/{one['name']}" in world["scenarios"]}
        for name in names
        for one in server.of_world("GET", "scenarios", name)
    ]
    if server.as_json:
        print_json(found)
        return
    rows = [
        (f"{one['provider']}/{one['name']}", ("-", "yes")[one["applied"]], one["says"])
        for one in found
    ]
    click.echo(table(rows, ("scenario", "applied", "says")))


@scenario.command("apply")
@click.argument("name", metavar="P/S")
@reaching()
def put_into(server: Server, name: str) -> None:
    """Put a world into a situation: acme/rate_limited."""
    applied = server.of_world("POST", *_path(name))
    if server.as_json:
        print_json(applied)
    else:
        click.echo(table([[f"{name}: {applied['says']}"]]))


@scenario.command()
@click.argument("name", metavar="P/S")
@reaching()
def clear(server: Server, name: str) -> None:
    """Take the faults of a situation out of force; what it has arranged stays."""
    answer = server.of_world("DELETE", *_path(name), none=True)
    says = "its faults are gone; what it has arranged stays until the world is reset"
    print_done(server, answer, f"{name}: {says}")


def _path(name: str) -> tuple[str, str, str]:
    provider, slash, own = name.partition("/")
    if not (provider and slash and own):
        raise Complaint(f"no scenario {name!r}: write it as in acme/rate_limited")
    return "scenarios", provider, own
