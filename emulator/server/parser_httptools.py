"""Parser of httptools: llhttp, in C."""

from __future__ import annotations

import httptools

from emulator.http.authority import SPACE, Headers
from emulator.server.parser import FRAMING, Sink, Unreadable, coding_refused

_LINE = 64
"""Bytes before those that come now in which the line of a chunk may have begun."""


class HttpToolsParser:
    """See `Parser`.

    An offer to upgrade that is not taken is nothing (RFC 9110, 7.8), and none is taken
    here. But llhttp believes in it: it reads no body, and stops. So another llhttp gets
    the head without the offer, and reads on from there.
    """

    def __init__(self, sink: Sink, max_headers: int) -> None:  # noqa: ARG002
        self.announced = 0
        self._sink = sink
        self.on_message_begin = sink.begin  # without a step in between
        self._headers: Headers = []
        self._known: Headers = []
        """The headers of the request before: mostly they come again."""
        self._framing: Headers = []
        """Those of them that are in `FRAMING`."""
        self._offered: Headers | None = None
        """The headers of a request with an offer, which is read once more without it."""
        self._in_body = False
        self._chunk_size = -1
        """What the chunk that is being received announces; 0: not known, -1: none is."""
        self._came = 0
        self._before = b""
        self._start()

    def close(self) -> None:
        del self._llhttp, self._sink, self.on_message_begin

    def _start(self) -> None:
        self._target = b""
        self._headers = []
        self._llhttp = httptools.HttpRequestParser(self)
        # A request may be pipelined behind one that closes: it gets its answer.
        self._llhttp.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed(self, data: bytes) -> None:
        rest = None
        try:
            try:
                self._llhttp.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                rest = data[offer.args[0] :]
            if rest is not None:  # outside of the handler: see `__context__` below
                self._read_on(rest)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserError:
            raise Unreadable from None
        if self._in_body:
            self._measure(data)

    def _read_on(self, data: bytes) -> None:
        """Read *data*, before which llhttp has stopped."""
        while self._offered is not None:
            head = self._without_offer()
            self._start()
            self._llhttp.feed_data(head)
            try:
                self._llhttp.feed_data(data)
                return
            except httptools.HttpParserUpgrade as offer:
                data = data[offer.args[0] :]
        self._sink.switch(data)  # a tunnel

    # llhttp's side

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # where it would be a trailer
            self._headers.append((name.lower(), value.strip(SPACE)))

    def on_headers_complete(self) -> None:
        llhttp, headers = self._llhttp, self._headers
        method = llhttp.get_method()
        if self._offered is not None:
            headers, self._offered = self._offered, None
            self._read_framing(headers)
        elif headers == self._known:
            headers = self._known
        elif llhttp.should_upgrade() and method != b"CONNECT":
            self._offered = headers
            return
        else:
            self._read_framing(headers)
            self._known = headers
        target, self._target, self._headers = self._target, b"", []
        version = llhttp.get_http_version()
        self._sink.head(method, target, version, headers, self._framing)
        self._in_body = True

    def _read_framing(self, headers: Headers) -> None:
        self._known = []
        self._framing = [header for header in headers if header[0] in FRAMING]
        for name, value in self._framing:
            if name == b"transfer-encoding" and value.lower() != b"chunked":
                lines = [name + b":" + value for name, value in self._framing]
                raise Unreadable(coding_refused(b"\n".join(lines)))

    def on_body(self, data: bytes) -> None:
        self._came += len(data)
        self._sink.body(data)

    def on_chunk_header(self) -> None:
        self._chunk_size, self._came = 0, 0

    def on_chunk_complete(self) -> None:
        self._chunk_size = -1

    def on_message_complete(self) -> None:
        if self._offered is None:
            self._in_body = False
            self.announced = 0
            self._before = b""
            self._sink.complete()

    def _without_offer(self) -> bytes:
        method, version = self._llhttp.get_method(), self._llhttp.get_http_version()
        lines = [b"%b %b HTTP/%b" % (method, self._target, version.encode())]
        lines += [
            name + b": " + value for name, value in self._headers if name != b"upgrade"
        ]
        return b"\r\n".join([*lines, b"", b""])

    def _measure(self, data: bytes) -> None:
        """Find out what is still to come of the chunk: llhttp tells nobody."""
        if self._chunk_size == 0:
            self._chunk_size = announced(self._before + data, self._came)
        self.announced = max(0, self._chunk_size - self._came)
        self._before = (self._before + data)[-_LINE:]


def announced(data: bytes, came: int) -> int:
    """The length in the last line of *data* but for *came* bytes behind it; 0: unknown.

    b"hi\\r\\n1F;a=b\\r\\nxyz", 3  ->  31
    """
    _, end, line = data[: len(data) - came].rstrip(b"\r\n").rpartition(b"\n")
    try:
        return int(line.partition(b";")[0], 16) if end else 0
    except ValueError:
        return 0
