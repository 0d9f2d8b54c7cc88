"""Command line: the verbs of `emulator`.

What a verb needs is imported when it is called: `emulator doctor --ready` runs every
few seconds in a container, and must not load what serving needs.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from errno import ENOSPC
from importlib import import_module
from typing import Any

import click

from emulator.cli.answers import Answer, printed
from emulator.cli.errors import Complaint, OneLineCommand, Trouble, in_one_line
from emulator.cli.guesses import ALIASES, suggestion
from emulator.cli.options import Flags, options, settings_of, source
from emulator.cli.tables import table
from emulator.settings import table as settings_table
from emulator.version import __version__

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
SHORT = ("status", "logs", "reset")
MODULES: Mapping[str, str] = {
    **{name: name for name in (*REMOTE, "ca", "export")},
    **dict.fromkeys(SHORT, "short"),
    **dict.fromkeys(
        ("providers", "routes", "credentials", "scenarios", "explain"), "providers"
    ),
    **dict.fromkeys(("init", "check", "fixtures", "schema"), "provider_files"),
}
"""The modules beside this one that commands are in; the others are below."""


class Commands(click.Group):
    """A group that says in one line what is wrong with a command line."""

    command_class = OneLineCommand

    def list_commands(self, ctx: click.Context) -> list[str]:
        known = [*super().list_commands(ctx), *MODULES]
        order = [name for names in SECTIONS.values() for name in names]
        return [command for command in order if command in known] + [
            command for command in known if command not in order
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in MODULES:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"emulator.cli.{MODULES[cmd_name]}")
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
    try:
        cli(prog_name="emulator")
    except OSError as error:
        if error.errno != ENOSPC or error.filename is not None:
            raise
        sys.stderr.write(f"emulator: cannot write the output: {error.strerror}\n")
        os._exit(1)  # nothing tries again to write what is left


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
            "--workers: a world is in one process, and each server is one; run several"
            " with `--spread`, behind a proxy that finds the one which has a world: see"
            " docs/how-to/scale-out.md"
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
@click.option("--ready", is_flag=True, help="only ask a running server if it is ready")
@click.option("--url", metavar="URL", help="address of that server  [EMULATOR_URL]")
@click.option(
    "--wait",
    metavar="LENGTH",
    default="0s",
    help="wait up to so long until it is ready: 30s",
)
@options()
@printed
def doctor(ready: bool, url: str | None, wait: str, **flags: Flags) -> Answer:
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
        if not good and not click.get_current_context().meta["--json"]:
            raise Trouble(says)
        return Answer({"ready": good, "says": says}, says, int(not good))
    findings = [*doctoring.examine(settings)]
    failed = any(finding.severity == "error" for finding in findings)
    return Answer(
        [finding._asdict() for finding in findings], table(findings), int(failed)
    )


@cli.command()
@options()
@printed
def settings(**flags: Flags) -> Answer:
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
    heads = ("setting", "value", "from", "variable")
    columns = [
        (row["name"], _shown(row["value"]), row["from"], row["variable"])
        for row in rows
    ]
    return Answer(rows, table(columns, heads))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return ("no", "yes")[value]
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    return str(value) if value != "" else "-"
