"""Command line: the verbs of `emulator`.

What a verb needs is imported when it is called: `emulator doctor --ready` runs every
few seconds in a container, and must not load what serving needs.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from emulator.cli.errors import Complaint, OneLineCommand, Trouble, in_one_line
from emulator.cli.guesses import ALIASES, suggestion
from emulator.cli.options import LOADING, PLACES, options, settings_of, source
from emulator.cli.tables import print_json, table
from emulator.settings import table as settings_table
from emulator.version import __version__

Flags = Any

as_json = click.option("--json", "as_json", is_flag=True, help="print JSON")


SECTIONS: Mapping[str, Sequence[str]] = {
    "Serve": ("serve", "ca", "doctor", "settings"),
    "Look at providers": (
        "providers",
        "routes",
        "credentials",
        "scenarios",
        "explain",
        "init",
        "export",
        "check",
        "fixtures",
        "schema",
    ),
    "Drive a running server": (
        "status",
        "logs",
        "reset",
        "worlds",
        "clock",
        "scenario",
        "faults",
        "stub",
        "webhooks",
        "journal",
        "mcp",
    ),
}
"""How the help groups the commands; those that it does not name come last."""

REMOTE = SECTIONS["Drive a running server"]
BESIDE = (*REMOTE, "ca", "export")
"""Those that stand in a module beside this one, by their name or in `short`."""
SHORT = ("status", "logs", "reset")


class Commands(click.Group):
    """A group that says in one line what is wrong with a command line."""

    command_class = OneLineCommand

    def list_commands(self, ctx: click.Context) -> list[str]:
        known = [*super().list_commands(ctx), *BESIDE]
        order = [name for names in SECTIONS.values() for name in names]
        return [command for command in order if command in known] + [
            command for command in known if command not in order
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in BESIDE:
            return super().get_command(ctx, cmd_name)
        module = import_module(
            f"emulator.cli.{'short' if cmd_name in SHORT else cmd_name}"
        )
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            says = suggestion(args[0], self.list_commands(ctx))
            ctx.fail(f"there is no command {args[0]!r}: {says}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        width = max(map(len, self.list_commands(ctx)))
        for title, names in self.sections(ctx).items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [
                (name.ljust(width), command.get_short_help_str(100))
                for name, command in commands
                if command is not None
            ]
            with formatter.section(title):
                formatter.write_dl(rows)

    def sections(self, ctx: click.Context) -> Mapping[str, Sequence[str]]:
        """The commands that there are, as the help groups them."""
        known = self.list_commands(ctx)
        grouped = {name for names in SECTIONS.values() for name in names}
        others = [other for other in known if other not in grouped]
        return {**SECTIONS, "Others": others} if others else SECTIONS

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with in_one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with in_one_line():
            return super().invoke(ctx)


def main() -> None:
    """The entry point of the command."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter gets a question mark, and not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    cli(prog_name="emulator")


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="emulator %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Stands in for somebody else's HTTP API: `emulator serve`, and call it."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@click.option("--workers", type=int, default=1, hidden=True)
@options()
@click.pass_context
def serve(
    context: click.Context, /, names: tuple[str, ...], workers: int, **flags: Flags
) -> None:
    """Serve every provider, or those that are named, until a signal comes."""
    if workers != 1:
        raise Complaint(
            "--workers: a world is in one process, and so is a server; several processes"
            " behind a proxy that knows which has a world: see docs/how-to/scale-out.md"
            " and `--spread`"
        )
    flags["providers"] = (*names, *flags["providers"])
    settings = settings_of(flags)

    gc.disable()  # what a start imports and makes, it keeps: nothing is to be collected
    try:
        from emulator.cli.serve import serve as until_signalled

        context.exit(until_signalled(settings))
    finally:
        gc.enable()


@cli.command()
@click.argument("folder", metavar="[DIR|PROVIDER]", default="")
@click.option("--fix", is_flag=True, help="First carry files over to version 1.")
@options(PLACES)
@as_json
@click.pass_context
def check(
    context: click.Context, /, folder: str, fix: bool, as_json: bool, **flags: Flags
) -> None:
    """Check the files of providers: those in DIR, or one by name, or all."""
    settings = settings_of(flags)

    from emulator.cli import check as checking

    places = checking.places(folder, settings)
    diagnostics = checking.fix(places) if fix else []
    diagnostics += checking.check(places)
    if as_json:
        print_json([checking.as_json(diagnostic) for diagnostic in diagnostics])
    else:
        texts = [*checking.texts(diagnostics)]
        texts.append(checking.summary(len(places), diagnostics))
        click.echo("\n\n".join(texts))
    context.exit(
        2 if any(diagnostic.severity == "error" for diagnostic in diagnostics) else 0
    )


@cli.command()
@click.argument("name")
@click.option("--into", metavar="DIR", default=".", help="the folder to write it into")
@click.option(
    "--openapi",
    metavar="FILE",
    default=None,
    help="an OpenAPI document: what can be inferred of it is written, ready to be refined",
)
@click.option(
    "--without",
    metavar="TEXT",
    multiple=True,
    help="what not to infer of it: a kind (pages), an operation (listPets), or both"
    " (pages:listPets); several have commas between them",
)
@click.option(
    "--har",
    metavar="FILE",
    multiple=True,
    help="recorded calls (HAR), which it is learnt from (may be repeated)",
)
@click.option("--host", metavar="HOST", default="", help="with --har: whose calls")
@click.option("--lenient", is_flag=True, help="ignore what is not sound of an archive")
@as_json
def init(
    name: str,
    into: str,
    openapi: str | None,
    without: tuple[str, ...],
    har: tuple[str, ...],
    host: str,
    lenient: bool,
    as_json: bool,
) -> None:
    """Write a provider called NAME: a small one to learn from, or that of a document.

    With --har, write one that answers as was recorded; --openapi too keeps that document.
    """
    from emulator.cli import init as initializing

    left_out = [part for text in without for part in text.split(",")]
    if har:
        from emulator.cli import learn as learning

        wanted = learning.Wanted(har, host, lenient, openapi or "", left_out)
        learnt = learning.init_from_archives(name, into, wanted)
        if as_json:
            print_json(learning.as_json(learnt))
        else:
            click.echo(learning.told(learnt))
            click.echo(initializing.next_steps(name, into))
        return
    if host:
        raise Complaint("--host is about recorded calls: name them with --har")
    if lenient:
        raise Complaint(
            "--lenient is about archives here: a provider that is written has a document"
            " that `emulator check` accepts; `emulator serve --openapi FILE --lenient`"
            " serves what is sound of another"
        )
    if openapi is not None:
        from pathlib import Path

        from emulator.diagnostics import Report
        from emulator.spec.published import Published

        published, report = Published(Path(openapi).absolute()), Report()
        made = initializing.init_from_openapi(name, into, published, left_out, report)
        for warning in report.diagnostics:
            click.echo(warning, err=True)
    elif without:
        raise Complaint("--without is about a document: name it with --openapi")
    else:
        made = initializing.init(name, into)
    if as_json:
        print_json([file._asdict() for file in made])
    else:
        click.echo(table(made, ("file", "what it says")))
        click.echo(initializing.next_steps(name, into))


@cli.command()
@click.argument("file", type=click.Choice(["behavior.yaml", "scenarios.yaml"]))
def schema(file: str) -> None:
    """Print the JSON Schema of FILE, for an editor."""
    from emulator.spec.keywords import for_editors, keywords

    name = file.replace(".yaml", ".schema.json")
    print_json(for_editors(keywords(name).schema))


@cli.group()
def fixtures() -> None:
    """Look after the records that worlds start with."""


@fixtures.command("freeze", cls=OneLineCommand)
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@options(("specs", "fixtures"))
@as_json
def freeze(names: tuple[str, ...], as_json: bool, **flags: Flags) -> None:
    """Keep what recipes make in files beside them, for every version of Faker.

    Those of each PROVIDER, or of all below --specs.
    """
    from emulator.cli import freeze as freezing

    results = [*freezing.freeze_all(freezing.places(names, settings_of(flags)))]
    if as_json:
        print_json([fixture._asdict() for fixture in results])
    else:
        rows = [
            (*fixture[:4], "written" if fixture.changed else "as it was")
            for fixture in results
        ]
        click.echo(table(rows, ("provider", "file", "records", "Faker", "")))


@cli.command()
@options(LOADING)
@click.option("--gallery", is_flag=True, help="those that are served only when named")
@as_json
def providers(as_json: bool, gallery: bool, **flags: Flags) -> None:
    """List the providers."""
    from emulator.cli import listings
    from emulator.compile import places
    from emulator.engine.loading import programs

    only = places.gallery() if gallery else ()
    loaded = programs(settings_of(flags), only).values()
    if as_json:
        print_json([listings.provider(program) for program in loaded])
    else:
        heads = ("provider", "path", "operations", "records", "hosts")
        click.echo(table(listings.provider_rows(loaded), heads))


@cli.command()
@click.argument("provider", default="")
@options(LOADING)
@as_json
def routes(provider: str, as_json: bool, **flags: Flags) -> None:
    """List the operations, of one PROVIDER or of all."""
    from emulator.cli import listings
    from emulator.engine.loading import programs

    loaded = programs(settings_of(flags), [provider] if provider else []).values()
    if as_json:
        print_json(
            [
                listings.route(program, operation)
                for program in loaded
                for operation in program.operations.values()
            ]
        )
    else:
        heads = ("provider", "method", "path", "operation", "security", "scopes")
        click.echo(table(listings.route_rows(loaded), heads))


def _ask_server(
    context: click.Context,
    command: click.Command,
    url: str,
    as_json: bool,
    **given: str | None,
) -> None:
    """Have *command*, which asks a running server, do the work of the one that was typed."""
    context.meta.update({"--url": url, "--json": as_json})
    context.invoke(command, **given)


@cli.command()
@click.argument("provider")
@click.option("--url", metavar="URL", help="ask the server there (`world credentials`)")
@options(LOADING)
@as_json
@click.pass_context
def credentials(
    context: click.Context,
    /,
    provider: str,
    url: str | None,
    as_json: bool,
    **flags: Flags,
) -> None:
    """List the credentials of PROVIDER: state, what each is for, and what belongs to it."""
    if url is not None:
        from emulator.cli.worlds import worlds

        given = {"id": "", "provider": provider}
        _ask_server(context, worlds.commands["credentials"], url, as_json, **given)
        return
    from emulator.cli import listings
    from emulator.engine.loading import programs
    from emulator.program.credentials import credentials as of
    from emulator.world.clock import Clock

    listed = of(programs(settings_of(flags), [provider])[provider], Clock().now())
    if as_json:
        print_json(listed)
    else:
        heads, rows = listings.credential_table(listed)
        click.echo(table(rows, heads))


@cli.command()
@click.argument("provider", default="")
@click.option("--url", metavar="URL", help="ask the server there (`scenario list`)")
@options(LOADING)
@as_json
@click.pass_context
def scenarios(
    context: click.Context,
    /,
    provider: str,
    url: str | None,
    as_json: bool,
    **flags: Flags,
) -> None:
    """List the situations that a server can start in, of one PROVIDER or of all."""
    if url is not None:
        from emulator.cli.scenario import scenario

        given = {"provider": provider or None}
        _ask_server(context, scenario.commands["list"], url, as_json, **given)
        return
    from emulator.cli import listings
    from emulator.engine.loading import programs

    loaded = programs(settings_of(flags), [provider] if provider else []).values()
    found = [
        listings.scenario(program, scenario)
        for program in loaded
        for scenario in program.scenarios.values()
    ]
    if as_json:
        print_json(found)
    else:
        rows = [(listed["scenario"], listed["says"]) for listed in found]
        click.echo(table(rows, ("scenario", "says")))


@cli.command()
@click.argument("operation")
@options(LOADING)
@as_json
def explain(operation: str, as_json: bool, **flags: Flags) -> None:
    """Show the lines of a spec that hold for OPERATION (listJobs, acme/listJobs)."""
    from emulator.cli import explain as explaining
    from emulator.explanation.explain import explain as explanation

    program, found = explaining.find_named(settings_of(flags), operation)
    explained = explanation(program, found)
    if as_json:
        print_json(explained)
    else:
        click.echo(explaining.text(explained))


@cli.command()
@click.option("--ready", is_flag=True, help="only ask a running server if it is ready")
@click.option("--url", metavar="URL", help="address of that server  [EMULATOR_URL]")
@click.option(
    "--wait",
    metavar="LENGTH",
    default="0s",
    help="wait up to so long until it is ready: 30s",
)
@options()
@as_json
@click.pass_context
def doctor(
    context: click.Context,
    /,
    ready: bool,
    url: str | None,
    wait: str,
    as_json: bool,
    **flags: Flags,
) -> None:
    """Look for what a start needs and this machine lacks."""
    from emulator.cli import doctor as doctoring

    settings = settings_of(flags)
    patience = doctoring.seconds(wait)
    if ready or url or patience:
        from emulator.server.listen import url_of

        usual = os.environ.get("EMULATOR_URL", "").strip()
        good, says = doctoring.ready(
            url or usual or url_of(settings, settings.port), patience
        )
        if as_json:
            print_json({"ready": good, "says": says})
        elif good:
            click.echo(says)
        if not good and not as_json:
            raise Trouble(says)
        context.exit(0 if good else 1)
    findings = [*doctoring.examine(settings)]
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        click.echo(table(findings))
    context.exit(1 if any(finding.severity == "error" for finding in findings) else 0)


@cli.command()
@options()
@as_json
def settings(as_json: bool, **flags: Flags) -> None:
    """Show each setting, its value, and where that comes from."""
    chosen = settings_of(flags)
    rows = [
        {
            "name": row.name,
            "value": "***"
            if row.secret and getattr(chosen, row.name)
            else getattr(chosen, row.name),
            "from": source(row, flags),
            "flag": row.flag,
            "variable": row.variable,
        }
        for row in settings_table()
    ]
    if as_json:
        print_json(rows)
    else:
        heads = ("setting", "value", "from", "variable")
        click.echo(
            table(
                [
                    (
                        setting["name"],
                        _shown(setting["value"]),
                        setting["from"],
                        setting["variable"],
                    )
                    for setting in rows
                ],
                heads,
            )
        )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return ("no", "yes")[value]
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    return str(value) if value != "" else "-"
