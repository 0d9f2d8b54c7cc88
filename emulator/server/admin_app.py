"""Admin app: makes an `AdminRequest` of a request to /_emulator, and sends its reply.

The operations themselves are in `emulator.admin`, which does no I/O. The parts that need
the network are here: reading bodies, waiting for deliveries, and event streams.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from emulator.admin.admin import Admin
from emulator.admin.checks import too_long
from emulator.admin.request import AdminError, AdminRequest
from emulator.admin.routes import Found
from emulator.admin.table import Stream
from emulator.exchange.call import Reply
from emulator.exchange.problems import kind_of, mistake
from emulator.http.url import Target
from emulator.server.asgi_messages import (
    Body,
    ClientGone,
    CutShort,
    read_body,
    send_body,
    send_start,
)
from emulator.server.compressing import LEAST, compressed
from emulator.server.delivery import Sender
from emulator.server.event_streams import EventStreams
from emulator.server.log import Log
from emulator.server.reply_bytes import encode

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


TOO_LARGE = "emulator.body_too_large"
"""The extension of ASGI by which a connection of ours says that a body is too large."""
_LITTLE = 1_024
"""How many bytes are read of a body where none is taken, to see whether it is empty."""

PATIENCE = 10.0
"""How many seconds one move of a clock waits for all receivers of webhooks together."""


class AdminApp:
    """The ASGI application of what stands under /_emulator."""

    def __init__(
        self,
        admin: Admin,
        sender: Sender,
        log: Log,
        addresses: Callable[[Scope, str], tuple[str, str]],
    ) -> None:
        """*addresses* tells, for a request and its host, where the providers and
        /_emulator are."""
        self.streams = EventStreams()
        self._admin = admin
        self._sender = sender
        self._log = log
        self._addresses = addresses
        self._clock_locks: WeakValueDictionary[str, asyncio.Lock] = (
            WeakValueDictionary()
        )
        """By the id of a world: held while a request moves its clock."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000, "reason": ""})
            return
        request = self._admin_request(scope)
        unread = False
        try:
            match = self._admin.find(request.method, request.path)
            limit = _body_limit(match)
            request.body, whole = await _read(request, limit, receive, scope)
            unread = not whole
            if unread and match.operation.body is not None:
                raise too_long(limit)
            if unread:
                # The check of the body, which takes none, refuses this.
                request.body = b"..."
            reply = await self._answer(request, match)
        except AdminError as error:
            reply = error.reply
        except CutShort as error:
            reply = error.reply()
        except ClientGone:
            return
        except Exception as error:
            reply = self._bug(error, request)
        if reply.sends:
            self._sender.wake()
        await self._send(request, reply, receive, send, unread=unread)

    def longest_body(self, method: str, path: str) -> int:
        """How many bytes are read of a body that is sent to *path*."""
        try:
            return _body_limit(self._admin.find(method, path))
        except AdminError:
            return _LITTLE

    async def _answer(self, request: AdminRequest, match: Found) -> Reply:
        if not match.operation.moves:
            return await self._drive(request)
        # Requests that move the clock of one world are carried out one after another.
        world = match.names.get("world", "")
        lock = self._clock_locks.get(world)
        if lock is None:
            lock = self._clock_locks[world] = asyncio.Lock()
        async with lock:
            return await self._drive(request)

    async def _drive(self, request: AdminRequest) -> Reply:
        """Answer *request*, and send what falls due meanwhile when it falls due."""
        work = self._admin.work(request)
        sender, refusal = self._sender, ""
        until = asyncio.get_running_loop().time() + PATIENCE
        try:
            while True:
                step = work.send(refusal) if refusal else next(work)
                refusal = ""
                if step is None:
                    await asyncio.sleep(0)
                elif isinstance(step, Target):
                    refusal = await sender.egress.refusal(step)
                else:
                    await sender.send_due(step, until)
        except StopIteration as ended:
            reply: Reply = ended.value
            return reply
        finally:
            work.close()

    def _bug(self, error: Exception, request: AdminRequest) -> Reply:
        self._admin.counts.failed(kind_of(error))
        self._log.write("".join(traceback.format_exception(error)))
        return mistake(error, f"answering {request.method[:20]} {request.path[:200]}")

    async def _send(
        self,
        request: AdminRequest,
        reply: Reply,
        receive: Receive,
        send: Send,
        *,
        unread: bool,
    ) -> None:
        try:
            headers, body = encode(reply, "GET")
        except Exception as error:
            reply = self._bug(error, request)
            headers, body = encode(reply, "GET")
        if isinstance(reply, Stream) and request.method != "HEAD":
            headers = headers[:-1]  # without the Content-Length
            last = request.headers.get("last-event-id", "")
            await self.streams.perform(reply, headers, last, receive, send)
            return
        accepted = request.headers.get("accept-encoding", "")
        headers, body = compressed(headers, body, accepted, LEAST)
        if unread:
            headers.append((b"Connection", b"close"))
        await send_start(send, reply.status, headers)
        await send_body(send, b"" if request.method == "HEAD" else body)

    def _admin_request(self, scope: Scope) -> AdminRequest:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        base, own = self._addresses(scope, headers.get("host", ""))
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        return AdminRequest(
            method=scope["method"],
            path=raw.decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            base_url=base,
            admin_url=own,
        )


def _body_limit(match: Found) -> int:
    body = match.operation.body
    return body.most if body is not None else _LITTLE


async def _read(
    request: AdminRequest, limit: int, receive: Receive, scope: Scope
) -> Body:
    """Read the body of *request*. Raises `ClientGone` and `CutShort`."""
    if TOO_LARGE in scope.get("extensions", ()):
        return Body(b"", False)
    return await read_body(request.headers, limit, receive)
