"""Client aiohttp: its connections, each a protocol on a transport in memory.

`TCPConnector._create_connection` makes both; `connect`, which also takes them from the
pool, says which request a connection is for, and so how long that may take in all.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Generator
from typing import Any

from emulator.interception.client_stream import End
from emulator.interception.patch_point import Seam, seams
from emulator.interception.registry import intercepts

_PIECE = 65_536


def connectors(module: Any) -> list[Seam]:
    """The seams of `aiohttp.connector`."""

    def create(original: Any) -> Any:
        async def _create_connection(
            self: Any, req: Any, traces: Any, timeout: Any
        ) -> Any:
            host = req.url.raw_host or ""
            if not intercepts(host, req.url.port):
                return await original(self, req, traces, timeout)
            protocol = self._factory()
            end = End(host, "https" if req.is_ssl() else "http")
            protocol.connection_made(Transport(end, protocol))
            return protocol

        return _create_connection

    def connect(original: Any) -> Any:
        async def connect(self: Any, req: Any, traces: Any, timeout: Any) -> Any:
            connection = await original(self, req, traces, timeout)
            transport = connection.transport
            if isinstance(transport, Transport):
                transport.begin(getattr(req, "_timer", None), timeout.total)
            return connection

        return connect

    return [
        *seams(module, "TCPConnector", _create_connection=create),
        *seams(module, "BaseConnector", connect=connect),
    ]


class Transport(asyncio.Transport):
    """What aiohttp's protocol writes to, and what calls it with what has come."""

    def __init__(self, end: End, protocol: Any) -> None:
        super().__init__({"peername": ("127.0.0.1", 0)})
        self._end = end
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._paused = False
        self._handle: asyncio.Handle | None = None
        self._steps: Generator[float, None, bytes] | None = None
        self._timer: Any = None
        self._until = math.inf
        """What the end will have waited when the request has taken too long."""

    def begin(self, timer: Any, total: float | None) -> None:
        """Be for a request that *timer* ends, after *total* seconds."""
        self._timer = timer if hasattr(timer, "timeout") else None
        timed = bool(total) and self._timer is not None
        self._until = self._end.waited + (total or 0.0) if timed else math.inf

    def write(self, data: Any) -> None:
        if self._closing:
            return
        try:
            self._end.write(bytes(data))
        except OSError as error:
            self._lose(error)
        else:
            self._soon()

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self._closing or (self._idle() and self._end.readable)

    def is_reading(self) -> bool:
        return not (self._paused or self._closing)

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        self._soon()

    def get_protocol(self) -> Any:
        return self._protocol

    def set_protocol(self, protocol: Any) -> None:
        self._protocol = protocol

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: Any = None, low: Any = None) -> None:
        """Nothing that was written is ever kept."""

    def close(self) -> None:
        self._lose(None)

    def abort(self) -> None:
        self._lose(None)

    def _idle(self) -> bool:
        """Whether nothing is on its way, so that this may be the end of a block."""
        return self._handle is None and not self._end.pending

    def _soon(self) -> None:
        if self._handle is None and not (self._closing or self._paused):
            self._handle = self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Have what comes next happen, until real time has to pass."""
        self._handle = None
        while not (self._closing or self._paused) and (
            self._steps or self._end.pending
        ):
            limit, ours = self._limit()
            if self._steps is None:
                self._steps = self._end.steps(_PIECE, limit)
            try:
                seconds = next(self._steps)
            except StopIteration as end:
                self._steps = None
                if end.value:
                    self._protocol.data_received(end.value)
                else:
                    self._protocol.eof_received()
                    self._lose(None)
            except TimeoutError:
                self._steps = None
                self._time_out(ours)
                return
            except OSError as error:
                self._steps = None
                self._lose(error)
            else:
                self._handle = self._loop.call_later(seconds, self._go_on)
                return

    def _limit(self) -> tuple[float | None, bool]:
        """How long may be waited, and whether it is the whole request that ends then.

        Where real time passes, aiohttp's own timers end it.
        """
        if not self._end.waits:
            return None, False
        each = self._protocol.read_timeout or math.inf
        whole = max(0.0, self._until - self._end.waited)
        least = min(each, whole)
        return (None if least == math.inf else least), whole < each

    def _time_out(self, whole: bool) -> None:
        """Do what the timer of aiohttp does that would have ended this."""
        if whole:
            self._timer.timeout()
        else:
            self._protocol._on_read_timeout()

    def _lose(self, error: OSError | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._end.shut()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._loop.call_soon(self._protocol.connection_lost, error)
