"""ASGI messages: reads the body of a request, up to a limit, and sends a response."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.exchange.call import Reply
from emulator.exchange.problems import problem

if TYPE_CHECKING:
    from starlette.types import Receive, Send

    from emulator.server.reply_bytes import Headers

_DRAINED = 8 * 1_048_576
_DRAINING = 2.0
"""How many bytes of a body that is too long are read, and for how many seconds, so
that a client that sends its whole request before it reads gets the answer."""


class Body(NamedTuple):
    """The bytes that were read of a body."""

    read: bytes
    whole: bool
    """False: it is longer than the limit, and *read* is empty."""


class ClientGone(Exception):
    """The client has gone before the end of the body."""


class CutShort(Exception):
    """Fewer or more bytes came than the Content-Length announces."""

    def __init__(self, announced: int, came: int) -> None:
        super().__init__(f"{announced} bytes are announced, and {came} came")

    def reply(self) -> Reply:
        return problem(
            400,
            "body cut short",
            f"the request's Content-Length is not its body's: {self}",
        )


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether a request with *headers* has a body, which may be empty."""
    return "content-length" in headers or "transfer-encoding" in headers


async def read_body(headers: Mapping[str, str], limit: int, receive: Receive) -> Body:
    """Read the body of a request with *headers*, if it is of at most *limit* bytes.

    Raises `ClientGone` and `CutShort`.
    """
    if not has_body(headers):
        return Body(b"", True)
    length, announced = headers.get("content-length", ""), None
    if length.isdecimal():
        announced = int(length) if len(length) <= 15 else limit + 1
        if announced > limit:
            return Body(b"", False)
        if announced == 0:
            return Body(b"", True)
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= limit:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    if size > limit:
        return Body(b"", False)
    if announced is not None and size != announced:
        raise CutShort(announced, size)
    return Body(b"".join(parts), True)


async def send_start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def send_body(send: Send, body: bytes, *, more: bool = False) -> None:
    """Send *body*, or a part of it that *more* parts follow."""
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def drain(receive: Receive) -> None:
    """Read and drop the rest of a body for a while, so that its client comes to read."""
    size = 0
    try:
        async with asyncio.timeout(_DRAINING):
            message: Any = await receive()
            while message["type"] == "http.request" and message.get("more_body"):
                size += len(message.get("body", b""))
                if size > _DRAINED:
                    return
                message = await receive()
    except TimeoutError:
        return
