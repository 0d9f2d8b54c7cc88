"""Client httpcore: the network of httpx, and httpcore2, that of httpx2.

A network backend makes a stream of bytes; for hosts that are intercepted it is one in
memory, whose TLS is itself. Both packages have the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from emulator.interception.client_stream import End
from emulator.interception.patch_point import Seam, offered, seams
from emulator.interception.registry import answering, intercepts

Sleep = Callable[[float], Any]


def backends(module: Any) -> list[Seam]:
    """The seams of `httpcore` or `httpcore2`."""

    def connect(original: Any) -> Any:
        def connect_tcp(
            self: Any, host: str, port: int, *rest: Any, **more: Any
        ) -> Any:
            if intercepts(host, port):
                return Stream(End(host), module)
            return original(self, host, port, *rest, **more)

        return connect_tcp

    def connect_async(original: Any) -> Any:
        async def connect_tcp(
            self: Any, host: str, port: int, *rest: Any, **more: Any
        ) -> Any:
            if intercepts(host, port):
                await self.sleep(0)
                return AsyncStream(End(host), module, self.sleep)
            return await original(self, host, port, *rest, **more)

        return connect_tcp

    def past(pool: Any) -> Callable[[Any], Any]:
        """Leave a proxy out, as a pool without one does."""

        def replace(original: Any) -> Any:
            def create_connection(self: Any, origin: Any) -> Any:
                if answering(origin.host.decode("ascii")) is not None:
                    return pool.create_connection(self, origin)
                return original(self, origin)

            return create_connection

        return replace

    points = seams(module, "SyncBackend", connect_tcp=connect)
    for name in ("AnyIOBackend", "TrioBackend"):  # there with anyio, with trio
        points += offered(module, name, connect_tcp=connect_async)
    for name in ("HTTPProxy", "SOCKSProxy"):
        plain, awaited = past(module.ConnectionPool), past(module.AsyncConnectionPool)
        points += offered(module, name, create_connection=plain)
        points += offered(module, f"Async{name}", create_connection=awaited)
    return points


class Stream:
    """A stream of a synchronous backend."""

    def __init__(self, end: End, module: Any) -> None:
        self._end = end
        self._module = module

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _reading(self._module):
            return self._end.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        with _writing(self._module):
            self._end.write(bytes(buffer))

    def close(self) -> None:
        self._end.shut()

    def start_tls(self, *context: Any, **more: Any) -> Stream:  # noqa: ARG002
        self._end.secure()
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._end.readable if info == "is_readable" else None


class AsyncStream:
    """A stream of an asynchronous backend, which *sleep* is of."""

    def __init__(self, end: End, module: Any, sleep: Sleep) -> None:
        self._end = end
        self._module = module
        self._sleep = sleep

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _reading(self._module):
            return await self._end.read_async(max_bytes, timeout, self._sleep)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        await self._sleep(0)
        with _writing(self._module):
            self._end.write(bytes(buffer))

    async def aclose(self) -> None:
        self._end.shut()

    async def start_tls(self, *context: Any, **more: Any) -> AsyncStream:  # noqa: ARG002
        self._end.secure()
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._end.readable if info == "is_readable" else None


@contextmanager
def _reading(module: Any) -> Iterator[None]:
    """Raise what the backends of *module* raise for what goes wrong in a read."""
    try:
        yield
    except TimeoutError as error:
        raise module.ReadTimeout(error) from error
    except OSError as error:
        raise module.ReadError(error) from error


@contextmanager
def _writing(module: Any) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise module.WriteError(error) from error
