"""Worlds: the sandboxes of a server, from the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from emulator.interfaces.complaints import Trouble
from emulator.interfaces.remote.group import Group
from emulator.interfaces.remote.reach import Server, reaching
from emulator.interfaces.tables import counted, print_json, table

Json = Any

_HEADS = ("provider", "credential", "state", "scheme", "value")


@click.group(cls=Group)
def worlds() -> None:
    """Make, list, fork, reset and keep the worlds of a server."""


@worlds.command("list")
@reaching(world=False)
def show_all(server: Server) -> None:
    """List the worlds; the one that was used longest ago stands first."""
    found = server.ask("GET", "worlds")
    if server.as_json:
        print_json(found)
        return
    heads = ("world", "clock", "providers", "scenarios", "faults", "calls", "pinned")
    click.echo(table(map(_row, found["worlds"]), heads))


def _row(world: Mapping[str, Json]) -> list[object]:
    return [
        world["id"],
        clock_of(world["clock"]),
        ", ".join(world["providers"]) or "-",
        ", ".join(world["scenarios"]) or "-",
        world["faults"],
        world["journal"]["written"],
        ("no", "yes")[world["pinned"]],
    ]


def clock_of(clock: Mapping[str, Json]) -> str:
    """`2026-03-02T10:00:00Z, frozen`"""
    return f"{clock['now']}, {'frozen' if clock['frozen'] else 'running'}"


@worlds.command()
@click.argument("id", default="", metavar="[ID]")
@click.option(
    "--provider",
    "providers",
    multiple=True,
    metavar="NAME",
    help="put only this one in it (may be repeated)",
)
@click.option("--seed", metavar="N", help="seed of everything that looks random in it")
@click.option("--clock", metavar="TIME", help="when it begins (ISO 8601), or: frozen")
@click.option("--frozen", is_flag=True, help="freeze its clock, with --clock TIME")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="P/S",
    help="situation that it begins in: acme/rate_limited (may be repeated)",
)
@click.option("--pinned", is_flag=True, help="never let it make room for another")
@reaching(world=False)
def create(
    server: Server,
    id: str,
    providers: tuple[str, ...],
    seed: str | None,
    clock: str | None,
    frozen: bool,
    scenarios: tuple[str, ...],
    pinned: bool,
) -> None:
    """Make a world, and show how to call it; it is given an ID where none is named."""
    at = None if clock == "frozen" else clock
    start: dict[str, Json] = {} if at is None else {"set": at}
    if frozen or clock == "frozen":
        start = {**start, "freeze": True}
    wanted = {
        "id": id or None,
        "providers": [*providers] or None,
        "rng_seed": int(seed) if seed and _is_whole(seed) else seed,
        "clock": start or None,
        "scenario": [*scenarios] or None,
        "pinned": pinned or None,
    }
    given = {name: one for name, one in wanted.items() if one is not None}
    _print_born(server, server.ask("POST", "worlds", json=given))


@worlds.command()
@click.argument("id")
@click.argument("new", default="", metavar="[NEW]")
@click.option("--pinned", is_flag=True, help="never let it make room for another")
@reaching(world=False)
def fork(server: Server, id: str, new: str, pinned: bool) -> None:
    """Make a world, NEW, that goes on from where the world ID stands."""
    wanted = {"id": new, "pinned": pinned} if new else {"pinned": pinned}
    _print_born(server, server.ask("POST", "worlds", id, "fork", json=wanted))


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 19


def _print_born(server: Server, born: Mapping[str, Json]) -> None:
    if server.as_json:
        print_json(born)
        return
    providers = born["providers"]
    facts = [
        ("world", born["id"]),
        ("clock", clock_of(born["clock"])),
        ("seed", born["rng_seed"]),
    ]
    heads, rows = ("provider", "base url"), _addresses(providers)
    texts = [table(facts), table(rows, heads)]
    held = {name: one["credentials"].values() for name, one in providers.items()}
    texts.append(table(_credentials(held), _HEADS))
    click.echo("\n\n".join(texts))


def _addresses(providers: Mapping[str, Json]) -> list[tuple[str, str]]:
    return [(name, one["base_url"]) for name, one in providers.items()]


def _credentials(held: Mapping[str, Json]) -> Iterator[list[object]]:
    for provider, many in held.items():
        for one in many:
            yield [provider, one["name"], one["state"], one["scheme"], one["value"]]


@worlds.command()
@click.argument("id")
@reaching(world=False)
def show(server: Server, id: str) -> None:
    """Show how the world ID stands, and where its calls go."""
    _print_world(server, server.ask("GET", "worlds", id))


def _print_world(server: Server, world: Mapping[str, Json]) -> None:
    if server.as_json:
        print_json(world)
        return
    journal = world["journal"]
    calls = f"{journal['written']}, of which {journal['kept']} are in the journal"
    facts = [
        ("world", world["id"]),
        ("clock", clock_of(world["clock"])),
        ("seed", world["rng_seed"]),
        ("pinned", ("no", "yes")[world["pinned"]]),
        ("scenarios", ", ".join(world["scenarios"]) or "-"),
        ("faults", world["faults"]),
        ("records changed", world["records_changed"]),
        ("calls", calls),
    ]
    addresses = table(_addresses(world["providers"]), ("provider", "base url"))
    click.echo(f"{table(facts)}\n\n{addresses}")


@worlds.command()
@click.argument("id")
@click.argument("provider", default="", metavar="[PROVIDER]")
@reaching(world=False)
def credentials(server: Server, id: str, provider: str) -> None:
    """List the credentials that lead to the world ID, of one PROVIDER or of all."""
    names = [provider] if provider else server.ask("GET", "worlds", id)["providers"]
    held = {
        name: server.ask("GET", "worlds", id, "credentials", name) for name in names
    }
    if server.as_json:
        print_json(held[provider] if provider else held)
    else:
        click.echo(table(_credentials(held), _HEADS))


@worlds.command()
@click.argument("id")
@reaching(world=False)
def reset(server: Server, id: str) -> None:
    """Have the world ID begin again, with its credentials."""
    _print_world(server, server.ask("POST", "worlds", id, "reset"))


@worlds.command()
@click.argument("id")
@reaching(world=False)
def delete(server: Server, id: str) -> None:
    """Let the world ID go."""
    print_done(
        server, server.ask("DELETE", "worlds", id, none=True), f"{id}: it is gone"
    )


def print_done(server: Server, answer: Json, says: str) -> None:
    """What is done, where the server has nothing to add."""
    if server.as_json:
        print_json(answer)
    else:
        click.echo(table([[says]]))


@worlds.command()
@click.argument("id")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@reaching(world=False, as_json=False)
def snapshot(server: Server, id: str, file: str) -> None:
    """Keep in FILE (- is stdout) all that has become of the world ID."""
    kept = server.ask("GET", "worlds", id, "snapshot", none=True)
    if not isinstance(kept, bytes):
        raise Trouble(f"what answers at {server.url} is not the emulator")
    write_file(file, kept)
    if file != "-":
        click.echo(table([[f"{id}: {counted(len(kept), 'byte')} in {file}"]]))


@worlds.command()
@click.argument("id")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@reaching(world=False)
def restore(server: Server, id: str, file: str) -> None:
    """Put the world ID where the snapshot in FILE (- is stdin) was taken."""
    try:
        with click.open_file(file, "rb") as source:
            kept = source.read()
    except OSError as error:
        raise Trouble(f"cannot read {file!r}: {error.strerror}") from None

    from emulator.admin.snapshots import SNAPSHOT

    path = ("worlds", id, "snapshot")
    _print_world(server, server.ask("PUT", *path, body=kept, media=SNAPSHOT))


def write_file(file: str, data: bytes) -> None:
    """Write *data* to *file*, or to stdout where that is `-`; all of it or nothing."""
    try:
        with click.open_file(file, "wb", atomic=file != "-") as target:
            target.write(data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Trouble(f"cannot write {file!r}: {error.strerror}") from None
