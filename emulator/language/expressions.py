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
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from keyword import kwlist
from typing import Any, NamedTuple, Protocol

from emulator.diagnostics import did_you_mean, nearest
from emulator.language.functions import FUNCTIONS, Function, signature_of
from emulator.language.operators import OPERATORS
from emulator.language.parts import error_in
from emulator.values import value

GRAMMAR: Mapping[type[ast.AST], str] = {
    ast.Constant: "a literal: `'text'`, `12`, `1.5`, `True`, `None` (also `true`, `null`)",
    ast.Name: "a name that is in scope",
    ast.Attribute: "`a.b`: the member `b` of a mapping; null where it has none",
    ast.Subscript: "`a[0]`, `a['b']`: an item or member; null where there is none",
    ast.List: "`[a, b]`: a list",
    ast.Tuple: "`(a, b)`: a list",
    ast.Dict: "`{'a': b}`: a mapping",
    ast.BoolOp: "`a and b`, `a or b`",
    ast.UnaryOp: "`not a`, `-a`",
    ast.BinOp: "`+ - * / // %` on numbers; `+` on texts and lists too",
    ast.Compare: "`== != < <= > >= in`, `not in`, `is None`, `is not None`",
    ast.IfExp: "`a if condition else b`",
    ast.ListComp: "`[a for x in items if condition]`, one loop, two deep at most",
    ast.DictComp: "`{a: b for x in items if condition}`, in the same way; keys become texts",
    ast.Call: "a function of the table below, with positional and named arguments",
}
"""Every node that an expression may have, as the documentation shows it."""
REQUEST = frozenset(
    {
        "authenticated", "base_url", "body", "caller", "client", "cookie", "header",
        "host", "server",
        "header_lines", "method", "now", "operation_id", "path", "query", "raw_body",
        "raw_body_base64", "raw_path", "raw_query", "request_id",
    }
)  # fmt: skip
"""What `request` has, whatever a record's fields are called."""
_WORDS = {"true": True, "false": False, "null": None}
WORDS = frozenset({*_WORDS, "omit"})
"""Names that stand for values of their own, everywhere."""
_DEEP = 2
LONGEST = 2_000
"""So many characters an expression may have."""
_LEVELS = 100
_NOTHING: Mapping[str, Any] = {}


class Defined(Protocol):
    """A name that a spec has given to a value, or to a function of its own."""

    @property
    def parameters(self) -> tuple[str, ...] | None: ...
    @property
    def uses(self) -> Uses: ...
    @property
    def template(self) -> Any: ...
    def read(self, x: Any) -> Any: ...


class Uses(NamedTuple):
    """What expressions depend on besides the record at hand."""

    roots: frozenset[str]
    fields: frozenset[str]
    collections: frozenset[str]
    views: frozenset[str]
    members: frozenset[tuple[str, str]]
    """The members of roots that they read by name."""
    fresh: bool

    @property
    def repeatable(self) -> bool:
        """The same record and the same collections give the same value."""
        return not self.roots and not self.fresh


@value
class Scope:
    """The names that an expression may use, and what is known of them."""

    roots: Mapping[str, frozenset[str] | None] = _NOTHING
    """Names that the exchange has, with the members they can have (None: any)."""
    fields: frozenset[str] = frozenset()
    """Names of the record at hand; they win over roots of the same name."""
    guarded: bool = False
    """A field that hides one of the REQUEST is not named by that name alone."""
    collections: frozenset[str] = frozenset()
    views: Mapping[str, tuple[str, ...]] = _NOTHING
    """The names of views, and the names that each takes besides a record's fields."""
    keys: Mapping[str, bool] = _NOTHING
    """The names of `keys`, and whether they have a public part."""
    functions: Mapping[str, Function] = FUNCTIONS
    definitions: Mapping[str, Defined] = _NOTHING
    """Names that the spec has defined, with what each depends on."""
    fake: Collection[str] | None = None
    """In a recipe, the methods of Faker that it may call."""
    optional: frozenset[str] = frozenset()
    """Dotted names whose values may be missing: `query.per_page`."""
    asked: frozenset[str] = frozenset()
    """Those of them that are there, since a condition has asked for them before."""
    kinds: Mapping[str, str] = _NOTHING
    """Dotted names whose values are of a known kind, or null; `this.` are the record's."""
    texts: frozenset[str] = frozenset()
    """Those of them that are any text: no format and no pattern says which."""
    untyped: frozenset[str] = frozenset()
    """Dotted names whose values may be anything, since no schema says what they are."""
    signed: frozenset[str] = frozenset()
    """Dotted names whose values are numbers that may be less than 0."""
    later: Mapping[str, str] = _NOTHING
    """Names that stand for nothing yet where the expression is asked, and why."""

    hints: Mapping[str, str] = _NOTHING
    """What to do about names that are not in scope, but somewhere near."""

    def with_fields(self, fields: Iterable[str], *, guarded: bool = False) -> Scope:
        return self._changed(fields=frozenset(fields), guarded=guarded)

    def with_roots(self, **roots: frozenset[str] | None) -> Scope:
        later = {name: why for name, why in self.later.items() if name not in roots}
        return self._changed(roots={**self.roots, **roots}, later=later)

    def with_definition(self, name: str, defined: Defined) -> Scope:
        """The same with one more definition; one with parameters is called."""
        return self._changed(definitions={**self.definitions, name: defined})

    def with_optional(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* may be missing."""
        return self._changed(optional=frozenset(names))

    def with_asked(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* are there as well."""
        return self._changed(asked=self.asked | frozenset(names))

    def with_kinds(self, kinds: Mapping[str, str]) -> Scope:
        """The same, in which the values of the dotted names are of these kinds."""
        return self._changed(kinds={**self.kinds, **kinds})

    def with_texts(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* are any text."""
        return self._changed(texts=frozenset(names))

    def with_untyped(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* may be anything."""
        return self._changed(untyped=frozenset(names))

    def with_signed(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* may be less than 0."""
        return self._changed(signed=frozenset(names))

    def with_function(self, function: Function) -> Scope:
        return self._changed(functions={**self.functions, function.name: function})

    def hinting(self, hints: Mapping[str, str]) -> Scope:
        return self._changed(hints={**self.hints, **hints})

    def without(self, later: Mapping[str, str]) -> Scope:
        """The same without names that are *later* known, or never."""
        return self._changed(later={**self.later, **later})

    def _changed(self, **fields: Any) -> Scope:
        return Scope(**{**vars(self), **fields})


class BadExpression(Exception):
    """What is wrong with an expression: a diagnostic without its place."""

    def __init__(
        self,
        code: str,
        what: str,
        why: str = "",
        fix: str = "",
        *,
        in_key: bool = False,
    ) -> None:
        super().__init__(what)
        self.code, self.what, self.why, self.fix = code, what, why, fix
        self.in_key = in_key
        """It is the key of a mapping that is wrong, and not what stands there."""


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


_OF_THE_CALL = ("path", "query", "body", "header")
"""Where a name that stands alone is looked for first."""
_OF_OTHERS = (
    (r"===", "write `==`"),
    (r"!==", "write `!=`"),
    (r"&&", "write `and`"),
    (r"\|\|", "write `or`"),
    (r"\?.*:", "write `a if condition else b`"),
    (r"(?:^|[\s(])!(?!=)", "write `not`"),
    (r"\?\.", "write `a.b`: it is null where `a` is null"),
    (r"(?<![=<>!])=(?!=)", "write `==` to compare"),
    (r"\w\.\w+-\w", "write `a['b-c']` for a member whose name has a hyphen"),
)
"""What other languages write, and how it is written here."""


def _as_python(text: str) -> str:
    """What to write instead of *text*, which is no expression; or nothing."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)
    return next((fix for how, fix in _OF_OTHERS if re.search(how, bare)), "")


def rebuild(text: str, scope: Scope | None) -> Rebuilt:
    """Check *text* and rebuild it. Raises `BadExpression`.

    Without a scope the text has been checked before: names are not looked at again,
    except to tell fields from roots, which needs one. So a scope is always given; it
    may be the one that was kept with the program.
    """
    if len(text) > LONGEST:
        raise BadExpression(
            "expression-too-long",
            f"this expression has {len(text)} characters",
            f"an expression may have {LONGEST}",
            "move part of it into a field, a view or a rule of its own",
        )
    name = text.strip()
    if (
        scope
        and name in scope.fields
        and (name in _NO_NAMES or not name.isidentifier())
    ):
        # A field whose name is none in Python, by itself: `${from}`, `${full-name}`.
        return _field(name)
    try:
        tree = parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or str(error)
        word = _keyword(text)
        if word:
            raise BadExpression(
                "expression-syntax",
                f"{word!r} is a word of the language, and no name: {text.strip()!r}",
                "expressions are read as Python's, which keeps some words for itself",
                f"write body[{word!r}] for a member; a field of that name can only stand"
                f" by itself, `${{{word}}}`",
            ) from None
        raise BadExpression(
            "expression-syntax",
            f"{text.strip()!r} is not an expression",
            f"it is read as a Python expression: {reason}",
            _as_python(text) or "see docs/reference/expressions.md",
        ) from None
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


@lru_cache(512)
def parsed(text: str) -> ast.expr:
    """The expression *text* as a tree, which is shared: never change it.

    Raises `SyntaxError`, or `BadExpression` for one that is nested too deeply, and what
    else the parser does.
    """
    # What is checked is read several times, and the same stands in many places.
    tree = ast.parse(text.strip(), mode="eval")
    check_levels(tree)
    return tree.body


@lru_cache(1_024)
def text_of(node: ast.expr) -> str:
    """The text of a part of what `parsed` gave."""
    return ast.unparse(node)


_NO_NAMES = frozenset(kwlist) - {"True", "False", "None"}
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


def _keyword(text: str) -> str:
    """The word in an expression that cannot be read that its author took for a name."""
    plain = re.findall(r"[A-Za-z_]\w*", _QUOTED.sub("", text))
    for word in plain:
        if word in _NO_NAMES and word not in _WORDS_OF_OURS:
            return str(word)
    return plain[0] if len(plain) == 1 and plain[0] in _NO_NAMES else ""


_WORDS_OF_OURS = ("and", "or", "not", "in", "is", "if", "else", "for")


def check_levels(tree: ast.AST) -> None:
    """Refuse what is nested so deeply that walking it would be a risk."""
    level: list[ast.AST] = [tree]
    for _ in range(_LEVELS):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise BadExpression(
        "expression-too-long",
        "this expression is nested too deeply",
        f"an expression may have {_LEVELS} levels; every `+` begins one",
        "move part of it into a field, a view or a rule of its own",
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
            return _name(f"v_{name}")
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
            return _call(_name("kept"), _name("r"))  # a copy: what is stored stays
        return self._root(name)

    def _field(self, name: str) -> ast.expr:
        self.used_fields.add(name)
        return _call(_attribute(_name("r"), "get"), ast.Constant(name))

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
            return _attribute(_name("x"), name)
        defined = self.scope.definitions.get(name)
        if defined is not None and defined.parameters is None:
            self._use(name, defined.uses)
            return _call(_name(f"d_{name}"), _name("x"))
        if name in _WORDS:
            return ast.Constant(_WORDS[name])
        if name == "omit":
            self.omits = True
            return _name("OMIT")
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
        for root in sorted(uses.roots):
            if root in self.scope.later:
                raise BadExpression(
                    "not-yet-known",
                    f"{name!r} reads {root!r}, which is not known where this is asked",
                    self.scope.later[root],
                    "have a later step ask, or name something that is known by then",
                )
            if root not in self.scope.roots:
                raise BadExpression(
                    "unknown-name",
                    f"{name!r} reads {root!r}, and there is no {root!r} here",
                    f"in scope are {', '.join(sorted(self.scope.roots)) or 'no names'}",
                    "write the expression here, with what there is",
                )
        for root, member in sorted(uses.members):
            known = self.scope.roots[root]
            if known is not None and member not in known:
                raise BadExpression(
                    "unknown-name",
                    f"{name!r} reads {root}.{member}, and {root!r} has no {member!r} here",
                    f"{root} has {', '.join(sorted(known)) or 'no members'}",
                    "write the expression here, with what there is",
                )
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
        return _member(self.visit(node.value), member)

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
            return _call(_name("part"), self.visit(node.value), *edges)
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            whole = self._in_full(node.value, node.slice.value)
            if whole is not None:
                return whole
            self._check_member(node.value, node.slice.value)
            if self._root_of(node.value) == "header_lines":
                name = ast.Constant(node.slice.value.lower())
                return _call(_name("item"), self.visit(node.value), name)
        return _call(_name("item"), self.visit(node.value), self.visit(node.slice))

    def _list(self, node: ast.List | ast.Tuple) -> ast.expr:
        outer, self.omits = self.omits, False
        items = ast.List([self.visit(elt) for elt in node.elts], ast.Load())
        return self._without("left", items, outer)

    def _without(self, function: str, node: ast.expr, outer: bool) -> ast.expr:
        """*node*, a list or a mapping, without what is `omit` in it."""
        inner, self.omits = self.omits, outer
        return _call(_name(function), node) if inner else node

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
            return _call(_name(name), left, right)
        return _call(_name(name), ast.Constant(type(node.op).__name__), left, right)

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
            key = _call(_name("to_text"), self.visit(node.key))
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
        items = _call(_name("each"), self.visit(loop.iter))
        # A loop inside of another is told of that one's list: what counts is how many
        # rounds there are of both.
        rounds: list[ast.expr] = [items]
        if self.variables:
            items.args.append(_name(f"l_{self.variables[-1]}"))
        else:
            rounds = [ast.List([items], ast.Load()), _name(f"l_{name}")]
        self.variables.append(name)
        outer, self.omits = self.omits, False
        try:
            rebuilt = rebuild(
                lambda: [
                    *(_loop(f"l_{name}", generator) for generator in rounds[:-1]),
                    _loop(f"v_{name}", rounds[-1], map(self.visit, loop.ifs)),
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
        self._check_arguments(node, function)
        if function.name in self.scope.definitions:
            self._use(function.name, self.scope.definitions[function.name].uses)
        self.fresh = self.fresh or function.fresh
        return self._called(node, _name(f"f_{function.name}"), function.world)

    def _called(self, node: ast.Call, target: ast.expr, world: bool) -> ast.expr:
        first: list[ast.expr] = [_name("x")] if world else []
        return ast.Call(
            target,
            first + [self.visit(arg) for arg in node.args],
            [
                ast.keyword(keyword.arg, self.visit(keyword.value))
                for keyword in node.keywords
            ],
        )

    def _check_arguments(self, node: ast.Call, function: Function) -> None:
        starred = any(isinstance(arg, ast.Starred) for arg in node.args)
        names = [keyword.arg for keyword in node.keywords]
        try:
            if starred or None in names:
                raise TypeError("`*` and `**` are not in the grammar")
            bound = signature_of(function.call).bind(
                *([None] if function.world else []),
                *node.args,
                **{str(keyword.arg): keyword.value for keyword in node.keywords},
            )
        except TypeError as error:
            raise BadExpression(
                "function-arguments",
                f"{ast.unparse(node)!r} does not fit the function",
                str(error),
                f"write {function.signature}",
            ) from None
        if function.names in ("key", "public_key"):
            self._check_key(function, bound.arguments["keys"])
        elif function.names:
            self._check_literal(node, function, bound.arguments.get(function.names))
        for parameter, argument in bound.arguments.items():
            _check_word(function, parameter, argument)
        if function.pattern:
            _check_pattern(function, bound.arguments[function.pattern])

    def _check_literal(self, node: ast.Call, function: Function, argument: Any) -> None:
        kind = function.names
        known = self.scope.views if kind == "view" else self.scope.collections
        value = argument.value if isinstance(argument, ast.Constant) else None
        if value not in known:
            shown = ast.unparse(argument) if argument else "nothing"
            raise BadExpression(
                f"unknown-{kind}",
                f"{shown} is not a {kind}",
                f"the argument `{kind}` of {function.name} is the name of a {kind}, in"
                " quotes",
                did_you_mean(value or shown, known),
            )
        (self.views if kind == "view" else self.collections).add(str(value))
        if kind == "view" and self.scope.views[str(value)]:
            _check_given(node, str(value), self.scope.views[str(value)])

    def _check_key(self, function: Function, argument: Any) -> None:
        known = self.scope.keys
        value = str(argument.value) if isinstance(argument, ast.Constant) else ""
        shown = ast.unparse(argument) if isinstance(argument, ast.expr) else "nothing"
        if value not in known:
            raise BadExpression(
                "unknown-signing-key",
                f"{shown} is not one of the keys",
                f"{function.name} names an entry of `keys`, in quotes",
                did_you_mean(value or shown, known)
                if known
                else "add `keys: {signing: {kind: rsa}}` to behavior.yaml",
            )
        if function.names == "public_key" and not known[value]:
            raise BadExpression(
                "secret-key",
                f"the keys {value!r} are secret",
                "an HMAC key verifies and signs: whoever has it can make tokens",
                "publish keys of the kind rsa, ec or ed25519",
            )

    def _fake(self, node: ast.Call, func: ast.Attribute) -> ast.expr:
        owner = func.value
        if self.scope.fake is None or not (
            isinstance(owner, ast.Name) and owner.id == "fake"
        ):
            raise BadExpression(
                "expression-syntax",
                f"{ast.unparse(func)!r} cannot be called",
                "values have members, not methods",
                "call a function of the table, as in lower(title)",
            )
        if func.attr not in self.scope.fake:
            near = nearest(func.attr, self.scope.fake)
            raise BadExpression(
                "unknown-function",
                f"a recipe cannot call fake.{func.attr} in this locale",
                "`fake.` is followed by a method of one of Faker's providers that makes"
                " a plain value",
                f"did you mean {near!r}?"
                if near
                else "see docs/reference/expressions.md for which there are",
            )
        if any(isinstance(arg, ast.Starred) for arg in node.args) or any(
            keyword.arg is None for keyword in node.keywords
        ):
            raise BadExpression(
                "expression-syntax", "`*` and `**` are not in the grammar"
            )
        self.fresh = True
        target = _call(_attribute(_name("x"), "fake"), ast.Constant(func.attr))
        return self._called(node, target, world=False)


def _check_given(node: ast.Call, view: str, taken: Collection[str]) -> None:
    """Report a mapping for a view with parameters that has not just those names."""
    given = [*node.args[1:], *(keyword.value for keyword in node.keywords)][0]
    if not isinstance(given, ast.Dict):
        return
    names = {key.value for key in given.keys if isinstance(key, ast.Constant)}
    wrong = [f"lacks {name!r}" for name in taken if name not in names]
    wrong += [f"has {str(name)!r} as well" for name in names if name not in taken]
    if wrong:
        raise BadExpression(
            "function-arguments",
            f"what is given to the view {view!r} {wrong[0]}",
            f"its `parameters` are {', '.join(taken)}",
            f"write {{{', '.join(f'{name!r}: ...' for name in taken)}}}",
        )


def _check_pattern(function: Function, argument: Any) -> None:
    """Report a regular expression that is none, or that a caller would choose."""
    written = argument.value if isinstance(argument, ast.Constant) else None
    if not isinstance(written, str):
        raise BadExpression(
            "function-arguments",
            f"the {function.pattern} of {function.name} is not in quotes",
            "a regular expression is read when the spec is loaded",
            f"write {function.name}(text, '^[a-z]+$')",
        )
    wrong = error_in(written)
    if wrong is not None:
        raise BadExpression(
            "function-arguments",
            wrong,
            "look-around and back-references are not there, nor what is very large",
            "write it without them",
        )


def _check_word(function: Function, parameter: str, argument: object) -> None:
    """Refuse a literal that is none of the words that this parameter takes."""
    words = function.words.get(parameter)
    if words is None or not isinstance(argument, ast.Constant):
        return
    if argument.value not in words:
        raise BadExpression(
            "function-arguments",
            f"{argument.value!r} is no {parameter} of {function.name}",
            f"there are {', '.join(words)}",
            did_you_mean(str(argument.value), words),
        )


def _field(name: str) -> Rebuilt:
    node = _call(_attribute(_name("r"), "get"), ast.Constant(name))
    return Rebuilt(node, fields={name})


def _line(header: str) -> str:
    """How the text of a header is named: `header_lines['content-type']`."""
    return f"header_lines[{header.replace('_', '-').lower()!r}]"


def _loop(
    name: str, items: ast.expr, conditions: Iterable[ast.expr] = ()
) -> ast.comprehension:
    return ast.comprehension(ast.Name(name, ast.Store()), items, [*conditions], 0)


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


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _member(value: ast.expr, name: str) -> ast.expr:
    """What `get` gives; of a mapping that has a name, without calling it."""
    asked = _call(_name("get"), value, ast.Constant(name))
    held = isinstance(value, ast.Attribute) and value.attr in _HELD
    if not (held or isinstance(value, ast.Name)):
        return asked
    is_mapping = ast.Compare(_call(_name("type"), value), [ast.Is()], [_name("dict")])
    found = _call(_attribute(value, "get"), ast.Constant(name))
    return ast.IfExp(is_mapping, found, asked)


_HELD = frozenset(
    {"before", "body", "caller", "cookie", "header", "page", "path", "query", "record"}
)
"""Roots that cost nothing to be read twice."""


def _attribute(value: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(value, name, ast.Load())


def _call(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(function, list(arguments), [])
