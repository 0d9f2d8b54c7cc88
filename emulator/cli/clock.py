"""Clock: a world's time, from the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server, reaching
from emulator.cli.errors import Complaint
from emulator.cli.groups import Group
from emulator.cli.guesses import length_meant
from emulator.cli.tables import table
from emulator.cli.worlds import clock_of
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json

_IN_WORDS = re.compile(
    r"\+?([0-9.]+) ?(seconds?|secs?|minutes?|mins?|hours?|days?)", re.ASCII
)


@click.group(cls=Group, usual="show")
def clock() -> None:
    """Freeze, move and set a world's clock."""


@clock.command()
@click.option("--all", "all_events", is_flag=True, help="also what is over a year away")
@reaching()
def show(server: Server, all_events: bool) -> Answer:
    """Show a world's time, and what is going to happen."""
    found = server.of_world("GET", "clock")
    texts, events = [clock_of(found)], found["events"]
    near = (
        events if all_events else [event for event in events if _is_near(event, found)]
    )
    if near:
        rows = [
            (pending["at"], pending["kind"], pending["provider"], pending["what"])
            for pending in near
        ]
        texts.append(table(rows, ("at", "event", "provider", "what")))
    elif not events:
        texts.append("nothing is pending")
    if len(near) < len(events):
        far = len(events) - len(near) + found["more_events"]
        texts.append(f"and {far} more than a year away: --all shows them")
    elif found["more_events"]:
        texts.append(f"and {found['more_events']} more")
    return Answer(found, "\n\n".join(texts))


def _is_near(event: Mapping[str, Json], clock: Mapping[str, Json]) -> bool:
    """Whether *event* comes within a year: then the command `next` would go there."""
    at, now = (datetime.fromisoformat(moment) for moment in (event["at"], clock["now"]))
    return (at - now).days < 365


@clock.command()
@reaching()
def freeze(server: Server) -> Answer:
    """Have the clock stand still."""
    return _change(server, {"freeze": True})


@clock.command()
@reaching()
def resume(server: Server) -> Answer:
    """Have the clock run with real time, from where it stands."""
    return _change(server, {"resume": True})


@clock.command()
@click.argument("words", nargs=-1, required=True, metavar="LENGTH")
@reaching()
def advance(server: Server, words: tuple[str, ...]) -> Answer:
    """Move the clock forward by LENGTH: 61s, 5m, 24h, 7d."""
    length = _length(" ".join(words))
    seconds = length.replace(".", "", 1)
    is_plain = seconds.isascii() and seconds.isdigit() and len(length) < 19
    return _change(server, {"advance": float(length) if is_plain else length})


def _length(text: str) -> str:
    """`+1h`, `1 hour`  ->  `1h`"""
    match = _IN_WORDS.fullmatch(text)
    return f"{match[1]}{match[2][:1]}" if match else text.removeprefix("+")


@clock.command("set")
@click.argument("time")
@reaching()
def set_to(server: Server, time: str) -> Answer:
    """Set the clock to TIME, as in 2026-03-02T10:00:00Z."""
    length = length_meant(time)
    if length:
        raise Complaint(
            f"{time!r} is no time: did you mean `emulator clock advance {length}`?"
        )
    return _change(server, {"set": time})


@clock.command("next")
@click.argument("kind", default="", metavar="[KIND]")
@reaching()
def go_to_next(server: Server, kind: str) -> Answer:
    """Move the clock to the next event within a year, or to one of KIND (see `clock`)."""
    if kind:
        from emulator.engine.events import KINDS

        if kind not in KINDS:
            fix = did_you_mean(kind, KINDS)
            raise Complaint(f"there is no event of the kind {kind!r}: {fix}")
    return _change(server, {"next": kind or True})


def _change(server: Server, wanted: Json) -> Answer:
    moved = server.of_world("PATCH", "clock", json=wanted)
    event, text = moved["event"], clock_of(moved)
    if event is not None:
        text += f": {event['kind']} of {event['provider']}, {event['what']}"
    return Answer(moved, table([[text]]))
