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
from starlette.exceptions import HTTPException

from emulator.server import webhooks
from emulator.server.admin import PREFIX, on_bug, on_http_exception, response, routes
from emulator.server.board import Board
from emulator.server.delivery import Sender
from emulator.server.endpoint import Endpoint
from emulator.server.guard import Guard
from emulator.server.log import Lines
from emulator.server.target import origin_form, with_host

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from emulator.settings import Settings

_PREFIX = PREFIX.encode()
_BELOW = _PREFIX + b"/"
_UNLOGGED = frozenset((f"{PREFIX}/health", f"{PREFIX}/ready"))
"""A health check every second would be most of the log."""


class Application(Starlette):
    """Starlette for /_emulator, and the providers' endpoint for everything else."""

    def __init__(self, board: Board, settings: Settings) -> None:
        super().__init__(
            routes=[*routes(), *webhooks.routes()],
            exception_handlers={HTTPException: on_http_exception, Exception: on_bug},
            lifespan=_lifespan,
        )
        self.router.redirect_slashes = False
        self.board = board
        self.settings = settings
        self.ready = False
        """Every route is loaded, and the lifespan has begun."""
        self.lines = Lines(settings.log_format)
        self.guard = Guard(board, settings)
        self.sender = Sender(board, settings.webhook_hosts, self.lines)
        self.endpoint = Endpoint(
            board, settings, self.guard, self.lines, wake=self.sender.wake
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        path = scope.get("raw_path") or scope["path"].encode()
        if path[:1] != b"/":
            scope = _in_origin_form(scope, path)
            path = scope["raw_path"]
        if path.startswith(_PREFIX) and (path == _PREFIX or path.startswith(_BELOW)):
            await self._own(scope, receive, send)
        else:
            await self.endpoint(scope, receive, send)

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to the emulator itself, if the guard lets it through."""
        started, status = perf_counter(), 0
        sent = dict(reversed(scope["headers"]))
        host = sent.get(b"host", b"").decode("latin-1")
        refused = self.guard.refuse_host(host)
        if refused is None and b"origin" in sent:
            origin = sent[b"origin"].decode("latin-1")
            refused = self.guard.refuse_origin(origin, host)
        if refused is None:
            refused = self.guard.refuse_stranger(
                scope["method"], scope["path"], sent.get(b"authorization", b"")
            )

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        if refused is not None:
            await response(refused)(scope, receive, noting)
        else:
            await super().__call__(scope, receive, noting)
        if scope["path"] not in _UNLOGGED or status >= 400:
            self.lines.request(
                scope["method"], scope["path"], status, perf_counter() - started
            )


def create_app(switchboard: Board, settings: Settings | None = None) -> Application:
    """The application that answers for every provider of *switchboard*.

    *settings* are the switchboard's own unless others are given.
    """
    return Application(switchboard, settings or switchboard.settings)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    assert isinstance(app, Application)  # noqa: S101 - narrows the type
    app.ready = bool(app.board.programs)
    sending = asyncio.create_task(app.sender.run())
    try:
        yield
    finally:
        app.ready = False
        app.endpoint.wire.stop()
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        app.lines.flush()


def _in_origin_form(scope: Scope, target: bytes) -> Scope:
    path, authority = origin_form(target)
    changed = {**scope, "raw_path": path, "path": unquote(path.decode("latin-1"))}
    if authority is not None:
        changed["headers"] = with_host(scope["headers"], authority)
    return changed
