"""Kinds: values of different kinds that an expression compares or calculates with.

What kind a value has is known of literals, of what operators and functions give, and of
the names whose schemas say it. Null is of no kind: `nulls` looks for that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from inspect import signature
from typing import NamedTuple

from emulator.json_type import Json
from emulator.language.failures import path_of
from emulator.language.functions import FUNCTIONS

NUMBER, TEXT, BOOLEAN = "a number", "a text", "true or false"
LIST, MAPPING = "a list", "a mapping"
_OF_SCHEMAS = {
    "integer": NUMBER, "number": NUMBER, "string": TEXT, "boolean": BOOLEAN,
    "array": LIST, "object": MAPPING,
}  # fmt: skip
_OF_LITERALS = {int: NUMBER, float: NUMBER, str: TEXT, bool: BOOLEAN}
_OF_NODES = {
    ast.List: LIST, ast.Tuple: LIST, ast.ListComp: LIST, ast.Dict: MAPPING,
    ast.DictComp: MAPPING, ast.Compare: BOOLEAN,
}  # fmt: skip
_OF_RESULTS = {
    "str": TEXT, "int": NUMBER, "float": NUMBER, "bool": BOOLEAN, "list": LIST,
    "dict": MAPPING,
}  # fmt: skip
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class Mixed(NamedTuple):
    """A part of an expression whose values are of kinds that do not go together."""

    text: str
    why: str
    fails: bool
    """It fails whenever it is evaluated; otherwise it is always the same."""


def kind_of_schema(schema: Json) -> str:
    """The kind of the values that fit *schema*, whether null does or not; or nothing."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(kind, list):
        others = [name for name in kind if name != "null"]
        kind = others[0] if len(others) == 1 else None
    return _OF_SCHEMAS.get(kind, "") if isinstance(kind, str) else ""


_CAN_MIX = re.compile(r"[-+*/%<>=]|\bin\b")
"""What an operator is made of."""


def mixed(
    text: str, kinds: Mapping[str, str], fields: Collection[str] = ()
) -> Iterator[Mixed]:
    """The parts of the expression *text* that mix kinds.

    *kinds* are those of dotted names, such as `query.page`; a name of *fields* is the
    record's, and hides another of that name.
    """
    if not _CAN_MIX.search(text):
        return  # as most are: a name by itself, or a call
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # which is told of elsewhere
    yield from _Reader(tree, kinds, fields).mixed()


class _Reader:
    """Reads one expression."""

    def __init__(
        self, tree: ast.AST, kinds: Mapping[str, str], fields: Collection[str]
    ) -> None:
        self._nodes = [*ast.walk(tree)]
        self._kinds, self._fields = kinds, fields
        self._variables = {
            node.id
            for node in self._nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }

    def mixed(self) -> Iterator[Mixed]:
        for node in self._nodes:
            why, fails = "", True
            if isinstance(node, ast.BinOp):
                why = self._of_arithmetic(node)
            elif isinstance(node, ast.Compare):
                operands = [node.left, *node.comparators]
                for left, op, right in zip(
                    operands, node.ops, operands[1:], strict=False
                ):
                    why, fails = self._of_comparison(left, op, right)
                    if why:
                        break
            if why:
                yield Mixed(ast.unparse(node), why, fails)

    def _of_arithmetic(self, node: ast.BinOp) -> str:
        left, right = self._kind(node.left), self._kind(node.right)
        if isinstance(node.op, ast.Add):
            mixes = left and right and _plain(left) != _plain(right)
            mixes = mixes or left == right == MAPPING
            return f"{left} and {right} cannot be added" if mixes else ""
        wrong = [kind for kind in (left, right) if kind in (TEXT, LIST, MAPPING)]
        return f"{wrong[0]} is not a number" if wrong else ""

    def _of_comparison(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr
    ) -> tuple[str, bool]:
        first, second = self._kind(left), self._kind(right)
        if not first or not second:
            return "", False
        if isinstance(op, (ast.In, ast.NotIn)):
            if second in (NUMBER, BOOLEAN):
                return f"{second} has no items", True
            if second == TEXT and first != TEXT:
                return f"{first} cannot be looked for in a text", True
            if second == MAPPING and first in (LIST, MAPPING):
                return f"{first} cannot be a key", True
            return self._of_choice(first, right), False
        orders = isinstance(op, _ORDERS)
        if _plain(first) == _plain(second) and not (orders and first == MAPPING):
            return "", False
        if orders:
            return f"{first} and {second} cannot be compared", True
        return f"{first} is never equal to {second}", False

    def _of_choice(self, kind: str, items: ast.expr) -> str:
        """Why no value of *kind* is one of the *items*, if they are written there."""
        written = items.elts if isinstance(items, (ast.List, ast.Tuple)) else []
        kinds = {_plain(self._kind(item)) for item in written}
        if not kinds or "" in kinds or _plain(kind) in kinds:
            return ""
        return f"none of the items is {kind}"

    def _kind(self, node: ast.expr) -> str:
        """The kind of what *node* gives, unless that is null; or nothing."""
        if isinstance(node, ast.Constant):
            return _OF_LITERALS.get(type(node.value), "")
        if isinstance(node, ast.BinOp):
            adds = isinstance(node.op, ast.Add)
            return self._same([node.left, node.right]) if adds else NUMBER
        if isinstance(node, ast.UnaryOp):
            return BOOLEAN if isinstance(node.op, ast.Not) else NUMBER
        if isinstance(node, ast.BoolOp):
            return self._same(node.values)
        if isinstance(node, ast.IfExp):
            return self._same([node.body, node.orelse])
        if isinstance(node, ast.Call):
            return _of_result(node)
        return _OF_NODES.get(type(node), "") or self._of_name(node)

    def _same(self, nodes: list[ast.expr]) -> str:
        kinds = {self._kind(node) for node in nodes}
        return kinds.pop() if len(kinds) == 1 else ""

    def _of_name(self, node: ast.expr) -> str:
        path = path_of(node) or ("",)
        if path in (("true",), ("false",)):
            return BOOLEAN
        if path[0] in self._variables:
            return ""
        if path[0] == "this" and self._fields:
            return self._kinds.get(f"this.{'.'.join(path[1:])}", "")
        if path[0] in self._fields:
            return self._kinds.get(f"this.{'.'.join(path)}", "")
        if path[0] == "request":
            path = path[1:]
        return self._kinds.get(".".join(path), "")


def _of_result(node: ast.Call) -> str:
    """The kind of what a function of the language gives, as its annotation says."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        return ""
    given = str(signature(FUNCTIONS[name].call).return_annotation)
    return _OF_RESULTS.get(re.split(r"\W", given)[0], "")


def _plain(kind: str) -> str:
    """*kind*, in which true and false are numbers: they calculate and compare as such."""
    return NUMBER if kind == BOOLEAN else kind
