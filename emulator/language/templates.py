"""Templates: a tree of JSON with `${...}` in it, compiled to one function.

    {id: "${id}", url: "/books/${id}", kind: book}

A value that is only an expression keeps its type; one with text around it becomes a
text. `$${` is a plain `${`. A template gives a value or the bytes of its JSON; what
never changes in those bytes is put together when the template is compiled, which
happens when it is first used. Checking it happens when the spec is loaded.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import orjson

from emulator.diagnostics import Location
from emulator.json_type import Json
from emulator.language.conversions import Unsure, of_any_kind, unsure
from emulator.language.embedded import (
    Spliced,
    changes,
    computed_keys,
    expressions,
    may_omit,
    plain,
    split,
    unescaped,
)
from emulator.language.expressions import Rebuilt, rebuild
from emulator.language.failures import ExpressionFailed, met
from emulator.language.failures import kind as kind_of
from emulator.language.grammar import BadExpression
from emulator.language.kinds import Mixed, mixed
from emulator.language.nulls import doubts
from emulator.language.operators import OMIT, RUNTIME
from emulator.language.static_scope import Scope, Uses
from emulator.language.texts import to_text
from emulator.spec.document import Document
from emulator.values import lazy

_FEW = 2
"""With more expressions than this, a tree is put together before it is dumped."""


_T = TypeVar("_T", covariant=True)


class Evaluate(Protocol[_T]):
    """What a template gives, for an exchange and for the record at hand."""

    def __call__(self, x: Any, r: Mapping[str, Json] | None = None) -> _T: ...


_FRAME: Any = ast.parse("""
def evaluate(x, r=None):
    try: pass
    except ExpressionFailed: raise
    except Exception as error: raise failed(error, x, r) from error
""").body[0]
"""A function of exchange and record that says which of its expressions has failed."""
_ENCODES = re.compile(r"\b(?:url|query_string)\(")
_PLACED = (ast.expr, ast.stmt, ast.arg)


@dataclass(eq=False, repr=False)
class Template:
    """A tree, where it stands, and the names that its expressions may use."""

    tree: Json
    places: Document
    pointer: tuple[str | int, ...]
    scope: Scope
    bare: bool = False
    """The tree is one text, and all of it is an expression: no `${` needed."""
    address: bool = False
    """It is one: what follows a `=` in it is a parameter's value, percent-encoded unless
    its expression does that itself."""
    _uses: Uses | None = field(default=None, init=False)

    @lazy
    def value(self) -> Evaluate[Json]:
        """Gives the tree with every expression evaluated. Raises `ExpressionFailed`."""
        return self._function(self._tree(self.tree, self.pointer))

    @lazy
    def members(self) -> Evaluate[dict[str, Json]]:
        """Gives the members of the tree, a mapping; members to be left out are `OMIT`."""
        return self._function(self._mapping(self.tree, self.pointer))

    @lazy
    def json(self) -> Evaluate[bytes]:
        """Gives the bytes of the tree's JSON. Raises `ExpressionFailed`."""
        pieces = [*_merged(self._pieces(self.tree, self.pointer))]
        if len(pieces) == 1:
            if isinstance(pieces[0], bytes):
                return self._function(ast.Constant(pieces[0]))
            # A join of two is a copy. What orjson gives keeps its buffer, 8 KB or more,
            # and what a template gives may be kept.
            pieces.append(b"")
        parts: list[ast.expr] = [
            ast.Constant(piece) if isinstance(piece, bytes) else piece
            for piece in pieces
        ]
        joined = ast.Attribute(ast.Constant(b""), "join", ast.Load())
        return self._function(ast.Call(joined, [ast.Tuple(parts, ast.Load())], []))

    def problems(self) -> Iterator[tuple[tuple[str | int, ...], BadExpression]]:
        """What is wrong with the expressions, each with its pointer."""
        yield from computed_keys(self.tree, self.pointer)
        for pointer, text in expressions(self.tree, self.pointer, bare=self.bare):
            try:
                if isinstance(text, BadExpression):
                    raise text
                rebuild(text, self.scope)
            except BadExpression as error:
                yield pointer, error

    def doubts(
        self, optional: Iterable[str] = ()
    ) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The values that may be missing where they must not be, each with its pointer.

        The values of the *optional* names are among those that may be.
        """
        scope = self.scope.with_optional({*self.scope.optional, *optional})
        for pointer, text in expressions(self.tree, self.pointer, bare=self.bare):
            if isinstance(text, str):
                for doubt in doubts(text, scope):
                    inside = doubt.definition
                    yield inside.template.pointer if inside else pointer, doubt.name

    def mixed(self) -> Iterator[tuple[tuple[str | int, ...], Mixed]]:
        """The parts of expressions that mix kinds of values, each with its pointer."""
        scope = self.scope
        for pointer, text in expressions(self.tree, self.pointer, bare=self.bare):
            if isinstance(text, str):
                for part in mixed(text, scope.kinds, scope.fields):
                    yield pointer, part

    def unsure(self) -> Iterator[tuple[tuple[str | int, ...], Unsure]]:
        """What expressions convert without knowing that it can be, with its pointer."""
        scope = self.scope
        for pointer, text in expressions(self.tree, self.pointer, bare=self.bare):
            if isinstance(text, str):
                for part in (
                    *unsure(text, scope.texts, scope.fields),
                    *of_any_kind(
                        text,
                        scope.untyped,
                        scope.fields,
                        scope.asked,
                        scope.definitions,
                    ),
                ):
                    yield pointer, part

    @property
    def at(self) -> Location:
        """Where it is written."""
        return self.places.locate(self.pointer)

    @property
    def uses(self) -> Uses:
        """What the template depends on, as its expressions say."""
        if self._uses is None:
            found = [
                rebuild(text, self.scope)
                for _, text in expressions(self.tree, self.pointer, bare=self.bare)
                if isinstance(text, str)
            ]
            self._uses = Uses(
                frozenset().union(*(uses.roots for uses in found)),
                frozenset().union(*(uses.fields for uses in found)),
                frozenset().union(*(uses.collections for uses in found)),
                frozenset().union(*(uses.views for uses in found)),
                frozenset().union(*(uses.members for uses in found)),
                any(uses.fresh for uses in found),
            )
        return self._uses

    def _tree(self, tree: Json, pointer: tuple[str | int, ...]) -> ast.expr:
        """The expression that builds *tree*."""
        if isinstance(tree, Spliced):
            return self._tree(tree.tree, tree.pointer)
        if isinstance(tree, dict):
            built = self._mapping(tree, pointer)
            if any(may_omit(value) for value in tree.values()):
                return _call("kept", built)
            return built
        if isinstance(tree, list):
            items = ast.List(
                [self._tree(inner, (*pointer, at)) for at, inner in enumerate(tree)],
                ast.Load(),
            )
            return _call("left", items) if any(map(may_omit, tree)) else items
        if isinstance(tree, str):
            return self._text(tree, pointer)
        return ast.Constant(tree)

    def _mapping(
        self, tree: Mapping[str, Json], pointer: tuple[str | int, ...]
    ) -> ast.expr:
        """The expression that builds *tree*, whatever its members turn out to be."""
        return ast.Dict(
            [ast.Constant(plain(key)) for key in tree],
            [self._tree(value, (*pointer, key)) for key, value in tree.items()],
        )

    def _text(self, text: str, pointer: tuple[str | int, ...]) -> ast.expr:
        if self.bare:
            return self._expression(text, pointer)
        parts = split(text)
        if not parts:
            return ast.Constant("")
        if len(parts) == 1:
            kind, part = parts[0]
            return (
                ast.Constant(part)
                if kind == "text"
                else self._expression(part, pointer)
            )
        pieces = [
            ast.Constant(part)
            if kind == "text"
            else _call(
                "to_parameter"
                if self.address and at and _begins_value(parts[at - 1][1], part)
                else "to_text",
                self._expression(part, pointer),
            )
            for at, (kind, part) in enumerate(parts)
        ]
        return ast.Call(
            ast.Attribute(ast.Constant(""), "join", ast.Load()),
            [ast.Tuple(list(pieces), ast.Load())],
            [],
        )

    def _expression(self, text: str, pointer: tuple[str | int, ...]) -> ast.expr:
        rebuilt: Rebuilt = rebuild(text, self.scope)
        line = self.places.locate(pointer).line
        # The column is the expression's number, from 1, for when it fails.
        number = self._numbers[pointer, text]
        for node in ast.walk(rebuilt.node):
            if isinstance(node, (ast.expr, ast.keyword)):
                node.lineno = node.end_lineno = line
                node.col_offset = node.end_col_offset = number
        return rebuilt.node

    @cached_property
    def _numbers(self) -> Mapping[tuple[tuple[str | int, ...], Any], int]:
        found = expressions(self.tree, self.pointer, bare=self.bare)
        return {expression: number for number, expression in enumerate(found, 1)}

    def _pieces(
        self, tree: Json, pointer: tuple[str | int, ...]
    ) -> Iterator[bytes | ast.expr]:
        """The JSON of *tree* as bytes where it is known, and expressions where not."""
        if isinstance(tree, Spliced):
            yield from self._pieces(tree.tree, tree.pointer)
        elif not changes(tree):
            yield orjson.dumps(unescaped(tree))
        elif self._has_much_to_look_up(tree, pointer):
            yield _call("dumps", self._tree(tree, pointer))
        elif isinstance(tree, dict) and not any(map(may_omit, tree.values())):
            opening = b"{"
            for key, value in tree.items():
                yield opening + orjson.dumps(plain(key)) + b":"
                yield from self._pieces(value, (*pointer, key))
                opening = b","
            yield b"}"
        elif isinstance(tree, list) and not any(map(may_omit, tree)):
            opening = b"["
            for at, value in enumerate(tree):
                yield opening
                yield from self._pieces(value, (*pointer, at))
                opening = b","
            yield b"]"
        else:
            embedded = self._embedded(tree)
            if embedded is not None:
                yield _call("embedded", embedded)
            else:
                how = "written" if may_omit(tree) else "dumps"
                yield _call(how, self._tree(tree, pointer))

    def _has_much_to_look_up(self, tree: Json, pointer: tuple[str | int, ...]) -> bool:
        """Whether one dump of *tree* costs less than one of each of its expressions.

        What is shown, which is bytes already, is not dumped once more.
        """
        texts = expressions(tree, pointer, bare=self.bare)
        names = [str(text).strip() for _, text in texts]
        return len(names) > _FEW and not {"item", "items"} & {*names}

    def _embedded(self, tree: Json) -> ast.expr | None:
        """What is shown, as bytes that are known: for `${item}` and `${items}` whole."""
        parts = split(tree) if isinstance(tree, str) and not self.bare else ()
        name = parts[0][1].strip() if len(parts) == 1 else ""
        known = name in self.scope.roots and name not in self.scope.fields
        if name not in ("item", "items") or not known:
            return None
        return ast.Attribute(ast.Name("x", ast.Load()), f"embedded_{name}", ast.Load())

    def _function(self, body: ast.expr) -> Evaluate[Any]:
        """A function of exchange and record that gives what *body* is.

        It says itself which expression has failed: one more function around it would
        be one more call for every template that a call evaluates.
        """
        line = self.places.locate(self.pointer).line
        attempt = ast.Try([ast.Return(body)], _FRAME.body[0].handlers, [], [])
        function = ast.FunctionDef("evaluate", _FRAME.args, [attempt], [])
        module = ast.Module([function], [])
        for node in ast.walk(module):
            if isinstance(node, _PLACED) and not hasattr(node, "lineno"):
                node.lineno = node.end_lineno = line
                node.col_offset = node.end_col_offset = 0
        names = dict(RUNTIME)
        names["dumps"] = orjson.dumps
        names["written"] = _written
        names["embedded"] = _embedded
        names["to_parameter"] = _to_parameter
        names["Exception"], names["failed"] = Exception, self._failed
        names["ExpressionFailed"] = ExpressionFailed
        for name, known in self.scope.functions.items():
            names[f"f_{name}"] = known.call
        for name, defined in self.scope.definitions.items():
            names[f"d_{name}"] = defined.read
        code = compile(module, self.places.file, "exec")
        exec(code, names)  # noqa: S102 - built from checked nodes, never from a request
        evaluate: Evaluate[Any] = names["evaluate"]
        return evaluate

    def amount(self, x: Any, r: Mapping[str, Json] | None = None) -> int | float | None:
        """The number that the tree is, or null. Raises `ExpressionFailed`."""
        amount_of = self.value(x, r)
        if amount_of is None or type(amount_of) is int:
            return amount_of
        if type(amount_of) is float and math.isfinite(amount_of):
            return amount_of
        why = f"it is to be a number, and this is {kind_of(amount_of)}"
        raise self.unusable(why, x, r)

    def unusable(
        self, why: str, x: Any, r: Mapping[str, Json] | None = None
    ) -> ExpressionFailed:
        """The failure of a template that gave what cannot be used, and *why* it cannot."""
        written = [*expressions(self.tree, self.pointer, bare=self.bare)]
        pointer, text = written[0] if written else (self.pointer, "")
        return self._told(why, pointer, text, x, r)

    def _failed(
        self, error: Exception, x: Any, r: Mapping[str, Json] | None
    ) -> ExpressionFailed:
        """The failure of the expression that *error* came out of."""
        number = None
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if code.co_filename == self.places.file and trace.tb_lasti >= 0:
                # `_expression` has written the number of the expression there.
                number = [*code.co_positions()][trace.tb_lasti // 2][2] or number
                if isinstance(trace.tb_frame.f_locals.get("r"), Mapping):
                    r = trace.tb_frame.f_locals["r"]
            trace = trace.tb_next
        written = [*expressions(self.tree, self.pointer, bare=self.bare)]
        if number is None and len(written) == 1:
            number = 1
        pointer, text = written[number - 1] if number else (self.pointer, "")
        return self._told(error, pointer, text, x, r)

    def _told(
        self,
        reason: Exception | str,
        pointer: tuple[str | int, ...],
        text: str | BadExpression,
        x: Any,
        r: Mapping[str, Json] | None,
    ) -> ExpressionFailed:
        written = text.strip() if isinstance(text, str) else ""
        values = met(written, x, r, self.scope.fields) if written else {}
        return ExpressionFailed(self.places.locate(pointer), reason, written, values)


class WholeRecord(Template):
    """A template that gives the record at hand just as it is."""

    @lazy
    def value(self) -> Evaluate[Json]:
        return lambda _, r=None: r

    @lazy
    def json(self) -> Evaluate[bytes]:
        # A join of two is a copy, without orjson's buffer.
        return lambda _, r=None: b"".join((orjson.dumps(r), b""))


def _written(value: Json) -> bytes:
    """The JSON of *value*; nothing at all of what is left out."""
    return b"" if value is OMIT else orjson.dumps(value)


def _embedded(value: Json) -> bytes:
    """What is shown, which is bytes where it has been rendered."""
    return value if type(value) is bytes else orjson.dumps(value)


def _begins_value(before: str, expression: str) -> bool:
    """Whether *expression* is a parameter's value that nobody has encoded yet."""
    return before.endswith("=") and not _ENCODES.search(expression)


def _to_parameter(value: Json) -> str:
    return quote(to_text(value), safe="")


def _merged(pieces: Iterator[bytes | ast.expr]) -> Iterator[bytes | ast.expr]:
    known = b""
    for piece in pieces:
        if isinstance(piece, bytes):
            known += piece
            continue
        if known:
            yield known
        known = b""
        yield piece
    if known:
        yield known


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
