"""Service: answers every request, through the providers' endpoint or that of /_emulator.

The emulator's own server runs it, and starts without importing Starlette. `app.py` makes
a Starlette application of it, for all other ASGI servers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from emulator.admin.admin import Admin
from emulator.admin.request import PREFIX, AdminError
from emulator.console.console import Console, redirect, wants_page
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call, Reply
from emulator.exchange.problems import problem
from emulator.http.authority import SPACE, origin_form, split_authority, with_host
from emulator.server.admin_app import AdminApp
from emulator.server.asgi_messages import send_body, send_start
from emulator.server.compressing import LEAST_FILE, compressed
from emulator.server.delivery import Sender
from emulator.server.endpoint import Endpoint, listening
from emulator.server.guard import Guard
from emulator.server.log import Log
from emulator.server.reply_bytes import encode
from emulator.server.slots import Allowed

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from emulator.server.archive import Archive
    from emulator.settings import Settings

_ON_BOTH_PORTS = frozenset((f"{PREFIX}/health", f"{PREFIX}/ready"))
"""Addresses that the providers' port answers even where /_emulator has its own port.

A health check every second would fill the log: only a failed one is logged.
"""


class Service:
    """Answers HTTP requests: an ASGI application that knows no other kind of scope."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        settings: Settings,
        admin_stack: ASGIApp | None = None,
    ) -> None:
        """*admin_stack* leads to `admin_app` through middlewares; None: there are none."""
        self.dispatcher = dispatcher
        self.settings = settings
        self.admin = Admin(dispatcher)
        self.admin.ready = False
        self.archive: Archive | None = None
        """Keeps the worlds that go, where there is a folder for that."""
        self.ports: tuple[int, int] | None = None
        """The providers' port and that of /_emulator, once each has one of its own."""
        self.log = Log(settings.log_format)
        if settings.journal_dir:
            from emulator.server.archive import Archive

            self.archive = Archive(
                self.admin, settings.journal_dir, settings.base_url, self.log.write
            )
            dispatcher.worlds.on_gone = self.archive.keep
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
            dispatcher,
            settings,
            self.guard,
            self.log,
            counts,
            wake=self.sender.wake,
            home=lambda: None if self.ports else _TO_CONSOLE,
        )
        self.admin_app = AdminApp(self.admin, self.sender, self.log, self.addresses)
        self.console = Console()
        self._admin_stack = admin_stack or self.admin_app

    def stop(self) -> None:
        """End all pauses and event streams, which would keep their connections open."""
        self.endpoint.pauses.stop()
        self.admin_app.streams.stop()

    def addresses(self, scope: Scope, host: str) -> tuple[str, str]:
        """The addresses of the providers and of /_emulator for a client that calls *host*."""
        own = f"{scope['scheme']}://{host or listening(scope)}"
        base = self.settings.base_url.rstrip("/")
        if self.ports is None:
            return base or own, ""
        name, _ = split_authority(host or listening(scope)) or ("localhost", "")
        name = f"[{name}]" if ":" in name else name
        return base or f"{scope['scheme']}://{name}:{self.ports[0]}", own

    def allowed(self, call: Call) -> Allowed:
        """How much is read of the body of *call*, of which only the head has come."""
        if is_admin_path(call.path):
            return Allowed(self.admin_app.longest_body(call.method, call.path))
        return self.endpoint.allowed(call)

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Be ready to answer, and send webhooks, for as long as the block lasts."""
        self.admin_app.streams.start()
        self.admin.ready = bool(self.dispatcher.programs)
        tasks = [asyncio.create_task(self.sender.run())]
        if self.settings.watch:
            from emulator.server.watch import watch

            watching = watch(self.dispatcher, self.log.write, self.guard.learn)
            tasks.append(asyncio.create_task(watching))
        try:
            yield
        finally:
            self.admin.ready = False
            self.stop()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            if self.archive is not None:
                for world in self.dispatcher.worlds:
                    self.archive.keep(world)
            self.log.flush()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Some servers leave the padding of a header's value.
        headers = [(name, value.strip(SPACE)) for name, value in scope["headers"]]
        scope = {**scope, "headers": headers}
        path = scope.get("raw_path") or scope["path"].encode()
        if path[:1] != b"/":
            scope = _in_origin_form(scope, path)
            path = scope["raw_path"]
        if is_admin_path(path.decode("latin-1")):
            await self._answer_admin(scope, receive, send)
        elif self.ports is not None and _port(scope) == self.ports[1]:
            await _send_reply(_at_own_port(scope, path), scope, send)
        else:
            await self.endpoint(scope, receive, send)

    async def _answer_admin(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to /_emulator, if the guard lets it through, and log it."""
        started, status = perf_counter(), 0
        sent = _sent(scope)
        page = self._page(scope, sent)
        refused = self._refused(scope, sent, page) or page

        async def log_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        if refused is not None:
            await _send_reply(refused, scope, log_status)
        else:
            await self._admin_stack(scope, receive, log_status)
        if scope["path"] not in _ON_BOTH_PORTS or status >= 400:
            self.log.request(
                scope["method"], scope["path"], status, perf_counter() - started
            )

    def _page(self, scope: Scope, sent: Mapping[bytes, str]) -> Reply | None:
        """The console's page, or a file of it, where that is what is asked for."""
        if scope["method"] not in ("GET", "HEAD"):
            return None
        name = self.console.find(scope["path"].removeprefix(PREFIX))
        return None if name is None else self.console.reply(name, sent)

    def _refused(
        self, scope: Scope, sent: Mapping[bytes, str], page: Reply | None
    ) -> Reply | None:
        """The reply to a request to /_emulator that is not let through; None: it is."""
        path = scope["path"]
        wrong_port = self.ports is not None and _port(scope) != self.ports[1]
        if wrong_port and path not in _ON_BOTH_PORTS:
            return _NOT_HERE
        if page is not None:
            return self.guard.refuse_page(sent)
        try:
            raw = (scope.get("raw_path") or path.encode()).decode("latin-1")
            needs_token = self.admin.find(scope["method"], raw).operation.needs_token
        except AdminError:
            needs_token = True
        return self.guard.refuse(sent, needs_token=needs_token)


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
_TO_CONSOLE = redirect(f"{PREFIX[1:]}/")


def _at_own_port(scope: Scope, path: bytes) -> Reply:
    """The reply at the port of /_emulator to what is elsewhere."""
    accept = _sent(scope).get(b"accept", "")
    if path == b"/" and wants_page(scope["method"], accept):
        return _TO_CONSOLE
    return _NO_PROVIDER


def _sent(scope: Scope) -> dict[bytes, str]:
    """The headers of a request by name.

    A header that is sent twice has neither of its values: no token and no origin has a
    comma.
    """
    sent: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        before = f"{sent[name]}, " if name in sent else ""
        sent[name] = before + value.decode("latin-1")
    return sent


def is_admin_path(path: str) -> bool:
    """Whether *path* is one of the emulator's own addresses."""
    return path.startswith(PREFIX) and path[len(PREFIX) : len(PREFIX) + 1] in ("", "/")


async def _send_reply(reply: Reply, scope: Scope, send: Send) -> None:
    headers, body = encode(reply, "GET")
    accepted = _sent(scope).get(b"accept-encoding", "")
    headers, body = compressed(headers, body, accepted, LEAST_FILE)
    await send_start(send, reply.status, headers)
    await send_body(send, b"" if scope["method"] == "HEAD" else body)


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
