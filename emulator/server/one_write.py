"""One write: the head of a reply leaves together with the beginning of its body.

uvicorn writes the head of a reply when the application starts it, and the body when
that comes: two system calls, and two packets that wake the client twice. What a reply
writes here first is kept until more comes, or until the reply is complete.
"""

from __future__ import annotations

from asyncio import Transport


class OneWrite:
    """A transport for one reply, in front of that of the connection."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
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
            self._head = data

    def flush(self) -> None:
        """Let go of what is kept: a reply without a body is complete."""
        if self._head:
            head, self._head = self._head, None
            self._transport.write(head)

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()
