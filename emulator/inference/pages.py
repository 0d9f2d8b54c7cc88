"""Pages: how lists are divided, by the names of their parameters."""

from __future__ import annotations

from emulator.inference.collections import lists_of
from emulator.inference.draft import HIGH, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.messages import success
from emulator.inference.names import member_like, snake
from emulator.inference.records import records_of
from emulator.inference.resources import Resource
from emulator.inference.shapes import Shape, walk
from emulator.inference.things import list_in
from emulator.json_type import Json
from emulator.spec.description import OperationDoc, Parameter

KIND = Kind(
    "pages",
    "query parameters of a list that are called `page` and `per_page`, `offset` and `limit`,"
    " `cursor`, `after`, `starting_after`, `page_token`, ..., and their bounds",
    "an entry of `pages`, and `list.page`",
)
_NUMBERS = (
    "page",
    "page_number",
    "page_no",
    "page_num",
    "p",
    "page_index",
    "current_page",
)
_SIZES = ("per_page", "page_size", "limit", "size", "count", "max_results", "page_limit", "pagelen",
          "results_per_page", "first", "take", "top", "num", "rows", "pagesize", "max_page_size",
          "items_per_page", "maxresults")  # fmt: skip
_OFFSETS = ("offset", "skip", "start", "start_index", "from", "page_offset")
_CURSORS = ("cursor", "page_token", "next_token", "starting_after", "after", "next_cursor",
            "page_cursor", "continuation_token", "start_cursor", "continue", "marker", "next_page_token",
            "page_after", "pagetoken", "scroll_id")  # fmt: skip
_BEFORE = ("ending_before", "before", "prev_cursor", "previous_cursor", "page_before")
_TOKENS = ("next_cursor", "next_page_token", "next_token", "end_cursor", "cursor", "after",
           "continuation_token", "continue", "next")  # fmt: skip


def infer_pages(draft: Draft) -> None:
    known: dict[str, str] = {}
    for resource, operation, written in lists_of(draft, KIND):
        page = _page(draft, resource, operation)
        if page is None:
            continue
        text = repr(page)
        if text not in known:
            known[text] = _name(draft, page)
            draft.pages[known[text]] = page
        written["list"]["page"] = known[text]


def _page(
    draft: Draft, resource: Resource, operation: OperationDoc
) -> dict[str, Json] | None:
    named = {
        snake(p.name): p
        for p in operation.parameters
        if p.where == "query" and not p.media_type and p.style == "form"
    }

    def first(names: tuple[str, ...], *types: str) -> Parameter | None:
        found = (named[name] for name in names if name in named)
        return next((p for p in found if Shape(p.schema).type in ("", *types)), None)

    fields = records_of(draft, resource).fields
    cursor = first(_CURSORS, "string")
    if (
        cursor is None
        and Shape(getattr(named.get("offset"), "schema", {})).type == "string"
    ):
        cursor = named["offset"]
    number = first(_NUMBERS, "integer", "number")
    offset = first(_OFFSETS, "integer", "number")
    size = first(_SIZES, "integer", "number")
    page: dict[str, Json] = {}
    if cursor is not None and member_like(cursor.name, fields) is None:
        page = _cursor(resource, operation, cursor, first(_BEFORE, "string"))
    elif number is not None:
        page = {"number": number.name}
        shape = Shape(number.schema)
        if shape["minimum"] == 0 or shape["default"] == 0:
            page["first"] = 0
    elif offset is not None and size is not None:
        page = {"style": "offset", "offset": offset.name}
    elif size is not None and offset is None and member_like(size.name, fields) is None:
        page = {"style": "offset", "offset": None}
    else:
        return None
    page["size"] = size.name if size is not None else None
    if (
        number is not None
        and "style" not in page
        and number.name == "page"
        and size is None
    ):
        page.pop("number")
    some = cursor or number or offset or size
    page |= _bounds(size, usual=20 if some is not size else _ALL)
    links = _link_header(operation, page.get("style", "page"))
    if links:
        page["link_header"] = links
    names = dict.fromkeys(repr(each.name) for each in (some, size) if each is not None)
    confidence = HIGH if size is not None and some is not size else MEDIUM
    reason = f"{' and '.join(names)} of its parameters choose a page"
    draft.found(KIND, operation.id, confidence, reason)
    return page


def _cursor(
    resource: Resource,
    operation: OperationDoc,
    cursor: Parameter,
    before: Parameter | None,
) -> dict[str, Json]:
    page: dict[str, Json] = {"style": "cursor", "cursor": cursor.name}
    _, shape = success(operation)
    told = shape is not None and any(
        snake(name) in _TOKENS for path, here in walk(shape) for name in here.properties
        if path != list_in(shape, resource)[0]
    )  # fmt: skip
    if not told:
        page["key"] = resource.key
        if before is not None:
            page["before"] = before.name
    return page


_ALL = 100
"""The size of a page after which there is none."""


def _bounds(size: Parameter | None, usual: int) -> dict[str, Json]:
    """The largest size, and that of a page without one: *usual*, unless it is documented."""
    if size is None:
        return {}
    shape = Shape(size.schema)
    bounds: dict[str, Json] = {}
    most, default = _whole(shape["maximum"]), _whole(shape["default"])
    if most is not None and most >= 1:
        bounds["max"] = most
    elif default is not None and default > 100:
        bounds["max"] = default
    top = bounds.get("max", 100)
    usual = default if default is not None and 1 <= default <= top else min(usual, top)
    if usual != 20:
        bounds = {"default": usual, **bounds}
    return bounds


def _whole(value: Json) -> int | None:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or value != int(value)
    ):
        return None
    return int(value)


def _link_header(operation: OperationDoc, style: str) -> list[str]:
    """The addresses that a documented `Link` header has."""
    for status, headers in operation.response_headers.items():
        if status.startswith("2") and any(name.lower() == "link" for name in headers):
            every = ["first", "prev", "next", "last"]
            return every if style != "cursor" else ["next"]
    return []


def _name(draft: Draft, page: dict[str, Json]) -> str:
    usual = {"offset": "by_offset", "cursor": "by_cursor"}.get(
        page.get("style", ""), "numbered"
    )
    name, number = usual, 2
    while name in draft.pages:
        name, number = f"{usual}_{number}", number + 1
    return name
