"""Amounts: expressions that give a number of 0 or more, and what may make it less.

cost: query.credits             where openapi.yaml gives `credits` no minimum
cost: max(query.credits, 0)     gives nothing less than 0
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from emulator.language.failures import path_of
from emulator.language.kinds import parsed_or_none
from emulator.language.static_scope import Scope

_LIKE_THEIR_ARGUMENT = ("integer", "decimal", "round", "min", "sum")
_SIGNED_BY_BOTH = (ast.Add, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


def negatives(text: str, scope: Scope) -> Iterator[str]:
    """The values of a call that may make the number which *text* gives less than 0.

    A value is left alone that a condition has asked for, here or before.
    """
    tree = parsed_or_none(text)
    if tree is None or not scope.signed:
        return
    for node in _adding(tree, frozenset()):
        path = path_of(node) or ("",)
        name = ".".join(path[1:] if path[0] == "request" else path)
        if path[0] not in scope.fields and name in scope.signed - scope.asked:
            yield name


def _adding(node: ast.expr, asked: frozenset[str]) -> Iterator[ast.expr]:
    """The names in *node* that are negative only if it is; none that is *asked* for."""
    if isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.IfExp):
        asked |= {ast.unparse(part) for part in ast.walk(node.test) if _is_name(part)}
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.BinOp):
        both = isinstance(node.op, _SIGNED_BY_BOTH)
        parts = [node.left, node.right] if both else [node.left]
    elif isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        parts = node.args if name in _LIKE_THEIR_ARGUMENT else []
    else:
        if _is_name(node) and ast.unparse(node) not in asked:
            yield node
        return
    for part in parts:
        yield from _adding(part, asked)


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.expr) and path_of(node) is not None
