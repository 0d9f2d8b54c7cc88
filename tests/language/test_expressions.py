"""Expressions are a closed part of Python's: what they say, and what they cannot."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from evaluation import SCOPE, evaluate
from hypothesis import given
from hypothesis import strategies as st

from emulator.language.expressions import rebuild
from emulator.language.failures import ExpressionFailed
from emulator.language.grammar import GRAMMAR, BadExpression

ACCEPTED: list[tuple[type[ast.AST], str, Any]] = [
    (ast.Constant, "'text'", "text"),
    (ast.Constant, "12", 12),
    (ast.Constant, "1.5", 1.5),
    (ast.Constant, "True", True),
    (ast.Constant, "None", None),
    (ast.Name, "title", "Anvil"),
    (ast.Name, "now", "2024-02-05T14:30:00Z"),
    (ast.Name, "true", True),
    (ast.Name, "false", False),
    (ast.Name, "null", None),
    (ast.Attribute, "size.high", 3),
    (ast.Attribute, "size.deep", None),
    (ast.Attribute, "gone.anything.at.all", None),
    (ast.Attribute, "caller.plan", "pro"),
    (ast.Subscript, "tags[0]", "a"),
    (ast.Subscript, "tags[-1]", "b"),
    (ast.Subscript, "tags[9]", None),
    (ast.Subscript, "size['high']", 3),
    (ast.Subscript, "gone[0]", None),
    (ast.Subscript, "title[1:3]", "nv"),
    (ast.Subscript, "tags[1:]", ["b"]),
    (ast.Subscript, "gone[:1]", None),
    (ast.List, "[1, title]", [1, "Anvil"]),
    (ast.Tuple, "(1, 2)", [1, 2]),
    (ast.Dict, "{'a': title, 'b': {}}", {"a": "Anvil", "b": {}}),
    (ast.BoolOp, "gone or title", "Anvil"),
    (ast.BoolOp, "gone and title", None),
    (ast.UnaryOp, "not gone", True),
    (ast.UnaryOp, "-price", -2.5),
    (ast.BinOp, "id + 1", 8),
    (ast.BinOp, "title + '!'", "Anvil!"),
    (ast.BinOp, "tags + ['c']", ["a", "b", "c"]),
    (ast.BinOp, "id - 1", 6),
    (ast.BinOp, "id * 2", 14),
    (ast.BinOp, "id / 2", 3.5),
    (ast.BinOp, "id // 2", 3),
    (ast.BinOp, "id % 4", 3),
    (ast.Compare, "id == 7", True),
    (ast.Compare, "1 < id <= 7", True),
    (ast.Compare, "'a' in tags", True),
    (ast.Compare, "'a' not in tags", False),
    (ast.Compare, "gone is None", True),
    (ast.Compare, "title is not null", True),
    (ast.IfExp, "1 if listed else 2", 1),
    (ast.ListComp, "[one + '!' for one in tags if one != 'a']", ["b!"]),
    (ast.ListComp, "[title for title in tags]", ["a", "b"]),
    (ast.ListComp, "[one for one in gone]", []),
    (ast.ListComp, "[[a + b for a in tags] for b in tags]", [["aa", "ba"], ["ab", "bb"]]),
    (ast.DictComp, "{one: one + '!' for one in tags if one != 'a'}", {"b": "b!"}),
    (ast.Call, "lower(title)", "anvil"),
    (ast.Call, "round(price, digits=0)", 2),
]  # fmt: skip

REFUSED = {
    "Await": "await now",
    "DictComp": "{a: 1 for a in tags}",
    "FormattedValue": "f'{title}'",
    "GeneratorExp": "[*(a for a in tags)]",
    "Interpolation": "t'{title}'",
    "JoinedStr": "f'x'",
    "Lambda": "lambda: 1",
    "NamedExpr": "(a := 1)",
    "Set": "{1, 2}",
    "SetComp": "{a for a in tags}",
    "Slice": "tags[1:2:3]",
    "Starred": "[*tags]",
    "TemplateStr": "t'x'",
    "Yield": "(yield now)",
    "YieldFrom": "(yield from tags)",
}

TRICKS = [
    "''.__class__.__mro__",
    "now.__class__.__subclasses__()",
    "caller.__dict__",
    "caller['__class__'].x",
    "'{0.__class__}'.format(title)",
    "title.format(1)",
    "lower.__globals__",
    "lower(title).upper()",
    "(lower)(title).x()",
    "lower(*[title])",
    "lower(**{'value': title})",
    "[lower][0](title)",
    "getattr(title, 'x')",
    "eval('1')",
    "exec('1')",
    "__import__('os')",
    "open('/etc/passwd')",
    "globals()",
    "x",
    "r",
    "x.world",
    "OMIT",
    "get(title, 'x')",
    "f_lower(title)",
    "v_one",
    "__builtins__",
    "__name__",
    "fake.word()",
    "2 ** 99999999",
    "1 << 9999999999",
    "1 | 2",
    "1 @ 2",
    "~1",
    "+1",
    "b'x'",
    "1j",
    "...",
    "1e999",
    "99999999999999999999",
    "'\\ud800'",
    "title is 'x'",
    "{1: 2}",
    "{**size}",
    "[a for a in tags for b in tags]",
    "[a for a, b in tags]",
    "[[[a for a in tags] for b in tags] for c in tags]",
    "[a async for a in tags]",
    "import os",
    "a = 1",
    "1; 2",
    "",
    " ",
    "(",
    "1 +",
    "\0",
    "#",
    "lower()",
    "lower(title, 2)",
    "lower(value=title, other=1)",
    "lookup(title, 1)",
    "lookup('nothing', 1)",
    "show('nothing', null)",
    "count()",
    "caller.password",
    "caller['password']",
    "'text'.upper",
    "[1].x",
]  # fmt: skip


@pytest.mark.parametrize(("node", "text", "expected"), ACCEPTED)
def test_an_expression_of_the_grammar_has_a_value(
    node: type[ast.AST], text: str, expected: Any
) -> None:
    """Of the value's own type: nothing becomes a text on the way."""
    value = evaluate(text)

    assert value == expected
    assert type(value) is type(expected)
    assert any(type(one) is node for one in ast.walk(ast.parse(text, mode="eval")))


def test_every_node_of_the_grammar_has_an_example() -> None:
    """The documentation shows the grammar; here each row of it is tried."""
    assert {node for node, _, _ in ACCEPTED} == set(GRAMMAR)


@pytest.mark.parametrize(
    "kind", [one for one in ast.expr.__subclasses__() if one not in GRAMMAR]
)
def test_every_other_node_of_python_is_refused(kind: type[ast.expr]) -> None:
    """A node that a later Python adds fails here until somebody looks at it."""
    with pytest.raises(BadExpression) as told:
        rebuild(REFUSED[kind.__name__], SCOPE)

    assert told.value.code == "expression-syntax"


@pytest.mark.parametrize("text", TRICKS)
def test_there_is_no_way_out(text: str) -> None:
    """H16: attributes of Python, builtins, operators that grow, and nonsense."""
    with pytest.raises(BadExpression) as told:
        rebuild(text, SCOPE)

    assert told.value.what


@pytest.mark.parametrize(
    "text",
    [
        "caller['__class__']",
        "size.__class__",
        "size['__class__']",
        "query.__class__.__mro__",
    ],
)
def test_a_member_is_never_an_attribute(text: str) -> None:
    """`a.b` looks up a key; an attribute of the same name is not found, or refused."""
    try:
        value = evaluate(text)
    except BadExpression:
        return

    assert value is None


@pytest.mark.parametrize(
    "text",
    [
        "title.__class__",
        "'%s' % title",
        "'x' * 1000000000",
        "[0] * 1000000000",
        "tags * 2",
        "'%1000000000d' % 1",
        "title + 1",
        "1 + title",
        "-title",
        "id / 0",
        "title.x",
        "id[0]",
        "tags['x']",
        "[one for one in id]",
        "[one for one in title]",
        "title < 1",
        "integer(title)",
        "shift(now, days=999999999999)",
    ],
)
def test_what_cannot_be_worked_out_fails_where_it_stands(text: str) -> None:
    """H17: a text is never repeated; an error is the spec's, with its place."""
    with pytest.raises(ExpressionFailed) as told:
        evaluate(text)

    assert str(told.value.at) == "spec.yaml:1:1"


@pytest.mark.parametrize(
    "text",
    [
        "1" + " + 1" * 490,
        "-" * 1_900 + "1",
        "not " * 400 + "1",
        "now" + ".a" * 900,
        "(" * 150 + "1" + ")" * 150,
        "[" * 150 + "]" * 150,
        "1 + " * 600 + "1",
        "(" * 900 + ")" * 900,
    ],
)
def test_an_expression_is_neither_long_nor_deep(text: str) -> None:
    """H17: no spec can exhaust the stack of the one who reads it."""
    if text == "(" * 150 + "1" + ")" * 150:
        assert evaluate(text) == 1
        return

    with pytest.raises(BadExpression) as told:
        rebuild(text, SCOPE)

    assert told.value.code in ("expression-too-long", "expression-syntax")


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_a_diagnostic(text: str) -> None:
    """Nothing but a `BadExpression` comes of a text that is none."""
    try:
        result: object = rebuild(text, SCOPE).node
    except BadExpression as error:
        result = error

    assert isinstance(result, (ast.expr, BadExpression))


NUMBERS = st.integers(-50, 50).map(str)
SIMPLE = st.recursive(
    NUMBERS | st.sampled_from(["id", "price", "size['high']", "length(tags)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(
            lambda one: f"({one[0]} {one[1]} {one[2]})"
        ),
        st.tuples(inner, st.sampled_from(["<", "==", ">=", "!="]), inner).map(
            lambda one: f"(1 if {one[0]} {one[1]} {one[2]} else 0)"
        ),
        st.lists(inner, max_size=3).map(
            lambda items: f"length([one for one in [{', '.join(items)}] if one])"
        ),
        inner.map(lambda one: f"(not {one} or -{one})"),
    ),
    max_leaves=12,
)


@given(SIMPLE)
def test_an_expression_means_what_python_means(text: str) -> None:
    """Worked out by Python itself in a namespace of its own, as the judge."""
    names = {
        "__builtins__": {},
        "id": 7,
        "price": 2.5,
        "size": {"high": 3},
        "tags": ["a", "b"],
        "length": len,
    }
    try:
        expected = eval(text, names)
    except ZeroDivisionError:
        with pytest.raises(ExpressionFailed):
            evaluate(text)
        return

    assert evaluate(text) == expected
