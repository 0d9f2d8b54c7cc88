"""App: one ASGI application, of every provider and of the emulator's own addresses.

What is not under /_emulator never sees Starlette: its middlewares and its router
would cost several times what the providers' endpoint does itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.applications import Starlette

from emulator.admin.admin import Admin
from emulator.admin.request import PREFIX, AdminError
from emulator.call import Reply
from emulator.http.authority import SPACE, origin_form, split_authority, with_host
from emulator.http.problem import problem
from emulator.server.admin import Desk
from emulator.server.board import Board
from emulator.server.delivery import Sender
from emulator.server.endpoint import Endpoint, encode
from emulator.server.guard import Guard
from emulator.server.log import Lines
from emulator.server.wire import CONNECTION

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from emulator.settings import Settings

_PREFIX = PREFIX.encode()
_BELOW = _PREFIX + b"/"
_EVERYWHERE = frozenset((f"{PREFIX}/health", f"{PREFIX}/ready"))
"""What the providers' port answers as well where /_emulator has another one.

A health check every second would also be most of the log: a good answer is not noted.
"""


class Application(Starlette):
    """Starlette for /_emulator, and the providers' endpoint for everything else."""

    def __init__(self, board: Board, settings: Settings) -> None:
        super().__init__(lifespan=_lifespan)
        self.board = board
        self.settings = settings
        self.admin = Admin(board)
        self.admin.ready = False
        self.ports: tuple[int, int] | None = None
        """The providers' port and that of /_emulator, once each has one of its own."""
        self.lines = Lines(settings.log_format)
        self.guard = Guard(board, settings)
        counts = self.admin.counts
        self.sender = Sender(
            board,
            settings.webhook_hosts,
            self.lines,
            counts=counts,
            base_url=settings.base_url,
        )
        self.endpoint = Endpoint(
            board, settings, self.guard, self.lines, counts, wake=self.sender.wake
        )
        self.desk = Desk(self)
        self.router.default = self.desk

    def stop(self) -> None:
        """Let nothing go on that would keep a connection open."""
        self.endpoint.wire.stop()
        self.desk.streams.stop()

    def addresses(self, scope: Scope, host: str) -> tuple[str, str]:
        """Where the providers are, and /_emulator, as a caller of *host* knows it."""
        own = f"{scope['scheme']}://{host or _listening(scope)}"
        base = self.settings.base_url.rstrip("/")
        if self.ports is None:
            return base or own, ""
        name, _ = split_authority(host or _listening(scope)) or ("localhost", "")
        name = f"[{name}]" if ":" in name else name
        return base or f"{scope['scheme']}://{name}:{self.ports[0]}", own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        if CONNECTION not in scope:  # another server's, which may leave what is padding
            headers = [(name, value.strip(SPACE)) for name, value in scope["headers"]]
            scope = {**scope, "headers": headers}
        path = scope.get("raw_path") or scope["path"].encode()
        if path[:1] != b"/":
            scope = _in_origin_form(scope, path)
            path = scope["raw_path"]
        if path.startswith(_PREFIX) and (path == _PREFIX or path.startswith(_BELOW)):
            await self._own(scope, receive, send)
        elif self.ports is not None and _port(scope) == self.ports[1]:
            await _say(_NO_PROVIDER, scope, send)
        else:
            await self.endpoint(scope, receive, send)

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to the emulator itself, if the guard lets it through."""
        started, status = perf_counter(), 0
        problem_error = self._refused(scope)

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        if problem_error is not None:
            await _say(problem_error, scope, noting)
        else:
            await super().__call__(scope, receive, noting)
        if scope["path"] not in _EVERYWHERE or status >= 400:
            self.lines.request(
                scope["method"], scope["path"], status, perf_counter() - started
            )

    def _refused(self, scope: Scope) -> Reply | None:
        """Why a request to the emulator itself is not looked at, if so."""
        path = scope["path"]
        elsewhere = self.ports is not None and _port(scope) != self.ports[1]
        if elsewhere and path not in _EVERYWHERE:
            return _NOT_HERE
        sent: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            # What is said twice says neither: no token and no origin reads like that.
            before = f"{sent[name]}, " if name in sent else ""
            sent[name] = before + value.decode("latin-1")
        try:
            raw = (scope.get("raw_path") or path.encode()).decode("latin-1")
            open = not self.admin.find(scope["method"], raw).operation.needs_token
        except AdminError:
            open = False
        return self.guard.refuse(sent, open=open)


_NOT_HERE = problem(
    404,
    "not found",
    "the emulator's own addresses have a port of their own",
    fix="use the port of --admin-port, which is announced when the server starts",
)
_NO_PROVIDER = problem(
    404,
    "not found",
    f"no provider is at this port: here is only what stands under {PREFIX}",
    fix="use the port of --port for providers",
)


def create_app(dispatcher: Board, settings: Settings | None = None) -> Application:
    """The application that answers for every provider of *dispatcher*.

    *settings* are the dispatcher's own unless others are given.
    """
    return Application(dispatcher, settings or dispatcher.settings)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    assert isinstance(app, Application)  # noqa: S101 - narrows the type
    app.desk.streams.start()
    app.admin.ready = bool(app.board.programs)
    sending = asyncio.create_task(app.sender.run())
    try:
        yield
    finally:
        app.admin.ready = False
        app.stop()
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        app.lines.flush()


async def _say(reply: Reply, scope: Scope, send: Send) -> None:
    headers, body = encode(reply, scope["method"])
    start = {"type": "http.response.start", "status": reply.status}
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _port(scope: Scope) -> int | None:
    """The port of the socket that the request came in on, whatever it says itself."""
    server = scope.get("server")
    return server[1] if server else None


def _listening(scope: Scope) -> str:
    name, port = scope.get("server") or ("localhost", None)
    name = f"[{name}]" if ":" in name else name
    return f"{name}:{port}" if port else str(name)


def _in_origin_form(scope: Scope, target: bytes) -> Scope:
    path, authority = origin_form(target)
    changed = {**scope, "raw_path": path, "path": unquote(path.decode("latin-1"))}
    if authority is not None:
        changed["headers"] = with_host(scope["headers"], authority)
    return changed
