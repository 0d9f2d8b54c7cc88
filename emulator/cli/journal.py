"""Journal: what was called in a world and why it was answered so, on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server, reaching, said
from emulator.cli.errors import Complaint, Trouble
from emulator.cli.groups import Group
from emulator.cli.tables import counted, printable, table
from emulator.cli.worlds import write_file
from emulator.json_type import Json

Command = Callable[..., Any]

_MATCHERS = {
    "provider": ("NAME", "only calls of this one"),
    "operation": ("ID", "only calls of this operation"),
    "method": ("METHOD", "only calls with this method"),
    "status": ("CODE", "only replies with this status: 403, or 4xx"),
    "refused_by": ("STEP", "only what this step refused; none: what none did"),
    "credential": ("NAME", "only calls with this one; none: those without any"),
}
_SINCE = {"since": ("ID|TIME", "only what came after this exchange, or since then")}
_FURTHER = {
    "path": ("PATH", "only calls of this path"),
    "refusal": ("CODE", "only what was refused with this code"),
}
_COUNTS = {
    "times": "so many came",
    "at_least": "so many or more came",
    "at_most": "so many or fewer came",
}


@click.group(cls=Group)
def journal() -> None:
    """See what was called in a world, and why it was answered so."""


def _filters(*groups: Mapping[str, tuple[str, str]]) -> Callable[[Command], Command]:
    """Give a command an option for each filter."""

    def add(command: Command) -> Command:
        rows = [row for group in groups for row in group.items()]
        for name, (metavar, says) in reversed(rows):
            flag = f"--{name.replace('_', '-')}"
            command = click.option(flag, name, metavar=metavar, help=says)(command)
        return command

    return add


@journal.command("list")
@_filters(_MATCHERS, _SINCE)
@click.option("--limit", type=int, metavar="N", help="only the latest so many")
@click.option("--follow", "-f", is_flag=True, help="go on with those that come")
@click.option("--verbose", "-v", is_flag=True, help="explain each, step by step")
@reaching()
def show_all(
    server: Server, follow: bool, verbose: bool, **filters: Json
) -> Answer | None:
    """List the exchanges in a line each, oldest first."""
    if follow and verbose:
        raise Complaint("--follow shows a line each: leave out --verbose")
    if follow:
        from emulator.cli.follow import follow as following

        with suppress(KeyboardInterrupt):
            for entry in following(server, filters):
                click.echo(_as_json(entry) if server.as_json else _line(entry))
        return None
    asked = filters if server.as_json else {**filters, "brief": "true"}
    entries = server.of_world("GET", "journal", query=asked)
    if not entries and not server.as_json:
        of_kind = " like that" if any(filters.values()) else ""
        click.echo(f"no exchange{of_kind} in the world {server.world!r}", err=True)
        return None
    if verbose and not server.as_json:
        return Answer(None, _text(server, "journal", format="text", **filters))
    return Answer(entries, "\n".join(map(_line, entries)))


def _line(entry: Mapping[str, Json]) -> str:
    return printable(entry["line"])


def _as_json(entry: Json) -> str:
    import orjson

    return orjson.dumps(entry).decode()


def _secrets(command: Command) -> Command:
    return click.option(
        "--secrets",
        type=click.Choice(["own", "none", "all"]),
        default="own",
        help="which are shown in a line to copy: those of the world's credentials (own)",
    )(command)


@journal.command()
@click.argument("id", default="", metavar="[ID]")
@click.option("--curl", is_flag=True, help="show the line that makes the call again")
@_secrets
@reaching()
def show(server: Server, id: str, curl: bool, secrets: str) -> Answer:
    """Explain the exchange ID, or the latest one, step by step."""
    id = _exchange(server, id)
    if not curl:
        return _shown(server, id)
    line = _text(server, "journal", id, "curl", secrets=secrets)
    return Answer({"id": int(id), "curl": line}, line)


@journal.command()
@click.argument("id", default="", metavar="[ID]")
@_secrets
@reaching(as_json=False)
def recipe(server: Server, id: str, secrets: str) -> Answer:
    """Print a shell script that brings about what came to pass, up to the exchange ID."""
    until = int(_exchange(server, id)) if id == "last" or id.isdecimal() else None
    if id and until is None:
        raise Complaint(f"{id[:40]!r} is no number of an exchange")
    return Answer(
        None, _text(server, "journal", "recipe", until=until, secrets=secrets)
    )


@journal.command()
@click.argument("id", default="", metavar="[ID]")
@reaching()
def replay(server: Server, id: str) -> Answer:
    """Make the call of the exchange ID, or of the latest one, again."""
    made = server.of_world("POST", "journal", _exchange(server, id), "replay")
    head = [f"answered {made['status']}"]
    if made["exchange"] is not None:
        entry = server.of_world("GET", "journal", str(made["exchange"]))
        head = [_line(entry)]
    if made["faults"]:
        head.append(f"not done to this connection: {', '.join(made['faults'])}")
    body = made["body"] if made["base64"] is None else f"base64 {made['base64']}"
    return Answer(made, "\n".join([*head, *([_lines(body)] if body else [])]))


@journal.command("test")
@click.argument("id", default="", metavar="[ID]")
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@reaching(as_json=False)
def save_test(server: Server, id: str, file: str) -> Answer | None:
    """Write the exchange ID, or the latest one, to FILE (- is stdout) as a pytest file."""
    if id.endswith(".py") and file == "-":
        id, file = "", id
    exchange = _exchange(server, id)
    text = _text(server, "journal", exchange, "test")
    write_file(file, f"{text}\n".encode())
    note = next((line for line in text.splitlines() if line.startswith("NOTE: ")), "")
    if note:
        click.echo(note, err=True)
    if file == "-":
        return None
    says = f"{server.world}: exchange {exchange} in {file}; run it with: pytest {file}"
    return Answer(None, table([[says]]))


def _text(server: Server, *path: str, **query: Json) -> str:
    """What the admin API answers with in plain text."""
    text = server.of_world("GET", *path, query=query, none=True)
    if not isinstance(text, bytes):
        raise Trouble(f"what answers at {server.url} is not the emulator")
    return text.decode().rstrip("\n")


def _exchange(server: Server, id: str) -> str:
    """The *id* of an exchange, of which `last` is the latest."""
    if id in ("", "last"):
        latest = server.of_world("GET", "journal", query={"limit": 1})
        if not latest:
            raise Trouble(f"no exchange in the world {server.world!r}")
        return str(latest[0]["id"])
    return id


def _shown(server: Server, id: str) -> Answer:
    entry = server.of_world("GET", "journal", id)
    return Answer(entry, _lines(entry["explained"]))


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def _counts(command: Command) -> Command:
    for name, says in reversed(_COUNTS.items()):
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, name, type=int, metavar="N", help=says)(command)
    return command


@journal.command()
@_filters(_MATCHERS, _FURTHER, _SINCE)
@_counts
@reaching()
def verify(server: Server, **asked: Json) -> Answer:
    """Check that calls came as they should: 0, or 1 and what came instead.

    2 where that cannot be proven, since the journal has let exchanges go.
    """
    question = {
        name: None if text == "none" and name in ("refused_by", "credential") else text
        for name, text in asked.items()
        if text is not None
    }
    from emulator.client.admin_client import AdminRefused

    try:
        verdict = server.of_world("POST", "journal", "verify", json=question)
    except AdminRefused as error:
        raise Complaint(said(error)) from None
    return Answer(verdict, _lines(verdict["message"]), 0 if verdict["passed"] else 1)


@journal.command()
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@_filters(_MATCHERS, _SINCE)
@click.option("--limit", type=int, metavar="N", help="only the latest so many")
@reaching(as_json=False)
def har(server: Server, file: str, **filters: Json) -> Answer | None:
    """Write the exchanges to FILE (- is stdout) as an HTTP Archive."""
    import orjson

    made = server.of_world("GET", "journal", "har", query=filters)
    write_file(file, orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")
    if file == "-":
        return None
    many = counted(len(made["log"]["entries"]), "exchange")
    return Answer(made, table([[f"{server.world}: {many} in {file}"]]))


@journal.command()
@reaching()
def clear(server: Server) -> Answer:
    """Forget all exchanges."""
    return server.done("the journal is empty", "journal")
