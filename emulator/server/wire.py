"""Wire: performs on the connection what a reply's faults say goes wrong.

A delay and a dribble need no more than ASGI has. The others break HTTP itself, so
they need the connection, which `server/protocol.py` puts into the scope. What goes
wrong inside a reply is no matter of the wire: `steps/spoil.py` has changed it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from emulator.call import Reply
from emulator.http.problem import problem
from emulator.server.problem import status_line
from emulator.world.faults import Fault

if TYPE_CHECKING:
    from starlette.types import Send

CONNECTION = "emulator.connection"
"""The key of the connection in the scope of a call."""

_TICK = 0.05
"""Seconds between two pieces of a dribbled body."""

Headers = list[tuple[bytes, bytes]]


class Connection(Protocol):
    """What HTTP hides: the connection under a call."""

    announced: int
    """Bytes that a chunk of the request's body says are still to come."""

    def write(self, data: bytes) -> None:
        """Send *data* as it is."""

    def close(self) -> None:
        """End it after what was written; nothing more is answered here."""

    def reset(self) -> None:
        """End it with a TCP RST."""

    def notify(self, lost: asyncio.Future[None] | None) -> None:
        """Resolve *lost* when the other side goes away; None: nobody waits."""


class ImpossibleFault(Exception):
    """A fault that needs a connection, and there is none: a call in process."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind)
        self.fault = fault

    def reply(self) -> Reply:
        return problem(
            501,
            "fault needs a socket",
            f"the fault {self.fault.kind!r} breaks a connection, and this call came"
            " without one: it was made in process",
            fix="make the call over a socket of a running server, or with a client that"
            " emulator.intercept() answers; delay and dribble work here as well",
        )


class Wire:
    """Performs faults, for as long as the server is not about to stop."""

    def __init__(self) -> None:
        self._stopping = False
        self._pauses: set[asyncio.Future[None]] = set()

    def stop(self) -> None:
        """End every pause now, and begin no new one."""
        self._stopping = True
        for pause in self._pauses:
            _resolve(pause)

    async def perform(
        self,
        faults: Iterable[Fault],
        status: int,
        headers: Headers,
        body: bytes,
        send: Send,
        connection: Connection | None,
    ) -> None:
        """Send the reply in the way that *faults* say: first every delay, then the rest.

        Raises `ImpossibleFault` before anything is sent.
        """
        by_kind = {fault.kind: fault for fault in faults}
        seconds = sum(fault.amount for fault in faults if fault.kind == "delay")
        breaking = [by_kind[kind] for kind in _BREAKING if kind in by_kind]
        if breaking and connection is None:
            raise ImpossibleFault(breaking[0])
        if not await self._pause(seconds, connection):
            return
        if breaking and connection is not None:
            kind = breaking[0].kind
            if kind == "reset":
                connection.reset()
                return
            if kind == "empty":
                connection.close()
                return
            if kind == "garbage":
                connection.write(_GARBAGE)
                connection.close()
                return
            if kind == "malformed":
                _malform(status, headers, body, connection)
                return
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        rest = memoryview(body)
        if "truncate" in by_kind:
            rest = rest[: _cut(len(body), by_kind["truncate"].amount)]
        if "dribble" in by_kind:
            amount = by_kind["dribble"].amount
            if not await self._dribble(rest, amount, send, connection):
                return
            rest = rest[:0]
        whole = "truncate" not in by_kind
        last = {
            "type": "http.response.body",
            "body": bytes(rest),
            "more_body": not whole,
        }
        await send(last)
        if not whole and connection is not None:
            connection.close()

    async def _dribble(
        self,
        body: memoryview,
        seconds: float,
        send: Send,
        connection: Connection | None,
    ) -> bool:
        """Spread *body* over *seconds*, the first piece at once and the last at their end.

        Whether the other side saw it through.
        """
        pieces = max(1, min(len(body), round(seconds / _TICK)))
        gap = seconds / max(1, pieces - 1)
        for number in range(pieces):
            piece = body[
                len(body) * number // pieces : len(body) * (number + 1) // pieces
            ]
            waits = number > 0 or pieces == 1
            if waits and not await self._pause(gap, connection):
                return False
            await send(
                {"type": "http.response.body", "body": bytes(piece), "more_body": True}
            )
        return True

    async def _pause(self, seconds: float, connection: Connection | None) -> bool:
        """Wait, but not beyond the server's end or the caller's going away.

        False when the caller went away.
        """
        if seconds <= 0 or self._stopping:
            return True
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        lost: asyncio.Future[None] = loop.create_future()
        lost.add_done_callback(lambda _: _resolve(ended))
        timer = loop.call_later(seconds, _resolve, ended)
        self._pauses.add(ended)
        if connection is not None:
            connection.notify(lost)
        try:
            await ended
        finally:
            timer.cancel()
            self._pauses.discard(ended)
            if connection is not None:
                connection.notify(None)
        return not lost.done()


_BREAKING = ("reset", "empty", "garbage", "malformed", "truncate")
_GARBAGE = bytes(range(255, 127, -1)) + b" is no HTTP\r\n\r\n"
"""What no parser takes for the beginning of a reply."""


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _cut(length: int, share: float) -> int:
    """How much of a body is sent: never all of it."""
    return max(0, min(int(length * share), length - 1))


def _malform(
    status: int, headers: Headers, body: bytes, connection: Connection
) -> None:
    """Promise a chunked body, and break the promise at its second chunk."""
    head = status_line(status).encode()
    lines = [
        head,
        *(
            name + b": " + value
            for name, value in headers
            if name.lower() not in _FRAMING
        ),
    ]
    lines += [b"Transfer-Encoding: chunked", b"Connection: close", b"", b""]
    first = body[: max(1, len(body) // 2)] or b"?"
    good = b"%x\r\n" % len(first) + first + b"\r\n"
    bad = b"not-a-length\r\n" + body[len(first) :]
    connection.write(b"\r\n".join(lines) + good + bad)
    connection.close()


_FRAMING = frozenset((b"content-length", b"transfer-encoding", b"connection"))
