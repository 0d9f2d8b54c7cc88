"""Pages: the ways in which a provider cuts a long result."""

from __future__ import annotations

from emulator.compile.source import Source
from emulator.program.pages import PagePolicy

STYLES = ("page", "offset", "cursor")


def compile_pages(source: Source) -> dict[str, PagePolicy]:
    """What stands under `pages`."""
    pages = {}
    for pointer, written in source.entries("pages"):
        name = str(pointer[-1])
        pages[name] = PagePolicy(
            name=name,
            style=written.get("style", "page"),
            number=written.get("number", "page"),
            size=written.get("size", "per_page"),
            offset=written.get("offset", "offset"),
            cursor=written.get("cursor", "cursor"),
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
            links=tuple(
                written.get(
                    "link_header",
                    written.get("links", ()),
                )
            ),
            keep_query=written.get("keep_query", True),
        )
        for at in ("links", "link_header"):
            for index, rel in enumerate(written.get(at, ())):
                if pages[name].style == "cursor" and rel in ("prev", "last"):
                    source.problem(
                        (*pointer, at, index),
                        "unknown-value",
                        f"{rel!r} is not an address of {name!r}",
                        "a cursor leads onwards: its pages know the `next` and the `first`",
                        "remove it, or use another `style`",
                    )
        low, high, default = (pages[name].min, pages[name].max, pages[name].default)
        if not low <= default <= high:
            source.problem(
                pointer,
                "wrong-form",
                f"the default size {default} is not between {low} and {high}",
                "a page without a size has the default one",
                "change `default`, `min` or `max`",
                key=True,
            )
    return pages
