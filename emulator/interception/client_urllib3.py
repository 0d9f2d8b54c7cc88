"""Client urllib3: its connections, and those of what is built on it (requests, botocore).

`HTTPConnection._new_conn` makes the socket of a connection and `HTTPSConnection.connect`
wraps one in TLS: both hand out a `Socket` in place of one. A proxy stands between client
and provider, so that it is left out for a host that is intercepted.
"""

from __future__ import annotations

import io
import os
import socket
import ssl
import sys
from functools import cache
from typing import Any

from emulator.interception.client_stream import End
from emulator.interception.patch_point import Seam, UnknownVersion, offered, seams
from emulator.interception.registry import answering, intercepts


def connections(module: Any) -> list[Seam]:
    """The seams of `urllib3.connection`."""
    if hasattr(module, "HttpVersion"):
        return unanswered(module)

    def connect(original: Any) -> Any:
        def connect(self: Any) -> None:
            host, port = self.host, self.port
            if self._tunnel_host:
                host, port = self._tunnel_host, self._tunnel_port
            if not intercepts(host, port):
                original(self)
                return
            self.sock = Socket(End(host, "https"), self.timeout)
            verifies = module.resolve_cert_reqs(self.cert_reqs) == ssl.CERT_REQUIRED
            self.is_verified = verifies or bool(self.assert_fingerprint)

        return connect

    return [
        *seams(module, "HTTPConnection", _new_conn=_new_conn),
        *offered(module, "HTTPSConnection", connect=connect),  # none without TLS
    ]


def unanswered(module: Any) -> list[Seam]:
    """The seams of urllib3-future, which may have been installed in urllib3's place.

    It has the names and speaks HTTP/2 and HTTP/3 below them, over sockets that are more
    than ours: its calls are refused, and other libraries go on.
    """

    def connect(original: Any) -> Any:
        def _new_conn(self: Any) -> Any:
            if intercepts(self.host, self.port):
                raise UnknownVersion(
                    "urllib3-future (niquests) cannot be intercepted, and this call to"
                    f" {self.host!r} is one of its own\n"
                    "  fix: call a running server (`emulator serve`), or install"
                    " urllib3 in its place"
                )
            return original(self)

        return _new_conn

    prefix = "Async" if "._async." in module.__name__ else ""
    return seams(module, f"{prefix}HTTPConnection", _new_conn=connect)


def socks(module: Any) -> list[Seam]:
    """The seams of `urllib3.contrib.socks`."""
    return seams(module, "SOCKSConnection", _new_conn=_new_conn)


def proxies(module: Any) -> list[Seam]:
    """The seams of `urllib3.poolmanager`."""

    def connection_from_host(original: Any) -> Any:
        def connection_from_host(
            self: Any,
            host: Any,
            port: Any = None,
            scheme: Any = "http",
            *rest: Any,
            **more: Any,
        ) -> Any:
            if scheme != "https" and host and answering(host) is not None:
                direct = module.PoolManager.connection_from_host
                return direct(self, host, port, scheme, *rest, **more)
            return original(self, host, port, scheme, *rest, **more)

        return connection_from_host

    return seams(module, "ProxyManager", connection_from_host=connection_from_host)


def _new_conn(original: Any) -> Any:
    def _new_conn(self: Any) -> Any:
        if not intercepts(self.host, self.port):
            return original(self)
        return Socket(End(self.host), self.timeout)

    return _new_conn


class Socket:
    """As much of a socket as `http.client` and urllib3 use."""

    def __init__(self, end: End, timeout: object) -> None:
        self._end = end
        self._closed = False
        self.settimeout(timeout)

    def settimeout(self, timeout: object) -> None:
        """Also takes the marks that libraries have for the default, which is none."""
        is_time = isinstance(timeout, int | float)
        self._timeout = float(timeout) if is_time else socket.getdefaulttimeout()  # type: ignore[arg-type]
        if timeout is None:
            self._timeout = None

    def gettimeout(self) -> float | None:
        return self._timeout

    def sendall(self, data: Any, flags: int = 0) -> None:  # noqa: ARG002 - socket's
        self._end.write(memoryview(data).cast("B").tobytes())

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data, flags)
        return memoryview(data).nbytes

    def recv(self, size: int, flags: int = 0) -> bytes:  # noqa: ARG002 - socket's
        return self._end.read(size, self._timeout)

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        view = memoryview(buffer).cast("B")
        data = self.recv(size or len(view), flags)
        view[: len(data)] = data
        return len(data)

    def makefile(self, mode: str = "r", buffering: int | None = None) -> Any:
        if mode != "rb":
            raise ValueError(f"a socket in memory is only read as bytes, not {mode!r}")
        reader = _Reader(self)
        if buffering == 0:
            return reader
        return io.BufferedReader(reader, buffering or io.DEFAULT_BUFFER_SIZE)

    def fileno(self) -> int:
        """A descriptor for `poll`: readable if a read would not wait, else never."""
        if self._closed:
            return -1
        quiet, over = _descriptors()
        return over if self._end.readable else quiet

    def shutdown(self, how: int) -> None:  # noqa: ARG002 - socket's
        self._end.shut()

    def close(self) -> None:
        """What was made a file of it can still be read."""
        self._closed = True

    def setsockopt(self, *option: Any) -> None:
        """There is nothing below that has options."""

    def getpeername(self) -> tuple[str, int]:
        return "127.0.0.1", 0

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 0


class _Reader(io.RawIOBase):
    """What a socket is read through as a file."""

    def __init__(self, sock: Socket) -> None:
        super().__init__()
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.recv_into(buffer)


@cache
def _descriptors() -> tuple[int, int]:
    """Two that all sockets share: one where nothing ever comes, and one at its end.

    A pool polls a connection before it takes it again, and `poll` wants real ones.
    """
    if sys.platform == "win32":  # where only sockets are polled
        quiet, kept = socket.socketpair()
        over, other = socket.socketpair()
        other.close()
        kept.detach()
        return quiet.detach(), over.detach()
    read, _ = os.pipe()
    ended, write = os.pipe()
    os.close(write)
    return read, ended
