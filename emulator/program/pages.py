"""Pages: the ways in which a provider cuts a long result."""

from __future__ import annotations

from emulator.language.templates import Template
from emulator.values import value


@value
class PagePolicy:
    """One way of cutting a result into pages."""

    name: str
    style: str
    number: str
    """The query parameter (or body field) with the page's number, from 1."""
    size: str
    offset: str
    cursor: str
    source: str
    """Where those parameters stand: `query` or `body`."""
    default: int
    min: int
    max: int
    below_min: str
    """`clamp`, `default` or `refuse`; the same for *beyond_max* and *invalid*."""
    beyond_max: str
    invalid: str
    wrong_cursor: str
    """What a cursor gets that leads nowhere: `refuse`, or `default`: the first page."""
    beyond_end: str
    """A page after the last: `empty` or `refuse`."""
    at_most: Template | None
    """How many records this caller is given now, whatever the size; null: all."""
    key: str
    """The field that a meaningful cursor is the value of; empty: cursors are opaque."""
    expires: int
    """Microseconds after which an opaque cursor is refused; 0: never."""
    link_header: bool
    links: tuple[str, ...]
    """Which of `first`, `prev`, `next` and `last` have addresses."""
    keep_query: bool
    """Whether those addresses repeat the other query parameters."""
