"""Protocol: the limits of a connection, the same for both parsers.

uvicorn reads a request for as long as a client cares to send it, and its two parsers
disagree about what a request may be. `Bounded` is mixed into both: it refuses what
either would let through, and it ends connections that take too long.

There is one timer for a connection, and not one for a request: it looks at when the
request in progress began, and sets itself anew. A request costs a look at the clock.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from emulator.http.problem import problem
from emulator.server.log import Lines
from emulator.server.problem import wire_bytes

if TYPE_CHECKING:
    from emulator.settings import Settings

RESERVE = 16
"""Connections above the limit that are told so; those beyond are closed unheard."""
_TOLD = 2.0
"""Seconds that a connection above the limit, or one that was refused, may stay."""
_LINGER = 64 * 1_048_576
_LINGERING = 5.0
"""Bytes that are read of a request after its answer, and seconds for them, so that a
client that sends all before it reads finds the answer (RFC 9112, 9.6)."""


class Refused(NamedTuple):
    """Why a request never reaches a provider."""

    status: int
    title: str
    detail: str


class RefusedRequest(Exception):
    """Raised inside a parser's callback, which ends the parsing."""


def transfer_coding() -> Refused:
    """Why a body is not read that comes otherwise than as it is or in chunks."""
    detail = "the only transfer coding that is spoken here is chunked"
    return Refused(501, "transfer coding", detail)


class Bounded(asyncio.Protocol):
    """What is common to the connections of both parsers."""

    settings: ClassVar[Settings]
    lines: ClassVar[Lines]
    limit: ClassVar[int]

    # What uvicorn's protocols have.
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    connections: set[Any]
    cycle: Any
    flow: Any
    logger: logging.Logger
    access_log: bool

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.logger = _LOGGER
        self.access_log = False
        self._since: float | None = None
        """When the request in progress began; None between requests."""
        self._received = 0
        """Bytes of the request in progress."""
        self._chunk = 0
        self._heading = True
        """The head of the request in progress is not complete."""
        self._refused: Refused | None = None
        self._crowded = False
        self.announced = 0
        """Bytes that the chunk which is being received says are still to come."""
        self._patience = self.settings.request_timeout
        self._timer: asyncio.TimerHandle | None = None
        self._lost: asyncio.Future[None] | None = None
        self._earlier: list[Any] = []
        """Cycles before the newest that were unfinished when it came (pipelining)."""
        self._useful = 0
        """Bytes of them that are the request's body."""

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        crowd = len(self.connections) - self.limit
        if crowd > 0:
            self._crowded = True
            self._patience = min(self._patience, _TOLD)
        if crowd > RESERVE:
            self.transport.abort()
            return
        self._since = self.loop.time()
        self._timer = self.loop.call_later(self._patience, self._tick)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for cycle in self._earlier:
            cycle.disconnected = True
            cycle.message_event.set()
        self._earlier.clear()
        super().connection_lost(exc)
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._chunk = len(data)
        if self._refused is not None:
            self._received += self._chunk
            if self._received > _LINGER:
                self.transport.abort()
            return
        if not self._received:
            self._since = self.loop.time()
        self._received += self._chunk
        super().data_received(data)
        if self._received > self.settings.max_headers:
            if self._heading:
                self.refuse(self._too_long())
            elif self._received > self._admitted():
                self.transport.abort()

    def _admitted(self) -> int:
        """More than what has come of the body may take up: tiny chunks, with a length
        before each, and a head, and trailers."""
        return self.settings.max_headers + 8 * self._useful + 65_536

    def announce(self, left: int) -> None:
        """Note what is still to come of a chunk, for one who may not want to wait."""
        self.announced = left
        if left and self.cycle is not None:
            self.cycle.message_event.set()

    def eof_received(self) -> bool:
        """Keep the other direction open for a client that has asked all it wants to.

        A client that waits for a fault's delay is taken to have gone.
        """
        cycle = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            return False
        if self._refused is not None or self._lost is not None:
            return False
        cycle.keep_alive = False
        return True

    def shutdown(self) -> None:
        """The server ends: let what is being answered be answered, and nothing else."""
        cycles = self._unfinished()
        if not cycles:
            self.transport.close()
        elif cycles[0].more_body:
            self.transport.abort()
        else:
            cycles[0].keep_alive = False

    # wire.Connection

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def close(self) -> None:
        self._abandon()
        self.transport.close()

    def reset(self) -> None:
        self._abandon()
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def end(self) -> None:
        """Close after a reply; in stages where its request is still coming.

        Closing with unread bytes makes the kernel send an RST, which may overtake the
        reply: so only our direction is closed, until the client has read it.
        """
        cycle, transport = self.cycle, self.transport
        if transport.is_closing() or cycle is None or not cycle.more_body:
            transport.close()
            return
        self._refused = Refused(0, "answered", "")
        self._read_on(_LINGERING)

    def _read_on(self, seconds: float) -> None:
        """Close our direction, and take no notice of what comes, for a while."""
        self._received = 0
        self._since = None
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._arm(seconds)

    def notify(self, lost: asyncio.Future[None] | None) -> None:
        self._lost = lost
        if lost is not None and self.transport.is_closing():
            lost.set_result(None)

    # the parsers' side

    def begun(self) -> None:
        """A request has begun: its first byte may share a chunk with the one before."""
        if not self._received:
            self._since = self.loop.time()
            self._received = self._chunk
        self._useful = 0

    def ended(self) -> None:
        """The request is complete with its body."""
        self._since = None
        self._received = 0
        self._heading = True

    def examine(
        self,
        method: bytes,
        version: str,
        hosts: int,
        headers: Sequence[tuple[bytes, bytes]],
    ) -> None:
        """Refuse a head that is not fit to be answered; raises `RefusedRequest`."""
        if version == "0.9":  # a request line without a version
            refused = self.malformed()
        elif version not in ("1.1", "1.0"):
            refused = Refused(505, "HTTP version", f"HTTP/{version} is not spoken here")
        elif hosts > 1 or (hosts == 0 and version == "1.1"):
            count = "no Host header" if hosts == 0 else f"{hosts} Host headers"
            refused = Refused(400, "malformed request", f"the request has {count}")
        elif method == b"CONNECT":
            refused = Refused(501, "no tunnels", "CONNECT is not spoken here")
        elif self._received > self.settings.max_headers and (
            sum(len(name) + len(value) + 4 for name, value in headers)
            > self.settings.max_headers
        ):
            refused = self._too_long()
        elif self._crowded and len(self.connections) > self.limit:
            refused = Refused(
                503,
                "too many connections",
                f"this server keeps {self.limit} connections open at one time"
                " (--max-connections, and the limit of the process on open files)",
            )
        else:
            return
        self._refuse(refused)

    def _refuse(self, refused: Refused) -> None:
        """End the parsing of a request that is refused; raises `RefusedRequest`."""
        self._refused = refused
        raise RefusedRequest(refused.title)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's name
        refused, self._refused = self._refused, None
        self.refuse(refused or self.malformed())

    def malformed(self) -> Refused:
        return Refused(400, "malformed request", "what came is not HTTP/1.1")

    def refuse(self, refused: Refused) -> None:
        """Answer the request that is being received in place of a provider, and close."""
        if self._refused is not None or self.transport.is_closing():
            return
        self._refused = refused
        self._since = None
        cycles = self._unfinished()
        if cycles and (self._heading or len(cycles) > 1 or not cycles[0].more_body):
            # An earlier request is being answered: ours would be taken for its answer.
            cycles[0].keep_alive = False
            return
        self._abandon()
        if cycles and cycles[0].response_started:
            self.transport.close()
            return
        self.lines.request("-", "-", refused.status, 0.0, ("", "", refused.title))
        self.transport.write(wire_bytes(problem(*refused)))
        self._read_on(_TOLD)

    def _too_long(self) -> Refused:
        most = self.settings.max_headers
        return Refused(
            431, "request head too long", f"a request head has at most {most} bytes"
        )

    def _abandon(self) -> None:
        """Nothing that is being answered here is of interest any more."""
        for cycle in self._unfinished():
            cycle.disconnected = True
            cycle.message_event.set()

    def _unfinished(self) -> list[Any]:
        """The cycles that have still to answer, oldest first."""
        cycles = [*self._earlier, self.cycle] if self.cycle is not None else []
        return [cycle for cycle in cycles if not cycle.response_complete]

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._refused is not None:
            if not self._unfinished():
                self.transport.abort()
            return
        if self.transport.is_closing():
            return
        if self._since is None:
            self._arm(self._patience)
            return
        left = self._since + self._patience - self.loop.time()
        if left > 0.001:
            self._arm(left)
        elif not self._received:
            self.transport.close()
        else:
            self.refuse(
                Refused(
                    408,
                    "request timeout",
                    f"the request was not complete after {self._patience:g} seconds",
                )
            )


def protocol_class(
    settings: Settings, lines: Lines, limit: int
) -> type[asyncio.Protocol]:
    """The protocol of *settings*' parser, bound to them; *limit* is of connections."""
    if settings.http not in ("auto", "httptools", "h11"):
        raise ValueError(f"http={settings.http!r}: use auto, httptools or h11")
    values = {"settings": settings, "lines": lines, "limit": limit}
    return type("Connection", (_parsing(settings.http),), values)


def _parsing(parser: str) -> type[Bounded]:
    if parser != "h11":
        try:
            from emulator.server.protocol_httptools import HttpToolsConnection
        except ImportError:
            if parser == "httptools":
                raise
        else:
            return HttpToolsConnection
    from emulator.server.protocol_h11 import H11Connection

    return H11Connection


_LOGGER = logging.getLogger("emulator.server")
_LOGGER.setLevel(logging.ERROR)
