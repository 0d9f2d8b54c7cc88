"""AIP-160: the `filter` of Google's API Improvement Proposal 160, by its grammar.

    status = "open" AND (severity > 3 OR labels:urgent) AND -owner.name:ada* text

`OR` binds closer than `AND`, and what stands side by side must all hold. `:` says that a
list has a value, a mapping a member, and a text a part; `name:*` that there is something.
There are no functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emulator.json_type import Json
from emulator.search.comparing import (
    both,
    either,
    loosely_equal,
    loosely_ordered,
    negated,
)
from emulator.search.fields import Fields, Get, values
from emulator.search.predicate import BadQuery, Test
from emulator.search.reading import Reader
from emulator.search.words import fits

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[(),])|(?P<comparator><=|>=|!=|<|>|=|:)"""
    r"""|"(?P<text>(?:[^"\\]|\\.)*)"|'(?P<quoted>(?:[^'\\]|\\.)*)'"""
    r"""|(?P<word>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:[Zz]|[+-][0-9:]+)?"""
    r"""|[^\s"'()<>=!:,]+))""",
    re.DOTALL,
)
_ORDERED = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_LIKE = {"text": "text", "quoted": "text", "word": "word"}


class _Said(NamedTuple):
    """A value of a query, and whether it stood in quotes."""

    text: str
    quoted: bool


def compile_query(text: Json, fields: Fields) -> Test:
    """What *text* asks for; everything, if it is empty. Raises `BadQuery`."""
    reader = _Aip(text, fields)
    if reader.next.kind == "end":
        return lambda _: True
    test = reader.expression()
    reader.finish()
    return test


class _Aip(Reader):
    TOKEN = _TOKEN

    def expression(self) -> Test:
        tests = [self.factor()]
        while self.next.kind not in ("end", ")"):
            if self.next == ("word", "AND"):
                self.take()
            tests.append(self.factor())
        return both(tests)

    def factor(self) -> Test:
        tests = [self.term()]
        while self.next == ("word", "OR"):
            self.take()
            tests.append(self.term())
        return either(tests)

    def term(self) -> Test:
        with self.deeper():
            if self.next == ("word", "NOT"):
                self.take()
                return negated(self.term())
            if self.next == ("word", "-"):  # before a parenthesis or a quotation mark
                self.take()
                return negated(self.simple())
            return self.simple()

    def simple(self) -> Test:
        if self.takes("("):
            inside = self.expression()
            self.expect(")")
            return inside
        self.count()
        said = self.said()
        if said.text in ("AND", "OR") and not said.quoted:
            raise BadQuery(f"{said.text} has nothing beside it")
        minus = not said.quoted and len(said.text) > 1 and said.text[0] == "-"
        if minus:
            said = _Said(said.text[1:], quoted=False)
        if not said.quoted and self.next.kind == "(" and self.peek(1).kind == ")":
            raise BadQuery(f"there is no function {said.text[:40]!r}")
        test = self.restriction(said)
        return negated(test) if minus else test

    def restriction(self, said: _Said) -> Test:
        if self.next.kind != "comparator":
            return self.anywhere(said)
        comparator = self.take().text
        if said.quoted:
            first, inside = said.text, list[str]()
        else:
            first, *inside = said.text.split(".")
        get = self.fields.field(first, inside)
        return _compared(comparator, get, self.said())

    def said(self) -> _Said:
        token = self.take()
        if token.kind not in _LIKE:
            self._at -= 1
            raise BadQuery(f"a value is expected {self.where()}")
        if token.kind == "word":
            return _Said(token.text, quoted=False)
        return _Said(re.sub(r"\\(.)", r"\1", token.text, flags=re.DOTALL), quoted=True)

    def anywhere(self, said: _Said) -> Test:
        """A word without a field: one of the texts that are searched has it."""
        part = said.text.casefold()
        searched = self.fields.searched()

        def test(record: Mapping[str, Json]) -> Json:
            texts: Sequence[Json] = (
                [get(record) for get in searched] if searched else [*record.values()]
            )
            return any(
                isinstance(value, str) and part in value.casefold()
                for held in texts
                for value in values(held)
            )

        return test


def _compared(comparator: str, get: Get, said: _Said) -> Test:
    if comparator == ":":
        return _having(get, said)
    operator = _ORDERED.get(comparator)
    if operator is not None:
        return lambda record: any(
            loosely_ordered(operator, value, said.text) for value in values(get(record))
        )
    equals = _equals(said)

    def test(record: Mapping[str, Json]) -> bool:
        value = get(record)
        if value is None:
            return said == ("null", False)
        return any(equals(item) for item in values(value))

    return test if comparator == "=" else lambda record: not test(record)


def _equals(said: _Said) -> Callable[[Json], bool]:
    if "*" not in said.text:
        return lambda value: loosely_equal(value, said.text)
    parts = said.text.casefold().split("*")
    return lambda value: isinstance(value, str) and fits(parts, value.casefold())


def _having(get: Get, said: _Said) -> Test:
    if said == ("*", False):
        return lambda record: get(record) not in (None, "", [], {})
    equals, part = _equals(said), said.text.casefold()

    def has(value: Json) -> bool:
        if isinstance(value, dict):
            return said.text in value
        if isinstance(value, list):
            return any(equals(item) for item in value)
        if isinstance(value, str) and "*" not in part:
            return part in value.casefold()
        return equals(value)

    return lambda record: has(get(record))
