"""Parser: reads HTTP/1.1 requests from bytes, by httptools or by h11.

A parser tells a `Sink` what it reads, in order, and decides nothing. What only one of
the two lets through, its module refuses, so that both read the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from emulator.http.authority import Headers


class Refused(NamedTuple):
    """Why a request is answered by the server itself, in place of a provider."""

    status: int
    title: str
    detail: str
    fix: str = ""
    reason: str = ""
    """What the status line says, for clients that show nothing else."""


class Unreadable(Exception):
    """What comes is no request, or its sink wants no more of it.

    *refused* is None where nothing more is known than that.
    """

    def __init__(self, refused: Refused | None = None) -> None:
        super().__init__(refused)
        self.refused = refused


class Sink(Protocol):
    """Is told what a parser reads. It may raise `Unreadable`, which ends the reading."""

    def begin(self) -> None:
        """A request begins."""

    def head(
        self,
        method: bytes,
        target: bytes,
        version: str,
        headers: Headers,
        framing: Sequence[tuple[bytes, bytes]],
    ) -> None:
        """Its head is complete. Names are in lower case; *framing* has those headers of
        `FRAMING`."""

    def body(self, data: bytes) -> None:
        """A part of its body has come."""

    def complete(self) -> None:
        """It is complete with its body."""

    def switch(self, rest: bytes) -> None:
        """It was a CONNECT that was not refused: what comes now is no HTTP of ours, *rest*
        of what has come included. The parser is fed no more."""


class Parser(Protocol):
    """Reads one request after the other."""

    announced: int
    """Bytes that the chunk which is being received says are still to come."""

    def feed(self, data: bytes) -> None:
        """Read *data*. Raises `Unreadable`."""

    def close(self) -> None:
        """Read nothing more, and refer to nothing that would wait for the collector."""


FRAMING = frozenset(
    (b"host", b"connection", b"content-length", b"transfer-encoding", b"expect")
)
"""Headers that say how a request is to be read and answered."""

MALFORMED = Refused(400, "malformed request", "what came is not HTTP/1.1")
CODED = Refused(
    501, "transfer coding", "the only transfer coding that is spoken here is chunked"
)

_CODINGS = re.compile(rb"(?im)^transfer-encoding:(.*?)\r?$")


class ParserMaker(Protocol):
    """Makes the parser of one connection."""

    def __call__(self, sink: Sink, max_headers: int) -> Parser: ...


def coding_refused(head: bytes) -> Refused:
    """Why the body behind *head*, which names a transfer coding, is not read: it is coded
    and then cut into chunks, or nobody knows where it ends (RFC 9112, 6.1 and 6.3).

    b"Transfer-Encoding: gzip, chunked"  ->  CODED
    b"Transfer-Encoding: chunked, gzip"  ->  MALFORMED
    """
    *others, last = b",".join(_CODINGS.findall(head)).lower().split(b",")
    coded = last.strip() == b"chunked" and b"chunked" not in [
        coding.strip() for coding in others
    ]
    return CODED if coded else MALFORMED
