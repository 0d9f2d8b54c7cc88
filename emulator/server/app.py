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
from emulator.call import Call, Reply
from emulator.engine.dispatcher import Dispatcher
from emulator.http.authority import SPACE, origin_form, split_authority, with_host
from emulator.problems import problem
from emulator.server.admin_app import AdminApp
from emulator.server.connection import Allowed
from emulator.server.delivery import Sender
from emulator.server.endpoint import Endpoint, listening
from emulator.server.guard import Guard
from emulator.server.log import Log
from emulator.server.reply_bytes import encode

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from emulator.settings import Settings

_EVERYWHERE = frozenset((f"{PREFIX}/health", f"{PREFIX}/ready"))
"""What the providers' port answers as well where /_emulator has another one.

A health check every second would also be most of the log: a good answer is not noted.
"""


class Application(Starlette):
    """Starlette for /_emulator, and the providers' endpoint for everything else."""

    def __init__(self, dispatcher: Dispatcher, settings: Settings) -> None:
        super().__init__(lifespan=alive)
        self.dispatcher = dispatcher
        self.settings = settings
        self.admin = Admin(dispatcher)
        self.admin.ready = False
        self.ports: tuple[int, int] | None = None
        """The providers' port and that of /_emulator, once each has one of its own."""
        self.log = Log(settings.log_format)
        self.guard = Guard(dispatcher, settings)
        counts = self.admin.counts
        self.sender = Sender(
            dispatcher,
            settings.webhook_hosts,
            self.log,
            counts=counts,
            base_url=settings.base_url,
        )
        self.endpoint = Endpoint(
            dispatcher, settings, self.guard, self.log, counts, wake=self.sender.wake
        )
        self.admin_app = AdminApp(self.admin, self.sender, self.log, self.addresses)
        self.router.default = self.admin_app

    def stop(self) -> None:
        """Let nothing go on that would keep a connection open."""
        self.endpoint.pauses.stop()
        self.admin_app.streams.stop()

    def addresses(self, scope: Scope, host: str) -> tuple[str, str]:
        """Where the providers are, and /_emulator, as a caller of *host* knows it."""
        own = f"{scope['scheme']}://{host or listening(scope)}"
        base = self.settings.base_url.rstrip("/")
        if self.ports is None:
            return base or own, ""
        name, _ = split_authority(host or listening(scope)) or ("localhost", "")
        name = f"[{name}]" if ":" in name else name
        return base or f"{scope['scheme']}://{name}:{self.ports[0]}", own

    def allowed(self, call: Call) -> Allowed:
        """How much is read of the body of *call*, of which only the head is known."""
        if is_admin_path(call.path):
            return Allowed(self.admin_app.longest_body(call.method, call.path))
        return self.endpoint.allowed(call)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        # Some servers leave what is padding.
        headers = [(name, value.strip(SPACE)) for name, value in scope["headers"]]
        scope = {**scope, "headers": headers}
        path = scope.get("raw_path") or scope["path"].encode()
        if path[:1] != b"/":
            scope = _in_origin_form(scope, path)
            path = scope["raw_path"]
        if is_admin_path(path.decode("latin-1")):
            await self._own(scope, receive, send)
        elif self.ports is not None and _port(scope) == self.ports[1]:
            await _say(_NO_PROVIDER, scope, send)
        else:
            await self.endpoint(scope, receive, send)

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to the emulator itself, if the guard lets it through."""
        started, status = perf_counter(), 0
        refused = self._refused(scope)

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        if refused is not None:
            await _say(refused, scope, noting)
        else:
            await super().__call__(scope, receive, noting)
        if scope["path"] not in _EVERYWHERE or status >= 400:
            self.log.request(
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


def is_admin_path(path: str) -> bool:
    """Whether *path* is one of the emulator's own addresses."""
    return path.startswith(PREFIX) and path[len(PREFIX) : len(PREFIX) + 1] in ("", "/")


def create_app(dispatcher: Dispatcher, settings: Settings | None = None) -> Application:
    """The application that answers for every provider of *dispatcher*.

    *settings* are the dispatcher's own unless others are given.
    """
    return Application(dispatcher, settings or dispatcher.settings)


@asynccontextmanager
async def alive(app: Starlette) -> AsyncIterator[None]:
    """Be ready to answer, and send webhooks, for as long as the block lasts."""
    assert isinstance(app, Application)  # noqa: S101 - narrows the type
    app.admin_app.streams.start()
    app.admin.ready = bool(app.dispatcher.programs)
    sending = asyncio.create_task(app.sender.run())
    try:
        yield
    finally:
        app.admin.ready = False
        app.stop()
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        app.log.flush()


async def _say(reply: Reply, scope: Scope, send: Send) -> None:
    headers, body = encode(reply, scope["method"])
    start = {"type": "http.response.start", "status": reply.status}
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _port(scope: Scope) -> int | None:
    """The port of the socket that the request came in on, whatever it says itself."""
    server = scope.get("server")
    return server[1] if server else None


def _in_origin_form(scope: Scope, target: bytes) -> Scope:
    path, authority = origin_form(target)
    changed = {**scope, "raw_path": path, "path": unquote(path.decode("latin-1"))}
    if authority is not None:
        changed["headers"] = with_host(scope["headers"], authority)
    return changed
