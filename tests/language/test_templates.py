"""Templates keep what they are given: types, texts, order, and the place of each part."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import orjson
import pytest
from evaluation import RECORD, SCOPE, exchange, template
from hypothesis import given
from hypothesis import strategies as st

from emulator.diagnostics import Report
from emulator.language.embedded import split
from emulator.language.failures import ExpressionFailed
from emulator.language.grammar import BadExpression
from emulator.language.templates import Template
from emulator.spec.yaml import parse

Json = Any


def value(tree: Json) -> Json:
    return template(tree).value(exchange(), RECORD)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ("${id}", 7),
        ("${price}", 2.5),
        ("${listed}", True),
        ("${gone}", None),
        ("${tags}", ["a", "b"]),
        ("${size}", {"high": 3, "wide": None}),
        ("no expression", "no expression"),
        ("", ""),
        (12, 12),
        (None, None),
        ([], []),
        ({}, {}),
        ({"a": ["${id}", {"b": "${title}"}]}, {"a": [7, {"b": "Anvil"}]}),
    ],
)
def test_a_value_that_is_only_an_expression_keeps_its_type(
    tree: Json, expected: Json
) -> None:
    """Numbers stay numbers, null stays null, and trees keep their shape."""
    result = value(tree)

    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/things/${id}", "/things/7"),
        ("${id}${id}", "77"),
        (" ${id}", " 7"),
        ("${listed}!", "true!"),
        ("${not listed}!", "false!"),
        ("<${gone}>", "<>"),
        ("${tags} ${size}", '["a","b"] {"high":3,"wide":null}'),
        ("${'}'}", "}"),
        ("${ {'a': {'b': 1}}['a'] }", {"b": 1}),
        ("${'it\\'s }'}", "it's }"),
        ("$${id}", "${id}"),
        ("a $${id} b ${id}", "a ${id} b 7"),
        ("$${", "${"),
        ("$", "$"),
        ("$id {id} {{id}}", "$id {id} {{id}}"),
        ("100 $$", "100 $$"),
    ],
)
def test_text_around_an_expression_makes_a_text(text: str, expected: Json) -> None:
    """As a reply shows values inside texts; `$${` is a plain `${`."""
    assert value(text) == expected


def test_what_is_omitted_is_left_out() -> None:
    """A member whose value is `omit` is not there, in values and in bytes."""
    tree = {"a": "${omit}", "b": "${title if gone else omit}", "c": "omit", "d": 1}
    made = template(tree)

    assert made.value(exchange(), RECORD) == {"c": "omit", "d": 1}
    assert made.json(exchange(), RECORD) == b'{"c":"omit","d":1}'


@pytest.mark.parametrize("text", ["${id", "${", "a ${id} ${", "${'}", "${[}"])
def test_an_expression_has_an_end(text: str) -> None:
    """A `${` that is never closed is a mistake, with the advice how to write one."""
    with pytest.raises(BadExpression) as told:
        split(text)

    assert told.value.code == "expression-syntax"
    assert "$${" in told.value.fix


def test_an_expression_that_fails_names_its_line() -> None:
    """Of the file that it stands in, not of the template it belongs to."""
    text = b"show:\n  id: ${id}\n  inner:\n    - 1\n    - share: ${id // 0}\n"
    document = parse(text, "behavior.yaml", Report())
    assert document is not None
    made = Template(document.data["show"], document, ("show",), SCOPE)

    for render in (made.value, made.json):
        with pytest.raises(ExpressionFailed) as told:
            render(exchange(), RECORD)

        assert (told.value.at.file, told.value.at.line) == ("behavior.yaml", 5)


def test_a_mistake_in_an_expression_has_its_place(tmp_path: Path) -> None:
    """Each with the pointer of the text that it stands in."""
    made = template({"a": ["${id}", "${nothing}"], "b": "${lower()}"})

    found = [(pointer, error.code) for pointer, error in made.problems()]

    assert found == [(("a", 1), "unknown-name"), (("b",), "function-arguments")]


def test_a_template_knows_what_it_depends_on() -> None:
    """So that what can be kept is kept, and what cannot is made anew."""
    uses = template({"a": "${title} ${lookup('things', 7)}"}).uses
    fresh = template("${uuid()}").uses

    assert (uses.roots, uses.fields) == (frozenset(), frozenset({"title"}))
    assert (uses.collections, uses.repeatable) == (frozenset({"things"}), True)
    assert not fresh.repeatable
    assert not template("${caller.name}").uses.repeatable


def test_a_value_is_never_read_as_a_template() -> None:
    """H16: what a request or a record holds is data, wherever it is shown."""
    record = {**RECORD, "title": "${1+1}{{7*7}}"}
    made = template({"t": "${title}", "u": "-${title}", "q": "${query.q}"})

    shown = made.value(exchange(), record)

    assert shown == {"t": "${1+1}{{7*7}}", "u": "-${1+1}{{7*7}}", "q": "${1+1}"}
    assert orjson.loads(made.json(exchange(), record)) == shown


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8).filter(lambda text: "${" not in text),
    st.sampled_from(
        [
            "${id}", "${title}", "${omit}", "${tags}", "x ${size} y", "$${id}", "${gone}",
            "${price}", "${omit if listed else 1}", "${now}",
            "$${${id}", "${'$'}{id}", "omit", "${show('thing', lookup('things', 8))}",
        ]
    ),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def omits(tree: Json) -> bool:
    """Whether something that is no member is `omit`, which only members can be."""
    if isinstance(tree, dict):
        return any(omits(one) for one in tree.values() if not isinstance(one, str))
    if isinstance(tree, list):
        return any(omits(one) for one in tree)
    return isinstance(tree, str) and tree.startswith("${omit")


@given(TREES)
def test_the_bytes_of_a_template_are_those_of_its_value(tree: Json) -> None:
    """However much of them was put together before."""
    if omits(tree):
        return
    made = template(tree)

    assert made.json(exchange(), RECORD) == orjson.dumps(made.value(exchange(), RECORD))


@pytest.mark.parametrize("tree", ["${tags}", dict.fromkeys("abcdef", "${title}")])
def test_bytes_that_are_kept_take_no_more_memory_than_they_have(tree: Json) -> None:
    """What orjson gives keeps the buffer that it was written in."""
    made, x = template(tree), exchange()
    made.json(x, RECORD)

    tracemalloc.start()
    kept = [made.json(x, RECORD) for _ in range(100)]
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 100 * (len(kept[0]) + 200)
