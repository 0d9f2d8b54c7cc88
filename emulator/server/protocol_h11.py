"""Protocol of h11: uvicorn's parser in pure Python, within the limits of `Bounded`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from emulator.server.bodies import is_coded
from emulator.server.protocol import (
    Bounded,
    Refused,
    RefusedRequest,
    transfer_coding,
)
from emulator.server.wire import CONNECTION


class H11Connection(Bounded, H11Protocol):  # type: ignore[misc]
    """One connection."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.conn: _Examined = _Examined(
            self._examine, self._take, self.settings.max_headers
        )

    def _examine(self, request: h11.Request) -> None:
        self._heading = False
        headers = list(request.headers)
        names = [name for name, _ in headers]
        version = request.http_version.decode("ascii")
        self.examine(request.method, version, names.count(b"host"), headers)
        target = request.target
        if b"#" in target:
            self._fail("the request target has a fragment")
        if not (target.startswith(b"/") or target == b"*" or b"://" in target):
            self._fail("the request target is neither a path nor an address")
        if any(b"\x7f" in value for _, value in headers):
            self._fail("a header has a control character")
        if b"content-length" in names and b"transfer-encoding" in names:
            self._fail("the request has both Content-Length and Transfer-Encoding")

    def _take(self, body: h11.Data) -> None:
        self._useful += len(body.data)

    def _fail(self, detail: str) -> None:
        self._refuse(Refused(400, "malformed request", detail))

    def malformed(self) -> Refused:
        if self.conn.uncoded:
            return transfer_coding()
        if self._heading and self._received > self.settings.max_headers:
            return self._too_long()
        return super().malformed()

    def handle_events(self) -> None:
        if self._refused is not None:
            return
        super().handle_events()
        # What h11 tells nobody: the bytes that are still to come of the chunk begun.
        self.announce(getattr(self.conn._reader, "_bytes_in_chunk", 0))
        if self.scope is not None:
            cast(dict[str, Any], self.scope)[CONNECTION] = self
            self.cycle.transport = _Ended(self)
        state = self.conn.their_state
        if state is h11.IDLE:
            if self.conn.trailing_data[0]:
                self._heading = True
                self.begun()
            elif not self._heading:
                self.ended()
        elif state is not h11.SEND_BODY:
            self.ended()

    def _unsupported_upgrade_warning(self) -> None:
        """An offer to upgrade may be passed over in silence (RFC 9110, 7.8)."""


class _Ended:
    """The transport of one reply, whose end is the connection's to make."""

    def __init__(self, connection: H11Connection) -> None:
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing
        self.close = connection.end


class _Examined(h11.Connection):
    """Shows each request to *examine* and each part of its body to *take* first."""

    def __init__(
        self,
        examine: Callable[[h11.Request], None],
        take: Callable[[h11.Data], None],
        longest: int,
    ) -> None:
        super().__init__(h11.SERVER, longest)
        self._examine = examine
        self._take = take
        self._head = b""
        """What has come of the head that is being received."""
        self.uncoded = False
        """The body comes in a coding that is not spoken here."""

    def receive_data(self, data: bytes) -> None:
        if self.their_state is h11.IDLE:
            if not self._head:
                # Empty lines before a request line are no request (RFC 9112, 2.2).
                data = data.lstrip(b"\r\n")
                if not data:
                    return
            self._head += data
        super().receive_data(data)

    def next_event(self) -> Any:
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            self.uncoded = error.error_status_hint == 501 and is_coded(self._head)
            raise
        if isinstance(event, h11.Request):
            self._head = b""
            try:
                self._examine(event)
            except RefusedRequest as error:
                raise h11.RemoteProtocolError(str(error)) from None
        elif isinstance(event, h11.Data):
            self._take(event)
        return event
