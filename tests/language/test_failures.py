"""Failures: expressions that cannot be worked out, told in words that an author knows."""

from __future__ import annotations

import pytest
from evaluation import RECORD, evaluate, template

from emulator.language.failures import ExpressionFailed
from emulator.language.static_scope import Scope


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gone < 3", "null and a number cannot be compared"),
        ("title < 3", "a text and a number cannot be compared"),
        ("tags < 3", "a list and a number cannot be compared"),
        ("id // 0", "a number cannot be divided by 0"),
        ("id % 0", "a number cannot be divided by 0"),
        ("id / 0", "a number cannot be divided by 0"),
        ("price // 0", "a number cannot be divided by 0"),
        ("gone + 1", "null and a number cannot be added"),
        ("tags + 1", "a list and a number cannot be added"),
        ("gone + 'x'", "null and a text cannot be added"),
        ("title - 1", "a text is not a number"),
        ("-title", "a text has no negative"),
        ("'x' in gone", "null has no items"),
        ("3 in title", "a number cannot be looked for in a text"),
        ("gone in title", "null cannot be looked for in a text"),
        ("length(id)", "a number has no length"),
        ("id.name", "7 has no member 'name'"),
        ("first(id)", "a number has no items"),
        ("integer(title)", "'Anvil' is not a whole number"),
        ("integer(gone)", "null is not a number"),
        ("decimal(title)", "'Anvil' is not a number"),
        ("round(title)", "a text is not a number"),
        ("fixed(title, 2)", "a text is not a number"),
        ("fixed(tags, 2)", "a list is not a number"),
        ("shift(title, days=1)", "'Anvil' is not a time"),
        (
            "shift(id, days=1)",
            "only a text can be a time, such as 2024-02-05T14:30:00Z",
        ),
        ("min(gone)", "there is no value that is not null"),
        ("merge(title)", "a text cannot be used here"),
        ("tags[title:]", "the edges of a part are whole numbers"),
        ("[one + 1 for one in tags]", "a text and 1 cannot be added"),
    ],
)
def test_a_failure_is_told_without_a_word_of_python(text: str, told: str) -> None:
    """An author writes JSON: `NoneType`, `str` and `isoformat` are not of that world."""
    with pytest.raises(ExpressionFailed) as failed:
        evaluate(text)

    assert failed.value.reason == told
    assert failed.value.expression == text


def test_a_failure_shows_what_the_names_of_its_own_expression_stood_for() -> None:
    """Of texts and numbers what they are, of lists and mappings only their size."""
    tree = {"a": "${id}", "b": "${title} ${price < gone and size.high and tags[0]}"}

    with pytest.raises(ExpressionFailed) as failed:
        template(tree).value(None, RECORD)

    assert failed.value.expression == "price < gone and size.high and tags[0]"
    assert failed.value.values == {
        "price": "2.5",
        "gone": "null",
        "size.high": "3",
        "tags": "a list of 2 items",
    }


def test_a_failure_of_what_stands_between_expressions_blames_none_of_them() -> None:
    """A number that JSON cannot hold: the list that has it is written as a whole."""
    tree = ["${9000000000000000000 * id}", "${omit}"]

    with pytest.raises(ExpressionFailed) as failed:
        template(tree, Scope(fields=frozenset(RECORD))).json(None, RECORD)

    assert failed.value.expression == ""
    assert "64-bit" in str(failed.value)
