"""Commands: the reference of the command line, made from its commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import cleandoc

import click

from emulator.cli.main import cli
from emulator.settings import table

_SHARED = table()


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from ("# Command line", "", "<!-- Made by docs/generate.py: do not edit. -->")
    yield from (
        "",
        "A flag wins over its variable.",
        "Commands that print a table also have `--json`.",
        "The exit code is 0 for success, 1 for a failure, and 2 for wrong arguments, settings or files.",
        "",
    )
    context = click.Context(cli, info_name="emulator")
    for title, names in cli.sections(context).items():
        yield from (f"## {title}", "")
        for name in names:
            yield from _command(context, name, cli.get_command(context, name))


def _command(
    parent: click.Context, name: str, command: click.Command | None
) -> Iterator[str]:
    assert command is not None
    context = click.Context(command, info_name=name, parent=parent)
    yield from (f"### {context.command_path}", "")
    yield from (cleandoc(command.help or "").replace("\n\n", "\n"), "")
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            yield from _command(context, inner, command.get_command(context, inner))
        return
    yield from ("```", " ".join(_usage(context)), "```", "")
    options = [param for param in command.params if isinstance(param, click.Option)]
    rows = [
        (f"`{names}`", says)
        for option in options
        if not _is_setting(option)
        for names, says in [option.get_help_record(context) or ("", "")]
    ]
    if rows:
        yield from _table(("option", "what it does"), rows)
    flags = [f"`{option.opts[0]}`" for option in options if _is_setting(option)]
    if flags:
        yield from (f"And [settings](settings.md): {', '.join(flags)}.", "")


def _is_setting(option: click.Option) -> bool:
    return any(
        option.name == row.name and row.help in (option.help or "") for row in _SHARED
    )


def _usage(context: click.Context) -> Iterator[str]:
    yield context.command_path
    yield from context.command.collect_usage_pieces(context)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""
