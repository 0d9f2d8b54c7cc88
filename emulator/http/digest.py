"""Digest: HTTP's Digest access authentication (RFC 7616), with `qop=auth`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import unquote

ALGORITHMS: Mapping[str, str] = {
    "MD5": "md5",
    "SHA-256": "sha256",
    "SHA-512-256": "sha512_256",
    "MD5-sess": "md5",
    "SHA-256-sess": "sha256",
}
"""The algorithms by their name, and what Python calls their hash."""
NEEDED = ("realm", "nonce", "uri", "response", "nc", "cnonce")
"""What an answer to a challenge has besides the name of the user."""
_MOST = 32
_PARAMETER = re.compile(
    r"\s*+([A-Za-z][\w*.-]*+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"|([^\s,\"]++))\s*+(?:,|$)"
)
_COUNT = re.compile(r"[0-9A-Fa-f]{8}")


def read_answer(text: str) -> dict[str, str] | None:
    """The parameters of an Authorization header, after `Digest`; None: it is no answer.

    `username*` (RFC 5987) is given as `username`.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None or len(found) >= _MOST:
            return None
        name, quoted, plain = match.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
        if found.setdefault(name.lower(), value) != value:
            return None
        at = match.end()
    extended = found.pop("username*", None)
    if extended is not None:
        charset, _, rest = extended.partition("'")
        if charset.upper() != "UTF-8" or "username" in found:
            return None
        found["username"] = unquote(rest.partition("'")[2])
    whole = found.get("username") and all(found.get(name) for name in NEEDED)
    if not whole or found.get("qop") != "auth" or not _COUNT.fullmatch(found["nc"]):
        return None
    return found


def response(
    answer: Mapping[str, str], password: str, method: str, algorithm: str
) -> str:
    """What the user would answer who has this password (RFC 7616, 3.4.1)."""

    def hashed(*parts: str) -> str:
        text = ":".join(parts).encode(errors="replace")
        made = hashlib.new(ALGORITHMS[algorithm], text, usedforsecurity=False)
        return made.hexdigest()

    nonce, cnonce = answer["nonce"], answer["cnonce"]
    secret = hashed(answer["username"], answer["realm"], password)
    if algorithm.endswith("-sess"):
        secret = hashed(secret, nonce, cnonce)
    request = hashed(method, answer["uri"])
    return hashed(secret, nonce, answer["nc"], cnonce, answer["qop"], request)


def challenge(realm: str, nonce: str, algorithm: str, *, stale: bool) -> str:
    """The value of WWW-Authenticate that asks for an answer."""
    quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
    again = ", stale=true" if stale else ""
    return (
        f'Digest realm="{quoted}", qop="auth", algorithm={algorithm},'
        f' nonce="{nonce}", charset=UTF-8{again}'
    )
