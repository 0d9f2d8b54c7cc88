"""Pages: the ways in which a provider cuts a long result."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.language.templates import Template
from emulator.values import value


@value
class PagePolicy:
    """One way of cutting a result into pages."""

    name: str
    style: str
    number: str
    """The query parameter (or body field) with the page's number."""
    first: int
    """The number of the first page."""
    size: str
    """The parameter with the size of a page; empty: all pages have the *default* one."""
    offset: str
    cursor: str
    before: str
    """The parameter with a cursor that leads back; empty: a cursor knows where it leads."""
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
    links: Mapping[str, str]
    """Which of `first`, `prev`, `self`, `next` and `last` have addresses, and the name of
    each relation in a Link header."""
    link_ends: str
    """Links to the first and the last page: `elsewhere`, from the others; or `always`."""
    keep_query: bool
    """Whether those addresses repeat the other query parameters, but for carried ones."""
    carries: frozenset[str] = frozenset()
    """What of a query an opaque cursor carries: `filters`, `sort`, `size`."""
    with_others: str = "allow"
    """What other parameters get beside a cursor: `allow` or `refuse`."""
    beside: frozenset[str] = frozenset()
    """Parameters that may stand beside a cursor all the same, and differ."""
