"""Follow: the exchanges of a world as they come about, over connections that break.

Whatever came while there was no connection comes when there is one again: the server
is told which exchange was the last. What it has let go meanwhile is said.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import click

from emulator.cli.connection import Server
from emulator.cli.errors import Trouble
from emulator.cli.tables import counted
from emulator.client.admin_client import NoServer, path_of
from emulator.json_type import Json

_PAUSE = 0.25
_TRIES = 120
"""So often a server is looked for again, with that pause between, in seconds."""


def follow(server: Server, filters: Mapping[str, Json]) -> Iterator[Json]:
    """Those that are there already, and then those that come, without an end.

    Raises `Trouble` where the server does not come back.
    """
    kept = {k: value for k, value in filters.items() if k not in ("since", "limit")}
    last = server.of_world("GET")["journal"]["written"]
    if filters.get("limit") != 0:
        entries = server.of_world("GET", "journal", query=filters)
        yield from entries
        last = max(last, entries[-1]["id"] if entries else 0)
    is_whole = not any(kept.values())
    while True:
        try:
            path = path_of("worlds", server.world, "journal", "events")
            for entry in server.admin.events(path, kept, last=str(last)):
                if is_whole and entry["id"] > last + 1:
                    _say_gone(entry["id"] - last - 1)
                last = entry["id"]
                yield entry
        except NoServer:
            pass  # the connection is gone: what follows looks for another
        click.echo("the connection is lost: looking for the server", err=True)
        last = _found_again(server, last)


def _found_again(server: Server, last: int) -> int:
    """After which exchange to go on, once the server is there again."""
    for _ in range(_TRIES):
        try:
            journal = server.of_world("GET")["journal"]
            break
        except (NoServer, Trouble):
            time.sleep(_PAUSE)
    else:
        raise Trouble(f"no emulator answers at {server.url} any more")
    if journal["written"] < last:
        click.echo("the server has begun again, and its journal with it", err=True)
        return 0
    oldest = journal["written"] - journal["kept"]
    if journal["dropped"] and oldest > last:
        _say_gone(oldest - last)
        return int(oldest)
    return last


def _say_gone(many: int) -> None:
    text = f"{counted(many, 'exchange')} came of which the journal knows no more"
    click.echo(text, err=True)
