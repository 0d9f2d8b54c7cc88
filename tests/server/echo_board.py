"""A board that answers with what it saw, and servers in front of it.

It stands where a `Dispatcher` stands; what a test wants of a reply, it says in the query: `?status=201&header=X-A:1&fault=delay:0.2&body=hello&raise=Boom`.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx

from emulator.engine.registry import Worlds
from emulator.exchange.call import Call, Reply
from emulator.server.run import Running
from emulator.settings import Settings
from emulator.world.faults import Fault
from emulator.world.world import World


@dataclass
class Echo:
    """One provider as the admin API shows it."""

    name: str = "echo"
    title: str = "Echo"
    hosts: tuple[str, ...] = ("api.echo.example",)
    base_path: str = "/api/v1"
    openapi: dict[str, Any] = field(
        default_factory=lambda: {
            "openapi": "3.1.0",
            "servers": [{"url": "https://api.echo.example/api/v1"}],
        }
    )
    operations: dict[str, Any] = field(
        default_factory=lambda: {"listThings": None, "getThing": None}
    )
    webhooks: None = None
    max_body: int = 0


@dataclass
class EchoBoard:
    """Answers with what it saw, in the way that the query asks for."""

    settings: Settings
    programs: dict[str, Echo] = field(default_factory=lambda: {"echo": Echo()})
    hosts: frozenset[str] = frozenset(("api.echo.example",))
    calls: list[Call] = field(default_factory=list)
    world: World = field(default_factory=World)

    @property
    def worlds(self) -> Worlds:
        return Worlds({}, self.settings, self.world)

    def answers_for(self, host: str) -> bool:
        return False

    def make_moves(self, world: World) -> None:
        pass

    def longest_body(self, call: Call) -> int:
        return self.settings.max_body

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        asked = parse_qs(call.query.decode("latin-1"), keep_blank_values=True)
        if "raise" in asked:
            raise LookupError(asked["raise"][0])
        if "body" in asked:
            body = asked["body"][0].encode()
        else:
            body = json.dumps(_seen(call)).encode()
        headers = [("Content-Type", "application/json")]
        for header in asked.get("header", ()):
            name, _, value = header.partition(":")
            headers.append((name, value))
        faults = tuple(
            Fault(kind=kind, amount=float(amount or 0))
            for kind, _, amount in (
                text.partition(":") for text in asked.get("fault", ())
            )
        )
        status = 413 if call.body_too_large else int(asked.get("status", ["200"])[0])
        summary = ("echo", "listThings", "")
        return Reply(
            status=status, headers=headers, body=body, faults=faults, summary=summary
        )


def _seen(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "path": call.path,
        "query": call.query.decode("latin-1"),
        "headers": [
            [n.decode("latin-1"), v.decode("latin-1")] for n, v in call.raw_headers
        ],
        "body": call.body.decode("latin-1"),
        "client": call.client,
        "scheme": call.scheme,
        "secure": call.secure,
        "base_url": call.base_url,
        "too_large": call.body_too_large,
    }


QUIET = Settings(port=0, log_format="none")


class Client:
    """A raw socket that says what it is told, and nothing that it is not."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> Client:
        self.socket.sendall(data)
        return self

    def flood(self, data: bytes) -> None:
        """Send *data* ten thousand times, or until the server has had enough."""
        for _ in range(10_000):
            self.send(data)

    def read(self) -> bytes:
        """Everything up to the end of the connection."""
        return self._file.read()

    def reply(self, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        """One reply with a Content-Length: status, headers in lower case, body."""
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().rstrip(b"\r\n"):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        return status, headers, self._file.read(length)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


Serve = Callable[..., Running]
Dial = Callable[[Running], Client]


def in_process(
    app: Any, method: str, path: str, *, client: str = "127.0.0.1", **more: Any
) -> httpx.Response:
    """One request to *app* without a socket and without its lifespan."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(client, 50_000))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost"
        ) as one:
            return await one.request(method, path, **more)

    return asyncio.run(ask())
