"""Reply bytes: a reply as HTTP/1.1 writes it, and as ASGI takes it.

Names of headers are sent as they are spelt. What HTTP cannot carry is refused here, for
every way out: a server would drop the connection for it without a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus

from emulator.exchange.call import Reply

Headers = list[tuple[bytes, bytes]]

PADDING = " \t"
"""What is no part of a header's value in front of it and behind (RFC 9110, 5.5)."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = frozenset(("content-length", "transfer-encoding"))
"""Headers that the server itself decides."""
BODILESS = (204, 304)
"""Statuses of replies without a body."""
_REMEMBERED = 1_000


class UnsendableReply(ValueError):
    """A reply that HTTP cannot carry: a bug of ours or of a spec."""


def encode(reply: Reply, method: str) -> tuple[Headers, bytes]:
    """*reply* as ASGI takes it: its header list and its body.

    Raises `UnsendableReply`.
    """
    pairs, _ = sendable(reply)
    headers = [
        (name.encode(), value.strip(PADDING).encode("latin-1")) for name, value in pairs
    ]
    if reply.status in BODILESS:
        return headers, b""
    if reply.parts is None:  # a stream is as long as it turns out to be
        headers.append((b"Content-Length", b"%d" % len(reply.body)))
    return headers, b"" if method == "HEAD" else reply.body


def head_and_body(
    reply: Reply, method: str, *, closes: bool
) -> tuple[bytes, bytes, bool]:
    """*reply* as bytes of a connection that *closes* after it or goes on; whether it is
    to close, which a header of the reply may ask for.

    Raises `UnsendableReply`.
    """
    status, body = reply.status, reply.body
    lines, says_close = _plain_lines(reply.headers), False
    if lines is None or not 200 <= status < 600:
        pairs, says_close = sendable(reply)
        lines = "".join(
            [f"{name}: {value.strip(PADDING)}\r\n" for name, value in pairs]
        )
    end = "Connection: close\r\n\r\n" if closes and not says_close else "\r\n"
    if status in BODILESS:
        length, body = "", b""
    elif reply.parts is None:
        length = f"Content-Length: {len(body)}\r\n"
    else:
        length = "Transfer-Encoding: chunked\r\n"
    first = _status_lines.get(status) or status_line(status)
    head = f"{first}{lines}{length}{end}".encode("latin-1")
    return head, b"" if method == "HEAD" else body, closes or says_close


def _plain_lines(headers: Sequence[tuple[str, str]]) -> str | None:
    """*headers* as they are sent, where there is nothing to be refused of any of them or
    to be taken off; None: there may be.

    A header that has the value that it had in the reply before is not looked at again.
    """
    text = ""
    for name, value in headers:
        known = _plain.get(name)
        if known is None:
            return None
        if known[0] != value:
            plain = value.isascii() and value.isprintable() and value == value.strip()
            if not plain:
                return None
            known = _plain[name] = value, f"{name}: {value}\r\n"
        text += known[1]
    return text


def sendable(reply: Reply) -> tuple[Sequence[tuple[str, str]], bool]:
    """The headers of *reply* that are its own to decide; whether they end the connection.

    Raises `UnsendableReply`.
    """
    if not 200 <= reply.status < 600:
        raise UnsendableReply(f"{reply.status} is not the status of a final reply")
    for name, value in reply.headers:
        if name not in _plain or not (value.isascii() and value.isprintable()):
            return _examined(reply.headers)
    return reply.headers, False


def status_line(status: int) -> str:
    """404  ->  "HTTP/1.1 404 Not Found\\r\\n"."""
    line = _status_lines.get(status)
    if line is None:
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = ""
        line = _status_lines[status] = f"HTTP/1.1 {status} {phrase}\r\n"
    return line


_status_lines: dict[int, str] = {}
_plain: dict[str, tuple[str, str]] = {}
"""Names of headers that were examined, and need not be again; with the value that was
sent last, and its line."""


def _examined(
    headers: Sequence[tuple[str, str]],
) -> tuple[Sequence[tuple[str, str]], bool]:
    """See `sendable`."""
    pairs, says_close = [], False
    for name, value in headers:
        _check(name, value)
        lowered = name.lower()
        if lowered in _FRAMING:
            continue
        if lowered == "connection":
            options = (option.strip() for option in value.lower().split(","))
            says_close = says_close or "close" in options
        else:
            if len(_plain) >= _REMEMBERED:
                _plain.clear()
            _plain[name] = "", f"{name}: \r\n"
        pairs.append((name, value))
    return pairs, says_close


def _check(name: str, value: str) -> None:
    if not _TOKEN.fullmatch(name):
        raise UnsendableReply(f"{name!r} is not the name of a header")
    if _FORBIDDEN.search(value):
        raise UnsendableReply(f"the header {name} has a control character: {value!r}")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise UnsendableReply(
            f"the header {name} has a character outside Latin-1: {value!r}"
        ) from None
