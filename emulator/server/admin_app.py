"""Admin app: where a request to /_emulator becomes an `AdminRequest`, and its reply is sent.

What is asked there, and what is answered, stands in `emulator.admin`; here are the
network's parts of it: the body, deliveries that are waited for, and event streams.
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
from emulator.call import Reply
from emulator.http.url import Target
from emulator.problems import kind_of, mistake
from emulator.server.bodies import ClientGone, CutShort, read_body
from emulator.server.delivery import Sender
from emulator.server.event_streams import Streams
from emulator.server.log import Log
from emulator.server.reply_bytes import encode

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


TOO_LARGE = "emulator.body_too_large"
"""The extension of ASGI by which our own connections tell that a body is."""
_NOTHING = 1_024
"""Bytes that are read of a body where none is taken, to say so or to find it empty."""

PATIENCE = 10.0
"""Seconds that one move of a clock waits for receivers of webhooks, all together."""


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
        self.streams = Streams()
        self._admin = admin
        self._sender = sender
        self._log = log
        self._addresses = addresses
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """One for each world whose clock somebody moves, or waits to move."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000, "reason": ""})
            return
        request = self._asked(scope)
        unread = False
        try:
            found = self._admin.find(request.method, request.path)
            unread = not await _read(request, _most(found), receive, scope)
            if unread and found.operation.body is not None:
                raise too_long(_most(found))
            if unread:
                request.body = b"..."  # and this is told that none is taken
            reply = await self._answer(request, found)
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
            return _most(self._admin.find(method, path))
        except AdminError:
            return _NOTHING

    async def _answer(self, request: AdminRequest, found: Found) -> Reply:
        if not found.operation.moves:
            return await self._drive(request)
        # Two who move one clock at the same time do it one after the other.
        world = found.names.get("world", "")
        turn = self._turns.get(world)
        if turn is None:
            turn = self._turns[world] = asyncio.Lock()
        async with turn:
            return await self._drive(request)

    async def _drive(self, request: AdminRequest) -> Reply:
        """Answer *request*, and send what falls due meanwhile when it falls due."""
        work = self._admin.work(request)
        sender, told = self._sender, ""
        until = asyncio.get_running_loop().time() + PATIENCE
        try:
            while True:
                wanted = work.send(told) if told else next(work)
                told = ""
                if isinstance(wanted, Target):
                    told = await sender.egress.refusal(wanted)
                else:
                    await sender.send_due(wanted, until)
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
            headers, body = encode(reply, request.method)
        except Exception as error:
            reply = self._bug(error, request)
            headers, body = encode(reply, request.method)
        if isinstance(reply, Stream) and request.method != "HEAD":
            headers = [one for one in headers if one[0] != b"Content-Length"]
            last = request.headers.get("last-event-id", "")
            await self.streams.perform(reply, headers, last, receive, send)
            return
        if unread:
            headers.append((b"Connection", b"close"))
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": headers,
            }
        )
        await send({"type": "http.response.body", "body": body})

    def _asked(self, scope: Scope) -> AdminRequest:
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


def _most(found: Found) -> int:
    body = found.operation.body
    return body.most if body is not None else _NOTHING


async def _read(
    request: AdminRequest, most: int, receive: Receive, scope: Scope
) -> bool:
    """Read the body of *request*; False: it is longer than *most* bytes.

    Raises `ClientGone` and `CutShort`.
    """
    if TOO_LARGE in scope.get("extensions", ()):
        return False
    chunked = "transfer-encoding" in request.headers
    length = request.headers.get("content-length", "" if chunked else "0")
    request.body, whole = await read_body(length, most, receive)
    return whole
