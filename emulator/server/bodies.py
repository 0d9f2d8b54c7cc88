"""Bodies: a body is read from ASGI up to a limit, and all that was announced or none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.call import Reply
from emulator.problems import problem

if TYPE_CHECKING:
    from starlette.types import Receive

_DRAINED = 8 * 1_048_576
_DRAINING = 2.0
"""How many bytes of a body that is too long are read, and for how many seconds, so
that a client that sends all before it reads finds the answer."""


class Body(NamedTuple):
    """What was read of a body."""

    read: bytes
    whole: bool
    """False: it is longer than is taken, and *read* is empty."""


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


async def read_body(length: str, most: int, receive: Receive) -> Body:
    """Read a body of at most *most* bytes; *length* is its Content-Length, if it has one.

    Raises `ClientGone` and `CutShort`.
    """
    announced = None
    if length.isdecimal():
        announced = int(length) if len(length) <= 15 else most + 1
        if announced > most:
            return Body(b"", False)
        if announced == 0:
            return Body(b"", True)
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= most:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    if size > most:
        return Body(b"", False)
    if announced is not None and size != announced:
        raise CutShort(announced, size)
    return Body(b"".join(parts), True)


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
