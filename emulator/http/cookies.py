"""Cookies: a Cookie header, read and written (RFC 6265, 4.2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def cookie_pairs(header: str) -> Iterator[tuple[str, str]]:
    """What a Cookie header has; what stands there without `=` is no cookie.

    "sid=1; theme=\"dark\"; x"  ->  ("sid", "1"), ("theme", "\"dark\"")
    """
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            yield name, value


def cookie_header(cookies: Iterable[tuple[str, str]]) -> str:
    """The Cookie header that has *cookies*: "sid=1; theme=dark"."""
    return "; ".join(f"{name}={text}" for name, text in cookies)
