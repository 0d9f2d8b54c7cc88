"""Heads: what the headers of requests say, and which of them a connection has read before.

A client mostly sends the same headers with all its requests, byte for byte. A connection
reads them once. When they come again with a whole request, only the request line is read.
A client that speaks for a thousand users sends a thousand of them by turns, so what a
connection remembers is bounded by bytes, most of which all connections share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.exchange.call import Call
from emulator.http.authority import Headers
from emulator.server.parser import MALFORMED, Refused

_OWN = 32_768
"""Bytes that every connection may remember."""
_SHARED = 8 * 1_048_576
"""Bytes that all of them may remember besides."""
_SHORT = 2_000
"""Bytes of a head that is remembered."""
_HEAD = 1_500
"""About how many bytes it takes that says nothing."""
_LINE = 300
"""The same of each of its headers."""
_CALL = 600
"""The same of a call."""
_WIDE = 4
"""The most that a byte of either takes: with what is read of it, and its parts as texts."""
WHOLE = 65_536
"""Bytes of a request that is looked at whole: a longer one would be copied for nothing."""
_REQUEST_LINE = re.compile(
    rb"(DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) (/[!\"$-~]*) HTTP/1\.1"
)
"""What all parsers take for the same request; the others are left to them."""


class Head:
    """What the headers of a request say of how it is read and answered.

    The calls that have them share what is read of them.
    """

    __slots__ = (
        *("call", "expects", "has_body", "keeps", "length", "line", "lines"),
        *("refused", "repeatable", "version"),
    )

    def __init__(
        self, version: str, lines: Headers, framing: Sequence[tuple[bytes, bytes]]
    ) -> None:
        hosts, length, coded, keeps, expects = 0, b"", False, version == "1.1", False
        for name, value in framing:
            if name == b"host":
                hosts += 1
            elif name == b"connection":
                keeps = keeps and not closes(value)
            elif name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                coded = True
            else:
                expects = value.lower() == b"100-continue" and version == "1.1"
        self.version = version
        self.lines = lines
        self.has_body = coded or length.strip(b"0") != b""
        self.length = 0 if coded or not length else int(length)
        """How many bytes the body has; 0 where nobody says, too."""
        self.keeps = keeps
        """The client may send another request after it."""
        self.expects = expects
        """The client waits for leave to send the body."""
        self.refused = _unfit(version, hosts)
        if coded and length and self.refused is None:
            both = "the request has both Content-Length and Transfer-Encoding"
            self.refused = malformed(both)
        self.repeatable = keeps and not (coded or expects or self.refused)
        """A request that has them is read in the same way when they come again."""
        self.call: Call | None = None
        """The latest call that had them, where they were not refused."""
        self.line = b""
        """The request line of that call, where it is known."""


class Room:
    """The bytes that are left for the heads of all connections of a server."""

    def __init__(self, left: int = _SHARED) -> None:
        self.left = left


class Heads:
    """The heads that a connection remembers, by their bytes below the request line."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = self._shared = 0
        """How many bytes are remembered, and how many of them in shared room."""
        self._known: dict[bytes, Head] = {}
        self.calls: dict[bytes, Call] = {}
        """The calls of whole requests without a body that came twice in a row, which is
        all that is to be read when the same bytes come again."""

    def forget(self) -> None:
        self._known.clear()
        self.calls.clear()
        self._room.left += self._shared
        self._held = self._shared = 0

    def _hold(self, size: int) -> None:
        """Remember so many bytes more, if need be in the place of all others."""
        if self._held + size > _OWN:
            if self._room.left >= size:
                self._room.left -= size
                self._shared += size
            else:
                self.forget()
        self._held += size

    def remember_call(self, data: bytes, call: Call) -> None:
        """Remember the *call* of the whole request *data*, which `read` has read."""
        self._hold(_CALL + _WIDE * len(data))
        self.calls[data] = call

    def read(self, data: bytes) -> tuple[Head, bytes, bytes] | None:
        """The head of a request, its request line and its body, where *data* is a whole
        one with headers that are known."""
        line, _, rest = data.partition(b"\r\n")
        lines, end, body = rest.partition(b"\r\n\r\n")
        head = self._known.get(lines)
        if head is None or not end or len(body) != head.length:
            return None
        if line != head.line and _REQUEST_LINE.fullmatch(line) is None:
            return None
        return head, line, body

    def remember(self, data: bytes, head: Head) -> None:
        """Remember *head* where *data* is the whole request that has it, and no more."""
        line, _, rest = data.partition(b"\r\n")
        lines, end, body = rest.partition(b"\r\n\r\n")
        if (
            head.repeatable
            and end
            and len(lines) <= _SHORT
            and len(body) == head.length
            and _REQUEST_LINE.fullmatch(line)
        ):
            size = _HEAD + _LINE * len(head.lines) + _WIDE * len(lines)
            self._hold(size)
            self._known[lines] = head
            head.line = line


def malformed(detail: str) -> Refused:
    return MALFORMED._replace(detail=detail)


def closes(value: bytes) -> bool:
    """Whether a Connection header says that this request or reply is the last."""
    options = value.lower().split(b",")
    return b"close" in [option.strip() for option in options]


def _unfit(version: str, hosts: int) -> Refused | None:
    """Why nobody answers a request of this *version*, with so many *hosts*, if so."""
    if version == "0.9":  # a request line without a version
        return MALFORMED
    if version not in ("1.1", "1.0"):
        return Refused(505, "HTTP version", f"HTTP/{version} is not spoken here")
    if hosts > 1 or (hosts == 0 and version == "1.1"):
        count = "no Host header" if hosts == 0 else f"{hosts} Host headers"
        return malformed(f"the request has {count}")
    return None
