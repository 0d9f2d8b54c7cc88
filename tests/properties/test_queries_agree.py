"""Queries agree with a naive reading of what they were made from."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.search.elasticsearch import compile_query
from emulator.search.predicate import BadQuery

WORDS = ["nurse", "night", "shift", "Nurses", "IT", "né"]
FIELDS = ["title", "text", "gone"]
Node = tuple[Any, ...]

words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=5).map(" ".join)
records = st.fixed_dictionaries(
    {"title": texts, "text": st.none() | st.lists(texts, max_size=2)},
    optional={"count": st.integers(0, 5)},
)
leaves = st.one_of(
    st.tuples(st.just("word"), words),
    st.tuples(st.just("phrase"), st.lists(words, min_size=1, max_size=3)),
    st.tuples(st.just("wild"), st.sampled_from(["n*", "*t", "n*t", "*u*", "s*f*"])),
)
trees = st.recursive(
    leaves,
    lambda one: st.one_of(
        st.tuples(st.just("AND"), st.lists(one, min_size=2, max_size=3)),
        st.tuples(st.just("OR"), st.lists(one, min_size=2, max_size=3)),
        st.tuples(st.just(" "), st.lists(one, min_size=2, max_size=3)),
        st.tuples(st.just("NOT"), one),
    ),
    max_leaves=8,
)


def written(node: Node) -> str:
    """The text of a tree, with every group in parentheses."""
    kind, what = node
    if kind in ("word", "wild"):
        return str(what)
    if kind == "phrase":
        return '"' + " ".join(what) + '"'
    if kind == "NOT":
        return f"(NOT {written(what)})"
    joined = f" {kind} " if kind.strip() else " "
    return "(" + joined.join(map(written, what)) + ")"


def parts(record: dict[str, Any], fields: list[str]) -> list[list[str]]:
    """The words of each text in these fields."""
    values = [record.get(field) for field in fields]
    return [
        str(one).casefold().split()
        for value in values
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]


def holds(node: Node, record: dict[str, Any], fields: list[str]) -> bool:
    """What the tree means, read as simply as can be."""
    kind, what = node
    if kind == "AND":
        return all(holds(one, record, fields) for one in what)
    if kind in ("OR", " "):
        return any(holds(one, record, fields) for one in what)
    if kind == "NOT":
        return not holds(what, record, fields)
    found = parts(record, fields)
    if kind == "wild":
        pattern = re.compile(what.replace("*", ".*"))
        return any(pattern.fullmatch(word) for words in found for word in words)
    wanted = [what.casefold()] if kind == "word" else [one.casefold() for one in what]
    size = len(wanted)
    return any(
        words[at : at + size] == wanted
        for words in found
        for at in range(len(words) - size + 1)
    )


@given(trees, records, st.lists(st.sampled_from(FIELDS), min_size=1, unique=True))
def test_a_text_means_what_it_says(
    tree: Node, record: dict[str, Any], fields: list[str]
) -> None:
    """Operators, quotes, parentheses, wildcards and several fields."""
    query = {"query_string": {"fields": fields, "query": written(tree)}}

    assert compile_query(query).test(record) is holds(tree, record, fields)


clauses = st.recursive(
    st.one_of(
        words.map(lambda one: {"match": {"title": one}}),
        st.sampled_from([*FIELDS, "count"]).map(lambda one: {"exists": {"field": one}}),
        st.tuples(st.sampled_from(["gte", "gt", "lte", "lt"]), st.integers(0, 5)).map(
            lambda one: {"range": {"count": {one[0]: one[1]}}}
        ),
    ),
    lambda one: st.dictionaries(
        st.sampled_from(["must", "must_not", "should", "filter"]),
        st.lists(one, max_size=3),
    ).map(lambda body: {"bool": body}),
    max_leaves=10,
)


def true(clause: dict[str, Any], record: dict[str, Any]) -> bool:
    """What a clause means, read as simply as can be."""
    kind, body = next(iter(clause.items()))
    if kind == "match":
        return holds(("word", body["title"]), record, ["title"])
    if kind == "exists":
        return record.get(body["field"]) not in (None, [])
    if kind == "range":
        name, bound = next(iter(body["count"].items()))
        count = record.get("count")
        return count is not None and bool(
            {"gte": count >= bound, "gt": count > bound}.get(name)
            or {"lte": count <= bound, "lt": count < bound}.get(name)
        )
    must = [*body.get("must", []), *body.get("filter", [])]
    should = body.get("should", [])
    return (
        all(true(one, record) for one in must)
        and not any(true(one, record) for one in body.get("must_not", []))
        and (bool(must) or not should or any(true(one, record) for one in should))
    )


@given(clauses, records)
def test_clauses_mean_what_they_say(
    clause: dict[str, Any], record: dict[str, Any]
) -> None:
    """All of `must` and `filter`, none of `must_not`, and one of `should` in their place."""
    assert compile_query(clause).test(record) is true(clause, record)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda one: (
        st.lists(one, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("bool", "must", "should", "query_string", "query", "fields"),
                    *("range", "exists", "field", "term", "terms", "match", "gte"),
                ]
            ),
            one,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(anything | st.text().map(lambda one: {"query_string": {"query": one}}), records)
def test_what_is_no_query_is_refused(query: Any, record: dict[str, Any]) -> None:
    """Whatever comes, it is a query or a `BadQuery`."""
    try:
        test = compile_query(query).test
    except BadQuery:
        return
    assert test(record) in (True, False)
