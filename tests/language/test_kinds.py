"""Kinds: values that do not go together, where an expression compares or calculates."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluation import evaluate
from hypothesis import given
from hypothesis import strategies as st
from small import small

from emulator.diagnostics import SpecError
from emulator.language.failures import ExpressionFailed
from emulator.language.functions import FUNCTIONS
from emulator.language.grammar import BadExpression
from emulator.language.kinds import kind_of, kind_of_schema, mixed
from emulator.language.static_scope import Scope

KINDS = {
    "query.n": "a number",
    "body.t": "a text",
    "body.l": "a list",
    "this.n": "a text",
}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("query.n < '3'", "a number and a text cannot be compared"),
        ("'a' < query.n < 'b'", "a text and a number cannot be compared"),
        ("request.query.n + body.t", "a number and a text cannot be added"),
        ("(query.n or 1) == '1'", "a number is never equal to a text"),
        ("query.n in ['1', '2']", "none of the items is a number"),
        ("query.n in body.t", "a number cannot be looked for in a text"),
        ("1 in query.n", "a number has no items"),
        ("body.l * 2", "a list is not a number"),
        ("length(body.l) >= 'three'", "a number and a text cannot be compared"),
        ("lower(body.t) - 1", "a text is not a number"),
        ("[q for q in body.l if query.n == 'x']", "a number is never equal to a text"),
        ("contains(body.t, query.n)", "a number is given as 'part', which is a text"),
        (
            "join(body.l, separator=query.n)",
            "a number is given as 'separator', which is a text",
        ),
        ("max(query.n, body.t)", "a number and a text cannot be compared"),
        ("query.n.high", "a number has no members"),
        ("query.n < 3", ""),
        ("max(query.n, 3, true)", ""),
        ("upper(query.n)", ""),
        ("records('things', n=query.n)", ""),
        ("query.n == true", ""),
        ("query.n in [1, '2']", ""),
        ("query.n in []", ""),
        ("body.t + '!'", ""),
        ("query.m < '3'", ""),
        ("[query for query in body.l if query.n < '3']", ""),
        ("query.n <", ""),
    ],
)
def test_kinds_that_do_not_go_together_are_told(text: str, why: str) -> None:
    """What is known of neither side is nobody's mistake."""
    assert [part.why for part in mixed(text, KINDS)] == ([why] if why else [])


def test_a_field_of_the_record_hides_a_name_of_the_call() -> None:
    """`this.` names are the record's, and a name alone is too."""
    fields = ("n", "query")

    assert [part.text for part in mixed("n > 1 or query.n > '1'", KINDS, fields)] == [
        "n > 1"
    ]
    assert [part.text for part in mixed("this.n > 1", KINDS, fields)] == ["this.n > 1"]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "integer"}, "a number"),
        ({"type": ["string", "null"]}, "a text"),
        ({"type": ["string", "integer"]}, ""),
        ({"enum": ["a"]}, ""),
        (True, ""),
    ],
)
def test_a_schema_says_the_kind_if_it_has_one_type(schema: object, kind: str) -> None:
    """Null is of no kind: a value that may be null is of the other."""
    assert kind_of_schema(schema) == kind


OPERATORS = ("<", "<=", ">", ">=", "==", "!=", "in", "not in", "+", "-", "*", "/", "%")
LITERALS = ("1", "2.5", "true", "'a'", "''", "[]", "[1]", "{}", "{'a': 1}")


@given(st.sampled_from(LITERALS), st.sampled_from(OPERATORS), st.sampled_from(LITERALS))
def test_what_is_said_to_fail_fails_and_nothing_else_of_literals(
    left: str, operator: str, right: str
) -> None:
    """The oracle is the evaluation; what is only always the same is told as that."""
    text = f"{left} {operator} {right}"
    parts = [*mixed(text, {})]
    try:
        value = evaluate(text, Scope(), {})
    except ExpressionFailed:
        value = None
    assert any(part.fails for part in parts) == (value is None)
    if parts and value is not None:
        assert value is (operator in ("!=", "not in"))


@pytest.mark.parametrize("key", ["quota", "cost", "cost_after"])
def test_an_amount_is_a_number(tmp_path: Path, key: str) -> None:
    """What is known to be something else is told, and what may be one is not."""
    flag = {"name": "flag", "in": "query", "schema": {"type": "boolean"}}
    paths = {"/a": {"get": {"operationId": "a", "parameters": [flag], "responses": {}}}}
    limit = {
        "quota": 9,
        "window": "1m",
        "per": "ip",
        key: "length(query.flag or 'a') > 1",
    }
    table = {"rate_limited": {"status": 429}, "invalid_request": {"status": 400}}

    with pytest.raises(SpecError) as told:
        small(
            tmp_path,
            paths,
            {"a": {"reply": {"body": 1}}},
            rate_limits=[limit],
            table=table,
        )

    assert "is true or false, and a number is needed here" in str(told.value)


CALLS: dict[str, list[str]] = {
    "lookup": ["'things'", "1"], "records": ["'things'"], "count": ["'things'"],
    "show": ["'thing'", "first(records('things'))"], "slug": ["'a'"],
    "unique_slug": ["'a'", "'things'"], "uuid": [], "token": ["3"], "secret": ["3"],
    "timestamp": ["now", "'UTC'", "'%Y'"], "epoch": ["now"], "http_date": ["now"],
    "date": ["now", "'UTC'"], "shift": ["now"], "content": ["{'text': 'a'}"],
    "jwt": ["{'a': 1}", "'signing'"], "jwks": ["'signing'"], "words": ["'a_b'"],
    "capitalized": ["'a'"], "lower": ["'a'"], "upper": ["'a'"],
    "replace": ["'a'", "'b'", "'c'"], "fixed": ["1.5", "2"], "url_path": ["'http://a/b'"],
    "join": ["['a']", "','"], "text": ["1"], "type_of": ["1"], "contains": ["'a'", "'b'"],
    "integer": ["'1'"], "decimal": ["'1'"], "round": ["1.5", "1"], "min": ["1", "2"],
    "max": ["1", "2"], "length": ["'a'"], "first": ["[1]"], "merge": ["{'a': 1}", "{}"],
    "grouped": ["records('things')", "'title'"], "split": ["'a,b'", "','"],
    "matches": ["'a'", "'a'"], "starts_with": ["'a'", "'a'"], "ends_with": ["'a'", "'a'"],
    "trim": ["'a'"], "parse_json": ["'1'"], "sorted": ["[1]"], "unique": ["[1]"],
    "numbers": ["3", "1"], "sum": ["[1]"], "any": ["[1]"], "all": ["[1]"],
    "only": ["{'a': 1}", "['a']"], "without": ["{'a': 1}", "['a']"],
    "first_messages": ["[]"], "all_messages": ["[]"], "hash": ["'a'"],
    "hmac": ["'a'", "'b'"], "digest": ["1"], "hex": ["'a'"], "base64": ["'a'"],
    "base64url": ["'a'"], "from_base64": ["'YQ=='"], "url": ["'a'", "'/'"],
    "query_string": ["{'a': 1}"],
}  # fmt: skip
"""A call of each function, by its arguments."""
OTHERS = ("2", "'x'", "true", "['x']", "{'a': 'x'}")
"""A value of each kind."""
HARMLESS = ("grouped(records('things'), 2)", "grouped(records('things'), true)")
"""What finds nothing, and is told of all the same."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_argument_of_a_kind_that_fails_is_told_and_no_other(name: str) -> None:
    """The oracle is the evaluation, for every function, argument and kind."""
    wrong = []
    for at, usual in enumerate(CALLS[name]):
        for other in OTHERS:
            if kind_of(usual, {"now": "a text"}) == kind_of(other, {}):
                continue  # what else is wrong with it is another question
            given = [*CALLS[name]]
            given[at] = other
            text = f"{name}({', '.join(given)})"
            told = [part.why for part in mixed(text, {})]
            try:
                evaluate(text)
            except ExpressionFailed:
                fails = True
            except BadExpression:
                continue  # it cannot be written
            else:
                fails = False
            if bool(told) != fails and text not in HARMLESS:
                wrong.append((text, told, fails))

    assert wrong == []


def test_a_definition_has_the_kind_of_what_it_gives(tmp_path: Path) -> None:
    """So what reads it is told what cannot be read there."""
    paths = {"/a": {"get": {"operationId": "a", "responses": {}}}}
    body = "${company.name} ${total + 'x'} ${half(2).x} ${same(client).x}"
    operations = {"a": {"reply": {"body": body}}}
    names = {
        "company": -1,
        "total": "length('abc')",
        "twice": "total * 2",
        "half(n)": "n / 2",
        "same(n)": "n",
    }

    with pytest.raises(SpecError) as told:
        small(tmp_path, paths, operations, let=names)

    assert kind_of("total", {"total": "a number"}) == "a number"
    assert "'company.name' mixes kinds of values: a number has no members" in str(
        told.value
    )
    assert "'half(2).x' mixes kinds of values" in str(told.value)
    assert "'same(client).x' mixes" not in str(told.value)
    assert "a number and a text cannot be added" in str(told.value)
