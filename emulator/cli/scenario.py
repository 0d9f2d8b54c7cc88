"""Scenario: the situations that a world can be put into, from the command line."""

from __future__ import annotations

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server, reaching
from emulator.cli.errors import Complaint
from emulator.cli.groups import Group
from emulator.cli.tables import table
from emulator.diagnostics import did_you_mean

_FROZEN = (
    "the clock stands still at {}: nothing ends or expires by itself until"
    " `emulator clock advance` or `clock resume`"
)


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
@click.argument("name", metavar="[P/]S")
@reaching()
def put_into(server: Server, name: str) -> Answer:
    """Put a world into a situation: acme/rate_limited, or rate_limited alone."""
    applied = server.of_world("POST", *_path(server, name))
    lines = [f"{applied['provider']}/{applied['name']}: {applied['says']}"]
    clock = server.of_world("GET", "clock")
    if clock["frozen"]:
        lines.append(_FROZEN.format(clock["now"]))
    return Answer(applied, "\n".join(table([[line]]) for line in lines))


@scenario.command()
@click.argument("name", default="", metavar="[[P/]S]")
@reaching()
def clear(server: Server, name: str) -> Answer:
    """Take the faults of a situation, or of all, out of force; what it arranged stays."""
    names = [name] if name else [*dict.fromkeys(server.of_world("GET")["scenarios"])]
    says = "its faults are gone; what it has arranged stays until the world is reset"
    for each in names:
        server.done("", *_path(server, each))
    lines = [f"{each}: {says}" for each in names]
    return Answer(None, "\n".join(lines or ["the world is in no situation"]))


def _path(server: Server, name: str) -> tuple[str, str, str]:
    provider, slash, own = name.partition("/")
    if not slash:
        return "scenarios", _provider_with(server, name), name
    if not (provider and own):
        raise Complaint(f"no scenario {name!r}: write it as in acme/rate_limited")
    return "scenarios", provider, own


def _provider_with(server: Server, scenario: str) -> str:
    """The one provider of the world that has this scenario."""
    names = {
        provider: [
            listed["name"] for listed in server.of_world("GET", "scenarios", provider)
        ]
        for provider in server.of_world("GET")["providers"]
    }
    having = [provider for provider, known in names.items() if scenario in known]
    if len(having) == 1:
        return str(having[0])
    if having:
        whole = ", ".join(f"{provider}/{scenario}" for provider in having)
        raise Complaint(f"several providers have a scenario {scenario!r}: {whole}")
    known = [name for many in names.values() for name in many]
    fix = did_you_mean(scenario, sorted({*known}))
    raise Complaint(f"no provider of this world has a scenario {scenario!r}: {fix}")
