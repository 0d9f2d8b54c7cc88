"""Words: puts what an entry of errors.table says into the expressions of its envelope.

envelope:  {url: "https://acme.example/errors/${replace(code, '_', '-')}"}
entry:     {status: 404, code: not_found}

replace(code, '_', '-')  ->  replace('not_found', '_', '-')
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from contextlib import suppress

from emulator.json_type import Json
from emulator.language.embedded import Spliced, split
from emulator.language.grammar import BadExpression

_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError, BadExpression)


def with_words(text: str, words: Mapping[str, Json]) -> str:
    """The expression *text* with each name that is one of *words* replaced by its value.

    A name whose value is no text, number or expression stays, which is reported later.
    """
    with suppress(*_PARSED):
        tree = ast.parse(text.strip(), mode="eval")
        putting = _Putting(words, _bound(tree))
        put = putting.visit(tree)
        if putting.has_put:
            return ast.unparse(ast.fix_missing_locations(put))
    return text


def names_in(text: str) -> frozenset[str]:
    """The names that an expression reads; none of what is no expression."""
    with suppress(*_PARSED):
        tree = ast.parse(text.strip(), mode="eval")
        called = {
            id(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call)
        }
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        read = {name.id for name in names if id(name) not in called}
        return frozenset(read - _bound(tree))
    return frozenset()


def _bound(tree: ast.AST) -> frozenset[str]:
    """The names that loops of the expression give to their items."""
    return frozenset(
        name.id
        for loop in ast.walk(tree)
        if isinstance(loop, ast.comprehension)
        for name in ast.walk(loop.target)
        if isinstance(name, ast.Name)
    )


class _Putting(ast.NodeTransformer):
    def __init__(self, words: Mapping[str, Json], bound: frozenset[str]) -> None:
        self._words, self._bound = words, bound
        self.has_put = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A function may have the name of a word."""
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(argument) for argument in node.keywords]
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self._words or node.id in self._bound:
            return node
        word = self._words[node.id]
        made = _value(word.tree if isinstance(word, Spliced) else word)
        if made is None:
            return node
        self.has_put = True
        return made


def _value(word: Json) -> ast.expr | None:
    """The expression that gives *word*."""
    if word is None or isinstance(word, (bool, int, float)):
        return ast.Constant(word)
    if not isinstance(word, str):
        return None
    parts = split(word)
    made = [
        ast.Constant(part)
        if kind == "text"
        else ast.parse(part.strip(), mode="eval").body
        for kind, part in parts
    ]
    if not made:
        return ast.Constant("")
    if len(made) == 1:
        first = made[0]
        is_omitted = isinstance(first, ast.Name) and first.id == "omit"
        return ast.Constant(None) if is_omitted else first
    whole: ast.expr = ast.Constant("")
    for part in made:
        text = ast.Call(ast.Name("text", ast.Load()), [part], [])
        whole = ast.BinOp(whole, ast.Add(), text)
    return whole
