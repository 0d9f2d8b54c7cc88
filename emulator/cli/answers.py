"""Answers: what a command has to say, printed as JSON or for people."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import click

from emulator.cli.tables import print_json
from emulator.json_type import Json

Command = Callable[..., Any]


class Answer(NamedTuple):
    """What a command has to say: as JSON, and for people."""

    json: Json
    text: str
    exit_code: int = 0


def printed(function: Command, *, as_json: bool = True) -> Command:
    """Print the `Answer` that a command returns, and give it `--json`, if *as_json*.

    None: it has printed what there was.
    """

    @wraps(function)
    def command(*args: Any, **given: Any) -> None:
        print_answer(function(*args, **given))

    if not as_json:
        return command
    return kept_option("--json", is_flag=True, help="print JSON")(command)


def kept_option(flag: str, **how: Any) -> Callable[[Command], Command]:
    """An option whose value is in `context.meta`, and no argument of the command."""

    def keep(context: click.Context, _: click.Parameter, value: Json) -> Json:
        context.meta[flag] = value
        return value

    return click.option(flag, expose_value=False, callback=keep, **how)


def print_answer(answer: Answer | None) -> None:
    """Print *answer*, and end with its exit code."""
    if answer is None:
        return
    context = click.get_current_context()
    if context.meta.get("--json"):
        print_json(answer.json)
    else:
        click.echo(answer.text)
    context.exit(answer.exit_code)
