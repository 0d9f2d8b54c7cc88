"""Cookies: the names and texts of a Cookie header (RFC 6265, 4.2.1)."""

from __future__ import annotations

from collections.abc import Iterator


def cookie_pairs(header: str) -> Iterator[tuple[str, str]]:
    """What a Cookie header has; what stands there without `=` is no cookie.

    "sid=1; theme=\"dark\"; x"  ->  ("sid", "1"), ("theme", "\"dark\"")
    """
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            yield name, value
