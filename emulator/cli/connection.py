"""Reach: where a command asks, and what its user is told when that fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.errors import Complaint, Trouble

if TYPE_CHECKING:
    from emulator.client.admin_client import AdminRefused, OverHttp

Json = Any
Command = Callable[..., Any]

URL = "http://127.0.0.1:8080"

VALUED: Mapping[str, tuple[str, str, str]] = {
    "--url": ("EMULATOR_URL", URL, "address of the server, or of its admin port"),
    "--admin-token": ("EMULATOR_ADMIN_TOKEN", "", "token that the server asks for"),
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


class NotDone(Trouble):
    """The server does not do what it is asked for; *status* is its answer's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotMeant(NotDone):
    """What it is asked for cannot be meant."""

    exit_code = 2


class Server:
    """The server that a command is about, and the world there."""

    def __init__(
        self, url: str, token: str, world: str, *, named: bool, as_json: bool
    ) -> None:
        self.url = url
        self.world = world
        self.names_world = named
        """Whether an option named the world, and not a variable."""
        self.as_json = as_json
        self._token = token

    def ask(self, method: str, *path: str, none: bool = False, **more: Any) -> Json:
        """What the admin API answers at `/path/...`; *none*: there may be no answer.

        Raises `Trouble`, or `NotDone`.
        """
        from emulator.client.admin_client import path_of

        with self.troubles():
            answer = self.over_http(method, path_of(*path), **more)
        if isinstance(answer, (dict, list)) or none:
            return answer
        raise Trouble(f"what answers at {self.url} is not the emulator")

    def of_world(self, method: str, *path: str, **more: Any) -> Json:
        """The same at `/worlds/<world>/path/...`."""
        return self.ask(method, "worlds", self.world, *path, **more)

    @property
    def over_http(self) -> OverHttp:
        from emulator.client.admin_client import OverHttp

        return OverHttp(self.url, self._token)

    @contextmanager
    def troubles(self) -> Iterator[None]:
        """Say in a line what stands in the way of an answer."""
        from http.client import HTTPException

        from emulator.client.admin_client import AdminRefused, NoServer

        try:
            yield
        except AdminRefused as error:
            kind = NotMeant if error.status in (400, 422) else NotDone
            raise kind(_said(error), error.status) from None
        except NoServer as error:
            text = str(error)
            raise Trouble(text if self.url in text else f"{self.url}: {text}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise Trouble(f"{self.url}: no whole answer: {error}") from None


def reaching(*, world: bool = True, as_json: bool = True) -> Callable[[Command], Any]:
    """Give a command the options that say where it asks, and a `Server` first."""
    valued = [one for one in VALUED if world or one != "--world"]

    def add(function: Command) -> Command:
        @wraps(function)
        def command(*args: Any, **given: Any) -> Any:
            return function(_server(), *args, **given)

        if as_json:
            _option("--json", is_flag=True, help="print JSON")(command)
        for flag in reversed(valued):
            variable, usual, says = VALUED[flag]
            shown = f"{variable}; {usual}" if usual else variable
            _option(flag, metavar="TEXT", help=f"{says}  [{shown}]")(command)
        return command

    return add


def _option(flag: str, **how: Any) -> Callable[[Command], Command]:
    def keep(context: click.Context, _: click.Parameter, value: Json) -> Json:
        context.meta[flag] = value
        return value

    return click.option(flag, expose_value=False, callback=keep, **how)


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
        chosen["--admin-token"],
        chosen["--world"],
        named=bool(given.get("--world")),
        as_json=as_json,
    )


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


def _said(error: AdminRefused) -> str:
    """What is wrong, in the words of the command line."""
    if error.status == 401:
        fix = "give the server's with --admin-token or EMULATOR_ADMIN_TOKEN"
        return f"{error.problem.get('detail')} ({fix})"
    wrong = error.problem.get("errors")
    if not isinstance(wrong, list):
        return str(error)
    return "; ".join(map(_told, wrong))


def _told(one: Mapping[str, Json]) -> str:
    at = one.get("parameter") or str(one.get("pointer", "")).strip("/").split("/")[0]
    name = _CALLED.get(at) or f"--{at.replace('_', '-')}"
    return f"{name}: {one['detail']}" if at else str(one["detail"])
