"""Lucene: queries as people type them, by the syntax of Lucene's query parser.

    title:"night shift" AND (state:open OR label:urgent) -author:ada stars:[10 TO *}
    is:open repo:acme/site comments:>10 created:2024-01-01..2024-06-30 crash

A name with a colon says what is compared; words without one are looked for in the fields
that are searched. Those are compared word by word, and all other fields as a whole, with
`*` and `?` for what may stand there. `AND` binds closer than `OR`, whatever else joins
words that stand side by side. Fuzzy and boosted words are not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from emulator.json_type import Json
from emulator.language.texts import to_text
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
from emulator.search.words import in_a_row

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>&&|\|\||[()])|(?P<sign>!|[+-](?=[^\s)]))"""
    r"""|(?P<field>[A-Za-z_][\w./@-]*):(?=\S)"""
    r"""|(?P<range>[\[{][^\]}]{0,200}[\]}])"""
    r"""|"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>(?:[^\s()"\\]|\\.)+))""",
    re.DOTALL,
)
_AND, _OR, _NOT = ("AND", "&&"), ("OR", "||"), ("NOT", "!")
_RANGE = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+)\s*([\]}])")
_COMPARED = {">=": "ge", "<=": "le", ">": "gt", "<": "lt"}
_MOST_WILDCARDS = 20
_LONGEST_WILD = 100


class _Clause(NamedTuple):
    sign: str
    """`+`: it must hold; `-`: it must not; or nothing."""
    test: Test


def compile_query(text: Json, fields: Fields) -> Test:
    """What *text* asks for; everything, if it is empty. Raises `BadQuery`."""
    reader = _Lucene(text, fields)
    if reader.next.kind == "end":
        return lambda _: True
    test = reader.either("")
    reader.finish()
    return test


class _Lucene(Reader):
    TOKEN = _TOKEN
    wildcards = 0

    def is_operator(self, words: tuple[str, ...]) -> bool:
        return self.next.text in words and self.next.kind not in ("phrase", "field")

    def either(self, field: str) -> Test:
        """Clauses up to the end, or to a parenthesis; *field* is what they are about."""
        clauses = [self.both(field)]
        while self.next.kind not in ("end", ")"):
            if self.is_operator(_OR):
                self.take()
            clauses.append(self.both(field))
        return _combined(clauses)

    def both(self, field: str) -> _Clause:
        clauses = [self.signed(field)]
        while self.next.kind not in ("end", ")") and not self.is_operator(_OR):
            if self.is_operator(_AND):
                self.take()
            elif self.fields.joined_by == "or":
                break
            clauses.append(self.signed(field))
        if len(clauses) == 1:
            return clauses[0]
        tests = [
            negated(clause.test) if clause.sign == "-" else clause.test
            for clause in clauses
        ]
        return _Clause("", both(tests))

    def signed(self, field: str) -> _Clause:
        sign = ""
        while self.next.kind == "sign" or self.is_operator(_NOT):
            # NOT NOT is what it is to a reader.
            signs = {"": "-", "+": "-", "-": "+"}
            sign = sign or "+" if self.take().text == "+" else signs[sign]
        with self.deeper():
            return _Clause(sign, self.clause(field))

    def clause(self, field: str) -> Test:
        if self.takes("("):
            inside = self.either(field)
            self.expect(")")
            return inside
        token = self.take()
        if token.kind == "field":
            if field:
                raise BadQuery(f"{field} is asked for {token.text[:40]!r}")
            if self.next == ("sign", "-") and self.peek(1).kind == "word":
                self.take()  # the sign of a number
                self.count()
                return self.compared(token.text, f"-{self.take().text}")
            with self.deeper():
                return self.clause(token.text)
        self.count()
        if token.kind == "range":
            return self.range(field, token.text)
        if token.kind not in ("phrase", "word") or token.text in (*_AND, *_OR):
            self._at -= 1
            raise BadQuery(f"a word is expected {self.where()}")
        if not field:
            return _worded(self.searched(), _unescaped(token.text))
        if token.kind == "word":
            return self.compared(field, token.text)
        if self.fields.is_worded(field):
            return _worded(_one(self.get(field)), _unescaped(token.text))
        return _whole(self.get(field), _unescaped(token.text))

    def get(self, field: str) -> Get:
        first, *inside = field.split(".")
        return self.fields.field(first, inside)

    def searched(self) -> Callable[[Mapping[str, Json]], Sequence[Json]]:
        searched = self.fields.searched()
        if not searched:
            return lambda record: [*record.values()]
        return lambda record: [get(record) for get in searched]

    def range(self, field: str, text: str) -> Test:
        """`[10 TO 20}`: from 10, with it, to 20, without; `*` is no bound."""
        match = _RANGE.fullmatch(text)
        if match is None or not field:
            raise BadQuery(f"{text[:40]!r} is no range of a field")
        begin, low, high, end = match.groups()
        bounds = [
            ("ge" if begin == "[" else "gt", low),
            ("le" if end == "]" else "lt", high),
        ]
        return _bounded(self.get(field), bounds)

    def compared(self, field: str, text: str) -> Test:
        """What stands for a word after the name of a field."""
        get = self.get(field)
        for sign, operator in _COMPARED.items():
            if text.startswith(sign) and len(text) > len(sign):
                return _bounded(get, [(operator, text.removeprefix(sign))])
        low, dots, high = text.partition("..")
        if dots and low and high:
            return _bounded(get, [("ge", low), ("le", high)])
        if text == "*":
            return lambda record: get(record) not in (None, "", [])
        if re.search(r"(?<!\\)[*?]", text):
            return self.wild(get, text)
        if self.fields.is_worded(field):
            return _worded(_one(get), _unescaped(text))
        return _whole(get, _unescaped(text))

    def wild(self, get: Get, text: str) -> Test:
        if len(text) > _LONGEST_WILD:
            raise BadQuery(f"a wildcard is in more than {_LONGEST_WILD} characters")
        self.wildcards += 1
        if self.wildcards > _MOST_WILDCARDS:
            raise BadQuery(f"it has more than {_MOST_WILDCARDS} wildcards")
        parts = tuple(re.findall(r"\\.|\*+|.", text.casefold(), re.DOTALL))
        return lambda record: any(
            isinstance(value, str) and _like(parts, value.casefold())
            for value in values(get(record))
        )


def _combined(clauses: Sequence[_Clause]) -> Test:
    """All that must hold, none that must not; else one of the others."""
    must = [clause.test for clause in clauses if clause.sign == "+"]
    must += [negated(clause.test) for clause in clauses if clause.sign == "-"]
    may = [clause.test for clause in clauses if not clause.sign]
    if may and not any(clause.sign == "+" for clause in clauses):
        must.append(either(may))
    return both(must)


def _one(get: Get) -> Callable[[Mapping[str, Json]], Sequence[Json]]:
    return lambda record: [get(record)]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _worded(get: Callable[[Mapping[str, Json]], Sequence[Json]], text: str) -> Test:
    """Whether one of the texts has the words of *text* in a row."""
    matches = in_a_row(text)
    return lambda record: any(
        matches(to_text(item).casefold())
        for held in get(record)
        for item in values(held)
    )


def _whole(get: Get, text: str) -> Test:
    return lambda record: any(
        loosely_equal(value, text) for value in values(get(record))
    )


def _bounded(get: Get, bounds: Sequence[tuple[str, str]]) -> Test:
    limits = [
        (operator, bound.strip('"')) for operator, bound in bounds if bound != "*"
    ]
    if not limits:
        return lambda record: get(record) is not None
    return lambda record: any(
        all(loosely_ordered(operator, value, bound) for operator, bound in limits)
        for value in values(get(record))
    )


def _like(parts: Sequence[str], value: str) -> bool:
    """Whether *value* is what these parts say: `*`, `?`, and single characters.

    A `*` that has matched too little is tried again, and only the last one: the time is
    that of the product of both lengths.
    """
    at = part = 0
    star, mark = -1, 0
    while at < len(value):
        said = parts[part] if part < len(parts) else ""
        if said.startswith("*"):
            star, mark = part, at
            part += 1
        elif said and (said == "?" or said[-1] == value[at]):
            at, part = at + 1, part + 1
        elif star >= 0:
            mark += 1
            at, part = mark, star + 1
        else:
            return False
    return all(said.startswith("*") for said in parts[part:])
