"""Serve: load the providers, open the port, and say how to call them."""

from __future__ import annotations

import gc
import shlex
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import click

from emulator import __version__
from emulator.compile.credentials import credentials
from emulator.compile.program import Operation, Program
from emulator.exchange import Call
from emulator.interfaces.complaints import Trouble
from emulator.interfaces.loading import programs
from emulator.interfaces.options import instant
from emulator.interfaces.tables import counted, table
from emulator.settings import Settings
from emulator.switchboard import Switchboard
from emulator.world.clock import Clock
from emulator.world.journal import Journal
from emulator.world.world import World

Json = Any


def serve(settings: Settings) -> int:
    """Serve until a signal; the exit code. Raises `Complaint`, `Trouble` and `BadSpecs`."""
    with _ended_by_signals():
        from emulator.server.run import CannotListen
        from emulator.server.run import serve as until_signalled

        board = switchboard(settings)
        # What is there by now lives as long as the process. Were it left to the
        # collector, each full collection would walk all of it, again and again, and
        # hold up the call that it falls into. So it is frozen: never looked at. A
        # call makes next to no cycles: the collector need not come after every 700
        # objects.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        try:
            return until_signalled(
                board, settings, lambda url: _announce(board, settings, url)
            )
        except CannotListen as error:
            raise Trouble(str(error)) from None


def switchboard(settings: Settings) -> Switchboard:
    """The providers and the world that the settings describe."""
    return Switchboard(
        programs(settings, settings.providers), world(settings), settings
    )


def world(settings: Settings) -> World:
    """A new world as the settings want it."""
    at = instant(settings.clock) if settings.clock else None
    return World(
        clock=Clock(at, frozen=settings.frozen),
        seed=settings.seed,
        journal=Journal(settings.journal_entries, settings.journal_bytes),
    )


def example(
    program: Program, settings: Settings
) -> tuple[Operation, Mapping[str, Json] | None] | None:
    """A call that works: a GET that needs nothing but a credential, and the credential.

    Which works is found out by calling, each time in a world of its own.
    """
    active = [one for one in credentials(program) if one["state"] == "active"]
    active.sort(key=lambda one: one["name"] != "full")
    plain = [
        one
        for one in program.operations.values()
        if one.method == "GET"
        and not one.parameter_names
        # Nor a parameter that must be given, and would have to be guessed.
        and not one.parameters.needed
    ]
    plain.sort(key=lambda one: one.open or not one.security)
    for operation in plain:
        for credential in active if operation.security else [None]:
            board = Switchboard({program.name: program}, world(settings), settings)
            call = _call(program, operation, credential or {})
            with suppress(Exception):  # a call will say what is wrong with it
                if board.answer(call).status < 300:
                    return operation, credential
    return None


def _call(
    program: Program, operation: Operation, credential: Mapping[str, Json]
) -> Call:
    headers = {"host": "localhost", **_headers(credential)}
    return Call(
        method="GET",
        path=f"/{program.name}{program.base_path}{operation.path}",
        query=urlencode(credential.get("query", {})).encode(),
        raw_headers=[
            (name.lower().encode(), text.encode()) for name, text in headers.items()
        ],
        base_url="http://localhost",
    )


def _headers(credential: Mapping[str, Json]) -> dict[str, str]:
    headers = dict(credential.get("headers", {}))
    cookies = credential.get("cookies", {})
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={one}" for name, one in cookies.items())
    return headers


def curl(url: str, credential: Mapping[str, Json]) -> str:
    """A line for a shell that calls *url* with *credential*."""
    query = urlencode(credential.get("query", {}))
    words = ["curl"]
    for name, text in _headers(credential).items():
        words += ["-H", f"{name}: {text}"]
    return shlex.join([*words, f"{url}?{query}" if query else url])


def _announce(board: Switchboard, settings: Settings, url: str) -> None:
    url = settings.base_url.rstrip("/") or url
    many = counted(len(board.programs), "provider")
    lines = [f"emulator {__version__} serves {many} at {url}"]
    for name, program in board.programs.items():
        base = f"{url}/{name}{program.base_path}"
        lines += ["", table([(name, base)])]
        found = example(program, settings)
        if found is not None:
            operation, credential = found
            line = curl(base + operation.path, credential or {})
            margin = " " * (len(name) + 2)
            if credential is not None:
                lines.append(f"{margin}{credential['name']}: {credential['value']}")
            lines.append(margin + line)
    # Nobody reads this when the pipe is closed; calls are answered all the same.
    with suppress(BrokenPipeError):
        click.echo("\n".join([*lines, ""]))


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """End with 0 when a signal comes before the server is there to take it.

    The first process of a container does not get the default treatment of SIGTERM:
    it would go on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise SystemExit(0)

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, kept in before.items():
            signal.signal(one, kept)
