"""Connection: the server that a command asks, and what is printed of its answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.answers import Answer, kept_option, printed
from emulator.cli.errors import Complaint, Trouble
from emulator.cli.tables import table
from emulator.json_type import Json

if TYPE_CHECKING:
    from emulator.client.admin_client import AdminRefused

Command = Callable[..., Any]

URL = "http://127.0.0.1:8080"

VALUED: Mapping[str, tuple[str, str, str]] = {
    "--url": ("EMULATOR_URL", URL, "address of the server, or of its admin port"),
    "--admin-token": ("EMULATOR_ADMIN_TOKEN", "", "token that the server asks for"),
    "--admin-token-file": (
        "EMULATOR_ADMIN_TOKEN_FILE",
        "",
        "file that has the token",
    ),
    "--world": ("EMULATOR_WORLD", "default", "world that it is about"),
}
"""Options with a value that commands share: variable, default, help."""
FLAGS = ("--json",)

_CALLED = {
    "providers": "--provider",
    "rng_seed": "--seed",
    "id": "ID",
    "advance": "LENGTH",
    "set": "TIME",
    "next": "KIND",
}
"""What members of requests are called here; others are options of the same name."""


class Server:
    """The server that a command is about, and the world there."""

    def __init__(
        self, url: str, token: str, world: str, *, named: bool, as_json: bool
    ) -> None:
        from emulator.client.admin_client import HttpAdminClient

        self.url = url
        self.admin = HttpAdminClient(url, token)
        self.world = world
        self.names_world = named
        """Whether an option named the world, and not a variable."""
        self.as_json = as_json

    def ask(self, method: str, *path: str, none: bool = False, **more: Any) -> Json:
        """What the admin API answers at `/path/...`; *none*: there may be no answer.

        Raises `AdminRefused`, `NoServer`, and `Trouble` where it is no admin API.
        """
        from emulator.client.admin_client import path_of

        answer = self.admin(method, path_of(*path), **more)
        if isinstance(answer, (dict, list)) or none:
            return answer
        raise Trouble(f"what answers at {self.url} is not the emulator")

    def of_world(self, method: str, *path: str, **more: Any) -> Json:
        """The same at `/worlds/<world>/path/...`."""
        return self.ask(method, "worlds", self.world, *path, **more)

    def done(self, says: str, *path: str) -> Answer:
        """The answer to a DELETE in the world, which has nothing to add to *says*."""
        return Answer(self.of_world("DELETE", *path, none=True), table([[says]]))

    @contextmanager
    def in_one_line(self) -> Iterator[None]:
        """Say in a line what stands in the way of an answer."""
        from emulator.client.admin_client import AdminRefused, NoServer

        try:
            yield
        except AdminRefused as error:
            kind = Complaint if error.status in (400, 422) else Trouble
            raise kind(said(error)) from None
        except NoServer as error:
            text = str(error)
            raise Trouble(text if self.url in text else f"{self.url}: {text}") from None


def reaching(*, world: bool = True, as_json: bool = True) -> Callable[[Command], Any]:
    """Give a command the options that say where it asks, and a `Server` first.

    What it returns is printed: as JSON where that is asked for, unless *as_json* is false.
    """
    valued = [option for option in VALUED if world or option != "--world"]

    def add(function: Command) -> Command:
        @wraps(function)
        def command(*args: Any, **given: Any) -> Answer | None:
            server = _server()
            with server.in_one_line():
                answer: Answer | None = function(server, *args, **given)
            return answer

        asking = printed(command, as_json=as_json)
        for flag in reversed(valued):
            variable, usual, says = VALUED[flag]
            shown = f"{variable}; {usual}" if usual else variable
            asking = kept_option(flag, metavar="TEXT", help=f"{says}  [{shown}]")(
                asking
            )
        return asking

    return add


def _server() -> Server:
    given = click.get_current_context().meta
    chosen = {
        flag: given.get(flag) or os.environ.get(variable, "").strip() or usual
        for flag, (variable, usual, _) in VALUED.items()
    }
    url = chosen["--url"]
    if not _is_url(url):
        name = "--url" if given.get("--url") else "EMULATOR_URL"
        raise Complaint(f"{name}: {url!r} is not an address: write {URL}")
    as_json = bool(given.get("--json"))
    return Server(
        url.rstrip("/"),
        _token(given, chosen),
        chosen["--world"],
        named=bool(given.get("--world")),
        as_json=as_json,
    )


def _token(given: Mapping[str, Any], chosen: Mapping[str, str]) -> str:
    """The token, or that of the file; what an option says goes before variables."""
    token, file = chosen["--admin-token"], chosen["--admin-token-file"]
    if not file or given.get("--admin-token"):
        return token
    if token and not given.get("--admin-token-file"):
        return token
    try:
        with open(file, encoding="utf-8") as source:
            return source.read().strip()
    except OSError as error:
        raise Complaint(f"--admin-token-file: {file!r}: {error.strerror}") from None


def _is_url(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            and not (parts.query or parts.fragment)
        )
    except ValueError:
        return False


def said(error: AdminRefused) -> str:
    """What is wrong, in the words of the command line."""
    if error.status == 401:
        fix = (
            "give the server's with --admin-token, EMULATOR_ADMIN_TOKEN or"
            " EMULATOR_ADMIN_TOKEN_FILE"
        )
        return f"{error.problem.get('detail')} ({fix})"
    wrong = error.problem.get("errors")
    if not isinstance(wrong, list):
        return str(error)
    return "; ".join(map(_told, wrong))


def _told(problem: Mapping[str, Json]) -> str:
    at = (
        problem.get("parameter")
        or str(problem.get("pointer", "")).strip("/").split("/")[0]
    )
    name = _CALLED.get(at) or f"--{at.replace('_', '-')}"
    return f"{name}: {problem['detail']}" if at else str(problem["detail"])
