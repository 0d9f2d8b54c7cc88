"""Kinds: values of different kinds that an expression compares or calculates with.

What kind a value has is known of literals, of what operators and functions give, and of
the names whose schemas say it. Null is of no kind: `nulls` looks for that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from emulator.json_type import Json
from emulator.language.failures import path_of
from emulator.language.function import signature_of
from emulator.language.functions import FUNCTIONS
from emulator.language.grammar import BadExpression, parsed

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
_TAKEN: Mapping[str, tuple[str, ...]] = {
    "str": (TEXT,), "int": (NUMBER,), "float": (NUMBER, BOOLEAN), "bool": (BOOLEAN, NUMBER),
    "list": (LIST,), "dict": (MAPPING,), "None": (),
}  # fmt: skip
"""The kinds that a parameter takes, by the types of its annotation."""
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class Mixed(NamedTuple):
    """A part of an expression whose values are of kinds that do not go together."""

    text: str
    why: str
    fails: bool
    """It fails whenever it is evaluated; otherwise it is always the same."""
    fix: str = (
        "compare with a value of the same kind, or convert it by text(), integer()"
        " or decimal()"
    )


def kind_of_schema(schema: Json) -> str:
    """The kind of the values that fit *schema*, whether null does or not; or nothing."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(kind, list):
        others = [name for name in kind if name != "null"]
        kind = others[0] if len(others) == 1 else None
    return _OF_SCHEMAS.get(kind, "") if isinstance(kind, str) else ""


_CAN_MIX = re.compile(r"[-+*/%<>=(.[]|\bin\b")
"""What an operator, a call or a member is made of."""


def mixed(
    text: str, kinds: Mapping[str, str], fields: Collection[str] = ()
) -> Iterator[Mixed]:
    """The parts of the expression *text* that mix kinds.

    *kinds* are those of dotted names, such as `query.page`; a name of *fields* is the
    record's, and hides another of that name.
    """
    if not _CAN_MIX.search(text):
        return  # as many are: a name by itself
    tree = parsed_or_none(text)
    if tree is not None:
        yield from _Reader(tree, kinds, fields).mixed()


def kind_of(text: str, kinds: Mapping[str, str], fields: Collection[str] = ()) -> str:
    """The kind of what the expression *text* gives, unless that is null; or nothing."""
    tree = parsed_or_none(text)
    return "" if tree is None else _Reader(tree, kinds, fields).kind(tree)


def parsed_or_none(text: str) -> ast.expr | None:
    """The expression *text*; None where it is none, which is told of elsewhere."""
    try:
        return parsed(text)
    except (BadExpression, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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
            elif isinstance(node, ast.Call):
                why = self._of_call(node)
            elif isinstance(node, ast.Attribute):
                kind = self.kind(node.value)
                if kind and kind != MAPPING:
                    fix = (
                        f"take {ast.unparse(node.value)} itself, or name another value"
                    )
                    why = f"{kind} has no members"
                    yield Mixed(ast.unparse(node), why, True, fix)
                continue
            elif isinstance(node, ast.Compare):
                operands = [node.left, *node.comparators]
                for left, op, right in zip(
                    operands, node.ops, operands[1:], strict=False
                ):
                    why, fails = self._of_comparison(left, op, right)
                    if why:
                        break
            elif isinstance(node, ast.comprehension):
                kind = self.kind(node.iter)
                if kind and kind != LIST:
                    looped, fix = ast.unparse(node.iter), "loop over a list"
                    if kind == TEXT:
                        fix += f", such as split({looped})"
                    yield Mixed(looped, f"{kind} is not a list", True, fix)
            if why:
                yield Mixed(ast.unparse(node), why, fails)

    def _of_arithmetic(self, node: ast.BinOp) -> str:
        left, right = self.kind(node.left), self.kind(node.right)
        if isinstance(node.op, ast.Add):
            mixes = left and right and _plain(left) != _plain(right)
            mixes = mixes or left == right == MAPPING
            return f"{left} and {right} cannot be added" if mixes else ""
        wrong = [kind for kind in (left, right) if kind in (TEXT, LIST, MAPPING)]
        return f"{wrong[0]} is not a number" if wrong else ""

    def _of_call(self, node: ast.Call) -> str:
        """Why a function cannot take one of the arguments that it is given."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = FUNCTIONS.get(name)
        given: list[tuple[str | None, ast.expr]] = [(None, arg) for arg in node.args]
        given += [(keyword.arg, keyword.value) for keyword in node.keywords]
        alike: dict[str, str] = {}
        for at, (keyword, value) in enumerate(given if function else ()):
            parameter = function.taken(at, keyword) if function else None
            kind = self.kind(value)
            if parameter is None or not kind:
                continue
            kinds = kinds_taken(parameter.annotation)
            if kinds is not None and kind not in kinds:
                wanted = " or ".join(kinds)
                return f"{kind} is given as {parameter.name!r}, which is {wanted}"
            if parameter.kind is parameter.VAR_POSITIONAL and kinds:
                first = alike.setdefault(parameter.name, _plain(kind))
                if first != _plain(kind):
                    return f"{first} and {_plain(kind)} cannot be compared"
        return ""

    def _of_comparison(
        self, left: ast.expr, op: ast.cmpop, right: ast.expr
    ) -> tuple[str, bool]:
        first, second = self.kind(left), self.kind(right)
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
        kinds = {_plain(self.kind(item)) for item in written}
        if not kinds or "" in kinds or _plain(kind) in kinds:
            return ""
        return f"none of the items is {kind}"

    def kind(self, node: ast.expr) -> str:
        """The kind of what *node* gives, unless that is null; or nothing."""
        if isinstance(node, ast.Constant):
            return _OF_LITERALS.get(type(node.value), "")
        if isinstance(node, ast.BinOp):
            # What is added to a text is one, or else the call fails.
            adds, left = isinstance(node.op, ast.Add), self.kind(node.left)
            return _plain(left or self.kind(node.right)) if adds else NUMBER
        if isinstance(node, ast.UnaryOp):
            return BOOLEAN if isinstance(node.op, ast.Not) else NUMBER
        if isinstance(node, ast.BoolOp):
            return self._same(node.values)
        if isinstance(node, ast.IfExp):
            return self._same([node.body, node.orelse])
        if isinstance(node, ast.Call):
            return self._of_result(node)
        return _OF_NODES.get(type(node), "") or self._of_name(node)

    def _same(self, nodes: list[ast.expr]) -> str:
        kinds = {self.kind(node) for node in nodes}
        return kinds.pop() if len(kinds) == 1 else ""

    def _of_result(self, node: ast.Call) -> str:
        """The kind of what a function gives, as its annotation or its definition says."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            return self._kinds.get(f"{name}()", "")
        given = str(signature_of(FUNCTIONS[name].call).return_annotation)
        return _OF_RESULTS.get(re.split(r"\W", given)[0], "")

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


def kinds_taken(annotation: object) -> tuple[str, ...] | None:
    """The kinds of values that a parameter takes; None: all of them."""
    written = re.sub(r"\[[^]]*\]", "", str(annotation))
    kinds: list[str] = []
    for name in re.findall(r"\w+", written):
        if name not in _TAKEN:
            return None
        kinds += _TAKEN[name]
    return tuple(dict.fromkeys(kinds))


def _plain(kind: str) -> str:
    """*kind*, in which true and false are numbers: they calculate and compare as such."""
    return NUMBER if kind == BOOLEAN else kind
