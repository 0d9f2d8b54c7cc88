"""Client stream: the client's end of a connection in memory.

What its server sends, waits for and ends takes place here.

A wait takes time here: the world's, where an interception was given something to wait
with, or else real time. Neither is longer than the client is ready to wait.
"""

from __future__ import annotations

import errno
import math
import time
from collections.abc import Awaitable, Callable, Generator

from emulator.exchange.call import Call, Reply
from emulator.interception.registry import ANSWERING, answered, answering
from emulator.interception.server_connection import Ending, ServerConnection


class End:
    """One connection to *host*, answered by whatever intercepts that host at the time."""

    def __init__(self, host: str, scheme: str = "http") -> None:
        self._host = host
        entry = answering(host)
        settings = entry.settings if entry else None
        longest = entry.longest_body if entry else None
        self._server = ServerConnection(self._answer, settings, longest)
        if scheme == "https":
            self._server.secure()
        self._buffer = bytearray()
        self._wait: Callable[[float], object] | None = None
        self._shut = False
        self._reset = False
        self.waited = 0.0
        """Seconds of the world's time that have passed here."""

    def secure(self) -> None:
        """Speak https from now on."""
        self._server.secure()

    @property
    def waits(self) -> bool:
        """Whether the world's time passes here and no real time."""
        return self._wait is not None

    @property
    def pending(self) -> bool:
        """Whether anything has still to happen here."""
        return bool(self._buffer or self._server.outputs)

    @property
    def readable(self) -> bool:
        """Whether a read would not wait: something has come, or nothing will."""
        if self._buffer or self._shut or not answered(self._host):
            return True
        outputs = self._server.outputs
        return bool(outputs) and not isinstance(outputs[0], float)

    def write(self, data: bytes) -> None:
        """Send *data*. Raises `ConnectionResetError`, `BrokenPipeError`."""
        if self._reset:
            raise _reset()
        if self._shut:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        self._server.receive(data)

    def shut(self) -> None:
        """Send and read nothing more."""
        self._shut = True

    def read(self, limit: int, timeout: float | None) -> bytes:
        """Up to *limit* bytes, or none at the end.

        Raises `TimeoutError` after *timeout* seconds, and `ConnectionResetError`.
        """
        steps = self.steps(limit, timeout)
        try:
            while True:
                time.sleep(next(steps))
        except StopIteration as end:
            data: bytes = end.value
            return data

    async def read_async(
        self,
        limit: int,
        timeout: float | None,
        sleep: Callable[[float], Awaitable[None]],
    ) -> bytes:
        """See `read`."""
        await sleep(0)
        steps = self.steps(limit, timeout)
        try:
            while True:
                await sleep(next(steps))
        except StopIteration as end:
            data: bytes = end.value
            return data

    def steps(self, limit: int, timeout: float | None) -> Generator[float, None, bytes]:
        """See `read`; yields the real seconds that are to be waited."""
        left = math.inf if timeout is None else timeout
        outputs = self._server.outputs
        while not self._buffer:
            if self._shut:
                return b""
            if not outputs:
                # The request is not complete, so nothing will ever come.
                if left < math.inf:
                    yield from self._pass(left)
                raise TimeoutError("timed out")
            output = outputs[0]
            if isinstance(output, bytes):
                self._buffer += outputs.popleft()  # type: ignore[arg-type]
            elif isinstance(output, Ending):
                if output is Ending.CLOSE:
                    return b""
                self._reset = True
                raise _reset()
            elif output > left:
                outputs[0] = output - left
                yield from self._pass(left)
                raise TimeoutError("timed out")
            else:
                outputs.popleft()
                left -= output
                yield from self._pass(output)
        while outputs and isinstance(outputs[0], bytes):
            self._buffer += outputs.popleft()  # type: ignore[arg-type]
        data = bytes(self._buffer[:limit])
        del self._buffer[:limit]
        return data

    def _pass(self, seconds: float) -> Generator[float, None, None]:
        if self._wait is None:
            yield seconds
        else:
            self.waited += seconds
            with ANSWERING:
                self._wait(seconds)

    def _answer(self, call: Call) -> Reply | None:
        entry = answering(self._host)
        if entry is None:
            return None
        self._wait = entry.wait
        with ANSWERING:
            return entry.answer(call)


def _reset() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
