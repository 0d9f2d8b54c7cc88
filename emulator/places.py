"""Places: where in a list a cursor leads, and the cursor that leads to a place.

A place is a record's key and its values in the fields that the list is ordered by, never
a number of records: what comes or goes between two pages is neither repeated nor lost.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import orjson

from emulator.changes import owner
from emulator.exchange.exchange import Exchange, Record
from emulator.json_type import Json
from emulator.language.parts import rank
from emulator.program.cursors import Cursor, NoCursor, read_cursor
from emulator.program.pages import PagePolicy
from emulator.program.parameters import coerced
from emulator.times import SECOND
from emulator.world.collection import Collection
from emulator.world.ordering import follows, value_at

_LONGEST = 500
"""Of the values that a cursor carries, in bytes."""


class LeadsNowhere(Exception):
    """A cursor says no place in this list."""


def beside(
    exchange: Exchange, policy: PagePolicy, sent: Json, *, back: bool
) -> tuple[int, bool]:
    """Where the records start that follow the place that the cursor *sent* says.

    To go *back*, where those end that precede it. Raises `LeadsNowhere`. With it comes
    whether it leads back, which an opaque cursor may know itself.
    """
    if policy.key:
        find = _before_key if back else _after_key
        return find(exchange, policy.key, sent), back
    return _opened(exchange, policy, sent, back=back)


def cursor_at(
    exchange: Exchange, policy: PagePolicy, record: Record, *, back: bool
) -> Json:
    """The cursor that leads on from the place of *record*, or *back* from it."""
    if policy.key:
        return record.get(policy.key)
    collection = _collection(exchange)
    key, values = record[collection.key], _values(exchange, record)
    short = len(orjson.dumps(values, default=str)) <= _LONGEST
    carrying = exchange.operation.action.carrying
    cursor = Cursor(
        place=[key, collection.place(key), values if short else None],
        made=exchange.at // SECOND,
        back=back and not policy.before,
        carried=carrying.of(exchange.addressed.query_texts) if carrying else {},
    )
    return cursor.text(_question(exchange, policy))


def _collection(exchange: Exchange) -> Collection:
    return exchange.collection(exchange.operation.action.collection)


def _after_key(exchange: Exchange, field: str, sent: Json) -> int:
    """Where the records start that follow the one whose *field* is *sent*.

    In a list that is ordered by that field a value has its place, whether or not there
    is a record that has it; in any other list only a record has one.
    """
    sent = _typed(exchange, field, sent)
    at = _index(exchange, field, sent)
    if at is not None:
        return at + 1
    return _place_of(exchange, field, sent, came=0)


def _before_key(exchange: Exchange, field: str, sent: Json) -> int:
    """Where the records end that precede the one whose *field* is *sent*."""
    sent = _typed(exchange, field, sent)
    at = _index(exchange, field, sent)
    return _place_of(exchange, field, sent, came=-1) if at is None else at


def _typed(exchange: Exchange, field: str, sent: Json) -> Json:
    """*sent* as a number, where the records have numbers in this field."""
    results = exchange.results
    if isinstance(sent, str) and results and not isinstance(results[0].get(field), str):
        return coerced(sent, "number")
    return sent


def _place_of(exchange: Exchange, field: str, sent: Json, *, came: int) -> int:
    """How many records stand before the value *sent*, which no record has, or has *came*."""
    results, order = exchange.results, exchange.ordered
    if not order or order[0][0] != field:
        raise LeadsNowhere
    if results and rank(sent)[0] != rank(results[0].get(field))[0]:
        raise LeadsNowhere
    is_after = follows(order[:1], [sent], came, lambda _: 0)
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
    collection = _collection(exchange)
    if plain and field == collection.key:
        record = collection.get(sent)
        if record is None:
            return None
        values, came = _values(exchange, record), collection.place(record[field])
        at = _count(exchange, values, came) - 1
        return at if at >= 0 and results[at][field] == sent else None
    return next(
        (at for at, result in enumerate(results) if result.get(field) == sent), None
    )


def _count(exchange: Exchange, values: Sequence[Json], came: int) -> int:
    """How many records stand before a place or at it: one of these *values*, that *came* then."""
    collection = _collection(exchange)
    is_after = follows(
        exchange.ordered,
        values,
        came,
        lambda record: collection.place(record[collection.key]),
    )
    return bisect_left(exchange.results, True, key=is_after)


def _opened(
    exchange: Exchange, policy: PagePolicy, sent: Json, *, back: bool
) -> tuple[int, bool]:
    """What an opaque cursor stands for in this list."""
    try:
        cursor = read_cursor(sent)
        genuine = sent == cursor.text(_question(exchange, policy))
        key, came, values = cursor.place
    except (NoCursor, ValueError, TypeError, orjson.JSONEncodeError):
        raise LeadsNowhere from None
    # The seal is no secret: whoever knows how can close a place that there is not.
    if not (genuine and type(key) in (int, str) and type(came) is int):
        raise LeadsNowhere
    if policy.expires and exchange.at - cursor.made * SECOND >= policy.expires:
        raise LeadsNowhere
    back = back or cursor.back
    collection = _collection(exchange)
    record = collection.get(key)
    if values is None:  # they were too long to be carried: the record has to say
        if record is None:
            raise LeadsNowhere
        values = _values(exchange, record)
    if not isinstance(values, list) or len(values) != len(exchange.ordered):
        raise LeadsNowhere
    if record is not None and _values(exchange, record) == values:
        came = collection.place(key)
    return _count(exchange, values, came - back), back


def _question(exchange: Exchange, policy: PagePolicy) -> Json:
    """What a cursor belongs to: the list, what of it was asked for, and in which order."""
    own = {policy.cursor, policy.before, policy.size, *policy.beside}
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
