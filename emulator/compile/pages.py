"""Pages: the ways in which a provider cuts a long result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.program.cursors import Carrying
from emulator.program.pages import PagePolicy
from emulator.spec.document import Pointer

STYLES = ("page", "offset", "cursor")
_PARAMETER = re.compile(r"""\bquery(?:\.(\w+)|\[\s*(['"])(.*?)\2\s*\])""")


def compile_pages(source: Source) -> dict[str, PagePolicy]:
    """What stands under `pages`."""
    pages = {}
    for pointer, written in source.entries("pages"):
        name = str(pointer[-1])
        pages[name] = PagePolicy(
            name=name,
            style=written.get("style", "page"),
            number=written.get("number", "page"),
            first=written.get("first", 1),
            size=written.get("size", "per_page") or "",
            offset=written.get("offset", "offset") or "",
            cursor=written.get("cursor", "cursor"),
            before=written.get("before", ""),
            source=written.get("in", "query"),
            default=written.get("default", 20),
            min=written.get("min", 1),
            max=written.get("max", 100),
            below_min=written.get("below_min", "clamp"),
            beyond_max=written.get("beyond_max", "clamp"),
            invalid=written.get("invalid", "default"),
            wrong_cursor=written.get("invalid", "refuse"),
            beyond_end=written.get("beyond_end", "empty"),
            at_most=source.optional((*pointer, "at_most"), source.scope_at("paginate")),
            key=written.get("key", ""),
            expires=source.duration(*pointer, "expires"),
            link_header="link_header" in written,
            links=_links(written.get("link_header", written.get("links", ()))),
            link_ends=written.get("link_ends", "elsewhere"),
            keep_query=written.get("keep_query", True),
            carries=frozenset(written.get("carries", ())),
            with_others=written.get("with_others", "allow"),
            beside=_beside(source, written),
        )
        _check_links(source, pointer, pages[name])
        if "before" in written and pages[name].before == pages[name].cursor:
            source.problem(
                (*pointer, "before"),
                "wrong-form",
                f"{name!r} goes on and back by one parameter",
                "with `before` it is the parameter that says which way a cursor leads",
                "name another parameter, or remove `before`: an opaque cursor knows itself",
            )
        low, high, default = (pages[name].min, pages[name].max, pages[name].default)
        if pages[name].size and not low <= default <= high:
            source.problem(
                pointer,
                "wrong-form",
                f"the default size {default} is not between {low} and {high}",
                "a page without a size has the default one",
                "change `default`, `min` or `max`",
                key=True,
            )
    return pages


def compile_carrying(page: PagePolicy, sort: Json) -> Carrying | None:
    """What the cursors of a list carry that is cut so, and sorted as *sort* says."""
    if not page.carries or page.style != "cursor":
        return None
    cursors = tuple(filter(None, (page.cursor, page.before)))
    sorts = frozenset(_parameters(sort))
    named = sorts if "sort" in page.carries else frozenset[str]()
    if "size" in page.carries:
        named |= {page.size}
    return Carrying(
        cursors=cursors,
        named=named,
        others="filters" in page.carries,
        apart=frozenset({*cursors, page.size, *sorts, *page.beside}),
    )


def _parameters(sort: Json) -> Iterator[str]:
    """The query parameters that choose an order."""
    written = sort if isinstance(sort, Mapping) else {}
    for key in ("by", "direction"):
        for plain, _, quoted in _PARAMETER.findall(str(written.get(key, ""))):
            yield plain or quoted


def _beside(source: Source, written: Mapping[str, Json]) -> frozenset[str]:
    """Parameters that may stand beside a cursor: those that it names, and credentials."""
    schemes = source.openapi.security_schemes.values()
    credentials = [
        scheme.parameter
        for scheme in schemes
        if scheme.where == "query" and scheme.parameter
    ]
    return frozenset([*written.get("beside", ()), *credentials])


def _links(written: Iterable[str]) -> Mapping[str, str]:
    """The relation that leads to each page: its own name, or what the spec calls it."""
    return written if isinstance(written, Mapping) else {name: name for name in written}


def _check_links(source: Source, pointer: Pointer, page: PagePolicy) -> None:
    """Report addresses that pages of this style never have."""
    if page.style != "cursor":
        return
    for key in ("links", "link_header"):
        for at, entry in source.entries(*pointer, key):
            rel = at[-1] if isinstance(at[-1], str) else entry
            if rel == "last" or (rel == "prev" and page.key and not page.before):
                source.problem(
                    at,
                    "unknown-value",
                    f"{rel!r} is not an address of {page.name!r}",
                    "a cursor never leads to the last page"
                    if rel == "last"
                    else "the value of a field says a place, and not that it leads back",
                    "remove it, or use another `style`"
                    if rel == "last"
                    else "add `before:` with the parameter that leads back, or remove it",
                    key=at[-1] == rel,
                )
