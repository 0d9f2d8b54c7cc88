"""Worlds: the sandboxes of a server, from the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server, reaching
from emulator.cli.errors import Complaint, Trouble
from emulator.cli.groups import Group
from emulator.cli.tables import counted, table
from emulator.json_type import Json, present

Command = Callable[..., Any]

_HEADS = ("provider", "credential", "state", "scheme", "value")


@click.group(cls=Group)
def worlds() -> None:
    """Make, list, fork, reset and keep the worlds of a server."""


def about_world(command: Command) -> Command:
    """Give *command* the world that it is about: ID, --world, or EMULATOR_WORLD."""

    @wraps(command)
    def of_world(server: Server, id: str, **given: Any) -> Any:
        name_world(server, id)
        return command(server, **given)

    made: Command = click.argument("id", default="", metavar="[ID]")(
        reaching()(of_world)
    )
    return made


def name_world(server: Server, id: str) -> None:
    """Have *server* be asked about the world *id*, unless that is empty."""
    if not id:
        return
    if server.names_world and server.world != id:
        raise Complaint(f"it is about {id!r}, or about --world {server.world!r}?")
    server.world = id


@worlds.command("list")
@reaching(world=False)
def show_all(server: Server) -> Answer:
    """List the worlds; the one that was used longest ago stands first."""
    listed = server.ask("GET", "worlds")
    heads = ("world", "clock", "providers", "scenarios", "faults", "calls", "pinned")
    return Answer(listed, table(map(_row, listed["worlds"]), heads))


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
@click.option(
    "--seed",
    "--rng-seed",
    "seed",
    metavar="N",
    help="seed of everything that looks random in it",
)
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
) -> Answer:
    """Make a world, and show how to call it; it is given an ID where none is named."""
    start: dict[str, Json] = {"set": clock} if clock and clock != "frozen" else {}
    if frozen or clock == "frozen":
        start["freeze"] = True
    given = present(
        id=id or None,
        providers=[*providers] or None,
        rng_seed=int(seed) if seed and _is_whole(seed) else seed,
        clock=start or None,
        scenario=[*scenarios] or None,
        pinned=pinned or None,
    )
    return _made(server.ask("POST", "worlds", json=given))


@worlds.command()
@about_world
@click.argument("new", default="", metavar="[NEW]")
@click.option(
    "--at",
    type=click.IntRange(1),
    metavar="ID",
    help="as it was right after this exchange of its journal",
)
@click.option(
    "--before",
    type=click.IntRange(1),
    metavar="ID",
    help="as it was right before this exchange",
)
@click.option("--pinned", is_flag=True, help="never let it make room for another")
def fork(
    server: Server, new: str, at: int | None, before: int | None, pinned: bool
) -> Answer:
    """Make a world, NEW, that goes on from where another stands, or stood."""
    wanted = present(id=new or None, at=at, before=before, pinned=pinned)
    return _made(server.of_world("POST", "fork", json=wanted))


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 19


def _made(world: Mapping[str, Json]) -> Answer:
    providers = world["providers"]
    facts = [
        ("world", world["id"]),
        ("clock", clock_of(world["clock"])),
        ("seed", world["rng_seed"]),
    ]
    heads, rows = ("provider", "base url"), _addresses(providers)
    texts = [table(facts), table(rows, heads)]
    held = {
        name: provider["credentials"].values() for name, provider in providers.items()
    }
    texts.append(table(_credentials(held), _HEADS))
    return Answer(world, "\n\n".join(texts))


def _addresses(providers: Mapping[str, Json]) -> list[tuple[str, str]]:
    return [(name, provider["base_url"]) for name, provider in providers.items()]


def _credentials(held: Mapping[str, Json]) -> Iterator[list[object]]:
    for provider, many in held.items():
        for credential in many:
            yield [
                provider,
                credential["name"],
                credential["state"],
                credential["scheme"],
                credential["value"],
            ]


@worlds.command()
@about_world
def show(server: Server) -> Answer:
    """Show how a world stands, and where its calls go."""
    return world_shown(server.of_world("GET"))


def world_shown(world: Mapping[str, Json]) -> Answer:
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
    return Answer(world, f"{table(facts)}\n\n{addresses}")


@worlds.command()
@about_world
@click.argument("provider", default="", metavar="[PROVIDER]")
def credentials(server: Server, provider: str) -> Answer:
    """List the credentials that lead to a world, of one PROVIDER or of all."""
    names = [provider] if provider else server.of_world("GET")["providers"]
    held = {name: server.of_world("GET", "credentials", name) for name in names}
    shown = held[provider] if provider else held
    return Answer(shown, table(_credentials(held), _HEADS))


@worlds.command()
@about_world
def reset(server: Server) -> Answer:
    """Have a world begin again, with its credentials."""
    return world_shown(server.of_world("POST", "reset"))


@worlds.command()
@about_world
def delete(server: Server) -> Answer:
    """Let a world go."""
    return server.done(f"{server.world}: it is gone")


def _of_world_and_file(command: Command) -> Command:
    """The same, and a FILE: of one word alone, that is the file."""

    @wraps(command)
    def of_world_and_file(
        server: Server, words: tuple[str, ...], file: str, **given: Any
    ) -> Any:
        words = (*words, file) if file else words
        if not 1 <= len(words) <= 2:
            raise Complaint(
                "write the FILE (- is stdin or stdout) behind the world's ID"
            )
        name_world(server, words[0] if len(words) == 2 else "")
        return command(server, words[-1], **given)

    made: Command = click.argument("words", nargs=-1, metavar="[ID] FILE")(
        click.option("--file", default="", hidden=True)(of_world_and_file)
    )
    return made


@worlds.command()
@reaching(as_json=False)
@_of_world_and_file
def snapshot(server: Server, file: str) -> Answer | None:
    """Keep in FILE (- is stdout) all that has become of a world."""
    kept = server.of_world("GET", "snapshot", none=True)
    if not isinstance(kept, bytes):
        raise Trouble(f"what answers at {server.url} is not the emulator")
    write_file(file, kept)
    if file == "-":
        return None
    says = f"{server.world}: {counted(len(kept), 'byte')} in {file}"
    return Answer(None, table([[says]]))


@worlds.command()
@reaching()
@_of_world_and_file
def restore(server: Server, file: str) -> Answer:
    """Put a world where the snapshot in FILE (- is stdin) was taken; make it if need be."""
    try:
        with click.open_file(file, "rb") as source:
            kept = source.read()
    except OSError as error:
        raise Trouble(f"cannot read {file!r}: {error.strerror}") from None
    from emulator.client.admin_client import AdminRefused

    try:
        return world_shown(_restored(server, kept))
    except AdminRefused as error:
        if error.status != 404:
            raise
    return world_shown(_restored_anew(server, kept))


def _restored(server: Server, kept: bytes) -> Json:
    from emulator.client.world import SNAPSHOT

    return server.of_world("PUT", "snapshot", body=kept, media=SNAPSHOT)


def _restored_anew(server: Server, kept: bytes) -> Json:
    """The same in a world that is made for it, and that goes if it cannot be."""
    from emulator.client.admin_client import AdminRefused, NoServer

    server.ask("POST", "worlds", json={"id": server.world})
    try:
        return _restored(server, kept)
    except (AdminRefused, NoServer, Trouble):
        server.of_world("DELETE", none=True)
        raise


def write_file(file: str, data: bytes) -> None:
    """Write *data* to *file*, or to stdout where that is `-`; all of it or nothing."""
    try:
        with click.open_file(file, "wb", atomic=file != "-") as target:
            target.write(data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Trouble(f"cannot write {file!r}: {error.strerror}") from None
