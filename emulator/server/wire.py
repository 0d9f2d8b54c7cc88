"""Wire: a reply and its faults, as what a connection sends, waits for, and how it ends.

Nothing is performed here. A socket's driver and the client of an interception perform
the same list, so both ways show the same bytes. What goes wrong inside a reply is no
matter of the wire: `steps/spoil.py` has changed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from emulator.exchange.call import Reply
from emulator.server.reply_bytes import PADDING, head_and_body, sendable, status_line

_TICK = 0.05
"""Seconds between two pieces of a dribbled body."""


class Ending(Enum):
    """How a connection ends."""

    RESET = "reset"
    CLOSE = "close"
    TUNNEL = "tunnel"
    """For HTTP: what comes now belongs to a tunnel."""


Output = bytes | float | Ending
"""What a server does next: send bytes, wait some seconds, or end the connection."""

BREAKING = ("reset", "empty", "garbage", "malformed", "truncate")
"""Faults that break HTTP itself, the first that there is before the others."""
_FRAMING = frozenset(("content-length", "transfer-encoding", "connection"))
_GARBAGE = bytes(range(255, 127, -1)) + b" is no HTTP\r\n\r\n"
"""What no parser takes for the beginning of a reply."""


def outputs(reply: Reply, method: str, *, closes: bool) -> list[Output]:
    """What becomes of *reply* on a connection that *closes* after it: delays come first.

    Raises `UnsendableReply`.
    """
    head, body, closes = head_and_body(reply, method, closes=closes)
    seconds = delay(reply)
    before: list[Output] = [seconds] if seconds > 0 else []
    broken = next((kind for kind in BREAKING if _amount(reply, kind) is not None), "")
    if broken == "reset":
        return [*before, Ending.RESET]
    if broken == "empty":
        return [*before, Ending.CLOSE]
    if broken == "garbage":
        return [*before, _GARBAGE, Ending.CLOSE]
    if broken == "malformed":
        return [*before, _malformed(reply, body), Ending.CLOSE]
    if broken == "truncate":
        body = body[: _left(reply, body)]
    chunked = reply.parts is not None and method != "HEAD"
    sent = [*_sent(head, pieces(reply, body), chunked=chunked, whole=not broken)]
    closing = [Ending.CLOSE] if closes or broken else []
    return [*before, *sent, *closing]


def _sent(
    head: bytes, parts: Iterable[bytes | float], *, chunked: bool, whole: bool
) -> Iterator[bytes | float]:
    """The head and the *parts* of a body, with what is sent at one time in one piece."""
    together = [head]
    for part in parts:
        if isinstance(part, float):
            yield b"".join(together)
            yield part
            together = []
        else:
            together.append(_chunk(part) if chunked else part)
    if chunked and whole:
        together.append(b"0\r\n\r\n")
    yield b"".join(together)


def _chunk(data: bytes) -> bytes:
    """*data* as a chunk (RFC 9112, 7.1); one without any would be the last."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def delay(reply: Reply) -> float:
    """The seconds before anything is sent."""
    return sum(fault.amount for fault in reply.faults if fault.kind == "delay")


def pieces(reply: Reply, body: bytes) -> Iterator[bytes | float]:
    """*body* in pieces, with the seconds between them where it is dribbled, or a stream:
    the first piece comes at once, and the last when they are over."""
    seconds = _amount(reply, "dribble")
    if seconds is None:
        yield from _items(reply, body) if reply.parts else (body,)
        return
    count = max(1, min(len(body), round(seconds / _TICK)))
    gap = seconds / max(1, count - 1)
    for number in range(count):
        if gap > 0 and (number > 0 or count == 1):
            yield gap
        yield body[len(body) * number // count : len(body) * (number + 1) // count]


def _items(reply: Reply, body: bytes) -> Iterator[bytes | float]:
    """What of *body* there is of each item of a stream."""
    start = 0
    for size in reply.parts or ():
        if start and start < len(body) and reply.every > 0:
            yield reply.every
        if start < len(body) or not start:
            yield body[start : start + size]
        start += size


def _left(reply: Reply, body: bytes) -> int:
    """How much of *body* is sent before it is cut off; of a stream, whole items."""
    fault = [fault for fault in reply.faults if fault.kind == "truncate"][-1]
    if not reply.parts:
        return _cut(len(body), 1.0 if fault.name else fault.amount)
    count = fault.amount if fault.name else len(reply.parts) * fault.amount
    return min(len(body), sum(reply.parts[: int(count)]))


def _amount(reply: Reply, kind: str) -> float | None:
    """How much there is of a fault; the last of several counts. None: there is none."""
    amounts = [fault.amount for fault in reply.faults if fault.kind == kind]
    return amounts[-1] if amounts else None


def _cut(length: int, share: float) -> int:
    """How much of a body is sent: never all of it."""
    return max(0, min(int(length * share), length - 1))


def _malformed(reply: Reply, body: bytes) -> bytes:
    """Promise a chunked body, and break the promise at its second chunk."""
    lines = "".join(
        f"{name}: {value.strip(PADDING)}\r\n"
        for name, value in sendable(reply)[0]
        if name.lower() not in _FRAMING
    )
    framing = "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    head = f"{status_line(reply.status)}{lines}{framing}".encode("latin-1")
    first = body[: max(1, len(body) // 2)] or b"?"
    good = b"%x\r\n" % len(first) + first + b"\r\n"
    return head + good + b"not-a-length\r\n" + body[len(first) :]
