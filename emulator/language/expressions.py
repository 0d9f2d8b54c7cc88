"""Expressions: what stands between `${` and `}`.

A closed subset of Python's expression grammar. The author's text is parsed by
`ast`, checked node by node, and rebuilt as an expression over two parameters:
*x*, the exchange, and *r*, the record whose fields are plain names. Names,
functions and their arguments are checked here, against the scope; what is rebuilt
reaches no attribute of a Python object, so there is nothing to escape to.

    "caller.plan == 'pro' and title"  ->  get(x.caller, 'plan') == 'pro' and r.get('title')
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from emulator.diagnostics import did_you_mean, nearest
from emulator.language import trees
from emulator.language.arguments import check_arguments, check_fake
from emulator.language.function import Function
from emulator.language.grammar import (
    GRAMMAR,
    NO_NAMES,
    BadExpression,
    read,
)
from emulator.language.operators import OPERATORS
from emulator.language.static_scope import (
    LITERAL_WORDS,
    REQUEST,
    Scope,
    Uses,
    check_uses,
)

_DEEP = 2
_OF_THE_CALL = ("path", "query", "body", "header")
"""Where a name that stands alone is looked for first."""


@dataclass(eq=False, repr=False)
class Rebuilt:
    """An expression ready to be compiled, and what it depends on."""

    node: ast.expr
    roots: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    collections: set[str] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    members: set[tuple[str, str]] = field(default_factory=set)
    fresh: bool = False


def rebuild(text: str, scope: Scope | None) -> Rebuilt:
    """Check *text* and rebuild it. Raises `BadExpression`.

    Without a scope the text has been checked before: names are not looked at again,
    except to tell fields from roots, which needs one. So a scope is always given; it
    may be the one that was kept with the program.
    """
    name = text.strip()
    if scope and name in scope.fields and (name in NO_NAMES or not name.isidentifier()):
        # A field whose name is none in Python, by itself: `${from}`, `${full-name}`.
        return _field(name)
    tree = read(text)
    builder = _Builder(scope or Scope())
    node = builder.visit(tree)
    return Rebuilt(
        node,
        builder.roots,
        builder.used_fields,
        builder.collections,
        builder.views,
        builder.members,
        builder.fresh,
    )


class _Builder:
    """Walks one expression; every method gives the node that stands for its own."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.variables: list[str] = []
        self.roots: set[str] = set()
        self.used_fields: set[str] = set()
        self.collections: set[str] = set()
        self.views: set[str] = set()
        self.members: set[tuple[str, str]] = set()
        self.fresh = False
        self.omits = False
        """Something in what is being visited may be `omit`."""

    def visit(self, node: ast.expr) -> ast.expr:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None or type(node) not in GRAMMAR:
            raise BadExpression(
                "expression-syntax",
                f"{ast.unparse(node)!r} is not part of the expression language",
                f"{type(node).__name__} is not in its grammar",
                "see docs/reference/expressions.md for what is",
            )
        rebuilt: ast.expr = method(node)
        return rebuilt

    def _constant(self, node: ast.Constant) -> ast.expr:
        if not _is_json(node.value):
            raise BadExpression(
                "expression-syntax",
                f"{ast.unparse(node)!r} is not a JSON value",
                "literals are texts, numbers of 64 bits, True, False and None",
                "write one of those",
            )
        return ast.Constant(node.value)

    def _name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if name in self.variables:
            return trees.named(f"v_{name}")
        if name in self.scope.fields:
            if name in self.scope.definitions:
                raise BadExpression(
                    "shadowed-name",
                    f"{name!r} is a field here, and hides what `let` defines",
                    "a name that may be meant in two ways is written in full",
                    f"write this.{name} for the record's, or rename the definition",
                )
            if self.scope.guarded and name in REQUEST & self.scope.roots.keys():
                raise BadExpression(
                    "shadowed-name",
                    f"{name!r} is a field here, and hides what the request has",
                    "a name that may be meant in two ways is written in full",
                    f"write request.{name} for the request's, this.{name} for the record's",
                )
            return self._field(name)
        if name == "this" and self.scope.fields and name not in self.scope.roots:
            self.used_fields |= self.scope.fields
            return trees.called(
                trees.named("kept"), trees.named("r")
            )  # a copy: what is stored stays
        return self._root(name)

    def _field(self, name: str) -> ast.expr:
        self.used_fields.add(name)
        return trees.called(
            trees.attribute(trees.named("r"), "get"), ast.Constant(name)
        )

    def _root(self, name: str) -> ast.expr:
        if name in self.scope.later:
            raise BadExpression(
                "not-yet-known",
                f"{name!r} is not known where this is asked",
                self.scope.later[name],
                "have a later step ask, or name something that is known by then",
            )
        if name in self.scope.roots:
            self.roots.add(name)
            return trees.attribute(trees.named("x"), name)
        defined = self.scope.definitions.get(name)
        if defined is not None and defined.parameters is None:
            self._use(name, defined.uses)
            return trees.called(trees.named(f"d_{name}"), trees.named("x"))
        if name in LITERAL_WORDS:
            return ast.Constant(LITERAL_WORDS[name])
        if name == "omit":
            self.omits = True
            return trees.named("OMIT")
        known = {*self.scope.fields, *self.scope.roots, *self.variables}
        known |= self.scope.definitions.keys()
        called = "; it is a function: call it" if name in self.scope.functions else ""
        raise BadExpression(
            "unknown-name",
            f"there is no {name!r} here{called}",
            f"in scope are {', '.join(sorted(known)) or 'no names'}",
            self.scope.hints.get(name) or self._meant(name, known),
        )

    def _meant(self, name: str, known: set[str]) -> str:
        """What an author has likely meant by *name*, which is not one of the *known*."""
        if name in self.scope.functions:
            return f"write `{name}()`"
        if nearest(name, known) is None:
            for root in (*_OF_THE_CALL, *self.scope.roots):
                if name in (self.scope.roots.get(root) or ()):
                    return f"write `{root}.{name}`"
        return did_you_mean(name, known)

    def _use(self, name: str, uses: Uses) -> None:
        """Depend on what the definition *name* does. Raises `BadExpression`."""
        check_uses(name, uses, self.scope)
        self.roots |= uses.roots
        self.members |= uses.members
        self.collections |= uses.collections
        self.views |= uses.views
        self.fresh = self.fresh or uses.fresh

    def _attribute(self, node: ast.Attribute) -> ast.expr:
        whole = self._in_full(node.value, node.attr)
        if whole is not None:
            return whole
        self._check_member(node.value, node.attr)
        member = node.attr
        if self._root_of(node.value) == "header_lines":
            if "_" in member:
                raise BadExpression(
                    "unknown-name",
                    f"no header is called {member!r}",
                    "the name of a header has hyphens, and stands in brackets then",
                    f"write {_line(member)}",
                )
            member = member.lower()
        return self._member(node.value, member)

    def _member(self, value: ast.expr, name: str) -> ast.expr:
        """A member; null of a body that is no mapping, as a caller may send any."""
        built = self.visit(value)
        if self._root_of(value) == "body":
            return trees.member_or_null(built, name)
        return trees.member(built, name)

    def _root_of(self, node: ast.expr) -> str:
        """The name of the exchange that *node* is, in full or not; or nothing."""
        mine = {*self.variables, *self.scope.fields}
        if isinstance(node, ast.Attribute) and "request" not in mine:
            full = isinstance(node.value, ast.Name) and node.value.id == "request"
            return node.attr if full else ""
        if isinstance(node, ast.Name) and node.id not in mine:
            return node.id
        return ""

    def _in_full(self, value: ast.expr, member: str) -> ast.expr | None:
        """`request.body` and `this.body`: the call's, or the record's, although both
        have that field."""
        owner = value.id if isinstance(value, ast.Name) else ""
        if owner in {*self.variables, *self.scope.fields, *self.scope.roots}:
            return None
        if owner == "request" and self.scope.roots:
            self._check_known(owner, member, REQUEST & self.scope.roots.keys())
            return self._root(member)
        if owner == "this" and self.scope.fields:
            self._check_known(owner, member, self.scope.fields)
            return self._field(member)
        return None

    def _check_known(self, owner: str, member: str, known: Iterable[str]) -> None:
        if member not in known:
            fix = did_you_mean(member, known)
            if owner == "header" and not nearest(member, known):
                fix = f"declare it in openapi.yaml, or write {_line(member)}"
            raise BadExpression(
                "unknown-name",
                f"{owner!r} has no {member!r}",
                f"{owner} has {', '.join(sorted(known)) or 'no members'}",
                fix,
            )

    def _check_member(self, value: ast.expr, member: str) -> None:
        if isinstance(value, (ast.Constant, ast.List, ast.Tuple, ast.ListComp)):
            raise BadExpression(
                "expression-syntax",
                f"{ast.unparse(value)} has no member {member!r}",
                "only mappings have members",
                "see docs/reference/expressions.md",
            )
        name = self._root_of(value)
        if name in self.scope.roots:
            self.members.add((name, member))
        known = self.scope.roots.get(name)
        if known is not None and name not in self.scope.later:
            self._check_known(name, member, known)

    def _subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.slice, ast.Slice):
            edges = [
                self.visit(edge) if edge else ast.Constant(None)
                for edge in (node.slice.lower, node.slice.upper)
            ]
            if node.slice.step is not None:
                raise BadExpression(
                    "expression-syntax", "a slice has no step here", "", "write a[1:3]"
                )
            return trees.called(trees.named("part"), self.visit(node.value), *edges)
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            whole = self._in_full(node.value, node.slice.value)
            if whole is not None:
                return whole
            self._check_member(node.value, node.slice.value)
            if self._root_of(node.value) == "header_lines":
                name = ast.Constant(node.slice.value.lower())
                return trees.called(trees.named("item"), self.visit(node.value), name)
            if self._root_of(node.value) == "body":
                return self._member(node.value, node.slice.value)
        return trees.called(
            trees.named("item"), self.visit(node.value), self.visit(node.slice)
        )

    def _list(self, node: ast.List | ast.Tuple) -> ast.expr:
        outer, self.omits = self.omits, False
        items = ast.List([self.visit(elt) for elt in node.elts], ast.Load())
        return self._without("left", items, outer)

    def _without(self, function: str, node: ast.expr, outer: bool) -> ast.expr:
        """*node*, a list or a mapping, without what is `omit` in it."""
        inner, self.omits = self.omits, outer
        return trees.called(trees.named(function), node) if inner else node

    _tuple = _list

    def _dict(self, node: ast.Dict) -> ast.expr:
        keys: list[ast.expr | None] = []
        for key in node.keys:
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                raise BadExpression(
                    "expression-syntax",
                    f"a key of {ast.unparse(node)!r} is not a text",
                    "JSON objects have texts as keys",
                    "write the key in quotes",
                )
            keys.append(ast.Constant(key.value))
        outer, self.omits = self.omits, False
        members = ast.Dict(keys, [self.visit(value) for value in node.values])
        return self._without("kept", members, outer)

    def _boolop(self, node: ast.BoolOp) -> ast.expr:
        return ast.BoolOp(node.op, [self.visit(value) for value in node.values])

    def _unaryop(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, (ast.Invert, ast.UAdd)):
            raise BadExpression(
                "expression-syntax", "`~` and unary `+` are not in the grammar"
            )
        return ast.UnaryOp(node.op, self.visit(node.operand))

    def _binop(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if type(node.op) not in OPERATORS:
            raise BadExpression(
                "expression-syntax",
                f"{ast.unparse(node)!r} uses an operator that is not in the grammar",
                "there are + - * / // %",
                "see docs/reference/expressions.md",
            )
        name = "plus" if isinstance(node.op, ast.Add) else "calculate"
        if name == "plus":
            return trees.called(trees.named(name), left, right)
        return trees.called(
            trees.named(name), ast.Constant(type(node.op).__name__), left, right
        )

    def _compare(self, node: ast.Compare) -> ast.expr:
        for op, right in zip(node.ops, node.comparators, strict=True):
            null = isinstance(right, ast.Constant) and right.value is None
            null = null or (isinstance(right, ast.Name) and right.id == "null")
            if isinstance(op, (ast.Is, ast.IsNot)) and not null:
                raise BadExpression(
                    "expression-syntax",
                    f"{ast.unparse(node)!r} compares with `is`",
                    "`is` is for `is None` and `is not None`",
                    "write ==",
                )
        return ast.Compare(
            self.visit(node.left),
            node.ops,
            [self.visit(comparator) for comparator in node.comparators],
        )

    def _ifexp(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(
            self.visit(node.test), self.visit(node.body), self.visit(node.orelse)
        )

    def _listcomp(self, node: ast.ListComp) -> ast.expr:
        return self._loops(
            "left", node, lambda rounds: ast.ListComp(self.visit(node.elt), rounds())
        )

    def _dictcomp(self, node: ast.DictComp) -> ast.expr:
        def rebuilt(rounds: Callable[[], list[ast.comprehension]]) -> ast.expr:
            key = trees.called(trees.named("to_text"), self.visit(node.key))
            return ast.DictComp(key, self.visit(node.value), rounds())

        return self._loops("kept", node, rebuilt)

    def _loops(
        self,
        without: str,
        node: ast.ListComp | ast.DictComp,
        rebuild: Callable[[Callable[[], list[ast.comprehension]]], ast.expr],
    ) -> ast.expr:
        """A comprehension, which *rebuild* makes of the rounds that it is told of."""
        loop = node.generators[0]
        if (
            len(node.generators) > 1
            or loop.is_async
            or not isinstance(loop.target, ast.Name)
            or len(self.variables) >= _DEEP
        ):
            raise BadExpression(
                "expression-syntax",
                f"{ast.unparse(node)!r} loops too much",
                "a comprehension has one loop over one name, two deep at most",
                "split it",
            )
        name = loop.target.id
        items = trees.called(trees.named("each"), self.visit(loop.iter))
        # A loop inside of another is told of that one's list: what counts is how many
        # rounds there are of both.
        rounds: list[ast.expr] = [items]
        if self.variables:
            items.args.append(trees.named(f"l_{self.variables[-1]}"))
        else:
            rounds = [ast.List([items], ast.Load()), trees.named(f"l_{name}")]
        self.variables.append(name)
        outer, self.omits = self.omits, False
        try:
            rebuilt = rebuild(
                lambda: [
                    *(trees.loop(f"l_{name}", generator) for generator in rounds[:-1]),
                    trees.loop(f"v_{name}", rounds[-1], map(self.visit, loop.ifs)),
                ]
            )
        finally:
            self.variables.pop()
        return self._without(without, rebuilt, outer)

    def _call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute):
            return self._fake(node, node.func)
        if not isinstance(node.func, ast.Name):
            raise BadExpression(
                "expression-syntax",
                f"{ast.unparse(node.func)!r} cannot be called",
                "only functions of the table can",
                "see docs/reference/expressions.md",
            )
        function = self.scope.functions.get(node.func.id)
        if function is None:
            raise BadExpression(
                "unknown-function",
                f"there is no function {node.func.id!r}",
                "docs/reference/expressions.md has all of them",
                f"write `{node.func.id}`, which is a name"
                if node.func.id in self.scope.roots
                else did_you_mean(node.func.id, self.scope.functions),
            )
        self._note_named(function, check_arguments(node, function, self.scope))
        if function.name in self.scope.definitions:
            self._use(function.name, self.scope.definitions[function.name].uses)
        self.fresh = self.fresh or function.fresh
        return self._called(node, trees.named(f"f_{function.name}"), function.world)

    def _note_named(self, function: Function, named: str | None) -> None:
        """Depend on the view or the collection that a call of *function* names."""
        if named is not None:
            (self.views if function.names == "view" else self.collections).add(named)

    def _called(self, node: ast.Call, target: ast.expr, world: bool) -> ast.expr:
        first: list[ast.expr] = [trees.named("x")] if world else []
        return ast.Call(
            target,
            first + [self.visit(arg) for arg in node.args],
            [
                ast.keyword(keyword.arg, self.visit(keyword.value))
                for keyword in node.keywords
            ],
        )

    def _fake(self, node: ast.Call, func: ast.Attribute) -> ast.expr:
        check_fake(node, func, self.scope)
        self.fresh = True
        target = trees.called(
            trees.attribute(trees.named("x"), "fake"), ast.Constant(func.attr)
        )
        return self._called(node, target, world=False)


def _field(name: str) -> Rebuilt:
    node = trees.called(trees.attribute(trees.named("r"), "get"), ast.Constant(name))
    return Rebuilt(node, fields={name})


def _line(header: str) -> str:
    """How the text of a header is named: `header_lines['content-type']`."""
    return f"header_lines[{header.replace('_', '-').lower()!r}]"


def _is_json(value: object) -> bool:
    """Whether *value*, a literal, is one that JSON can say."""
    if isinstance(value, str):
        return value.isascii() or not any(
            "\ud800" <= item <= "\udfff" for item in value
        )
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, float):
        return value - value == 0
    return value is None
