"""Group: commands about one thing, one of which is meant where none is named."""

from __future__ import annotations

from typing import Any

import click

from emulator.cli.connection import FLAGS, VALUED
from emulator.cli.guesses import suggestion


class Suggesting(click.Group):
    """A group that says what is meant by a command that it has not."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            says = suggestion(args[0], [*self.commands], str(self.name))
            ctx.fail(f"there is no command {args[0]!r}: {says}")
        return super().resolve_command(ctx, args)


class Group(Suggesting):
    """`emulator clock` is `emulator clock show`; shared options may stand before."""

    def __init__(self, *args: Any, usual: str = "list", **more: Any) -> None:
        super().__init__(*args, **more)
        self.usual = usual

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        shared, rest = _parted(args)
        if not rest or (rest[0][:1] == "-" and rest[0] not in ctx.help_option_names):
            rest = [self.usual, *rest]
        elif rest[0] in ctx.help_option_names:
            shared = []
        return super().parse_args(ctx, [rest[0], *shared, *rest[1:]])

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        usual = self.commands[self.usual]
        shown = (param.get_help_record(ctx) for param in usual.params)
        records = [row for row in shown if row is not None]
        if records:
            title = f"Options of `{self.usual}`, which is meant where none is named"
            with formatter.section(title):
                formatter.write_dl(records)
        self.format_commands(ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [*self.commands]

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        width = max(map(len, self.commands))
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name.ljust(width), command.get_short_help_str(100))
                    for name, command in self.commands.items()
                ]
            )


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """The shared options at the beginning, with their values, and what follows."""
    shared, rest = [], [*words]
    while rest and rest[0].partition("=")[0] in (*VALUED, *FLAGS):
        shared.append(rest.pop(0))
        if shared[-1] in VALUED and rest:
            shared.append(rest.pop(0))
    return shared, rest
