"""Functions that take texts, lists and mappings apart: what each gives, and what it refuses."""

from __future__ import annotations

import re
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from evaluation import RECORD, evaluate, exchange, template
from hypothesis import given
from hypothesis import strategies as st

from emulator.language import parts
from emulator.language.failures import ExpressionFailed
from emulator.language.functions import FUNCTIONS

_EXAMPLE = re.compile(r"`([^`]+)` is `([^`]+)`")
MINE = [row for row in FUNCTIONS.values() if row.call.__module__ == parts.__name__]


@pytest.mark.parametrize("row", MINE, ids=lambda row: row.name)
def test_each_has_an_example_that_is_true(row: Any) -> None:
    """It stands in the reference, as the first thing that is said of a function."""
    example = _EXAMPLE.match(row.help)

    assert example is not None
    assert example[1].startswith(f"{row.name}(")
    assert evaluate(example[1]) == evaluate(example[2])


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("split(null)", []),
        ("split('')", []),
        ("split('a,,b')", ["a", "", "b"]),
        ("split('a b', ' ')", ["a", "b"]),
        ("[trim(x) for x in split('a , b')]", ["a", "b"]),
        ("matches('abc', 'b')", True),
        ("matches('abc', '^b')", False),
        ("matches(null, '.*')", False),
        ("matches(5, '5')", False),
        ("matches('Zoë', '^\\\\p{L}+$')", True),
        ("starts_with('Abc', 'a')", False),
        ("starts_with(null, '')", False),
        ("ends_with('', '')", True),
        ("trim(null)", None),
        ("parse_json('5')", 5),
        ("parse_json('{')", None),
        ("parse_json(null)", None),
        ("parse_json(5)", None),
        ("[type_of(x) for x in [null, true, 1, 2.0, 2.5, '', [], {}]]",
         ["null", "boolean", "integer", "integer", "number", "string", "array", "object"]),
        ("sorted(null)", []),
        ("sorted(['b', 2, null, 'a', 1])", [None, 1, 2, "a", "b"]),
        ("sorted([{'n': 2}, {'n': 1}, {}], 'n')", [{}, {"n": 1}, {"n": 2}]),
        ("sorted([1, 3, 2], descending=True)", [3, 2, 1]),
        ("unique(['1', 1, true, 1])", ["1", 1, True]),
        ("numbers(0)", []),
        ("numbers(2, start=5)", [5, 6]),
        ("sum([])", 0),
        ("sum([1, null, 2.5])", 3.5),
        ("any([]) or all(null)", True),
        ("only({'a': 1, 'b': 2}, ['b', 'c'])", {"b": 2}),
        ("only({'a': 1}, 'a')", {"a": 1}),
        ("only(null, ['a'])", {}),
        ("without({'a': 1, 'b': 2}, 'b')", {"a": 1}),
        ("{x: length(x) for x in ['a', 'bb'] if x}", {"a": 1, "bb": 2}),
        ("{x: omit if x == 1 else x for x in [1, 2]}", {"2": 2}),
        ("{x: {y: x + y for y in [1]} for x in [1, 2]}", {"1": {"1": 2}, "2": {"1": 3}}),
        ("{'a': 1 for x in null}", {}),
    ],
)  # fmt: skip
def test_what_comes_of_an_expression(expression: str, value: Any) -> None:
    """Null is an empty list, an empty mapping or no text."""
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "split(5)",
        "split('a', '')",
        "trim(5)",
        "sorted('ab')",
        "sorted(5)",
        "sum(['1'])",
        "sum([true])",
        "sum([1e308, 1e308])",
        "any('ab')",
        "unique({'a': 1})",
        "numbers(-1)",
        "numbers(100001)",
        "numbers(1, start=1.5)",
        "only([1], ['a'])",
        "without('a', [])",
        "only({}, 5)",
    ],
)
def test_what_does_not_fit_fails(expression: str) -> None:
    """At its place in the spec, as all that fails in an expression."""
    with pytest.raises(ExpressionFailed):
        evaluate(expression)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("matches('a', '(')", "no regular expression"),
        ("matches('a', '(?=a)')", "no regular expression"),
        ("matches('a', '(a)\\\\1')", "no regular expression"),
        ("matches('a', 'a{9999999}')", "no regular expression"),
        ("matches('a', now)", "not in quotes"),
        ("matches('a', 5)", "not in quotes"),
        ("matches('a')", "does not fit"),
        ("{x: y for x in [1] for y in [2]}", "loops too much"),
        ("{x: 1 for x in [{y: 1 for y in [{z: 1 for z in []}]}]}", ""),
        ("{**a}", ""),
    ],
)
def test_what_no_expression_says_is_told(expression: str, said: str) -> None:
    """When the spec is loaded."""
    problems = [str(error) for _, error in template(expression, bare=True).problems()]

    assert said in "".join(problems)


@pytest.mark.parametrize("text", ["a" * 100_000 + "b", "ab" * 50_000])
def test_a_match_takes_a_time_that_grows_with_the_text_alone(text: str) -> None:
    """Whatever is nested in the pattern."""
    expression = template("matches(title, '^(a+)+$')", bare=True)
    began = process_time()

    assert expression.value(exchange(), {**RECORD, "title": text}) is False
    assert process_time() - began < 0.5


def test_a_text_of_too_many_parts_is_not_split() -> None:
    """Nor is a list of more than a hundred thousand items looped over."""
    with pytest.raises(ValueError, match="100000 are the most"):
        parts.split("," * 200_000)


values = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=2)


@given(st.lists(values))
def test_lists_agree_with_what_python_has(items: list[Any]) -> None:
    """`unique`, `sorted`, `any` and `all`, of any values."""
    assert sorted(map(repr, parts.unique(items))) == sorted({*map(repr, items)})
    assert parts.any_of(items) is any(items)
    assert parts.all_of(items) is all(items)
    ordered = parts.in_order(items)
    assert sorted(map(repr, ordered)) == sorted(map(repr, items))
    ranks = [parts.rank(item) for item in ordered]
    assert all(one <= two for one, two in pairwise(ranks))


@given(st.text(alphabet="ab,"), st.sampled_from([",", "a", "ab"]))
def test_parts_make_the_text_again(text: str, separator: str) -> None:
    """Whatever stands between the separators."""
    assert separator.join(parts.split(text, separator)) == text
