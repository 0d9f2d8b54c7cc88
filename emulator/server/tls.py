"""TLS: the first byte of a connection says whether it is spoken there.

So one port takes both, and a tunnel of `CONNECT` too. The layer stands between a socket's
transport and a protocol that knows nothing of it: it is the one's protocol, and the
other's transport. Plain HTTP is handed to its own protocol with its first bytes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, cast

_HANDSHAKE = 0x16
"""What a TLS client says first (RFC 8446, 5.1); no method of HTTP begins with it."""
_PIECE = 262_144
"""Bytes that are decrypted at one time."""


class Secured(Protocol):
    """A protocol that can go on over TLS."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...
    def data_received(self, data: bytes) -> None: ...
    def eof_received(self) -> bool | None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def secured(self, transport: asyncio.Transport) -> None:
        """Send over *transport* from now on."""


class Doorway(asyncio.Protocol):
    """Waits for the first byte, and then makes way for what it is the beginning of."""

    def __init__(
        self,
        inner: Secured,
        context: Callable[[], ssl.SSLContext],
        failing: Callable[[str], None],
    ) -> None:
        self._inner = inner
        self._context = context
        self._failing = failing

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        inner: Any = self._inner
        if data[0] == _HANDSHAKE:
            inner = TlsLayer(
                self._transport, self._inner, self._context(), self._failing
            )
            self._inner.secured(inner)
        self._transport.set_protocol(inner)
        inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class TlsLayer(asyncio.Protocol, asyncio.Transport):
    """The server's side of TLS between *below*, which is a socket's, and *above*."""

    def __init__(
        self,
        below: asyncio.Transport,
        above: Secured,
        context: ssl.SSLContext,
        failing: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._below = below
        self._above: Any = above
        self._failing = failing
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._established = False
        self._ended = False
        """Nothing more is sent: the client has been told so."""

    # the protocol's side, for the transport below

    def data_received(self, data: bytes) -> None:
        if self._ended:  # what still comes is counted, and nobody reads it
            self._above.data_received(data)
            return
        self._incoming.write(data)
        plain, ended = b"", False
        try:
            if not self._established:
                self._tls.do_handshake()
                self._established = True
            plain, ended = self._decrypted()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._flush()
        if plain:
            self._above.data_received(plain)
        if ended and not self._above.eof_received():
            self.close()

    def eof_received(self) -> bool | None:
        kept: bool | None = self._above.eof_received()
        return kept

    def connection_lost(self, exc: Exception | None) -> None:
        self._above.connection_lost(exc)
        self._above = None  # which refers to this

    def pause_writing(self) -> None:
        self._above.pause_writing()

    def resume_writing(self) -> None:
        self._above.resume_writing()

    # the transport's side, for the protocol above

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._ended or not self._established:
            return
        left = memoryview(data)
        try:
            while left:
                left = left[self._tls.write(left) :]
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._flush()

    def can_write_eof(self) -> bool:
        return self._below.can_write_eof()

    def write_eof(self) -> None:
        self._say_end()
        self._below.write_eof()

    def close(self) -> None:
        self._say_end()
        self._below.close()

    def abort(self) -> None:
        self._below.abort()

    def is_closing(self) -> bool:
        return self._below.is_closing()

    def pause_reading(self) -> None:
        self._below.pause_reading()

    def resume_reading(self) -> None:
        self._below.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._below.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._above = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self._above
        return protocol

    # between the two

    def _decrypted(self) -> tuple[bytes, bool]:
        """What has come, and whether the client has said that nothing more will."""
        parts: list[bytes] = []
        ended = False
        with suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            while part := self._tls.read(_PIECE):
                parts.append(part)
            ended = True
        return b"".join(parts), ended

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data and not self._below.is_closing():
            self._below.write(data)

    def _say_end(self) -> None:
        """Tell the client that nothing more comes (RFC 8446, 6.1)."""
        if self._ended or not self._established:
            return
        self._ended = True
        with suppress(ssl.SSLError):  # it has not said the same yet
            self._tls.unwrap()
        self._flush()

    def _fail(self, error: ssl.SSLError) -> None:
        self._flush()  # the alert that says why
        if not self._established:
            self._failing(error.reason or str(error))
        self._ended = True
        self._below.close()
