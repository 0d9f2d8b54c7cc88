"""Kinds: values that do not go together, where an expression compares or calculates."""

from __future__ import annotations

import pytest
from evaluation import evaluate
from hypothesis import given
from hypothesis import strategies as st

from emulator.language.expressions import Scope
from emulator.language.failures import ExpressionFailed
from emulator.language.kinds import kind_of_schema, mixed

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
        ("query.n < 3", ""),
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
