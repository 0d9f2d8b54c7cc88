"""OData: the `$filter` of OData 4.01 (URL Conventions, 5.1.1), as far as it is about a record.

    price gt 10 and (contains(title,'nurse') or owner/name eq 'Ada') and not (sold eq null)

There are the comparisons `eq ne gt ge lt le in`, `and`, `or`, `not`, parentheses, paths,
texts, numbers, dates, `true`, `false`, `null`, and the functions of `FUNCTIONS`. There is
no arithmetic, no `any` and `all`, no `has`. What is unknown (a function of null) is
neither true nor false, and such a record is not wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from emulator.json_type import Json
from emulator.search.comparing import (
    ORDERED,
    both,
    either,
    equal,
    moment,
    negated,
    ordered,
)
from emulator.search.fields import Fields, Get
from emulator.search.predicate import BadQuery, Test
from emulator.search.reading import Reader

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[(),])|'(?P<text>(?:[^']|'')*)'"""
    r"""|(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?)(?![\w-])"""
    r"""|(?P<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(?!\w)"""
    r"""|(?P<number>-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?)(?![\w.])"""
    r"""|(?P<word>[A-Za-z_$@]\w*(?:/[A-Za-z_]\w*)*))"""
)
_CONSTANTS = {"true": True, "false": False, "null": None}


def compile_query(text: Json, fields: Fields) -> Test:
    """What *text* asks for. Raises `BadQuery`."""
    return _OData(text, fields).whole()


class _Value(NamedTuple):
    """A part of a query: what it is of a record, and of which kind."""

    kind: str
    """`test`, `field`, `text`, `number`, `time`, `boolean`, `null` or `any`."""
    get: Get


class _OData(Reader):
    TOKEN = _TOKEN

    def whole(self) -> Test:
        test = self.either()
        self.finish()
        return _test(test)

    def either(self) -> _Value:
        parts = [self.both()]
        while self.takes_word("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else _joined(either, parts)

    def both(self) -> _Value:
        parts = [self.compared()]
        while self.takes_word("and"):
            parts.append(self.compared())
        return parts[0] if len(parts) == 1 else _joined(both, parts)

    def compared(self) -> _Value:
        left = self.operand()
        operator = self.takes_word("eq", "ne", "gt", "ge", "lt", "le", "in")
        if not operator:
            return left
        self.count()
        if operator == "in":
            return _Value("test", _in(left.get, self.choices()))
        right = self.operand()
        _check_kinds(operator, left, right)
        return _Value("test", _compared(operator, left.get, right.get))

    def choices(self) -> list[Get]:
        self.expect("(")
        choices = [self.operand().get]
        while self.takes(","):
            self.count()
            choices.append(self.operand().get)
        self.expect(")")
        return choices

    def operand(self) -> _Value:
        with self.deeper():
            if self.takes("("):
                inside = self.either()
                self.expect(")")
                return inside
            token = self.take()
            if token.kind == "word":
                return self.word(token.text)
            said = _LITERALS.get(token.kind)
            if said is None:
                self._at -= 1
                raise BadQuery(f"a value is expected {self.where()}")
            return _Value(*said(token.text))

    def word(self, word: str) -> _Value:
        if word == "not":
            return _Value("test", negated(_test(self.operand())))
        if word in _CONSTANTS:
            constant = _CONSTANTS[word]
            kind = "null" if constant is None else "boolean"
            return _Value(kind, lambda _: constant)
        if self.next.kind == "(":
            return self.function(word)
        first, *inside = word.split("/")
        return _Value("field", self.fields.field(first, inside))

    def function(self, name: str) -> _Value:
        known = FUNCTIONS.get(name.casefold())
        if known is None:
            raise BadQuery(f"there is no function {name[:40]!r}")
        self.count()
        arguments = self.choices()
        if len(arguments) != known.takes:
            raise BadQuery(f"{name} takes {known.takes} values")
        call = known.call

        def get(record: Mapping[str, Json]) -> Json:
            values = [argument(record) for argument in arguments]
            try:
                return None if None in values else call(*values)
            except (TypeError, ValueError, AttributeError):
                return None  # of a value of another type there is no such thing

        return _Value(known.gives, get)


def _time(text: str) -> tuple[str, Get]:
    time = moment(text)
    if time is None:
        raise BadQuery(f"{text!r} is no date")
    return "time", lambda _: time


def _number(text: str) -> tuple[str, Get]:
    number: float = float(text) if {*text} & {*".eE"} else int(text)
    if number - number != 0:
        raise BadQuery(f"{text[:40]} is too large")
    return "number", lambda _: number


def _text(text: str) -> tuple[str, Get]:
    plain = text.replace("''", "'")
    return "text", lambda _: plain


_LITERALS: Mapping[str, Callable[[str], tuple[str, Get]]] = {
    "text": _text, "guid": _text, "number": _number, "time": _time,
}  # fmt: skip


class _Function(NamedTuple):
    takes: int
    gives: str
    call: Callable[..., Json]


FUNCTIONS: Mapping[str, _Function] = {
    "contains": _Function(2, "test", lambda text, part: str.__contains__(text, part)),
    "startswith": _Function(2, "test", lambda text, part: str.startswith(text, part)),
    "endswith": _Function(2, "test", lambda text, part: str.endswith(text, part)),
    "tolower": _Function(1, "any", str.lower),
    "toupper": _Function(1, "any", str.upper),
    "trim": _Function(1, "any", str.strip),
    "length": _Function(1, "any", len),
    "indexof": _Function(2, "any", str.find),
    "year": _Function(1, "any", lambda time: int(str.__getitem__(time, slice(0, 4)))),
    "month": _Function(1, "any", lambda time: int(str.__getitem__(time, slice(5, 7)))),
    "day": _Function(1, "any", lambda time: int(str.__getitem__(time, slice(8, 10)))),
}


def _joined(join: Callable[[list[Test]], Test], parts: list[_Value]) -> _Value:
    return _Value("test", join([_test(part) for part in parts]))


def _test(value: _Value) -> Test:
    """*value* as a condition. Raises `BadQuery` for what is neither true nor false."""
    if value.kind in ("test", "boolean"):
        return value.get
    if value.kind != "field":
        raise BadQuery("a condition is expected, and not a value")

    def test(record: Mapping[str, Json]) -> Json:
        held = value.get(record)
        return held if held is None else held is True

    return test


_PLAIN = {"text", "number", "time"}


def _check_kinds(operator: str, left: _Value, right: _Value) -> None:
    """Raise `BadQuery` for two literals that are never compared with each other."""
    kinds = {left.kind, right.kind}
    if operator in ORDERED and kinds & {"test", "boolean"}:
        raise BadQuery(f"{operator} compares no truth values")
    if len(kinds & _PLAIN) == 2 and kinds != {"text", "time"}:
        raise BadQuery(f"{operator} compares values of different types")


def _compared(operator: str, left: Get, right: Get) -> Test:
    if operator == "eq":
        return lambda record: equal(left(record), right(record))
    if operator == "ne":
        return lambda record: not equal(left(record), right(record))
    compare = partial(ordered, operator)
    return lambda record: compare(left(record), right(record))


def _in(left: Get, choices: list[Get]) -> Test:
    def test(record: Mapping[str, Json]) -> Json:
        value = left(record)
        return any(equal(value, choice(record)) for choice in choices)

    return test
