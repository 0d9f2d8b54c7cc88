"""Trees: the nodes of `ast` that expressions are rebuilt of."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def loop(
    name: str, items: ast.expr, conditions: Iterable[ast.expr] = ()
) -> ast.comprehension:
    return ast.comprehension(ast.Name(name, ast.Store()), items, [*conditions], 0)


def named(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def member(value: ast.expr, name: str) -> ast.expr:
    """What `get` gives; of a mapping that has a name, without calling it."""
    asked = called(named("get"), value, ast.Constant(name))
    held = isinstance(value, ast.Attribute) and value.attr in _HELD
    if not (held or isinstance(value, ast.Name)):
        return asked
    return _of_mapping(value, name, asked)


def member_or_null(value: ast.expr, name: str) -> ast.expr:
    """The same; null of what is no mapping. *value* costs nothing to be read twice."""
    return _of_mapping(value, name, ast.Constant(None))


def _of_mapping(value: ast.expr, name: str, otherwise: ast.expr) -> ast.expr:
    is_mapping = ast.Compare(called(named("type"), value), [ast.Is()], [named("dict")])
    found = called(attribute(value, "get"), ast.Constant(name))
    return ast.IfExp(is_mapping, found, otherwise)


_HELD = frozenset(
    {"before", "body", "caller", "cookie", "header", "page", "path", "query", "record"}
)
"""Roots that cost nothing to be read twice."""


def attribute(value: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(value, name, ast.Load())


def called(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(function, list(arguments), [])
