"""Errors: what a user is told instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from emulator.cli.guesses import instead
from emulator.cli.tables import counted, printable
from emulator.diagnostics import SpecError


class Complaint(click.ClickException):
    """What was asked for cannot be meant: one line on stderr."""

    exit_code = 2

    def __init__(self, message: str, command: str = "") -> None:
        super().__init__(message)
        context = click.get_current_context(silent=True)
        self.command = command or (_as_typed(context) if context else "emulator")

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(printable(f"{self.command}: {self.message}"), file, err=True)


def _as_typed(context: click.Context) -> str:
    """The command that was typed, where that has had another one do its work."""
    while context.parent and not isinstance(context.parent.command, click.Group):
        context = context.parent
    return context.command_path


class Trouble(Complaint):
    """What was asked for cannot be had here and now: one line on stderr."""

    exit_code = 1


class OneLineCommand(click.Command):
    """A command that says in one line what cannot be had, and what is wrong with specs."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ValueError, SpecError) as error:
            from emulator.engine.loading import CannotServe

            if isinstance(error, SpecError):
                raise BadSpecs(error) from None
            if isinstance(error, CannotServe):
                raise Complaint(str(error)) from None
            raise


class BadSpecs(click.ClickException):
    """Everything that is wrong with the specs, and how many problems that is."""

    exit_code = 2

    def __init__(self, error: SpecError) -> None:
        super().__init__(str(error))
        self.many = sum(
            diagnostic.severity == "error" for diagnostic in error.diagnostics
        )

    def show(self, file: IO[Any] | None = None) -> None:
        text = f"{self.message}\n\n{counted(self.many, 'problem')}"
        click.echo(text, file, err=True)


@contextmanager
def in_one_line() -> Iterator[None]:
    """Say what click has against the command line in one line; it would use four."""
    try:
        yield
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "emulator"
        more = f"{command} --help says more"
        if isinstance(error, click.MissingParameter) and instead(command):
            more = f"{instead(command)}; {more}"
        elif isinstance(error, click.NoSuchOption) and command == "emulator":
            more = f"options stand behind a command: emulator COMMAND {error.option_name}; {more}"
        text = f"{error.format_message()} ({more})"
        raise Complaint(text, command) from None
