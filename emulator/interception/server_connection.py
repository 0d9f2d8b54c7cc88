"""Line: a connection in memory, as its server sees it.

Bytes of a client go in, and deeds come out: bytes to send, seconds to wait, an ending.
Nothing here waits or knows who the client is. Requests are parsed by h11; replies and
their faults are written by what writes them on a socket: `server/endpoint.py` makes the
headers, and `server/wire.py` performs the faults on a line as on any connection.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

import h11

from emulator.call import Call, Reply
from emulator.http.authority import origin_form, with_host
from emulator.http.problem import mistake, problem
from emulator.server.bodies import is_coded
from emulator.server.endpoint import encode
from emulator.server.forwarded import Forwarded
from emulator.server.problem import status_line, wire_bytes
from emulator.server.protocol import transfer_coding
from emulator.server.wire import Connection, Headers, Wire
from emulator.settings import Settings

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Message


class Ending(Enum):
    """How a connection ends."""

    RESET = "reset"
    CLOSE = "close"


Deed = bytes | float | Ending
"""What the server does next: send bytes, wait so many seconds, or end."""


class Line:
    """One connection; *answer* may answer None, which is nobody there."""

    def __init__(
        self,
        answer: Callable[[Call], Reply | None],
        settings: Settings | None = None,
        longest_body: Callable[[Call], int] | None = None,
    ) -> None:
        limits = settings or Settings()
        self.scheme = "http"
        self.deeds: deque[Deed] = deque()
        self._answer = answer
        self.announced = 0
        self._max_body = self._most = limits.max_body
        self._longest_body = longest_body
        self._max_head = limits.max_headers
        self._fill = Forwarded(limits.trusted_proxies).fill
        self._wire = _Unhurried(self.deeds)
        self._ended = False
        """Whether it has been decided how this ends: nothing more is answered."""
        self._begin(b"")

    def receive(self, data: bytes) -> None:
        """Take bytes of the client's."""
        if self._ended or not data:
            return  # a kernel would take them as well, and h11 takes none for the end
        try:
            self._parser.receive_data(data)
            while not self._ended:
                event = self._parser.next_event()
                if event is h11.NEED_DATA:
                    return
                self._meet(event)
        except h11.RemoteProtocolError as error:
            if error.error_status_hint == 431:
                self._refuse_head()
                return
            if error.error_status_hint == 501 and is_coded(data):
                self.write(wire_bytes(problem(*transfer_coding())))
                self.close()
                return
            self.write(wire_bytes(problem(400, "malformed request", str(error))))
            self.close()

    def write(self, data: bytes) -> None:
        if data and not self._ended:
            self.deeds.append(data)

    def close(self) -> None:
        self._end(Ending.CLOSE)

    def reset(self) -> None:
        self._end(Ending.RESET)

    def notify(self, lost: asyncio.Future[None] | None) -> None:
        """Nobody goes away while nobody waits."""

    def _end(self, ending: Ending) -> None:
        if not self._ended:
            self._ended = True
            self.deeds.append(ending)

    def _begin(self, data: bytes) -> None:
        """Be ready for a request, of which *data* has come already."""
        self._parser = h11.Connection(h11.SERVER, self._max_head)
        self._request: h11.Request | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._most = self._max_body
        if data:
            self._parser.receive_data(data)

    def _meet(self, event: Any) -> None:
        if isinstance(event, h11.Request):
            size = sum(len(name) + len(value) + 4 for name, value in event.headers)
            if size > self._max_head:  # the parser looks only at what is incomplete
                self._refuse_head()
                return
            self._request = event
            headers = dict(event.headers)
            length = headers.get(b"content-length", b"0")
            if self._may_be_long(headers) and self._longest_body is not None:
                self._most = self._longest_body(self._call(event))
            if len(length) > 15 or int(length) > self._most:
                self._finish(event, too_large=True)
            elif self._parser.they_are_waiting_for_100_continue:
                self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        elif isinstance(event, h11.Data) and self._request is not None:
            self._body.append(bytes(event.data))
            self._size += len(event.data)
            if self._size > self._most:
                self._finish(self._request, too_large=True)
        elif isinstance(event, h11.EndOfMessage) and self._request is not None:
            self._finish(self._request, too_large=False)
            self._begin(self._parser.trailing_data[0])

    def _may_be_long(self, headers: Mapping[bytes, bytes]) -> bool:
        length = headers.get(b"content-length", b"0")
        coded = b"transfer-encoding" in headers
        return coded or len(length) > 15 or int(length) > self._max_body

    def _refuse_head(self) -> None:
        detail = f"a request head has at most {self._max_head} bytes"
        self.write(wire_bytes(problem(431, "request head too long", detail)))
        self.close()

    def _finish(self, request: h11.Request, *, too_large: bool) -> None:
        """Answer a request of which all has come that is read."""
        call = self._call(request)
        call.body_too_large = too_large
        call.body = b"" if too_large else b"".join(self._body)
        doing = f"answering {call.method} {call.path[:200]}"
        try:
            reply = self._answer(call)
            if reply is None:
                self.reset()
                return
            headers, body = encode(reply, call.method)
        except Exception as error:
            _LOG.exception("%s failed", doing)
            reply = mistake(error, doing)
            headers, body = encode(reply, call.method)
        keeps = not too_large and _keeps(request)
        if not keeps:
            headers = [*headers, (b"Connection", b"close")]
        sending = _Sending(self, call.method)
        _run(
            self._wire.perform(
                reply.faults, reply.status, headers, body, sending.send, self
            )
        )
        if not keeps:
            self.close()

    def _call(self, request: h11.Request) -> Call:
        target, authority = origin_form(request.target)
        path, _, query = target.partition(b"?")
        headers = list(request.headers)
        if authority is not None:
            headers = with_host(headers, authority)
        call = Call(
            method=request.method.decode("ascii"),
            path=path.decode("latin-1"),
            query=query,
            raw_headers=headers,
            scheme=self.scheme,
        )
        self._fill(call, "127.0.0.1")
        call.base_url = f"{call.scheme}://{call.headers.get('host', 'localhost')}"
        if call.scheme == "https":
            call.secure = True
        return call


class _Unhurried(Wire):
    """The wire of a line: a pause is one of its deeds, and takes no time here."""

    def __init__(self, deeds: deque[Deed]) -> None:
        super().__init__()
        self._deeds = deeds

    async def _pause(
        self,
        seconds: float,
        connection: Connection | None,  # noqa: ARG002 - nobody goes away meanwhile
    ) -> bool:
        if seconds > 0:
            self._deeds.append(float(seconds))
        return True


class _Sending:
    """Writes the messages of one reply as HTTP/1.1."""

    def __init__(self, line: Line, method: str) -> None:
        self._line = line
        self._method = method
        self._chunked = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message["status"], [*message["headers"]])
        else:
            body = message.get("body", b"")
            self._continue(body, over=not message.get("more_body", False))

    def _start(self, status: int, headers: Headers) -> None:
        names = {name.lower() for name, _ in headers}
        bodiless = self._method == "HEAD" or status in (204, 304)
        if not (bodiless or names & {b"content-length", b"transfer-encoding"}):
            self._chunked = True
            headers.append((b"Transfer-Encoding", b"chunked"))
        lines = [status_line(status).encode("latin-1")]
        lines += [name + b": " + value for name, value in headers]
        self._line.write(b"\r\n".join([*lines, b"", b""]))

    def _continue(self, body: bytes, *, over: bool) -> None:
        if self._chunked:
            piece = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            body = piece + (b"0\r\n\r\n" if over else b"")
        self._line.write(body)


def _run(steps: Coroutine[Any, Any, None]) -> None:
    """Run *steps* to their end, which wait for nothing."""
    try:
        steps.send(None)
    except StopIteration:
        return
    steps.close()
    raise RuntimeError("the wire has waited other than by its pauses")


def _keeps(request: h11.Request) -> bool:
    """Whether the client may send another request after this one."""
    return request.http_version == b"1.1" and b"close" not in _options(request.headers)


def _options(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    return {
        one.strip().lower()
        for name, value in headers
        if name == b"connection"
        for one in value.split(b",")
    }


_LOG = logging.getLogger("emulator.intercept")
