"""Nulls: values that may be missing, where an expression cannot do without them.

Numbers are added and compared; null is not. What may be null is an optional value of the
call, what `lookup` finds, a member of such a value, and whatever is made of one by `or`,
`if`, a function or a definition of `let`. An expression that asks first whether there is
a value (`query.n and query.n > 3`) is left alone.

    let: {cart: "lookup('carts', body.cart)"}
    "cart.total > 3"           ->  cart.total may be missing
    "cart and cart.total > 3"  ->  nothing
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from inspect import Parameter, Signature, signature
from typing import Any, NamedTuple

from emulator.language.failures import path_of
from emulator.language.function import Function
from emulator.language.grammar import BadExpression, parsed, text_of
from emulator.language.kinds import TEXT
from emulator.language.static_scope import Scope

_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_NOTHING: frozenset[str] = frozenset()
Asked = frozenset[str]
"""Values that a condition has asked for: dotted names, or the texts of what is no name.

`query.kind => query.size` among them says that there is a size where a kind is.
"""
_IMPLIES = " => "
_PATH = re.compile(r"\s*\w+(?:\.\w+)*\s*")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Doubt(NamedTuple):
    """A value that may be missing where it must not be."""

    name: str
    definition: Any = None
    """The definition in whose expression that is; None for the expression itself."""


def doubts(text: str, scope: Scope) -> Iterator[Doubt]:
    """The values that the expression *text* reckons with as if they were there."""
    root = text.strip().partition(".")[0]
    if _PATH.fullmatch(text) and root not in scope.definitions:
        return  # as most are: a name by itself is reckoned with by nobody
    tree = _parsed(text)
    if tree is not None:
        yield from _Reader(scope, {}).doubts(tree, scope.asked)


def may_be_null(text: str, scope: Scope) -> bool:
    """Whether the expression *text* may give null."""
    tree = _parsed(text)
    return tree is not None and _Reader(scope, {}).may_be_null(tree, scope.asked)


def asked_by(text: str, scope: Scope, truth: bool = True) -> Asked:
    """The values that are there when the expression *text* holds, or does not hold."""
    tree = _parsed(text)
    return _NOTHING if tree is None else _Reader(scope, {}).asked(tree, truth)


def found_by(collection: str, key: str) -> Asked:
    """What is there when the record of *collection* with this *key* has been found."""
    tree = _parsed(f"lookup({collection!r}, {key})")
    return _NOTHING if tree is None else frozenset([text_of(tree)])


def _parsed(text: str) -> ast.expr | None:
    try:
        return parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, BadExpression):
        return None  # which is told of elsewhere


class _Reader:
    """Reads one expression, or the definitions that it leads to.

    *variables* are those of its comprehensions, and the parameters of a definition, with
    whether they may be null.
    """

    def __init__(self, scope: Scope, variables: Mapping[str, bool]) -> None:
        self._scope, self._variables = scope, dict(variables)

    def doubts(self, node: ast.expr, asked: Asked) -> Iterator[Doubt]:
        """What may be null in *node* and must not be, when the *asked* are there."""
        if isinstance(node, (ast.BoolOp, ast.IfExp)):
            for part, known in self._turns(node, asked):
                yield from self.doubts(part, known)
            return
        if isinstance(node, (ast.ListComp, ast.DictComp)):
            yield from self._of_loop(node, asked)
            return
        needed = {self._name(operand): operand for operand in self._needed(node)}
        for name, operand in needed.items():
            if self.may_be_null(operand, asked):
                yield Doubt(name)
        if isinstance(node, ast.Call):
            yield from self._of_function(node, asked)
        yield from self._of_definition(node, asked)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.keyword):
                child = child.value
            is_name = isinstance(node, ast.Call) and child is node.func
            if isinstance(child, ast.expr) and not is_name:
                yield from self.doubts(child, asked)

    def may_be_null(self, node: ast.expr, asked: Asked) -> bool:
        """Whether *node* may give null when the *asked* are there."""
        name = self._name(node)
        if name in asked:
            return False
        path = path_of(node)
        if path is not None:
            return self._is_optional(self._plain(path), asked)
        if isinstance(node, ast.Constant):
            return node.value is None
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return self.may_be_null(node.value, asked)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self.may_be_null(*self._turns(node, asked)[-1])
        if isinstance(node, ast.BoolOp):
            return any(self.may_be_null(*turn) for turn in self._turns(node, asked))
        if isinstance(node, ast.IfExp):
            return any(self.may_be_null(*turn) for turn in self._turns(node, asked)[1:])
        return isinstance(node, ast.Call) and self._gives_null(node, asked)

    def asked(self, node: ast.expr, truth: bool) -> Asked:
        """What is there whenever *node* holds (or does not: *truth* is false)."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.asked(node.operand, not truth)
        if isinstance(node, ast.BoolOp):
            parts = [self.asked(value, truth) for value in node.values]
            if truth == isinstance(node.op, ast.And):
                return _NOTHING.union(*parts)
            return parts[0].intersection(*parts).union(self._implied(node, truth))
        if isinstance(node, ast.Compare):
            return self._asked_by_comparison(node, truth)
        if not truth:
            return self._through(node, truth)
        if isinstance(node, ast.Call):  # of null, a function gives what does not hold
            inner = [self.asked(argument, True) for argument in _arguments(node)]
            return _NOTHING.union({self._name(node)}, *inner)
        return self._with_owners(node) | self._through(node, truth)

    def _turns(
        self, node: ast.BoolOp | ast.IfExp, asked: Asked
    ) -> list[tuple[ast.expr, Asked]]:
        """The parts of *node*, with what is there when each has its turn."""
        if isinstance(node, ast.IfExp):
            return [
                (node.test, asked),
                (node.body, self._learnt(asked, node.test, True)),
                (node.orelse, self._learnt(asked, node.test, False)),
            ]
        turns = []
        for value in node.values:
            turns.append((value, asked))
            asked = self._learnt(asked, value, isinstance(node.op, ast.And))
        return turns

    def _learnt(self, asked: Asked, node: ast.expr, truth: bool) -> Asked:
        """What is there when *node* holds (or does not), besides what is *asked*."""
        asked |= self.asked(node, truth)
        known = {self._claim(node, truth), *asked}
        parts = [name.partition(_IMPLIES) for name in asked if _IMPLIES in name]
        return asked | {name for claim, _, name in parts if claim in known}

    def _implied(self, node: ast.BoolOp, truth: bool) -> Iterator[str]:
        """`a or b` holds: where `a` does not, what `b` asks for is there."""
        if len(node.values) != 2:
            return
        for value, other in (node.values, node.values[::-1]):
            for name in self.asked(other, truth):
                if _IMPLIES not in name:
                    yield f"{self._claim(value, not truth)}{_IMPLIES}{name}"

    def _claim(self, node: ast.expr, truth: bool) -> str:
        """That *node* holds, or does not, as a text."""
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node, truth = node.operand, not truth
        return self._name(node) if truth else f"not {self._name(node)}"

    def _of_loop(
        self, node: ast.ListComp | ast.DictComp, asked: Asked
    ) -> Iterator[Doubt]:
        for loop in node.generators:
            yield from self.doubts(loop.iter, asked)
        names = {
            loop.target.id: False
            for loop in node.generators
            if isinstance(loop.target, ast.Name)
        }
        inner = _Reader(self._scope, {**self._variables, **names})
        for condition in (each for loop in node.generators for each in loop.ifs):
            yield from inner.doubts(condition, asked)
            asked = inner._learnt(asked, condition, True)
        parts = [node.elt] if isinstance(node, ast.ListComp) else [node.key, node.value]
        for part in parts:
            yield from inner.doubts(part, asked)

    def _needed(self, node: ast.expr) -> Iterator[ast.expr]:
        """The parts of *node* with which it fails if they are null."""
        if isinstance(node, ast.BinOp):
            yield from (node.left, node.right)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield node.operand
        elif isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
                if isinstance(op, _ORDERS):
                    yield from (left, right)
                elif isinstance(op, (ast.In, ast.NotIn)):
                    yield from (left, right) if self._is_text(right) else (right,)

    def _is_text(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        return self._scope.kinds.get(self._name(node)) == TEXT

    def _of_function(self, node: ast.Call, asked: Asked) -> Iterator[Doubt]:
        """The arguments that may be null and that their function cannot do without."""
        function, given = self._called(node)
        if function is None:
            return
        for parameter in function.needs:
            values = given.get(parameter, [])
            missing = [value for value in values if self.may_be_null(value, asked)]
            # Of many in one parameter (`min(a, b)`), one that is there is enough.
            if missing and len(missing) == len(values):
                yield Doubt(self._name(missing[0]))

    def _gives_null(self, node: ast.Call, asked: Asked) -> bool:
        function, given = self._called(node)
        if function is None:
            return False
        definition = self._scope.definitions.get(function.name)
        if definition is not None:
            reader, tree = self._inside(definition, node, asked)
            asked = self._outside(reader, asked)
            return tree is not None and reader.may_be_null(tree, asked)
        return function.finds or any(
            self.may_be_null(value, asked)
            for parameter in function.null_of
            for value in given.get(parameter, ())
        )

    def _called(
        self, node: ast.Call
    ) -> tuple[Function | None, Mapping[str, list[ast.expr]]]:
        """The function that *node* calls, and what each of its parameters is given."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = self._scope.functions.get(name)
        if function is None:
            return None, {}
        shape = _shape(function.call)
        try:
            bound = shape.bind(
                *([None] if function.world else []),
                *node.args,
                **{str(keyword.arg): keyword.value for keyword in node.keywords},
            )
        except TypeError:
            return None, {}  # which is told of elsewhere
        many = (Parameter.VAR_POSITIONAL,)
        return function, {
            name: [*value] if shape.parameters[name].kind in many else [value]
            for name, value in bound.arguments.items()
            if isinstance(value, ast.expr) or shape.parameters[name].kind in many
        }

    def _of_definition(self, node: ast.expr, asked: Asked) -> Iterator[Doubt]:
        """What may be null in the definition that *node* reads or calls."""
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        definition = self._definition(node.func if called else node)  # type: ignore[attr-defined]
        if definition is None or (definition.parameters is not None) != called:
            return
        reader, tree = self._inside(definition, node, asked)
        asked = self._outside(reader, asked)
        for doubt in reader.doubts(tree, asked) if tree is not None else ():
            is_given = not reader._variables.keys().isdisjoint(
                _WORD.findall(doubt.name)
            )
            if called and doubt.definition is None and is_given:
                yield Doubt(text_of(node))
            else:
                yield Doubt(doubt.name, doubt.definition or definition)

    def _definition(self, node: ast.expr) -> Any:
        """The definition that the name *node* stands for, if it does."""
        if not isinstance(node, ast.Name) or node.id in self._variables:
            return None
        if node.id in self._scope.fields:
            return None
        return self._scope.definitions.get(node.id)

    def _inside(
        self, definition: Any, node: ast.expr, asked: Asked
    ) -> tuple[_Reader, ast.expr | None]:
        """What reads the expression of *definition*, for the call that is at hand here."""
        template = definition.template
        scope = template.scope.with_optional(self._scope.optional)
        variables = {}
        if isinstance(node, ast.Call):
            _, given = self._called(node)
            variables = {
                name: any(
                    self.may_be_null(value, asked) for value in given.get(name, ())
                )
                for name in definition.parameters or ()
            }
        scope = scope.with_fields(scope.fields - {*variables})
        text = template.tree
        return _Reader(scope, variables), _parsed(text) if isinstance(
            text, str
        ) else None

    def _outside(self, reader: _Reader, asked: Asked) -> Asked:
        """Those of the *asked* that are named alike in what *reader* reads."""
        own = {*self._variables, *reader._variables}
        return frozenset(name for name in asked if own.isdisjoint(_WORD.findall(name)))

    def _through(self, node: ast.expr, truth: bool) -> Asked:
        """What is there when the definition that *node* reads holds, or does not."""
        definition = self._definition(node)
        if definition is None or definition.parameters is not None:
            return _NOTHING
        reader, tree = self._inside(definition, node, _NOTHING)
        return _NOTHING if tree is None else reader.asked(tree, truth)

    def _asked_by_comparison(self, node: ast.Compare, truth: bool) -> Asked:
        operands = [node.left, *node.comparators]
        if len(node.ops) == 1:
            left, right, op = operands[0], operands[1], node.ops[0]
            if _is_null(right):
                is_there = isinstance(op, (ast.IsNot, ast.NotEq)) == truth
                return self._present(left) if is_there else _NOTHING
            if isinstance(op, ast.NotEq) and not truth:
                return self._present(left) | self._present(right)
            if isinstance(op, ast.NotIn) and not truth:
                return self._present(left)
        # A comparison by order has both of its sides, whatever comes of it.
        sides: list[ast.expr] = []
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
            if isinstance(op, _ORDERS) or (isinstance(op, ast.Eq) and truth):
                sides += [left, right]
            elif isinstance(op, ast.In) and truth:
                sides.append(left)
        return _NOTHING.union(*map(self._present, sides))

    def _present(self, node: ast.expr) -> Asked:
        """What is there when *node* is not null."""
        if isinstance(node, ast.Call):
            inner = [self._present(argument) for argument in _arguments(node)]
            return _NOTHING.union({self._name(node)}, *inner)
        definition = self._definition(node)
        present = self._with_owners(node)
        if definition is not None and definition.parameters is None:
            reader, tree = self._inside(definition, node, _NOTHING)
            present |= _NOTHING if tree is None else reader._present(tree)
        return present

    def _with_owners(self, node: ast.expr) -> Asked:
        """*node*, and what it is a member of."""
        names = {self._name(node)}
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
            names.add(self._name(node))
        return frozenset(names)

    def _is_optional(self, path: tuple[str, ...], asked: Asked) -> bool:
        root = path[0]
        if root in self._variables:
            return self._variables[root]
        above = [".".join(path[: deep + 1]) for deep in range(len(path))]
        if any(name in self._scope.optional and name not in asked for name in above):
            return True
        definition = self._definition(ast.Name(root, ast.Load()))
        if definition is None or definition.parameters is not None or root in asked:
            return False
        reader, tree = self._inside(definition, ast.Name(root, ast.Load()), asked)
        asked = self._outside(reader, asked)
        return tree is not None and reader.may_be_null(tree, asked)

    def _name(self, node: ast.expr) -> str:
        """The dotted name that *node* is, or its text."""
        path = path_of(node)
        return text_of(node) if path is None else ".".join(self._plain(path))

    def _plain(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """*path* without the word that says whose it is."""
        is_word = path[0] not in self._variables and path[0] not in self._scope.fields
        owners = ("request", *(("this",) if self._scope.fields else ()))
        return path[1:] if len(path) > 1 and is_word and path[0] in owners else path


@lru_cache(maxsize=256)
def _shape(call: Callable[..., Any]) -> Signature:
    return signature(call)


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _is_null(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None
    return isinstance(node, ast.Name) and node.id == "null"
