"""Parser of h11: pure Python, where httptools is not."""

from __future__ import annotations

import h11

from emulator.server.parser import (
    FRAMING,
    MALFORMED,
    Refused,
    Sink,
    Unreadable,
    coding_refused,
)


class H11Parser:
    """See `Parser`. Each request has an h11 connection of its own."""

    def __init__(self, sink: Sink, max_headers: int) -> None:
        self.announced = 0
        self._sink = sink
        self._max_headers = max_headers
        self._expect()

    def feed(self, data: bytes) -> None:
        if self._in_head:
            if not self._head:
                # Empty lines before a request line are no request (RFC 9112, 2.2).
                data = data.lstrip(b"\r\n")
            self._head += data
        elif self._chunks is not None:
            self._chunks.feed(data)
        if data:
            self._h11.receive_data(data)
            self._read()
        if self._chunks is not None:
            self.announced = self._chunks.left

    def close(self) -> None:
        del self._sink

    def _expect(self) -> None:
        """Be ready for a request."""
        self._h11 = h11.Connection(h11.SERVER, self._max_headers)
        self._in_head = True
        self._head = b""
        """What has come of the head that is being received."""
        self._chunks: _Chunks | None = None
        self._tunnel = False
        self.announced = 0

    def _read(self) -> None:
        while True:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError as error:
                coded = error.error_status_hint == 501
                raise Unreadable(
                    coding_refused(self._head) if coded else None
                ) from None
            if isinstance(event, h11.Request):
                self._meet(event)
            elif isinstance(event, h11.Data):
                self._sink.body(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and self._tunnel:
                self._sink.complete()
                self._sink.switch(self._h11.trailing_data[0])
                return
            elif isinstance(event, h11.EndOfMessage):
                rest = self._h11.trailing_data[0].lstrip(b"\r\n")
                self._expect()
                self._sink.complete()
                if not rest:
                    return
                self._sink.begin()
                self._head = rest
                self._h11.receive_data(rest)
            else:
                return

    def _meet(self, request: h11.Request) -> None:
        self._in_head = False
        self._tunnel = request.method == b"CONNECT"
        headers = list(request.headers)
        framing = [header for header in headers if header[0] in FRAMING]
        version = request.http_version.decode("ascii")
        if any(name == b"transfer-encoding" for name, _ in framing):
            self._chunks = _Chunks()
            self._chunks.feed(self._h11.trailing_data[0])
        self._sink.head(request.method, request.target, version, headers, framing)
        if any(b"\x7f" in value for _, value in headers):
            control = "a header has a control character"
            raise Unreadable(Refused(MALFORMED.status, MALFORMED.title, control))


class _Chunks:
    """Reads the lengths of chunks, to say what is still to come of the last of them.

    h11 tells of a chunk with its first byte only.
    """

    def __init__(self) -> None:
        self.left = 0
        self._line = b""

    def feed(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self.left:
                taken = min(self.left, len(data) - at)
                self.left -= taken
                at += taken
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._line = (self._line + data[at:])[:_LONGEST]
                return
            line, self._line = (self._line + data[at:end]).strip(), b""
            at = end + 1
            try:
                self.left = int(line.partition(b";")[0], 16) if line else 0
            except ValueError:
                return  # a trailer; or what h11 is about to refuse


_LONGEST = 100
"""Bytes of a chunk's line that are looked at."""
