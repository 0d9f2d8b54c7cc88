"""Target: what a request line and a Host header name, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from emulator.http.url import host_name

Headers = list[tuple[bytes, bytes]]

SPACE = b" \t"
"""What is no part of a header's value in front of it and behind (RFC 9110, 5.5)."""
_AUTHORITY = re.compile(
    r"(?P<name>[A-Za-z0-9_.~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{0,5}))?"
)
"""RFC 3986, 3.2.2, without userinfo: a name, an IPv4 or a bracketed IPv6 address."""


def origin_form(target: bytes) -> tuple[bytes, bytes | None]:
    """Turn a request target into what follows the authority, and the authority.

    b"/books?page=2"                     ->  b"/books?page=2", None
    b"http://api.example.com/books"      ->  b"/books", b"api.example.com"
    b"http://api.example.com?page=2"    ->  b"/?page=2", b"api.example.com"
    b"*"                                ->  b"/", None
    b"http:///books"                     ->  b"/", None: RFC 9110, 4.2.1 has it invalid
    """
    if target.startswith(b"/"):
        return target, None
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        return b"/", None
    end = min(
        (at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest)
    )
    path, authority = rest[end:], rest[:end].rpartition(b"@")[2]
    if not authority:
        return b"/", None
    if not path.startswith(b"/"):
        path = b"/" + path
    return path, authority


def with_host(headers: Iterable[tuple[bytes, bytes]], host: bytes) -> Headers:
    """*headers* with *host* as the one Host (RFC 9112, 3.2.2: absolute form wins)."""
    return [
        (b"host", host),
        *((name, value) for name, value in headers if name != b"host"),
    ]


def split_authority(text: str) -> tuple[str, str] | None:
    """The name in lower case without brackets, and the port or ""; None if malformed."""
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    return host_name(match["name"]), match["port"] or ""


def is_loopback(name: str) -> bool:
    """Whether a host name or an address can only mean this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True  # RFC 6761, 6.3
    if ":" in name or name[:1].isdigit():
        from ipaddress import ip_address

        try:
            address = ip_address(name)
        except ValueError:
            return False
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    return False
