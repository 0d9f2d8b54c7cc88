"""Protocol of httptools: uvicorn's quick parser, within the limits of `Bounded`."""

from __future__ import annotations

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.server.one_write import OneWrite
from emulator.server.protocol import Bounded, Refused, RefusedRequest
from emulator.server.target import origin_form, with_host
from emulator.server.wire import CONNECTION


class HttpToolsConnection(Bounded, HttpToolsProtocol):  # type: ignore[misc]
    """One connection."""

    _hosts = 0

    def on_message_begin(self) -> None:
        self.begun()
        self._hosts = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._heading:
            return  # a trailer, of which uvicorn would make a header
        name = name.lower()
        if name == b"host":
            self._hosts += 1
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._heading = False
        parser = self.parser
        self.examine(
            parser.get_method(), parser.get_http_version(), self._hosts, self.headers
        )
        if not self.url.startswith(b"/"):
            self.url, authority = origin_form(self.url)
            if authority is not None:
                self.headers[:] = with_host(self.headers, authority)
        if b"#" in self.url:
            self._refused = Refused(
                400, "malformed request", "the request target has a fragment"
            )
            raise RefusedRequest(self._refused.title)
        before = self.cycle
        super().on_headers_complete()
        cast(dict[str, Any], self.scope)[CONNECTION] = self
        self.cycle.transport = OneWrite(self.transport)
        if parser.should_upgrade():
            # Nothing is upgraded here, and the parser reads no further after it.
            self.cycle.keep_alive = False
        if before is not None and not before.response_complete:
            earlier = [one for one in self._earlier if not one.response_complete]
            self._earlier = [*earlier, before]

    def on_response_complete(self) -> None:
        for cycle in (*self._earlier, self.cycle):
            if cycle is not None and cycle.response_complete:
                cast(OneWrite, cycle.transport).flush()
        super().on_response_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.ended()

    def _unsupported_upgrade_warning(self) -> None:
        """An offer to upgrade may be passed over in silence (RFC 9110, 7.8)."""
