"""SCIM: the `filter` of RFC 7644, 3.4.2.2.

    userName sw "j" and (emails[type eq "work"] or not (active eq false)) and title pr

Names and operators are in any case, and so are texts, as attributes are unless their
schema says `caseExact`. An attribute of many values has one that fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import orjson

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
from emulator.search.fields import AnyField, Fields, Get, values
from emulator.search.predicate import BadQuery, Test
from emulator.search.reading import Reader

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()[\]])|(?P<text>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<number>-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?)(?![\w.:-])"""
    r"""|(?P<word>[A-Za-z$][\w$:.-]*))"""
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_PARTS: Mapping[str, Callable[[str, str], bool]] = {
    "co": lambda value, part: part in value,
    "sw": str.startswith,
    "ew": str.endswith,
}


def compile_query(text: Json, fields: Fields) -> Test:
    """What *text* asks for. Raises `BadQuery`."""
    reader = _Scim(text, fields)
    test = reader.either()
    reader.finish()
    return test


class _Scim(Reader):
    TOKEN = _TOKEN

    def either(self) -> Test:
        tests = [self.both()]
        while self.takes_word("or"):
            tests.append(self.both())
        return either(tests)

    def both(self) -> Test:
        tests = [self.clause()]
        while self.takes_word("and"):
            tests.append(self.clause())
        return both(tests)

    def clause(self) -> Test:
        with self.deeper():
            if self.next.kind == "word" and self.peek(1).kind == "(":
                if not self.takes_word("not"):
                    raise BadQuery(f"`not` is expected {self.where()}")
                return negated(self.clause())
            if self.takes("("):
                inside = self.either()
                self.expect(")")
                return inside
            return self.attribute()

    def attribute(self) -> Test:
        self.count()
        name = self.expect("word").text
        if name.casefold().startswith("urn:"):  # the schema that the attribute is of
            name = name.rpartition(":")[2]
        first, *inside = name.split(".")
        get = self.fields.field(first, inside)
        if self.takes("["):
            return self.inside(get)
        operator = self.expect("word").text.casefold()
        if operator == "pr":
            return lambda record: get(record) not in (None, "", [], {})
        if operator not in ("eq", "ne", *ORDERED, *_PARTS):
            raise BadQuery(f"there is no operator {operator[:40]!r}")
        return _compared(operator, get, self.value())

    def inside(self, get: Get) -> Test:
        """`emails[type eq "work"]`: one of the values is so."""
        outer, self.fields = self.fields, AnyField()
        inner = self.either()
        self.fields = outer
        self.expect("]")

        def test(record: Mapping[str, Json]) -> Json:
            return any(
                isinstance(value, dict) and inner(value) is True
                for value in values(get(record))
            )

        return test

    def value(self) -> Json:
        token = self.take()
        if token.kind in ("text", "number"):
            try:
                value = orjson.loads(token.text)
            except orjson.JSONDecodeError:
                raise BadQuery(f"{token.text[:40]} is no value of JSON") from None
            return moment(value) or value
        word = token.text.casefold()
        if token.kind != "word" or word not in _CONSTANTS:
            raise BadQuery("a value of JSON is expected")
        return _CONSTANTS[word]


def _compared(operator: str, get: Get, said: Json) -> Test:
    if operator == "eq":
        return lambda record: _has(get(record), said)
    if operator == "ne":
        return lambda record: not _has(get(record), said)
    if said is None or isinstance(said, bool):
        raise BadQuery(f"{operator} compares texts, numbers and dates")
    compare = _PARTS.get(operator)
    if compare is None:
        return lambda record: any(
            ordered(operator, _plain(value), said, fold=True)
            for value in values(get(record))
        )
    if not isinstance(said, str):
        raise BadQuery(f"{operator} compares texts")
    part = said.casefold()
    return lambda record: any(
        isinstance(plain, str) and compare(plain.casefold(), part)
        for plain in map(_plain, values(get(record)))
    )


def _has(value: Json, said: Json) -> bool:
    if said is None:
        return value in (None, "", [], {})
    return any(equal(_plain(item), said, fold=True) for item in values(value))


def _plain(value: Json) -> Json:
    """What a complex value is compared by (RFC 7643, 2.4): its member `value`."""
    return value.get("value") if isinstance(value, dict) else value
