"""Providers: the commands that look at what providers offer, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from emulator.cli.answers import Answer, printed
from emulator.cli.errors import OneLineCommand
from emulator.cli.options import LOADING, Flags, options, settings_of
from emulator.cli.tables import table

if TYPE_CHECKING:
    from emulator.program.program import Program


def _loaded(provider: str, flags: Mapping[str, Flags]) -> list[Program]:
    """The provider of that name, or all of them."""
    from emulator.engine.loading import programs

    return [*programs(settings_of(flags), [provider] if provider else []).values()]


@click.command(cls=OneLineCommand)
@options(LOADING)
@click.option("--gallery", is_flag=True, help="those that are served only when named")
@printed
def providers(gallery: bool, **flags: Flags) -> Answer:
    """List the providers."""
    from emulator.cli import listings
    from emulator.compile import places
    from emulator.engine.loading import programs

    only = places.gallery() if gallery else ()
    loaded = programs(settings_of(flags), only).values()
    heads = ("provider", "path", "operations", "records", "hosts")
    text = table(listings.provider_rows(loaded), heads)
    return Answer([*map(listings.provider, loaded)], text)


@click.command(cls=OneLineCommand)
@click.argument("provider", default="")
@options(LOADING)
@printed
def routes(provider: str, **flags: Flags) -> Answer:
    """List the operations, of one PROVIDER or of all."""
    from emulator.cli import listings

    loaded = _loaded(provider, flags)
    listed = [
        listings.route(program, operation)
        for program in loaded
        for operation in program.operations.values()
    ]
    heads = ("provider", "method", "path", "operation", "security", "scopes")
    return Answer(listed, table(listings.route_rows(loaded), heads))


def _ask_server(command: click.Command, url: str, **given: str | None) -> None:
    """Have *command*, which asks a running server, do the work of the one that was typed."""
    context = click.get_current_context()
    context.meta["--url"] = url
    context.invoke(command, **given)


@click.command(cls=OneLineCommand)
@click.argument("provider")
@click.option("--url", metavar="URL", help="ask the server there (`world credentials`)")
@options(LOADING)
@printed
def credentials(provider: str, url: str | None, **flags: Flags) -> Answer | None:
    """List the credentials of PROVIDER: state, what each is for, and what belongs to it."""
    if url is not None:
        from emulator.cli.worlds import worlds

        _ask_server(worlds.commands["credentials"], url, id="", provider=provider)
        return None
    from emulator.cli import listings
    from emulator.program.credentials import credentials as of
    from emulator.world.clock import Clock

    (program,) = _loaded(provider, flags)
    listed = of(program, Clock().now())
    heads, rows = listings.credential_table(listed)
    return Answer(listed, table(rows, heads))


@click.command(cls=OneLineCommand)
@click.argument("provider", default="")
@click.option("--url", metavar="URL", help="ask the server there (`scenario list`)")
@options(LOADING)
@printed
def scenarios(provider: str, url: str | None, **flags: Flags) -> Answer | None:
    """List the situations that a server can start in, of one PROVIDER or of all."""
    if url is not None:
        from emulator.cli.scenario import scenario

        _ask_server(scenario.commands["list"], url, provider=provider or None)
        return None
    from emulator.cli import listings

    listed = [
        listings.scenario(program, scenario)
        for program in _loaded(provider, flags)
        for scenario in program.scenarios.values()
    ]
    rows = [(scenario["scenario"], scenario["says"]) for scenario in listed]
    return Answer(listed, table(rows, ("scenario", "says")))


@click.command(cls=OneLineCommand)
@click.argument("operation")
@options(LOADING)
@printed
def explain(operation: str, **flags: Flags) -> Answer:
    """Show the lines of a spec that hold for OPERATION (listJobs, acme/listJobs)."""
    from emulator.cli import explain as explaining
    from emulator.explanation.explain import explain as explanation

    explained = explanation(*explaining.find_named(settings_of(flags), operation))
    return Answer(explained, explaining.text(explained))
