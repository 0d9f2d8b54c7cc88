"""Nulls: values that may be missing, where an expression cannot do without them.

Numbers are added and compared; null is not. An expression that asks first whether there
is a value (`query.n and query.n > 3`) is left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator

from emulator.language.failures import path_of, paths_of

_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def may_be_null(text: str, optional: Collection[str]) -> list[str]:
    """Those of the *optional* names that *text* reckons with as if they were there.

    A name is dotted, as in `query.per_page`; what stands below one is optional too.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # which is told of elsewhere
    used = Counter(".".join(path) for path in paths_of(tree.body))
    reckoned = Counter(_reckoned(tree))
    return [
        name
        for name in reckoned
        if any(above in optional for above in _above(name))
        and not any(used[above] > reckoned[above] for above in _above(name))
    ]


def _reckoned(tree: ast.AST) -> Iterator[str]:
    """The names that are operands of arithmetic, or of a comparison by order."""
    for node in ast.walk(tree):
        operands: list[ast.expr] = []
        if isinstance(node, ast.BinOp):
            operands = [node.left, node.right]
        elif isinstance(node, ast.Compare) and any(
            isinstance(op, _ORDERS) for op in node.ops
        ):
            operands = [node.left, *node.comparators]
        for operand in operands:
            path = path_of(operand)
            if path is not None:
                yield ".".join(path)


def _above(name: str) -> Iterator[str]:
    """`a.b.c`, `a.b` and `a`."""
    while name:
        yield name
        name = name.rpartition(".")[0]
