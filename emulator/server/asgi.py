"""ASGI: has an ASGI application answer one call on a connection of the emulator."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from emulator.exchange.call import Call
from emulator.exchange.problems import mistake
from emulator.server.admin_app import TOO_LARGE
from emulator.server.connection import Connection
from emulator.server.wire import Ending

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope

Address = tuple[str, int | None]


class NoReply(Exception):
    """The application has returned without a reply, which is a bug of the emulator."""


class AsgiCall:
    """One call whose body has come; *flush* sends the bytes that the connection has ready."""

    def __init__(
        self,
        call: Call,
        connection: Connection,
        flush: Callable[[], Awaitable[None]],
        log: Callable[[str], None],
    ) -> None:
        self._call = call
        self._connection = connection
        self._flush = flush
        self._log = log
        self._body_given = False
        self._started = False
        self._over = asyncio.Event()
        """Set when the whole reply has been sent, or the client has gone."""

    async def run(self, app: ASGIApp, server: Address | None, client: Address) -> None:
        error: Exception = NoReply("the application has sent no reply")
        try:
            await app(self._scope(server, client), self._receive, self._send)
        except Exception as raised:
            error = raised
            self._log("".join(traceback.format_exception(error)))
        if not self._over.is_set():
            if self._started:
                self._connection.break_off(Ending.CLOSE)
            else:
                doing = f"answering {self._call.method} {self._call.path[:200]}"
                self._connection.send(mistake(error, doing))
            self._over.set()
        await self._flush()

    def lost(self) -> None:
        """The client has gone."""
        self._over.set()

    def _scope(self, server: Address | None, client: Address) -> Scope:
        call = self._call
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": call.method,
            "scheme": self._connection.scheme,
            "path": unquote(call.path),
            "raw_path": call.path.encode("latin-1"),
            "query_string": call.query,
            "root_path": "",
            "headers": call.raw_headers,
            "client": client,
            "server": server,
            "extensions": {TOO_LARGE: {}} if call.body_too_large else {},
        }

    async def _receive(self) -> Message:
        if not self._body_given:
            self._body_given = True
            return {"type": "http.request", "body": self._call.body}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if self._over.is_set():
            return
        if message["type"] == "http.response.start":
            self._connection.start(message["status"], [*message["headers"]])
            return
        more = message.get("more_body", False)
        self._started = True
        self._connection.part(message.get("body", b""), more=more)
        if not more:
            self._over.set()
        await self._flush()
