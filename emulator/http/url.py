"""Target: where a webhook goes: a URL, taken apart."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2_048


class Denied(Exception):
    """A target that nothing is sent to; says why."""


class Target(NamedTuple):
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    authority: str
    """What the Host header says."""
    path: str
    """With the query."""


def host_name(text: str) -> str:
    """A host's name or address as names are compared (RFC 9110, 4.2.3; RFC 1034, 3.1).

    "Api.Example.com."  ->  "api.example.com"
    "[::1]"             ->  "::1"
    """
    return text.lower().strip("[]").removesuffix(".")


def read_target(url: str) -> Target:
    """Take *url* apart. Raises `Denied` for one that cannot be posted to."""
    if len(url) > _LONGEST or not all("!" <= letter <= "~" for letter in url):
        raise Denied(f"an address has up to {_LONGEST} printable ASCII characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Denied(f"{url!r} is not an address: {error}") from None
    if parts.scheme not in _PORTS:
        raise Denied(f"{url!r} is not an address of http or https")
    if not parts.hostname or "@" in parts.netloc or port == 0:
        raise Denied(f"{url!r} is not an address of a host and a port, without a user")
    return Target(
        parts.scheme,
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.netloc,
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
