"""Queries: what each clause wants, and what is no query."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.search import elasticsearch as queries
from emulator.search.elasticsearch import compile_query
from emulator.search.predicate import BadQuery

RECORD = {
    "title": "Senior Full-Stack Engineer (m/f)",
    "text": "Nights and weekends are yours.",
    "seen": "2019-02-02 05:31:23 +0000",
    "day": "2022-05-07",
    "pay": 65000,
    "remote": True,
    "tags": ["data science", "sql"],
    "none": [],
    "gone": None,
}


def wanted(query: Any, record: dict[str, Any] = RECORD) -> bool:
    return compile_query(query).test(record)


def text(query: str, **rest: Any) -> dict[str, Any]:
    return {"query_string": {"default_field": "title", "query": query, **rest}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("engineer", True),
        ("ENGINEER", True),
        ("engine", False),
        ("nurse engineer", True),
        ("nurse OR engineer", True),
        ("nurse || engineer", True),
        ("nurse AND engineer", False),
        ("senior && engineer", True),
        ("nurse and engineer", True),  # a word: operators are in upper case
        ("NOT nurse", True),
        ("!engineer", False),
        ("NOT NOT engineer", True),
        ("engineer NOT senior", False),
        ("engineer -nurse", True),
        ("+nurse engineer", False),
        ("+senior nurse", True),
        ("(nurse OR engineer) AND senior", True),
        ("senior AND NOT (nurse OR engineer)", False),
        ('"full stack engineer"', True),
        ('"engineer stack"', False),
        ('"nurse" OR "physician"', False),
        ("full-stack", True),
        ("stack-full", False),
        ("eng*", True),
        ("*eer", True),
        ("e*n*r", True),
        ("e*x*r", False),
        ("*", True),
        ("gone:*", False),
        ("none:*", False),
        ("_exists_:gone", False),
        ("_exists_:pay", True),
        ("text:weekends", True),
        ("text:(weekends AND nights)", True),
        ('tags:"data science"', True),
        ('tags:"science sql"', False),
        ("remote:true", True),
        ("pay:65000", True),
        ("unknown:x", False),
        ("c++", False),
        ("\\(m\\/f\\)", True),
        ("...", False),
        # Lucene's classic syntax has no precedence: b and c are what counts.
        ("senior OR engineer AND nurse", False),
        ("senior OR (engineer AND nurse)", True),
    ],
)
def test_a_text_is_read_as_lucene_reads_it(query: str, expected: bool) -> None:
    """AND, OR, NOT, quotes, parentheses, `*`; OR by default; whatever the case."""
    assert wanted(text(query)) is expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ({"query": "weekends", "fields": ["title", "text"]}, True),
        ({"query": "engineer AND weekends", "fields": ["title^3", "text"]}, True),
        ({"query": "weekends", "fields": ["title"]}, False),
        ({"query": "weekends"}, True),
        ({"query": "*"}, True),
        ({"query": "senior nurse", "default_operator": "and"}, False),
        ({"query": "*", "default_field": "gone"}, False),
    ],
)
def test_a_text_is_looked_for_in_fields(clause: Any, expected: bool) -> None:
    """In one, in several, or in all."""
    assert wanted({"query_string": clause}) is expected


YES, NO = {"match_all": {}}, {"exists": {"field": "gone"}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, True),
        ({"must": [YES, YES]}, True),
        ({"must": [YES, NO]}, False),
        ({"must": YES}, True),
        ({"filter": [NO]}, False),
        ({"must_not": [NO]}, True),
        ({"must_not": [YES]}, False),
        ({"should": [NO, YES]}, True),
        ({"should": [NO]}, False),
        ({"must": [YES], "should": [NO]}, True),
        ({"must": [YES], "should": [NO], "minimum_should_match": 1}, False),
        ({"should": [YES, NO, YES], "minimum_should_match": 2}, True),
        ({"should": [YES, NO], "minimum_should_match": 2}, False),
        ({"must": [{"bool": {"should": [YES], "must_not": [NO]}}]}, True),
        ({"should": []}, True),
    ],
)
def test_clauses_are_combined(body: Any, expected: bool) -> None:
    """One of `should` is needed where nothing must be."""
    assert wanted({"bool": body}) is expected


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ({"range": {"day": {"gte": "2022-05-07", "lte": "2022-06-07"}}}, True),
        ({"range": {"day": {"gt": "2022-05-07"}}}, False),
        ({"range": {"seen": {"lte": "2019-02-02"}}}, True),
        ({"range": {"seen": {"gt": "2019-02-02"}}}, False),
        ({"range": {"seen": {"gte": "2019-02-02", "lt": "2019-02-03"}}}, True),
        ({"range": {"seen": {"lt": "2019-02-02 05:31"}}}, False),
        ({"range": {"pay": {"gte": 60000, "lt": "70000"}}}, True),
        ({"range": {"pay": {"gte": "much"}}}, False),
        ({"range": {"title": {"gte": 3}}}, False),
        ({"range": {"gone": {"gte": 0}}}, False),
        ({"range": {"day": {"gte": None, "format": "yyyy-MM-dd"}}}, True),
        ({"exists": {"field": "pay"}}, True),
        ({"exists": {"field": "gone"}}, False),
        ({"exists": {"field": "none"}}, False),
        ({"term": {"remote": True}}, True),
        ({"term": {"remote": "true"}}, True),
        ({"term": {"day": {"value": "2022-05-07"}}}, True),
        ({"term": {"title": "engineer"}}, False),
        ({"term": {"tags.keyword": "SQL"}}, True),
        ({"terms": {"pay": [1, 65000]}}, True),
        ({"terms": {"pay": []}}, False),
        ({"match": {"title": "nurse engineer"}}, True),
        ({"match": {"title": {"query": "nurse engineer", "operator": "and"}}}, False),
        ({"match": {"title": "(("}}, False),
        ({"match_phrase": {"title": "stack engineer"}}, True),
        ({"match_phrase": {"title": "engineer stack"}}, False),
    ],
)
def test_a_clause_wants_a_record(clause: Any, expected: bool) -> None:
    """A day as a bound means all of it; numbers are compared as numbers."""
    assert wanted(clause) is expected


def test_a_query_can_be_json_in_a_text() -> None:
    """As it is in a query string."""
    assert wanted('{"exists": {"field": "pay"}}')
    assert not wanted('{"exists": {"field": "gone"}}')


DEEP: Any = YES
for _ in range(queries.MAX_DEPTH):
    DEEP = {"bool": {"must": [DEEP]}}


@pytest.mark.parametrize(
    "query",
    [
        *(
            None,
            [],
            1,
            True,
            "",
            "x",
            "[]",
            "{",
            "\ud800",
            {},
            {"bool": {}, "term": {}},
        ),
        *({"fuzzy": {}}, {"bool": []}, {"bool": {"may": []}}, {"bool": {"must": [1]}}),
        {"bool": {"minimum_should_match": "1"}},
        *({"query_string": {}}, {"query_string": {"query": 1}}, text(" ")),
        *(text("x", fields=[]), text("x", fields=[1]), text("x", fields="title")),
        *(text("x", default_operator="XOR"), text("x", nonsense=1)),
        *(text(q) for q in ("(", ")", "()", "a AND", "OR a", "a OR OR b", "NOT", '"a')),
        *(text(q) for q in ("(a", "a)", "a OR )", "title:(", "x" * 5001, "a " * 1000)),
        *({"range": {}}, {"range": {"a": {}}}, {"range": {"a": {"is": 1}}}),
        *({"range": {"a": {"gte": []}}}, {"range": {"a": {"gt": True}}}),
        *({"range": {"a": {"gt": 1}, "b": {"gt": 1}}}, {"exists": {"field": 1}}),
        *({"exists": {}}, {"term": {}}, {"term": {"a": None}}, {"term": {"a": []}}),
        *({"terms": {"a": "b"}}, {"match": {"a": None}}, {"match": {"a": {}}}),
        *({"match": {"a": {"query": "x", "operator": "xor"}}}, {"match_all": {"a": 1}}),
        *({"match": {"a": "x" * 5001}}, {"match": {"a": "x " * 501}}, DEEP),
        *(
            {"bool": {"must": [YES] * queries.MAX_CLAUSES}},
            {"exists": {"field": "\ud800"}},
        ),
        *(text("(" * 30 + "a" + ")" * 30), text("a* " * (queries.MAX_WILDCARDS + 1))),
    ],
)
def test_what_is_no_query_is_said_to_be_none(query: Any) -> None:
    """With the reason, and never with another exception."""
    with pytest.raises(BadQuery) as caught:
        compile_query(query)

    assert str(caught.value)


@pytest.mark.parametrize(
    "query", ["a*" * 2000 + "b", "*a" * 2000 + "b", "(a OR " * 10 + "b" + ")" * 10]
)
def test_no_query_takes_long(query: str) -> None:
    """Wildcards are looked for one after the other: nothing is tried twice."""
    assert not wanted(text(query), {"title": "a" * 10_000 + "c"})
