"""Endpoint: what answers every call to a provider, over whatever it came.

Our own connections (`protocol.py`) ask it for replies and send them by themselves. To
every other ASGI server it is an application.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from emulator.admin.counts import Counts
from emulator.console.console import wants_page
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call, Reply
from emulator.exchange.problems import kind_of, mistake, problem
from emulator.server.asgi_messages import (
    ClientGone,
    CutShort,
    drain,
    has_body,
    read_body,
    send_body,
    send_start,
)
from emulator.server.forwarded import Forwarded
from emulator.server.guard import Guard
from emulator.server.log import Log
from emulator.server.reply_bytes import encode
from emulator.server.slots import Allowed, Slots, allowed
from emulator.server.wire import BREAKING, delay, pieces

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from emulator.settings import Settings

LARGE_BODIES = 134_217_728
"""How many bytes of bodies above --max-body are read at one time, in all connections."""


class Endpoint:
    """Answers the calls to all providers; as an ASGI application, too."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        settings: Settings,
        guard: Guard,
        log: Log,
        counts: Counts,
        *,
        wake: Callable[[], None],
        home: Callable[[], Reply | None] = lambda: None,
    ) -> None:
        """*home* gives what a browser gets at the address of no provider, if anything."""
        self.pauses = Pauses()
        largest = max(
            (program.max_body for program in dispatcher.programs.values()), default=0
        )
        self.slots = Slots(max(1, LARGE_BODIES // max(largest, 1)))
        """For long bodies: a few are in memory at a time, and the others wait, unread."""
        self._wake = wake
        """Says that an outbox has something to send."""
        self._home = home
        self._dispatch = dispatcher.answer
        self._guard = guard
        self._log = log
        self._logged = log.wanted
        self._counts = counts
        self._placed = Forwarded(settings.trusted_proxies).placed
        self._base_url = settings.base_url.rstrip("/")
        self._usual = Allowed(settings.max_body)
        self._longest_body = dispatcher.longest_body

    def allowed(self, call: Call) -> Allowed:
        """How much is read of the body of *call*, of which only the head is known."""
        return allowed(call, self._usual, self._longest_body)

    def placed(self, call: Call, peer: str, own: str) -> Call:
        """*call*, which *peer* has sent to our host and port *own*, with what follows."""
        return self._placed(call, peer, own, self._base_url)

    def answer(self, call: Call, broken: Reply | None = None) -> Reply:
        """The reply to *call*, which has been `placed`; or *broken*, where its body did
        not come whole."""
        reply = self._guard.refuse_host(call.headers.get("host", "")) or broken
        if reply is None:
            try:
                reply = self._dispatch(call)
            except Exception as error:
                reply = self.bug(error, call)
            if call.path == "/" and reply.status == 404 and not reply.summary[0]:
                reply = self._for_browser(call, reply)
        if reply.sends:
            self._wake()
        return reply

    def _for_browser(self, call: Call, reply: Reply) -> Reply:
        """What is at an address that no provider answers for, if a person looks there."""
        wanted = wants_page(call.method, call.accept)
        return (self._home() if wanted else None) or reply

    def bug(self, error: Exception, call: Call) -> Reply:
        """The reply to a call that met a mistake of ours or of a spec."""
        self._counts.failed(kind_of(error))
        self._log.write("".join(traceback.format_exception(error)))
        return mistake(error, f"answering {call.method} {call.path[:200]}")

    def note(self, method: str, path: str, reply: Reply, seconds: float) -> None:
        """Count and log a call that was answered."""
        self._counts.replied(reply.summary, reply.status, seconds)
        if self._logged:
            self._log.request(
                method,
                path,
                reply.status,
                seconds,
                reply.summary,
                reply.refused_by,
                reply.world,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        raw: bytes | None = scope.get("raw_path")
        call = Call(
            method=scope["method"],
            path=quote(scope["path"]) if raw is None else raw.decode("latin-1"),
            query=scope["query_string"],
            raw_headers=scope["headers"],
            scheme=scope["scheme"],
        )
        peer, own = scope.get("client"), listening(scope)
        broken = None
        async with self._slot(call) as limit:
            try:
                if has_body(call.headers):
                    body, whole = await read_body(call.headers, limit, receive)
                    call = call.changed(body=body, body_too_large=not whole)
            except CutShort as error:
                broken = error.reply()
            except ClientGone:
                return
            call = self.placed(call, peer[0] if peer else "", own)
            reply = self.answer(call, broken)
            # A client may take its time to read the answer.
            call = call.changed(body=b"")
        reply = await self._send(call, reply, receive, send)
        self.note(call.method, call.path, reply, perf_counter() - started)

    @asynccontextmanager
    async def _slot(self, call: Call) -> AsyncIterator[int]:
        """How many bytes are read of the body of *call*, once there is room for them."""
        limit = self.allowed(call) if has_body(call.headers) else Allowed(0)
        if not limit.shared:
            yield limit.most
            return
        acquired: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def begin() -> None:
            acquired.set_result(None)

        if self.slots.acquire(begin):
            begin()
        try:
            await acquired
            yield limit.most
        finally:
            if not self.slots.cancel(begin):
                self.slots.release()

    async def _send(
        self, call: Call, reply: Reply, receive: Receive, send: Send
    ) -> Reply:
        """Send *reply* and perform its faults, but for those that break HTTP itself; what
        was sent."""
        if call.body_too_large and reply.faults:
            await drain(receive)
        broken = next(
            (fault.kind for fault in reply.faults if fault.kind in BREAKING), None
        )
        if broken is not None:
            reply = _needs_a_socket(broken)
        try:
            headers, body = encode(reply, call.method)
        except Exception as error:
            reply = self.bug(error, call)
            headers, body = encode(reply, call.method)
        if call.body_too_large:
            headers.append((b"Connection", b"close"))
        await self.pauses.wait(delay(reply))
        await send_start(send, reply.status, headers)
        *before, last = pieces(reply, body)
        for piece in before:
            if isinstance(piece, float):
                await self.pauses.wait(piece)
            else:
                await send_body(send, piece, more=True)
        assert isinstance(last, bytes)  # noqa: S101 - narrows the type
        await send_body(send, last)
        return reply


class Pauses:
    """Waits for the delays of faults, but not beyond the server's end."""

    def __init__(self) -> None:
        self._stopping = False
        self._pauses: set[asyncio.Future[None]] = set()

    def stop(self) -> None:
        """End every pause now, and begin no new one."""
        self._stopping = True
        for pause in self._pauses:
            if not pause.done():
                pause.set_result(None)

    async def wait(self, seconds: float) -> None:
        if seconds <= 0 or self._stopping:
            return
        pause: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pauses.add(pause)
        try:
            await asyncio.wait((pause,), timeout=seconds)
        finally:
            self._pauses.discard(pause)


def listening(scope: Scope) -> str:
    """Where the request came in: a host and a port."""
    name, port = scope.get("server") or ("localhost", None)
    name = f"[{name}]" if ":" in name else str(name)
    return f"{name}:{port}" if port else name


def _needs_a_socket(kind: str) -> Reply:
    return problem(
        501,
        "fault needs a socket",
        f"the fault {kind!r} breaks a connection, and this call came"
        " without one: it was made in process",
        fix="make the call over a socket of a running server, or with a client that"
        " emulator.intercept() answers; delay and dribble work here as well",
    )
