"""Complaints: what a user is told instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from emulator.diagnostics import SpecError
from emulator.interfaces.tables import counted, printable


class Complaint(click.ClickException):
    """One line on stderr, and an exit code: 2 for what was written, 1 for the rest."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = code
        context = click.get_current_context(silent=True)
        self.command = context.command_path if context else "emulator"

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(printable(f"{self.command}: {self.message}"), file, err=True)


class BadSpecs(click.ClickException):
    """Everything that is wrong with the specs, and how much that is."""

    exit_code = 2

    def __init__(self, error: SpecError) -> None:
        super().__init__(str(error))
        self.many = sum(one.severity == "error" for one in error.diagnostics)

    def show(self, file: IO[Any] | None = None) -> None:
        text = f"{self.message}\n\n{counted(self.many, 'problem')}"
        click.echo(text, file, err=True)


@contextmanager
def in_one_line() -> Iterator[None]:
    """Say what click has against the command line in one line; it would use four."""
    try:
        yield
    except click.UsageError as error:
        complaint = Complaint(error.format_message())
        if error.ctx is not None:
            complaint.command = error.ctx.command_path
        complaint.message += f" ({complaint.command} --help says more)"
        raise complaint from None
