"""One write: the head of a reply leaves as it is meant, together with its body's beginning.

uvicorn writes the head of a reply when the application starts it, and the body when
that comes: two system calls, and two packets that wake the client twice. What a reply
writes here first is kept until more comes, or until the reply is complete. And its
quick parser's side writes every name in lower case: here they are as they were given.
"""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from emulator.http.authority import Headers


class Cycle(RequestResponseCycle):
    """uvicorn's side of one reply, which tells a `OneWrite` what its headers are."""

    transport: Any

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.transport.headers = message["headers"]
        await super().send(message)


class OneWrite:
    """A transport for one reply, in front of that of the connection."""

    __slots__ = ("_end", "_head", "_transport", "headers")

    def __init__(self, transport: Transport, end: Callable[[], None]) -> None:
        self._transport = transport
        self._end = end
        """Ends the connection."""
        self.headers: Headers = []
        """Those of the reply, their names as they are spelt."""
        self._head: bytes | None = b""
        """What is kept; None: the head has left."""

    def write(self, data: bytes) -> None:
        if self._head is None:
            self._transport.write(data)
        elif self._head:
            head, self._head = self._head, None
            self._transport.write(head + data)
        elif data.startswith(b"HTTP/1.1 1"):
            self._transport.write(data)  # 100 Continue is waited for
        else:
            self._head = spelt(data, self.headers)

    def flush(self) -> None:
        """Let go of what is kept: a reply without a body is complete."""
        if self._head:
            head, self._head = self._head, None
            self._transport.write(head)

    def close(self) -> None:
        self.flush()
        self._end()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


def spelt(head: bytes, headers: Headers) -> bytes:
    """*head* with the names of *headers*, which are its first lines, as they stand there.

    b"... 200 OK\\r\\nx-id: 1\\r\\n...", [(b"X-Id", b"1")]  ->  b"... 200 OK\\r\\nX-Id: 1\\r\\n..."
    """
    lines = head.split(b"\r\n")
    for number, (name, _) in enumerate(headers, 1):
        lines[number] = name + lines[number][len(name) :]
    for number in range(len(headers) + 1, len(lines)):
        lines[number] = _OWN.get(lines[number], lines[number])
    return b"\r\n".join(lines)


_OWN = {
    b"connection: close": b"Connection: close",
    b"transfer-encoding: chunked": b"Transfer-Encoding: chunked",
}
"""What uvicorn adds."""
