"""Admin: where a request to /_emulator becomes an `Asked`, and its reply is sent.

What is asked there, and what is answered, stands in `emulator.admin`; here are the
network's parts of it: the body, deliveries that are waited for, and event streams.
"""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from starlette.websockets import WebSocketClose

from emulator.admin.asked import Asked, Refused
from emulator.admin.checks import too_long
from emulator.admin.routes import Found
from emulator.admin.table import Operation, Stream
from emulator.exchange import Reply
from emulator.problem import bug
from emulator.server.endpoint import drain, encode
from emulator.server.streams import Streams

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from emulator.server.app import Application


class Desk:
    """The ASGI application of what stands under /_emulator."""

    def __init__(self, app: Application) -> None:
        self.streams = Streams()
        self._app = app
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """One for each world whose clock somebody moves, or waits to move."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        asked = self._asked(scope)
        unread = False
        try:
            found = self._app.admin.find(asked.method, asked.path)
            read = await _read(asked, found.operation, receive)
            if read is None:
                return  # the client has gone
            unread = not read
            body = found.operation.body
            if body is not None and unread:
                raise too_long(body.most)
            reply = await self._answer(asked, found)
        except Refused as error:
            reply = error.reply
        except Exception as error:
            reply = self._bug(error, asked)
        if reply.sends:
            self._app.sender.wake()
        await self._send(asked, reply, receive, send, unread=unread)

    async def _answer(self, asked: Asked, found: Found) -> Reply:
        if not found.operation.moves:
            return await self._drive(asked)
        # Two who move one clock at the same time do it one after the other.
        world = found.names.get("world", "")
        turn = self._turns.get(world)
        if turn is None:
            turn = self._turns[world] = asyncio.Lock()
        async with turn:
            return await self._drive(asked)

    async def _drive(self, asked: Asked) -> Reply:
        """Answer *asked*, and send what falls due meanwhile when it falls due."""
        work = self._app.admin.work(asked)
        try:
            while True:
                world = next(work)
                await self._app.sender.send_due(world)
        except StopIteration as ended:
            reply: Reply = ended.value
            return reply
        finally:
            work.close()

    def _bug(self, error: Exception, asked: Asked) -> Reply:
        self._app.admin.counts.bugs += 1
        self._app.lines.say("".join(traceback.format_exception(error)))
        return bug(error, f"answering {asked.method[:20]} {asked.path[:200]}")

    async def _send(
        self, asked: Asked, reply: Reply, receive: Receive, send: Send, *, unread: bool
    ) -> None:
        try:
            headers, body = encode(reply, asked.method)
        except Exception as error:
            reply = self._bug(error, asked)
            headers, body = encode(reply, asked.method)
        if isinstance(reply, Stream) and asked.method != "HEAD":
            headers = [one for one in headers if one[0] != b"content-length"]
            last = asked.headers.get("last-event-id", "")
            await self.streams.perform(reply, headers, last, receive, send)
            return
        if unread:
            headers.append((b"connection", b"close"))
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": headers,
            }
        )
        if unread:
            await send({"type": "http.response.body", "body": body, "more_body": True})
            if "expect" not in asked.headers:
                await drain(receive)
            body = b""
        await send({"type": "http.response.body", "body": body})

    def _asked(self, scope: Scope) -> Asked:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        base, own = self._app.addresses(scope, headers.get("host", ""))
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        return Asked(
            method=scope["method"],
            path=raw.decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            base_url=base,
            admin_url=own,
        )


async def _read(asked: Asked, operation: Operation, receive: Receive) -> bool | None:
    """Read the body of *asked*; False: it is longer than is taken. None: it has no end."""
    most = operation.body.most if operation.body else 0
    length = asked.headers.get("content-length", "0")
    if length == "0" and "transfer-encoding" not in asked.headers:
        return True
    if most and length.isdigit() and (len(length) > 15 or int(length) > most):
        return False
    pieces, size, more = [b""], 0, True
    while more and size <= most:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        more = message.get("more_body", False)
    asked.body = b"".join(pieces)
    return not more and size <= most
