"""Endpoint: where an ASGI scope becomes a call, and a reply becomes ASGI messages.

This is the way of every call to a provider, so it does nothing twice: the headers
are read once by `Call`, and what depends only on a header's value is remembered.
"""

from __future__ import annotations

import re
import traceback
from asyncio import Semaphore
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from emulator.admin.counts import Counts
from emulator.call import Call, Reply
from emulator.http.problem import kind_of, mistake
from emulator.server.board import Board
from emulator.server.bodies import ClientGone, CutShort, drain, read_body
from emulator.server.forwarded import Forwarded
from emulator.server.guard import Guard
from emulator.server.log import Lines
from emulator.server.wire import CONNECTION, Connection, Headers, ImpossibleFault, Wire

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from emulator.settings import Settings

LARGE_BODIES = 134_217_728
"""How many bytes of bodies above --max-body are read at one time, in all connections."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class UnsendableReply(ValueError):
    """A reply that HTTP cannot carry: a bug of ours or of a spec."""


class Endpoint:
    """The ASGI application of every provider."""

    def __init__(
        self,
        board: Board,
        settings: Settings,
        guard: Guard,
        lines: Lines,
        counts: Counts,
        *,
        wake: Callable[[], None],
    ) -> None:
        self.wire = Wire()
        self._wake = wake
        """Says that an outbox has something to send."""
        self._answer = board.answer
        self._guard = guard
        self._lines = lines
        self._logged = lines.wanted
        self._counts = counts
        self._fill = Forwarded(settings.trusted_proxies).fill
        self._base_url = settings.base_url.rstrip("/")
        self._max_body = settings.max_body
        self._longest_body = board.longest_body
        largest = max((one.max_body for one in board.programs.values()), default=0)
        self._large = Semaphore(max(1, LARGE_BODIES // max(largest, 1)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        path = _raw_path(scope)  # the board takes a provider's prefix off the call's
        call = Call(
            method=scope["method"],
            path=path,
            query=scope["query_string"],
            raw_headers=scope["headers"],
            scheme=scope["scheme"],
        )
        sent = call.headers
        host = sent.get("host", "")
        refused = self._guard.refuse_host(host)
        peer = scope.get("client")
        self._fill(call, peer[0] if peer else "")
        call.base_url = self._base_url or f"{call.scheme}://{host or _own(scope)}"
        if call.scheme == "https":
            call.secure = True
        has_body = "content-length" in sent or "transfer-encoding" in sent
        if not has_body:
            reply = refused or self._reply(call, path)
        else:
            async with self._turn(call) as most:
                try:
                    connection = scope.get(CONNECTION)
                    receive = await self._read(call, most, receive, connection)
                except CutShort as error:
                    refused = refused or error.reply()
                except ClientGone:
                    return
                reply = refused or self._reply(call, path)
                call.body = b""  # a client may take its time to read the answer
        if reply.sends:
            self._wake()
        try:
            headers, body = encode(reply, call.method)
        except Exception as error:
            reply = self._bug(error, call, path)
            headers, body = encode(reply, call.method)
        if reply.faults or call.body_too_large:
            await self._perform(call, reply, headers, body, scope, receive, send)
        else:
            await send(
                {
                    "type": "http.response.start",
                    "status": reply.status,
                    "headers": headers,
                }
            )
            await send({"type": "http.response.body", "body": body})
        seconds = perf_counter() - started
        self._counts.replied(reply.summary, reply.status, seconds)
        if self._logged:
            self._lines.request(
                call.method,
                path,
                reply.status,
                seconds,
                reply.summary,
                reply.refused_by,
                reply.world,
            )

    def _reply(self, call: Call, path: str) -> Reply:
        try:
            return self._answer(call)
        except Exception as error:
            return self._bug(error, call, path)

    def _bug(self, error: Exception, call: Call, path: str) -> Reply:
        self._counts.failed(kind_of(error))
        self._lines.say("".join(traceback.format_exception(error)))
        return mistake(error, f"answering {call.method} {path[:200]}")

    @asynccontextmanager
    async def _turn(self, call: Call) -> AsyncIterator[int]:
        """How many bytes are read of the body of *call*, once there is room for them.

        A few long bodies are in memory at a time; the others wait, unread.
        """
        length, most = call.headers.get("content-length", ""), self._max_body
        if not (length.isdecimal() and len(length) <= 15 and int(length) <= most):
            most = self._longest_body(call)
        if most <= self._max_body:
            yield most
            return
        async with self._large:
            yield most

    async def _read(
        self, call: Call, most: int, receive: Receive, connection: Connection | None
    ) -> Receive:
        """Read the body, up to *most* bytes; by what the rest of it comes.

        Raises `CutShort`, and `ClientGone` where the client has not stayed to its end.
        """
        length = call.headers.get("content-length", "")
        body = await read_body(length, most, receive, connection)
        call.body_too_large = not body.whole
        call.body = body.read if body.whole else b""
        # Whoever asks for more of a body that is over waits for the client to leave.
        return receive if body.more else _nothing_more

    async def _perform(
        self,
        call: Call,
        reply: Reply,
        headers: Headers,
        body: bytes,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Send a reply that comes with faults, or before its request has ended."""
        if call.body_too_large:
            headers = [*headers, (b"Connection", b"close")]
        if reply.faults:
            if call.body_too_large:
                await drain(receive)
            connection = scope.get(CONNECTION)
            try:
                await self.wire.perform(
                    reply.faults, reply.status, headers, body, send, connection
                )
            except ImpossibleFault as error:
                reply = error.reply()
                headers, body = encode(reply, call.method)
            else:
                return
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body})


def encode(reply: Reply, method: str) -> tuple[Headers, bytes]:
    """*reply* as ASGI takes it: its header list and its body.

    Raises `UnsendableReply` for what HTTP cannot carry; a server would drop the
    connection for it without a word.
    """
    status, body = reply.status, reply.body
    if not 200 <= status < 600:
        raise UnsendableReply(f"{status} is not the status of a final reply")
    headers: Headers = []
    for name, value in reply.headers:
        known = _NAMES.get(name)
        if known is None:
            known = _name(name)
        if not (value.isascii() and value.isprintable()):
            _check(name, value)
        if known:
            headers.append((known, value.strip(" \t").encode("latin-1")))
    if status == 204 or status == 304:
        return headers, b""
    headers.append((b"Content-Length", b"%d" % len(body)))
    return headers, b"" if method == "HEAD" else body


_NAMES: dict[str, bytes] = {}
"""Header names as they are sent; empty for those that the server itself decides."""


def _name(name: str) -> bytes:
    if not _TOKEN.fullmatch(name):
        raise UnsendableReply(f"{name!r} is not the name of a header")
    lowered = name.lower()
    framing = lowered in ("content-length", "transfer-encoding")
    if len(_NAMES) > 1_000:
        _NAMES.clear()
    known = _NAMES[name] = b"" if framing else name.encode()
    return known


def _check(name: str, value: str) -> None:
    if _FORBIDDEN.search(value):
        raise UnsendableReply(f"the header {name} has a control character: {value!r}")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise UnsendableReply(
            f"the header {name} has a character outside Latin-1: {value!r}"
        ) from None


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _raw_path(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.decode("latin-1")


def _own(scope: Scope) -> str:
    """Where the request came in, for a client that did not say where it went."""
    name, port = scope.get("server") or ("localhost", None)
    if ":" in name:
        name = f"[{name}]"
    return f"{name}:{port}" if port else str(name)
