"""Bodies: a request's body is read up to a limit, and all of what was announced or none."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.call import Reply
from emulator.http.problem import problem

if TYPE_CHECKING:
    from starlette.types import Receive

    from emulator.server.wire import Connection

_DRAINED = 8 * 1_048_576
_DRAINING = 2.0
"""How many bytes of a body that is too long are read, and for how many seconds, so
that a client that sends all before it reads finds the answer."""


_CODINGS = re.compile(rb"(?im)^transfer-encoding:(.*?)\r?$")


class Body(NamedTuple):
    """What was read of a body."""

    read: bytes
    whole: bool
    """False: it is longer than is taken, and *read* is empty."""
    more: bool
    """Something may still come."""


class ClientGone(Exception):
    """The client has not stayed to the end of the body."""


class CutShort(Exception):
    """Something between the client and here has lost a part of the body."""

    def __init__(self, announced: int, came: int) -> None:
        super().__init__(f"{announced} bytes are announced, and {came} came")

    def reply(self) -> Reply:
        return problem(
            400,
            "body cut short",
            f"the request's Content-Length is not its body's: {self}",
        )


async def read_body(
    length: str, most: int, receive: Receive, connection: Connection | None
) -> Body:
    """Read a body of at most *most* bytes; *length* is its Content-Length, if it has one.

    Raises `ClientGone` and `CutShort`.
    """
    announced = None
    if length.isdecimal():
        announced = int(length) if len(length) <= 15 else most + 1
        if announced > most:
            return Body(b"", False, True)
        if announced == 0:
            return Body(b"", True, True)
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= most:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if more and connection is not None and size + connection.announced > most:
            return Body(b"", False, True)
    if size > most:
        return Body(b"", False, more)
    if announced is not None and size != announced:
        raise CutShort(announced, size)
    return Body(b"".join(parts), True, more)


async def drain(receive: Receive) -> None:
    """Read on for a while, so that the client gets to reading."""
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


def is_coded(head: bytes) -> bool:
    """Whether the body behind *head* is coded, and then cut into chunks (RFC 9112, 6.1).

    b"Transfer-Encoding: gzip, chunked"  ->  True
    b"Transfer-Encoding: chunked, gzip"  ->  False: nobody knows where it ends (6.3)
    """
    *others, last = b",".join(_CODINGS.findall(head)).lower().split(b",")
    return last.strip() == b"chunked" and b"chunked" not in [
        one.strip() for one in others
    ]
