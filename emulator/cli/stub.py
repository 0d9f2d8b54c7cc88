"""Stub: replies in place of a provider's, from the command line."""

from __future__ import annotations

import json as _json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server, reaching
from emulator.cli.errors import Complaint
from emulator.cli.groups import Group
from emulator.cli.tables import table
from emulator.json_type import Json, present

_HEADS = ("stub", "of", "call", "answers", "met", "state")


@click.group(cls=Group)
def stub() -> None:
    """Answer calls of a world in place of a provider."""


@stub.command("list")
@reaching()
def show_all(server: Server) -> Answer:
    """List the stubs, with how many calls each has answered."""
    stubs = server.of_world("GET", "stubs")
    return Answer(stubs, table(map(_row, stubs), _HEADS))


@stub.command()
@click.argument("method")
@click.argument("path")
@click.option(
    "--status", type=int, default=200, metavar="N", help="status of the reply"
)
@click.option("--reply-json", metavar="JSON", help="body of the reply")
@click.option(
    "--reply-text", metavar="TEXT", help="body of the reply, which is no JSON"
)
@click.option(
    "--reply-header",
    "reply_headers",
    multiple=True,
    metavar="NAME=TEXT",
    help="a header of the reply (may be repeated)",
)
@click.option(
    "--fault", "faults", multiple=True, metavar="TEXT", help="delay=2s, reset"
)
@click.option("--host", metavar="NAME", help="a host, also one that no provider has")
@click.option(
    "--query", multiple=True, metavar="NAME=TEXT", help="only calls with this parameter"
)
@click.option(
    "--header", multiple=True, metavar="NAME=TEXT", help="only calls with this header"
)
@click.option("--body", metavar="JSON", help="only calls whose body has this in it")
@click.option("--times", type=int, metavar="N", help="how often it answers")
@reaching()
def add(server: Server, method: str, path: str, **given: Any) -> Answer:
    """Answer calls of METHOD and PATH: `GET /acme/things/{id}`."""
    reply = present(
        status=given["status"],
        headers=_pairs("--reply-header", given["reply_headers"]) or None,
        text=given["reply_text"],
        fault=[*given["faults"]] or None,
    )
    if given["reply_json"] is not None:
        reply["json"] = _read("--reply-json", given["reply_json"])
    sent = present(
        method=method,
        path=path,
        host=given["host"],
        query=_pairs("--query", given["query"]) or None,
        headers=_pairs("--header", given["header"]) or None,
        body=None if given["body"] is None else _read("--body", given["body"]),
        times=given["times"],
        reply=reply,
    )
    made = server.of_world("POST", "stubs", json=sent)
    return Answer(made, table([_row(made)], _HEADS))


@stub.command()
@click.argument("id")
@reaching()
def remove(server: Server, id: str) -> Answer:
    """Remove the stub ID."""
    return server.done(f"stub {id} is gone", "stubs", id)


@stub.command()
@reaching()
def clear(server: Server) -> Answer:
    """Remove all stubs."""
    return server.done("providers answer for themselves", "stubs")


def _read(option: str, text: str) -> Json:
    try:
        return _json.loads(text)
    except ValueError as error:
        raise Complaint(f"{option}: {text[:60]!r} is no JSON: {error}") from None


def _pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise Complaint(f"{option}: {text[:60]!r} has no `=`: write name=text")
        pairs[name] = value
    return pairs


def _row(stub: Mapping[str, Json]) -> list[object]:
    times = stub["times"]
    return [
        stub["id"],
        stub["provider"] or stub["host"],
        f"{stub['method']} {stub['path']}",
        stub["status"],
        stub["met"] if times is None else f"{stub['met']} of {times}",
        stub["state"],
    ]
