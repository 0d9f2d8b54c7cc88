"""Faults: what goes wrong on purpose in a world, from the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server, reaching
from emulator.cli.errors import Complaint
from emulator.cli.groups import Group
from emulator.cli.tables import table
from emulator.json_type import Json, present

_HEADS = (
    "rule",
    "provider",
    "operations",
    "calls",
    "goes wrong",
    "struck",
    "calls seen",
    "state",
    "source",
)


@click.group(cls=Group)
def faults() -> None:
    """Have calls of a world go wrong, by rules."""


@faults.command("list")
@click.option("--provider", metavar="NAME", help="only those of this one")
@reaching()
def show_all(server: Server, provider: str | None) -> Answer:
    """List the rules, with how often each has struck."""
    rules = server.of_world("GET", "faults", query={"provider": provider})
    return Answer(rules, table(map(_row, rules), _HEADS))


@faults.command()
@click.option(
    "--provider", metavar="NAME", help="whose calls, where the operation does not tell"
)
@click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="ID",
    help="only calls of this operation: createJob, 'create*' (may be repeated)",
)
@click.option("--method", metavar="METHOD", help="only calls with this method: POST")
@click.option(
    "--fault",
    "named",
    multiple=True,
    metavar="TEXT",
    help="what goes wrong: delay=2s, reset, drop=Retry-After (may be repeated)",
)
@click.option("--refuse", metavar="CODE", help="refuse with this code")
@click.option(
    "--status", type=int, metavar="N", help="answer with the error of this status"
)
@click.option("--delay", metavar="LENGTH", help="the same as --fault delay=LENGTH")
@click.option(
    "--calls", "--call", metavar="WHICH", help="2 | 1-3 | 4- | '2, 5' | 'every 3'"
)
@click.option("--credential", metavar="NAME", help="only calls with this one")
@click.option(
    "--probability", type=float, metavar="SHARE", help="how many of them: 0.3"
)
@click.option("--after", metavar="LENGTH", help="begin after this time: 10s")
@click.option("--for", "--until", "until", metavar="LENGTH", help="end after it: 10m")
@reaching()
def add(
    server: Server,
    provider: str | None,
    operations: tuple[str, ...],
    method: str | None,
    named: tuple[str, ...],
    delay: str | None,
    **given: Json,
) -> Answer:
    """Have calls go wrong: with a --fault, and a --refuse or a --status."""
    wanted = _Wanted(operations, (method or "").upper())
    provider = provider or _provider_of(server, wanted)
    faults = [*named, *([f"delay={delay}"] if delay else [])]
    sent = present(
        provider=provider,
        operation=_operations(server, provider, wanted) or None,
        fault=faults or None,
        **given,
    )
    made = server.of_world("POST", "faults", json=sent)
    text = table([_row(made)], _HEADS)
    if (given["after"] or given["until"]) and server.of_world("GET", "clock")["frozen"]:
        text += "\nthe clock is frozen: only `emulator clock advance` moves it there"
    return Answer(made, text)


class _Wanted(NamedTuple):
    """Which calls are meant: operations as they are guessed, and a method."""

    operations: tuple[str, ...]
    method: str

    def of(self, routes: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
        """What each operation that was named means among *routes*."""
        ids = {
            route["operation"]: None
            for route in routes
            if self.method in ("", route["method"])
        }
        return {
            name: [name] if name in ids else [id for id in ids if _is_like(id, name)]
            for name in self.operations or ("*",)
        }


def _is_like(id: str, guess: str) -> bool:
    return fnmatchcase(id.lower(), guess.lower())


def _operations(server: Server, provider: str, wanted: _Wanted) -> list[str]:
    """The operations that the rule is about; none: all of them."""
    if not (wanted.operations or wanted.method):
        return []
    meant = wanted.of(_routes(server, provider))
    found = [*dict.fromkeys(id for ids in meant.values() for id in ids)]
    if not found and wanted.method:
        raise Complaint(
            f"--method: {provider} has no such operation with {wanted.method}"
        )
    # One that means nothing goes to the server, which says what may be meant.
    return found + [name for name, ids in meant.items() if not ids]


def _provider_of(server: Server, wanted: _Wanted) -> str:
    """The one provider of the world that has all of the operations."""
    names = [*server.of_world("GET")["providers"]]
    if len(names) > 1 and (wanted.operations or wanted.method):
        names = [
            name for name in names if all(wanted.of(_routes(server, name)).values())
        ]
    if len(names) == 1:
        return str(names[0])
    says = (
        f"say whose calls are meant: {', '.join(names)}"
        if names
        else "none has such operations: say whose"
    )
    raise Complaint(f"--provider: {says}")


def _routes(server: Server, provider: str) -> list[Mapping[str, str]]:
    routes: list[Mapping[str, str]] = server.ask("GET", "providers", provider)["routes"]
    return routes


def _row(rule: Mapping[str, Json]) -> list[object]:
    return [
        rule["id"],
        rule["provider"],
        ", ".join(rule["operations"] or ["all"]),
        _calls(rule),
        _goes_wrong(rule),
        rule["struck"],
        rule["counted"],
        _state(rule),
        rule["source"],
    ]


def _calls(rule: Mapping[str, Json]) -> str:
    """`2, 3 by full, 30%`"""
    text = rule["calls"] or "all"
    if rule["credential"]:
        text += f" by {rule['credential']}"
    share = rule["probability"]
    return text if share == 1 else f"{text}, {share:.4g} of them"


def _goes_wrong(rule: Mapping[str, Json]) -> str:
    words = [*rule["faults"]]
    if rule["refuse"]:
        words.append(f"refuse {rule['refuse']}")
    if rule["status"]:
        words.append(f"status {rule['status']}")
    return ", ".join(words)


def _state(rule: Mapping[str, Json]) -> str:
    text = str(rule["state"])
    if text == "active" and rule["after"]:
        text += f" from {rule['after']}"
    if text.startswith("active") and rule["until"]:
        text += f" until {rule['until']}"
    return text


@faults.command()
@click.argument("id")
@reaching()
def remove(server: Server, id: str) -> Answer:
    """Forget the rule ID."""
    return server.done(f"rule {id} is gone", "faults", id)


@faults.command()
@reaching()
def clear(server: Server) -> Answer:
    """Forget all rules."""
    return server.done("nothing goes wrong any more", "faults")
