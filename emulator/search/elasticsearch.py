"""Queries: a search as a tree of clauses, compiled to a test of one record.

The clauses are the well-known ones of Elasticsearch: `bool`, `query_string`, `range`,
`exists`, `term`, `terms`, `match`, `match_phrase` and `match_all`.

    {"bool": {"must": [{"exists": {"field": "url"}}], "must_not": [...], "should": [...]}}
    {"query_string": {"default_field": "title", "query": "nurse AND NOT \\"night shift\\""}}

Texts are compared word by word, whatever the case. As in Lucene's classic syntax, the
default operator is OR and there is no precedence: `a OR b AND c` wants b and c, and is
content without a; parentheses say what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from emulator.json_type import Json
from emulator.language.texts import to_text
from emulator.search.predicate import BadQuery, Predicate, Test
from emulator.search.words import fits, in_a_row, words

MAX_DEPTH = 20
MAX_CLAUSES = 500
MAX_WILDCARDS = 20
MAX_TEXT = 5_000
"""How deep a query may be, of how many clauses and words, and how long each text."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOUND = re.compile(
    r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])([T ][0-9:.]+.*)?)?)?$"
)
"""A date as a bound: a year, a month, a day, or a time of one."""
_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>&&|\|\||[()!])|(?P<sign>[+-])(?=[^\s)])"""
    r"""|(?P<field>[A-Za-z_][\w.]*):(?=\S)"""
    r"""|"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>(?:[^\s()"\\]|\\.)+))""",
    re.DOTALL,
)
_OPERATORS = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "-", "!": "-"}


def compile_query(query: Json, dates: frozenset[str] = frozenset()) -> Predicate:
    """What *query* asks for: an object, or its JSON. Raises `BadQuery`.

    A range over one of the fields *dates* has dates for its bounds.
    """
    if isinstance(query, str):
        return _compiled(query.encode("utf-8", "replace"), dates)
    try:
        return _compiled(orjson.dumps(query), dates)
    except orjson.JSONEncodeError as error:
        raise BadQuery(str(error)) from None


@lru_cache(maxsize=64)
def _compiled(text: bytes, dates: frozenset[str]) -> Predicate:
    try:
        query = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadQuery(f"it is not JSON: {error}") from None
    return Predicate(text, _Compiler(dates).clause(query, 1))


class _Compiler:
    """Compiles one query and counts what it is made of."""

    def __init__(self, dates: frozenset[str]) -> None:
        self.dates = dates
        self.clauses = 0
        self.wildcards = 0

    def count(self, depth: int) -> None:
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            raise BadQuery(f"it has more than {MAX_CLAUSES} clauses")
        if depth > MAX_DEPTH:
            raise BadQuery(f"it is nested more than {MAX_DEPTH} deep")

    def count_wildcard(self) -> None:
        self.wildcards += 1
        if self.wildcards > MAX_WILDCARDS:
            raise BadQuery(f"it has more than {MAX_WILDCARDS} wildcards")

    def clause(self, clause: Json, depth: int) -> Test:
        """`{kind: body}`"""
        self.count(depth)
        if not isinstance(clause, dict) or len(clause) != 1:
            raise BadQuery("a clause is an object with one member")
        kind, body = next(iter(clause.items()))
        if not isinstance(body, dict):
            raise BadQuery(f"{kind} is not an object")
        if kind == "bool":
            return self.bool(body, depth)
        if kind == "query_string":
            return self.query_string(body, depth)
        if kind == "range":
            self.check_dates(body)
        leaf = _LEAVES.get(kind)
        if leaf is None:
            raise BadQuery(f"there is no clause {kind!r}")
        return leaf(body)

    def check_dates(self, body: dict[str, Json]) -> None:
        """Raise `BadQuery` where a field of dates is compared with a text that is none."""
        for name, bounds in body.items():
            (field,) = _named([name])
            if field not in self.dates or not isinstance(bounds, dict):
                continue
            for key in _BOUNDS.keys() & bounds.keys():
                bound = bounds[key]
                if isinstance(bound, str) and not _BOUND.match(bound):
                    raise BadQuery(f"{key} of {field} is no date")

    def bool(self, body: dict[str, Json], depth: int) -> Test:
        _known("bool", body, _BOOL)
        parts: dict[str, list[Test]] = {}
        for name in ("must", "filter", "should", "must_not"):
            given = body.get(name, [])
            given = given if isinstance(given, list) else [given]
            parts[name] = [self.clause(clause, depth + 1) for clause in given]
        least = body.get("minimum_should_match")
        if least is not None and (type(least) is not int or least < 0):
            raise BadQuery("minimum_should_match is not a whole number")
        wanted = parts["must"] + parts["filter"]
        if least is None:
            least = 1 if parts["should"] and not wanted else 0
        return _combined(wanted, parts["should"], parts["must_not"], least)

    def query_string(self, body: dict[str, Json], depth: int) -> Test:
        _known("query_string", body, _QUERY_STRING)
        text = body.get("query")
        if not isinstance(text, str) or not text.strip():
            raise BadQuery("query_string has no query")
        if len(text) > MAX_TEXT:
            raise BadQuery(f"a text is longer than {MAX_TEXT} characters")
        fields = body.get("fields", [body.get("default_field", "*")])
        texts = isinstance(fields, list) and all(isinstance(f, str) for f in fields)
        if not fields or not texts:
            raise BadQuery("fields is not a list of names")
        operator = str(body.get("default_operator", "OR")).upper()
        if operator not in ("AND", "OR"):
            raise BadQuery("default_operator is neither AND nor OR")
        return _Text(self, _tokens(text), operator).parse(_named(fields), depth)


def _combined(
    must: Sequence[Test],
    should: Sequence[Test],
    must_not: Sequence[Test],
    least: int,
) -> Test:
    """All of *must*, *least* of *should* at least, none of *must_not*."""
    if len(must) == 1 and not should and not must_not:
        return must[0]

    def test(record: Mapping[str, Json]) -> bool:
        for clause in must:
            if not clause(record):
                return False
        for clause in must_not:
            if clause(record):
                return False
        if least == 1:
            return any(clause(record) for clause in should)
        return not least or sum(clause(record) for clause in should) >= least

    return test


class _Token(NamedTuple):
    kind: str
    """`AND`, `OR`, `-`, `+`, `(`, `)`, `field`, `phrase` or `word`."""
    text: str


def _tokens(text: str) -> list[_Token]:
    tokens = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadQuery("a quotation mark is not closed")
        at = match.end()
        kind = str(match.lastgroup)
        part = match[kind]
        if kind in ("mark", "sign"):
            tokens.append(_Token(_OPERATORS.get(part, part), part))
        elif kind == "word" and part in _OPERATORS:
            tokens.append(_Token(_OPERATORS[part], part))
        else:
            tokens.append(_Token(kind, part))
    return tokens


class _Text:
    """Reads one text of Lucene's syntax."""

    def __init__(self, compiler: _Compiler, tokens: list[_Token], operator: str):
        self.compiler = compiler
        self.tokens = tokens
        self.operator = operator
        self.at = 0

    def parse(self, fields: tuple[str, ...], depth: int) -> Test:
        test = self.group(fields, depth)
        if self.at < len(self.tokens):
            raise BadQuery("a parenthesis is closed that was not opened")
        return test

    def next(self) -> str:
        """The kind of the next token; empty at the end."""
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def group(self, fields: tuple[str, ...], depth: int) -> Test:
        """Clauses up to the end, or to the parenthesis that closes them."""
        self.compiler.count(depth)
        clauses: list[tuple[str, Test]] = []
        joined = ""
        while self.next() not in ("", ")"):
            if self.next() in ("AND", "OR"):
                if joined or not clauses:
                    raise BadQuery(f"{self.next()} has nothing beside it")
                joined = self.next()
                self.at += 1
                continue
            sign = ""
            while self.next() in ("+", "-"):
                # NOT NOT is what it is to a reader; Lucene knows no such thing.
                now = self.next()
                sign = "+" if now == sign == "-" else now
                self.at += 1
            clause = self.one(fields, depth)
            both = joined == "AND" or (not joined and self.operator == "AND")
            if both and clauses and clauses[-1][0] == "":
                clauses[-1] = ("+", clauses[-1][1])
            clauses.append((sign or ("+" if both else ""), clause))
            joined = ""
        if joined or not clauses:
            raise BadQuery("something is missing")
        by_sign: dict[str, list[Test]] = {"+": [], "": [], "-": []}
        for sign, clause in clauses:
            by_sign[sign].append(clause)
        least = 1 if by_sign[""] and not by_sign["+"] else 0
        return _combined(by_sign["+"], by_sign[""], by_sign["-"], least)

    def one(self, fields: tuple[str, ...], depth: int) -> Test:
        kind = self.next()
        if kind == "field":
            name = self.tokens[self.at].text
            self.at += 1
            if name == "_exists_" and self.next() == "word":
                self.at += 1
                return _exists({"field": self.tokens[self.at - 1].text})
            fields, kind = _named([name]), self.next()
        if kind == "(":
            self.at += 1
            test = self.group(fields, depth + 1)
            if self.next() != ")":
                raise BadQuery("a parenthesis is not closed")
            self.at += 1
            return test
        if kind not in ("word", "phrase"):
            raise BadQuery("something is missing")
        self.compiler.count(depth)
        text = self.tokens[self.at].text
        self.at += 1
        if kind == "word" and "*" in text.replace("\\*", ""):
            self.compiler.count_wildcard()
            return _wildcard(fields, text)
        return _words(fields, text)


def _words(fields: tuple[str, ...], text: str) -> Test:
    """Whether one of *fields* has the words of *text* in a row."""
    matches = in_a_row(re.sub(r"\\(.)", r"\1", text))
    return lambda record: any(map(matches, _TEXTS.of(record, fields)))


def _wildcard(fields: tuple[str, ...], text: str) -> Test:
    """Whether one of *fields* has a word that *text*, with its `*`, stands for."""
    if not text.strip("*"):
        if "*" in fields:
            return lambda _: True
        return lambda record: any(_has(record.get(field)) for field in fields)
    parts = re.sub(r"\\(.)", r"\1", text).casefold().split("*")

    def test(record: Mapping[str, Json]) -> bool:
        return any(
            all(part in text for part in parts)
            and any(fits(parts, word) for word in words(text))
            for text in _TEXTS.of(record, fields)
        )

    return test


class _Texts:
    """The texts of the record that is looked at, which many clauses ask for."""

    def __init__(self) -> None:
        self._kept: tuple[Any, dict[tuple[str, ...], list[str]]] = (None, {})

    def of(self, record: Mapping[str, Json], fields: tuple[str, ...]) -> list[str]:
        """The texts of these fields, case-folded."""
        kept = self._kept
        if kept[0] is not record:
            kept = self._kept = (record, {})
        texts = kept[1].get(fields)
        if texts is None:
            values = (
                record.get(field) for field in (record if "*" in fields else fields)
            )
            texts = kept[1][fields] = [
                to_text(item).casefold() for value in values for item in _values(value)
            ]
        return texts


_TEXTS = _Texts()


def _range(body: dict[str, Json]) -> Test:
    field, bounds = _one_field("range", body)
    if not isinstance(bounds, dict) or not bounds:
        raise BadQuery("range has no bounds")
    _known("range", bounds, {*_BOUNDS, "format", "time_zone", "boost"})
    tests = [(name, bounds[name]) for name in _BOUNDS if bounds.get(name) is not None]
    for _, bound in tests:
        if isinstance(bound, (list, dict, bool)):
            raise BadQuery("a bound is a number or a text")

    def test(record: Mapping[str, Json]) -> bool:
        return any(
            all(_within(value, name, bound) for name, bound in tests)
            for value in _values(record.get(field))
        )

    return test


def _within(value: Json, name: str, bound: Json) -> bool:
    if isinstance(value, (int, float)) or isinstance(bound, (int, float)):
        try:
            return _BOUNDS[name](float(value), float(bound))
        except (TypeError, ValueError):
            return False
    value, bound = str(value).casefold(), str(bound).casefold()
    if _DATE.match(bound):
        # A day as a bound means all of it, also for a value with a time of day.
        value = value[: len(bound)]
    return _BOUNDS[name](value, bound)


_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gte": lambda value, bound: bool(value >= bound),
    "gt": lambda value, bound: bool(value > bound),
    "lte": lambda value, bound: bool(value <= bound),
    "lt": lambda value, bound: bool(value < bound),
}
_BOOL = {"must", "filter", "should", "must_not", "minimum_should_match", "boost"}
_QUERY_STRING = {"query", "default_field", "fields", "default_operator", "boost"}


def _exists(body: dict[str, Json]) -> Test:
    _known("exists", body, {"field", "boost"})
    name = body.get("field")
    if not isinstance(name, str) or not name:
        raise BadQuery("exists has no field")
    (field,) = _named([name])
    return lambda record: _has(record.get(field))


def _term(body: dict[str, Json]) -> Test:
    field, value = _one_field("term", body)
    if isinstance(value, dict):
        value = value.get("value")
    return _equals(field, [value])


def _terms(body: dict[str, Json]) -> Test:
    field, values = _one_field("terms", body)
    if not isinstance(values, list):
        raise BadQuery("terms has no list of values")
    return _equals(field, values)


def _equals(field: str, values: list[Json]) -> Test:
    if any(value is None or isinstance(value, (list, dict)) for value in values):
        raise BadQuery("a value to look for is a text, a number, true or false")
    wanted = {to_text(value).casefold() for value in values}
    return lambda record: any(
        to_text(value).casefold() in wanted for value in _values(record.get(field))
    )


def _match(body: dict[str, Json]) -> Test:
    fields, text, options = _matched("match", body)
    operator = str(options.get("operator", "or")).lower()
    if operator not in ("and", "or"):
        raise BadQuery("operator is neither and nor or")
    tests = [_words(fields, word) for word in words(text.casefold())]
    if len(tests) > MAX_CLAUSES:
        raise BadQuery(f"it has more than {MAX_CLAUSES} words")
    if operator == "and" and tests:
        return _combined(tests, [], [], 0)
    return _combined([], tests, [], 1)


def _match_phrase(body: dict[str, Json]) -> Test:
    fields, text, _ = _matched("match_phrase", body)
    return _words(fields, text)


def _matched(
    kind: str, body: dict[str, Json]
) -> tuple[tuple[str, ...], str, dict[str, Json]]:
    field, given = _one_field(kind, body)
    options = given if isinstance(given, dict) else {"query": given}
    _known(kind, options, {"query", "operator", "boost"})
    text = options.get("query")
    if text is None or isinstance(text, (list, dict)):
        raise BadQuery(f"{kind} has no text")
    text = to_text(text)
    if len(text) > MAX_TEXT:
        raise BadQuery(f"a text is longer than {MAX_TEXT} characters")
    return (field,), text.replace("\\", " "), options


def _match_all(body: dict[str, Json]) -> Test:
    _known("match_all", body, {"boost"})
    return lambda _: True


_LEAVES: Mapping[str, Callable[[dict[str, Json]], Test]] = {
    "range": _range,
    "exists": _exists,
    "term": _term,
    "terms": _terms,
    "match": _match,
    "match_phrase": _match_phrase,
    "match_all": _match_all,
}


def _one_field(kind: str, body: dict[str, Json]) -> tuple[str, Json]:
    if len(body) != 1:
        raise BadQuery(f"{kind} names one field")
    name, value = next(iter(body.items()))
    return _named([name])[0], value


def _named(fields: Iterable[str]) -> tuple[str, ...]:
    """Names of fields without their boosts: `title^2`, and `title.keyword`."""
    return tuple(
        field.partition("^")[0].strip().removesuffix(".keyword") for field in fields
    )


def _known(kind: str, body: Mapping[str, Json], known: Iterable[str]) -> None:
    unknown = body.keys() - set(known)
    if unknown:
        raise BadQuery(f"{kind} knows no {min(unknown)!r}")


def _values(value: Json) -> Iterable[Json]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _has(value: Json) -> bool:
    return value is not None and value != []
