"""Protocol of httptools: uvicorn's quick parser, within the limits of `Bounded`."""

from __future__ import annotations

from array import array
from typing import Any, NamedTuple, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.http.authority import SPACE, Headers, origin_form, with_host
from emulator.server.bodies import is_coded
from emulator.server.one_write import Cycle, OneWrite
from emulator.server.protocol import Bounded, Refused, transfer_coding
from emulator.server.wire import CONNECTION

_LINE = 64
"""Bytes before those that come now in which the line of a chunk may have begun."""


class _Offer(NamedTuple):
    """A request that offers to go on in another protocol."""

    head: bytes
    """Its head without the offer, as it is read once more."""
    headers: Headers
    """Its headers with the offer, as they are handed on."""


class HttpToolsConnection(Bounded, HttpToolsProtocol):  # type: ignore[misc]
    """One connection.

    An offer to upgrade that is not taken is nothing (RFC 9110, 7.8), and none is taken
    here. But the parser believes in it: it reads no body, and stops. So another parser
    gets the head without the offer, and reads on from there.
    """

    _hosts = 0
    _uncoded = False
    """The body comes in a coding that is not spoken here."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.parser = _Parser(self)
        self._offer: _Offer | None = None
        self._chunk_size = -1
        """What the chunk that is being received announces; 0: not known, -1: none is."""
        self._came = 0
        self._before = b""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._chunk_size < 0:
            left = 0
        else:
            if self._chunk_size == 0:  # the parser tells nobody what a chunk announces
                self._chunk_size = announced(self._before + data, self._came)
            left = max(0, self._chunk_size - self._came)
        self._before = (self._before + data)[-_LINE:]
        self.announce(left)

    def decline(self) -> tuple[_Parser, bytes]:
        """The parser that reads on behind an offer, and the head that it reads first."""
        self.parser = _Parser(self)
        return self.parser, cast(_Offer, self._offer).head

    def on_message_begin(self) -> None:
        self.begun()
        self._hosts = 0
        self._uncoded = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._heading:
            return  # a trailer, of which uvicorn would make a header
        name, value = name.lower(), value.strip(SPACE)
        if name == b"host":
            self._hosts += 1
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        elif name == b"transfer-encoding" and value.lower() != b"chunked":
            self._uncoded = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._heading = False
        parser = self.parser
        self.examine(
            parser.get_method(), parser.get_http_version(), self._hosts, self.headers
        )
        if self._uncoded:
            lines = [name + b":" + value for name, value in self.headers]
            coded = is_coded(b"\n".join(lines))
            self._refuse(transfer_coding() if coded else self.malformed())
        if self._offer is not None:
            self.headers[:] = self._offer.headers
            self._offer = None
        elif parser.should_upgrade():
            self._offer, self._heading = self._offered(), True
            return
        if not self.url.startswith(b"/"):
            self.url, authority = origin_form(self.url)
            if authority is not None:
                self.headers[:] = with_host(self.headers, authority)
        if b"#" in self.url:
            fragment = "the request target has a fragment"
            self._refuse(Refused(400, "malformed request", fragment))
        before = self.cycle
        super().on_headers_complete()
        cast(dict[str, Any], self.scope)[CONNECTION] = self
        self.cycle.__class__ = Cycle
        self.cycle.transport = OneWrite(self.transport, self.end)
        if before is not None and not before.response_complete:
            earlier = [one for one in self._earlier if not one.response_complete]
            self._earlier = [*earlier, before]

    def on_chunk_header(self) -> None:
        self._chunk_size, self._came = 0, 0

    def on_body(self, body: bytes) -> None:
        self._came += len(body)
        self._useful += len(body)
        super().on_body(body)

    def on_chunk_complete(self) -> None:
        self._chunk_size = -1

    def on_response_complete(self) -> None:
        for cycle in (*self._earlier, self.cycle):
            if cycle is not None and cycle.response_complete:
                cast(OneWrite, cycle.transport).flush()
        super().on_response_complete()

    def on_message_complete(self) -> None:
        if self._offer is not None:
            return
        super().on_message_complete()
        self.ended()

    def _offered(self) -> _Offer:
        method, version = self.parser.get_method(), self.parser.get_http_version()
        lines = [b"%b %b HTTP/%b" % (method, self.url, version.encode())]
        lines += [
            name + b": " + value for name, value in self.headers if name != b"upgrade"
        ]
        return _Offer(b"\r\n".join([*lines, b"", b""]), [*self.headers])


class _Parser(httptools.HttpRequestParser):
    """A parser that no offer to upgrade stops."""

    def __init__(self, connection: HttpToolsConnection) -> None:
        super().__init__(connection)
        self._connection = connection
        # A request may be pipelined behind one that closes: it gets its answer.
        self.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed_data(self, data: bytes | bytearray | memoryview | array[int]) -> None:
        parser, feed = self, httptools.HttpRequestParser.feed_data
        while True:
            try:
                feed(parser, data)
                return
            except httptools.HttpParserUpgrade as offer:
                data = memoryview(data)[offer.args[0] :]
            parser, head = self._connection.decline()
            feed(parser, head)


def announced(data: bytes, came: int) -> int:
    """The length in the last line of *data* but for *came* bytes behind it; 0: unknown.

    b"hi\\r\\n1F;a=b\\r\\nxyz", 3  ->  31
    """
    _, end, line = data[: len(data) - came].rstrip(b"\r\n").rpartition(b"\n")
    try:
        return int(line.partition(b";")[0], 16) if end else 0
    except ValueError:
        return 0
