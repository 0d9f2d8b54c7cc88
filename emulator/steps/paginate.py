"""Paginate: which part of the result did the caller ask for?"""

from __future__ import annotations

import base64
import binascii
import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

import orjson

from emulator.changes import owner
from emulator.exchange.exchange import Exchange, Json, Record, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.http.query import query_pairs
from emulator.program.operation import Operation
from emulator.program.pages import PagePolicy
from emulator.program.parameters import coerced
from emulator.program.program import Program
from emulator.step import Code, Step
from emulator.times import SECOND
from emulator.world.ordering import follows, rank, value_at

_LONGEST = 500
"""Of the values that a cursor carries, in bytes."""


class _Refused(Exception):
    def __init__(self, code: str, parameter: str, value: Json) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, {"parameter": parameter, "value": value})


def paginate(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.action.page
    if policy is None:
        return None
    try:
        if exchange.forced == "invalid_page":
            raise _Refused("invalid_page", policy.number, None)
        if exchange.forced == "invalid_cursor":
            raise _Refused("invalid_cursor", policy.cursor, None)
        page = _CUT[policy.style](exchange, policy)
    except _Refused as refused:
        return refused.refusal
    exchange.page = page
    start, size = page["offset"], page["size"]
    if policy.at_most is not None:
        most = policy.at_most.amount(exchange)
        size = size if most is None else max(0, min(size, int(most)))
    exchange.results = shown = exchange.results[start : start + size]
    many = len(shown)
    page["shown"] = many
    page["start"] = start + 1 if many else None
    page["end"] = start + many if many else None
    page["has_more"] = start + many < page["total"]
    _follow(exchange, policy, page, shown)
    return None


def _numbered(exchange: Exchange, policy: PagePolicy) -> Record:
    size = _size(exchange, policy)
    number = _number(exchange, policy, policy.number, 1)
    total = len(exchange.results)
    if policy.beyond_end == "refuse" and number > 1 and (number - 1) * size >= total:
        raise _Refused("invalid_page", policy.number, number)
    page = _page(size, (number - 1) * size, total)
    page["number"] = number
    page["next"] = number + 1 if number < page["count"] else None
    page["prev"] = number - 1 if number > 1 else None
    return page


def _offset(exchange: Exchange, policy: PagePolicy) -> Record:
    size = _size(exchange, policy)
    skipped = _number(exchange, policy, policy.offset, 0)
    total = len(exchange.results)
    if policy.beyond_end == "refuse" and skipped and skipped >= total:
        raise _Refused("invalid_page", policy.offset, skipped)
    page = _page(size, skipped, total)
    page["next"] = skipped + size if skipped + size < total else None
    page["prev"] = max(0, skipped - size) if skipped else None
    return page


def _from_cursor(exchange: Exchange, policy: PagePolicy) -> Record:
    size = _size(exchange, policy)
    sent = _sent(exchange, policy, policy.cursor)
    total = len(exchange.results)
    if sent in (None, "", 0, "0"):
        return _page(size, 0, total)
    find = _after if policy.key else _opened
    try:
        position = find(exchange, policy, sent)
    except _LeadsNowhere:
        if policy.wrong_cursor == "refuse":
            raise _Refused("invalid_cursor", policy.cursor, sent) from None
        return _page(size, 0, total)
    page = _page(size, position, total)
    page["cursor"] = sent
    return page


class _LeadsNowhere(Exception):
    """A cursor says no place in this list."""


def _after(exchange: Exchange, policy: PagePolicy, sent: Json) -> int:
    """Where the records start that follow the one whose key is *sent*.

    In a list that is ordered by that field a value has its place, whether or not there
    is a record that has it; in any other list only a record has one.
    """
    results, order = exchange.results, exchange.ordered
    first: Json = results[0].get(policy.key) if results else None
    if isinstance(sent, str) and results and not isinstance(first, str):
        sent = coerced(sent, "number")
    at = _index(exchange, policy.key, sent)
    if at is not None:
        return at + 1
    if not order or order[0][0] != policy.key:
        raise _LeadsNowhere
    if results and rank(sent)[0] != rank(first)[0]:
        raise _LeadsNowhere
    is_after = follows(order[:1], [sent], 0, lambda _: 0)
    return bisect_left(results, True, key=is_after)


def _index(exchange: Exchange, field: str, sent: Json) -> int | None:
    """Where the first record stands that has *sent* in this field; None: there is none."""
    results, order = exchange.results, exchange.ordered
    plain = type(sent) in (int, float, str) and "." not in field
    if plain and order and order[0][0] == field:
        is_there = follows(order[:1], [sent], -1, lambda _: 0)
        at = bisect_left(results, True, key=is_there)
        equal = at < len(results) and results[at].get(field) == sent
        return at if equal else None
    collection = exchange.collection(exchange.operation.action.collection)
    if plain and field == collection.key:
        record = collection.get(sent)
        if record is None:
            return None
        values, came = _values(exchange, record), collection.place(record[field])
        at = _index_after(exchange, values, came) - 1
        return at if at >= 0 and results[at][field] == sent else None
    return next(
        (at for at, result in enumerate(results) if result.get(field) == sent), None
    )


def _index_after(exchange: Exchange, values: Sequence[Json], came: int) -> int:
    """Where the records start that follow one with these *values*, which *came* then."""
    collection = exchange.collection(exchange.operation.action.collection)
    is_after = follows(
        exchange.ordered,
        values,
        came,
        lambda record: collection.place(record[collection.key]),
    )
    return bisect_left(exchange.results, True, key=is_after)


def _opened(exchange: Exchange, policy: PagePolicy, sent: Json) -> int:
    """The place in this list that an opaque cursor stands for."""
    try:
        padded = str(sent) + "=" * (-len(str(sent)) % 4)
        place, made, _ = orjson.loads(base64.urlsafe_b64decode(padded))
        genuine = sent == _sealed(exchange, policy, place, made)
        key, came, values = place
    except (binascii.Error, ValueError, TypeError, orjson.JSONEncodeError):
        raise _LeadsNowhere from None
    # The seal is no secret: whoever knows how can close a place that there is not.
    if not (genuine and type(key) in (int, str) and type(came) is type(made) is int):
        raise _LeadsNowhere
    if policy.expires and exchange.at - made * SECOND >= policy.expires:
        raise _LeadsNowhere
    collection = exchange.collection(exchange.operation.action.collection)
    record = collection.get(key)
    if values is None:  # they were too long to be carried: the record has to say
        if record is None:
            raise _LeadsNowhere
        values = _values(exchange, record)
    if not isinstance(values, list) or len(values) != len(exchange.ordered):
        raise _LeadsNowhere
    if record is not None and _values(exchange, record) == values:
        came = collection.place(key)
    return _index_after(exchange, values, came)


def _closed(exchange: Exchange, policy: PagePolicy, last: Record) -> str:
    """An opaque cursor: the place that *last* has in this list.

    It is a place and not a number of records, so that what comes or goes between two
    pages is neither shown twice nor left out.
    """
    collection = exchange.collection(exchange.operation.action.collection)
    key, values = last[collection.key], _values(exchange, last)
    short = len(orjson.dumps(values, default=str)) <= _LONGEST
    place = [key, collection.place(key), values if short else None]
    return _sealed(exchange, policy, place, exchange.at // SECOND)


def _sealed(exchange: Exchange, policy: PagePolicy, place: Json, made: int) -> str:
    """*place* with the time when it was given out, and a seal on both and the question."""
    facts = orjson.dumps([_question(exchange, policy), place, made])
    seal = hashlib.blake2b(facts, digest_size=6).hexdigest()
    text = orjson.dumps([place, made, seal])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _question(exchange: Exchange, policy: PagePolicy) -> Json:
    """What a cursor belongs to: the list, what of it was asked for, and in which order."""
    own = {policy.cursor, policy.size}
    action, body = exchange.operation.action, exchange.body
    if isinstance(body, dict):
        body = sorted((name, value) for name, value in body.items() if name not in own)
    asked = [
        sorted(exchange.path.items()),
        sorted(
            (name, value) for name, value in exchange.query.items() if name not in own
        ),
        body,
        owner(exchange, action.collection) if action.scoped else None,
    ]
    return [exchange.program.name, exchange.operation.id, exchange.ordered, repr(asked)]


def _values(exchange: Exchange, record: Record) -> list[Json]:
    """What *record* has in the fields that the list is ordered by."""
    return [value_at(record, field) for field, _ in exchange.ordered]


_CUT = {"page": _numbered, "offset": _offset, "cursor": _from_cursor}


def _page(size: int, offset: int, total: int) -> Record:
    return {
        "number": offset // size + 1 if size else 1,
        "size": size,
        "total": total,
        "count": -(-total // size) if size else 0,
        "offset": offset,
        "next": None,
        "prev": None,
        "cursor": None,
        "next_cursor": None,
        "urls": {},
    }


def _sent(exchange: Exchange, policy: PagePolicy, name: str) -> Json:
    place = exchange.body if policy.source == "body" else exchange.query
    return place.get(name) if isinstance(place, dict) else None


def _size(exchange: Exchange, policy: PagePolicy) -> int:
    sent = _sent(exchange, policy, policy.size)
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
    """Add what leads to the other pages: the next cursor, and the addresses."""
    if policy.style == "cursor" and shown:
        if policy.key:
            page["next_cursor"] = shown[-1].get(policy.key)
        elif page["has_more"]:
            page["next_cursor"] = _closed(exchange, policy, shown[-1])
    if policy.source == "query":
        for name in policy.links:
            changes = _parameters(policy, page, name)
            if changes is not None:
                page["urls"][name] = _url(exchange, policy, changes)


def _parameters(policy: PagePolicy, page: Record, name: str) -> Record | None:
    """The query parameters of the page called *name*, or None where there is none."""
    size = page["size"]
    if policy.style == "cursor":
        if name == "next" and page["has_more"]:
            return {policy.cursor: page["next_cursor"]}
        return {policy.cursor: None} if name == "first" else None
    last = max(1, page["count"])
    if policy.style == "offset":
        position = {
            "first": 0,
            "prev": page["prev"],
            "next": page["next"],
            "last": (last - 1) * size,
        }[name]
        return None if position is None else {policy.offset: position}
    number = {"first": 1, "prev": page["prev"], "next": page["next"], "last": last}[
        name
    ]
    return None if number is None else {policy.number: number}


def _url(exchange: Exchange, policy: PagePolicy, changes: Record) -> str:
    """The address of this call with other parameters of the page."""
    addressed = exchange.addressed
    query = [(name, value) for name, value in changes.items() if value is not None]
    if policy.keep_query:
        sent = query_pairs(exchange.call.query)
        query = [pair for pair in sent if pair[0] not in changes] + query
    address = addressed.base_url + addressed.path
    return f"{address}?{urlencode(query)}" if query else address


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    page = operation.action.page
    if page is None:
        return
    if "refuse" in (page.below_min, page.beyond_max, page.invalid, page.beyond_end):
        yield "invalid_page"
    if page.style == "cursor" and page.wrong_cursor == "refuse":
        yield "invalid_cursor"


def tell(notes: Notes) -> Words:
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
    },
    refusals=refusals,
    acts=lambda _, operation: operation.action.page is not None,
    finds=("page",),
    keys=("operations.{operation}.list.page", "pages.{page}"),
)
