"""Paginate: which part of the result did the caller ask for?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.http.query import query_pairs
from emulator.json_type import Json
from emulator.partial import CODE as RANGE
from emulator.partial import judge_range
from emulator.places import LeadsNowhere, beside, cursor_at
from emulator.program.operation import Operation
from emulator.program.pages import PagePolicy
from emulator.program.parameters import coerced
from emulator.program.program import Program
from emulator.step import Code, Step

_NO_CURSOR = (None, "", 0, "0")
"""What is sent for a cursor by who has none yet."""


class _Refused(Exception):
    def __init__(self, code: str, parameter: str, value: Json) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, {"parameter": parameter, "value": value})


_Cut = tuple[Record, bool]
"""A page as it is asked for, and whether it ends where it says that it begins. What it
has is known when it has been cut."""


def paginate(exchange: Exchange) -> Refusal | None:
    if exchange.operation.ranges:
        return judge_range(exchange)
    policy = exchange.operation.action.page
    if policy is None:
        return None
    try:
        if exchange.forced == "invalid_page":
            raise _Refused("invalid_page", policy.number, None)
        if exchange.forced == "invalid_cursor":
            raise _Refused("invalid_cursor", policy.cursor, None)
        page, back = _CUT[policy.style](exchange, policy)
    except _Refused as refused:
        return refused.refusal
    exchange.page = page
    start, size = page["offset"], page["size"]
    if policy.at_most is not None:
        most = policy.at_most.amount(exchange)
        size = size if most is None else max(0, min(size, int(most)))
    if back:
        size = min(size, start)
        start = page["offset"] = start - size
    total = page["total"]
    exchange.results = shown = exchange.results[start : start + size]
    many = len(shown)
    page["shown"] = many
    page["start"] = start + 1 if many else None
    page["end"] = start + many if many else None
    page["has_next"] = start + many < total
    page["has_prev"] = start > 0
    page["has_more"] = page["has_prev" if back else "has_next"]
    _follow(exchange, policy, page, shown)
    return None


def _numbered(exchange: Exchange, policy: PagePolicy) -> _Cut:
    size = _size(exchange, policy)
    first = policy.first
    number = _number(exchange, policy, policy.number, first)
    total = len(exchange.results)
    skipped = (number - first) * size
    if policy.beyond_end == "refuse" and number > first and skipped >= total:
        raise _Refused("invalid_page", policy.number, number)
    page = _page(policy, size, skipped, total)
    page["number"] = number
    page["next"] = number + 1 if number - first + 1 < page["count"] else None
    page["prev"] = number - 1 if number > first else None
    return page, False


def _offset(exchange: Exchange, policy: PagePolicy) -> _Cut:
    size = _size(exchange, policy)
    skipped = _number(exchange, policy, policy.offset, 0)
    total = len(exchange.results)
    if policy.beyond_end == "refuse" and skipped and skipped >= total:
        raise _Refused("invalid_page", policy.offset, skipped)
    page = _page(policy, size, skipped, total)
    page["next"] = skipped + size if skipped + size < total else None
    page["prev"] = max(0, skipped - size) if skipped else None
    return page, False


def _from_cursor(exchange: Exchange, policy: PagePolicy) -> _Cut:
    size = _size(exchange, policy)
    total = len(exchange.results)
    sent, parameter = _cursor(exchange, policy)
    if sent is None:
        return _page(policy, size, 0, total), False
    try:
        place, back = beside(exchange, policy, sent, back=parameter == policy.before)
    except LeadsNowhere:
        if policy.wrong_cursor == "refuse":
            raise _Refused("invalid_cursor", parameter, sent) from None
        return _page(policy, size, 0, total), False
    page = _page(policy, size, place, total)
    page["cursor"] = sent
    return page, back


def _cursor(exchange: Exchange, policy: PagePolicy) -> tuple[Json, str]:
    """The cursor that was sent, or None, and the parameter that it stands in."""
    sent, parameter = _sent(exchange, policy, policy.cursor), policy.cursor
    back = _sent(exchange, policy, policy.before) if policy.before else None
    if back not in _NO_CURSOR:
        if sent not in _NO_CURSOR:
            if policy.wrong_cursor == "refuse":
                raise _Refused("invalid_cursor", policy.before, back)
            return None, parameter
        sent, parameter = back, policy.before
    if sent in _NO_CURSOR:
        return None, parameter
    if policy.with_others == "refuse":
        own = {policy.cursor, policy.before, policy.size, *policy.beside}
        for name, texts in exchange.call.query_texts.items():
            if name not in own:
                raise _Refused("invalid_cursor", name, texts[-1])
    return sent, parameter


_CUT = {"page": _numbered, "offset": _offset, "cursor": _from_cursor}


def _page(policy: PagePolicy, size: int, offset: int, total: int) -> Record:
    return {
        "number": policy.first + (offset // size if size else 0),
        "size": size,
        "total": total,
        "count": -(-total // size) if size else 0,
        "offset": offset,
        "next": None,
        "prev": None,
        "cursor": None,
        "next_cursor": None,
        "prev_cursor": None,
        "urls": {},
    }


def _sent(exchange: Exchange, policy: PagePolicy, name: str) -> Json:
    place = exchange.body if policy.source == "body" else exchange.query
    return place.get(name) if isinstance(place, dict) else None


def _size(exchange: Exchange, policy: PagePolicy) -> int:
    sent = _sent(exchange, policy, policy.size) if policy.size else None
    if sent is None:
        return policy.default
    size = _whole(sent)
    if size is None:
        if policy.invalid == "refuse":
            raise _Refused("invalid_page", policy.size, sent)
        return policy.default
    for wrong, what, bound in (
        (size < policy.min, policy.below_min, policy.min),
        (size > policy.max, policy.beyond_max, policy.max),
    ):
        if wrong and what == "refuse":
            raise _Refused("invalid_page", policy.size, sent)
        if wrong:
            return bound if what == "clamp" else policy.default
    return size


def _number(exchange: Exchange, policy: PagePolicy, name: str, lowest: int) -> int:
    sent = _sent(exchange, policy, name)
    if sent is None:
        return lowest
    number = _whole(sent)
    if number is None:
        if policy.invalid == "refuse":
            raise _Refused("invalid_page", name, sent)
        return lowest
    if number < lowest:
        if policy.below_min == "refuse":
            raise _Refused("invalid_page", name, sent)
        return lowest
    return number


def _whole(sent: Json) -> int | None:
    if isinstance(sent, str):
        sent = coerced(sent, "integer")
    if isinstance(sent, float) and sent.is_integer():
        return int(sent)
    return sent if type(sent) is int else None


def _follow(
    exchange: Exchange, policy: PagePolicy, page: Record, shown: Sequence[Record]
) -> None:
    """Add what leads to the other pages: their cursors, and their addresses."""
    if policy.style == "cursor" and shown:
        # A value leads on from the last record, too: to what will come.
        if policy.key or page["has_next"]:
            page["next_cursor"] = cursor_at(exchange, policy, shown[-1], back=False)
        back = policy.before if policy.key else page["has_prev"]
        if back:
            page["prev_cursor"] = cursor_at(exchange, policy, shown[0], back=True)
    if policy.source == "query":
        for name in policy.links:
            changes = _parameters(policy, page, name)
            if changes is not None:
                page["urls"][name] = _url(exchange, policy, changes)


def _parameters(policy: PagePolicy, page: Record, name: str) -> Record | None:
    """The query parameters of the page called *name*, or None where there is none."""
    if name == "self":
        return {}
    if policy.style == "cursor":
        return _of_cursor(policy, page, name)
    last = max(1, page["count"])
    if policy.style == "offset":
        position = {
            "first": 0,
            "prev": page["prev"],
            "next": page["next"],
            "last": (last - 1) * page["size"],
        }[name]
        return (
            {policy.offset: position}
            if position is not None and policy.offset
            else None
        )
    number = {
        "first": policy.first,
        "prev": page["prev"],
        "next": page["next"],
        "last": policy.first + last - 1,
    }[name]
    return None if number is None else {policy.number: number}


def _of_cursor(policy: PagePolicy, page: Record, name: str) -> Record | None:
    """The same, for a list that is walked by cursors."""
    others = {policy.cursor: None}
    if policy.before:
        others[policy.before] = None
    if name == "first":
        return others
    cursor = page[f"{name}_cursor"]
    if cursor is None or not page[f"has_{name}"]:
        return None
    parameter = policy.before if name == "prev" and policy.before else policy.cursor
    return {**others, parameter: cursor}


def _url(exchange: Exchange, policy: PagePolicy, changes: Record) -> str:
    """The address of this call with other parameters of the page."""
    addressed, carrying = exchange.addressed, exchange.operation.action.carrying
    query = [(name, value) for name, value in changes.items() if value is not None]
    if policy.keep_query or not changes:
        sent = query_pairs(exchange.call.query)
        if carrying is not None and query:
            sent = [pair for pair in sent if not carrying.takes(pair[0])]
        query = [pair for pair in sent if pair[0] not in changes] + query
    address = addressed.base_url + addressed.path
    return f"{address}?{urlencode(query)}" if query else address


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    page = operation.action.page
    if operation.ranges and operation.method == "GET":
        yield RANGE
    if page is None:
        return
    if "refuse" in (page.below_min, page.beyond_max, page.invalid, page.beyond_end):
        yield "invalid_page"
    if page.style == "cursor" and "refuse" in (page.wrong_cursor, page.with_others):
        yield "invalid_cursor"


def tell(notes: Notes) -> Words:
    if notes.refusal == RANGE:
        return "none of the bytes that are asked for are there", dict(notes.facts)
    if notes.refusal:
        parameter, value = notes.facts.get("parameter"), notes.facts.get("value")
        return f"{parameter}={value} leads nowhere", dict(notes.facts)
    page = notes.entry.page
    if page is None:
        return "not cut into pages", {}
    kept = ("number", "size", "offset", "shown", "total", "has_more")
    words = (
        f"page {page['number']} of {page['count']}: {page['shown']} of {page['total']}"
    )
    return words, {name: page[name] for name in kept}


STEP = Step(
    name="paginate",
    question="which part of the result did the caller ask for?",
    decide=paginate,
    tell=tell,
    codes={
        "invalid_page": Code("no such page", ("parameter", "value")),
        "invalid_cursor": Code("no such cursor", ("parameter", "value")),
        "range_not_satisfiable": Code(
            "a file has none of the bytes of the Range header", ("length",), status=416
        ),
    },
    refusals=refusals,
    acts=lambda _, operation: operation.action.page is not None or operation.ranges,
    finds=("page",),
    keys=(
        "operations.{operation}.list.page",
        "pages.{page}",
        "operations.{operation}.reply.ranges",
    ),
)
