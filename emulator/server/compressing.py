"""Compressing: large replies of the emulator's own addresses, for who takes gzip.

What the console asks of a provider of a thousand operations is 400 kB, and a tenth of
that compressed. Replies of providers are never changed.
"""

from __future__ import annotations

import zlib

from emulator.server.reply_bytes import Headers

LEAST_FILE = 1_024
"""Bytes from which on a file of the console is compressed."""
LEAST = 16_384
"""Those of a reply of the admin API: programs gain nothing by less on one machine."""
_MOST = 8 * 1024 * 1024
"""A larger one would keep others waiting."""
_GZIP = 16 + zlib.MAX_WBITS


def compressed(
    headers: Headers, body: bytes, accepted: str, least: int
) -> tuple[Headers, bytes]:
    """A reply as it is sent to who takes the codings that are *accepted*.

    *body* is that of a GET for a HEAD too, which is told the headers of a GET (RFC 9110,
    9.3.2).
    """
    if not least <= len(body) <= _MOST:
        return headers, body
    kept = [line for line in headers if line[0] != b"Content-Length"]
    kept.append((b"Vary", b"Accept-Encoding"))
    if takes_gzip(accepted):
        coder = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        body = coder.compress(body) + coder.flush()
        kept.append((b"Content-Encoding", b"gzip"))
    return [*kept, (b"Content-Length", b"%d" % len(body))], body


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding says that gzip is taken (RFC 9110, 12.5.3)."""
    for part in accepted.lower().split(","):
        coding, *parameters = (word.strip() for word in part.split(";"))
        if coding in ("gzip", "x-gzip"):
            weight = "".join(parameters).removeprefix("q=").strip()
            return not weight or weight.strip("0.") != ""
    return False
