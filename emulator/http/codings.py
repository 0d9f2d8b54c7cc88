"""Codings: a request body as it was before its sender compressed it (RFC 9110, 8.4).

What comes out is bounded: of a body that grows beyond the limit, no more is made than
shows that it does.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

KNOWN = ("gzip", "deflate")
"""The codings that are decoded, as Accept-Encoding names them."""
_MOST = 4
"""More codings than that, one inside the other, are nobody's way to send a body."""


class UnknownCoding(ValueError):
    """A coding that is not decoded here; its text is the coding."""


class BrokenCoding(ValueError):
    """The body is not what its coding makes."""


class TooLong(ValueError):
    """What comes out is longer than is taken."""


def decoded(body: bytes, content_encoding: str, most: int) -> bytes:
    """*body* without its codings, the last of which was put on last.

    Raises `UnknownCoding`, `BrokenCoding`, and `TooLong` above *most* bytes.
    """
    # RFC 9110 (8.4.1.3): a name with x- before it is the same coding's older one.
    named = [
        part.strip().lower().removeprefix("x-") for part in content_encoding.split(",")
    ]
    codings = [token for token in named if token not in ("", "identity")]
    for coding in codings:
        if coding not in _DECODERS:
            raise UnknownCoding(coding[:60])
    if len(codings) > _MOST:
        raise BrokenCoding(f"it has more than {_MOST} codings")
    for coding in reversed(codings if body else ()):
        try:
            body = _DECODERS[coding](body, most)
        except (OSError, EOFError, zlib.error):
            raise BrokenCoding(
                f"it is not {coding}, as Content-Encoding says"
            ) from None
        if len(body) > most:
            raise TooLong
    return body


def _gunzip(body: bytes, most: int) -> bytes:
    import gzip  # only for those who compress

    return gzip.GzipFile(fileobj=BytesIO(body)).read(most + 1)


def _inflate(body: bytes, most: int) -> bytes:
    """RFC 9110 (8.4.1.2): zlib's format; some clients leave its frame out."""
    try:
        return _inflated(body, most, zlib.MAX_WBITS)
    except zlib.error:
        return _inflated(body, most, -zlib.MAX_WBITS)


def _inflated(body: bytes, most: int, window: int) -> bytes:
    inflating = zlib.decompressobj(window)
    inflated = inflating.decompress(body, most + 1)
    if len(inflated) <= most and (not inflating.eof or inflating.unused_data):
        raise zlib.error("it has no end, or something behind it")
    return inflated


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "deflate": _inflate,
}
