"""Protocol of h11: uvicorn's parser in pure Python, within the limits of `Bounded`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from emulator.server.protocol import Bounded, Refused, RefusedRequest
from emulator.server.wire import CONNECTION


class H11Connection(Bounded, H11Protocol):  # type: ignore[misc]
    """One connection."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.conn = _Examined(self._examine, self.settings.max_headers)

    def _examine(self, request: h11.Request) -> None:
        self._heading = False
        headers = list(request.headers)
        names = [name for name, _ in headers]
        version = request.http_version.decode("ascii")
        self.examine(request.method, version, names.count(b"host"), headers)
        if b"#" in request.target:
            self._fail("the request target has a fragment")
        if b"content-length" in names and b"transfer-encoding" in names:
            self._fail("the request has both Content-Length and Transfer-Encoding")

    def _fail(self, detail: str) -> None:
        self._refused = Refused(400, "malformed request", detail)
        raise RefusedRequest(detail)

    def malformed(self) -> Refused:
        if self._heading and self._received > self.settings.max_headers:
            return self._too_long()
        return super().malformed()

    def handle_events(self) -> None:
        if self._refused is not None:
            return
        super().handle_events()
        if self.scope is not None:
            cast(dict[str, Any], self.scope)[CONNECTION] = self
        state = self.conn.their_state
        if state is h11.IDLE:
            self._heading = True
            if self.conn.trailing_data[0]:
                self.begun()
            else:
                self.ended()
        elif state is not h11.SEND_BODY:
            self.ended()

    def _unsupported_upgrade_warning(self) -> None:
        """An offer to upgrade may be passed over in silence (RFC 9110, 7.8)."""


class _Examined(h11.Connection):
    """Shows each request to *examine* before anything is made of it."""

    def __init__(self, examine: Callable[[h11.Request], None], longest: int) -> None:
        super().__init__(h11.SERVER, longest)
        self._examine = examine

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            try:
                self._examine(event)
            except RefusedRequest as error:
                raise h11.RemoteProtocolError(str(error)) from None
        return event
