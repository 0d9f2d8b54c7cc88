"""Query: the names and texts of a query string."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote_plus

MAX_QUERY_PARAMETERS = 1_000


class MalformedQuery(ValueError):
    """A query string that cannot be read."""


def read_query(query: bytes) -> dict[str, list[str]]:
    """The names and texts of a query string. Raises `MalformedQuery`.

    b"page=2&tag=a&tag=b"  ->  {"page": ["2"], "tag": ["a", "b"]}
    """
    if query.count(b"&") >= MAX_QUERY_PARAMETERS:
        raise MalformedQuery(f"it has more than {MAX_QUERY_PARAMETERS} parameters")
    values: dict[str, list[str]] = {}
    try:
        text = query.decode("ascii")
    except UnicodeDecodeError:
        raise MalformedQuery("it has bytes that are not ASCII") from None
    for part in text.split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        if "%" in part or "+" in part:
            try:
                name = unquote_plus(name, errors="strict")
                value = unquote_plus(value, errors="strict")
            except UnicodeDecodeError:
                raise MalformedQuery("it is not UTF-8") from None
        values.setdefault(name, []).append(value)
    return values


def query_pairs(query: bytes) -> list[tuple[str, str]]:
    """The same as pairs in their order, as far as it can be read: to show what was sent."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)
