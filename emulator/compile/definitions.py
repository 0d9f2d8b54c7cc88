"""Definitions: the names that `let` gives to values, for a provider or an operation."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.definitions import Definition
from emulator.language.kinds import kind_of
from emulator.language.static_scope import WORDS, Scope
from emulator.spec.document import Pointer

_HEAD = re.compile(
    r"([A-Za-z_]\w*)(?:\(\s*((?:[A-Za-z_]\w*)(?:\s*,\s*[A-Za-z_]\w*)*)\s*\))?"
)
"""`cart`, or `localized(name, language)`."""


def define(source: Source, pointer: Pointer, scope: Scope, inner: Scope) -> Scope:
    """*scope* with what `let` at *pointer* defines, each checked in the scope *inner*.

    *inner* has all names that an expression can ever have there: what reads a definition
    too early is told at that place.
    """
    heads = dict(_heads(source, pointer, scope))
    ordered, circular = _sorted(source, heads)
    for name in ordered:
        at, parameters = heads[name]
        here = inner if parameters is None else inner.with_fields(parameters)
        known = None if name not in circular else "null"
        # What is null in it, or not, depends on where it is read: it is told there.
        template = source.condition(at, here, tree=known, doubted=False)
        if not source.trusted and any(template.problems()):
            # It was reported; what reads it is not told of as well.
            template = source.condition(at, here, tree="null")
        made = Definition(name=name, template=template, parameters=parameters)
        scope, inner = _with(scope, made), _with(inner, made)
        kind = _kind(source.get(*at), inner, parameters or ())
        if kind:
            called = name if parameters is None else f"{name}()"
            scope = scope.with_kinds({called: kind})
            inner = inner.with_kinds({called: kind})
    return scope


def _kind(written: Json, scope: Scope, parameters: Collection[str]) -> str:
    """The kind of what a definition gives; of its parameters nothing is known."""
    known = {
        name: kind
        for name, kind in scope.kinds.items()
        if name.partition(".")[0] not in parameters
    }
    return kind_of(str(written), known)


def _with(scope: Scope, made: Definition) -> Scope:
    scope = scope.with_definition(made.name, made)
    return scope if made.parameters is None else scope.with_function(made.function())


def _heads(
    source: Source, pointer: Pointer, scope: Scope
) -> Iterator[tuple[str, tuple[Pointer, tuple[str, ...] | None]]]:
    """The names that are defined, each with its place and its parameters."""
    for at, _ in source.entries(*pointer):
        match = _HEAD.fullmatch(str(at[-1]).strip())
        if match is None:
            source.problem(
                at,
                "wrong-form",
                f"{at[-1]!r} cannot be defined",
                "a definition has a name, or a name with parameters",
                "write it as `cart` or `localized(name)`",
                key=True,
            )
            continue
        name, given = match.groups()
        parameters = None if given is None else tuple(re.split(r"\s*,\s*", given))
        hidden = _hidden(scope, name)
        if hidden:
            source.problem(
                at,
                "shadowed-name",
                f"{name!r} is {hidden} already",
                "a name that may be meant in two ways is told in one",
                "call it something else",
                key=True,
            )
        elif parameters is not None and len({*parameters}) < len(parameters):
            source.problem(
                at,
                "wrong-form",
                f"a parameter of {name!r} comes twice",
                fix="give each a name of its own",
                key=True,
            )
        else:
            yield name, (at, parameters)


def _hidden(scope: Scope, name: str) -> str:
    """What *name* stands for already, in words; nothing where it is free."""
    if name in scope.definitions:
        return "a definition of the provider's"
    if name in scope.roots or name in WORDS or name in ("request", "this", "it"):
        return "a name of the language"
    if name in scope.functions:
        return "a function of the language"
    return ""


def _sorted(
    source: Source,
    heads: Mapping[str, tuple[Pointer, tuple[str, ...] | None]],
) -> tuple[list[str], set[str]]:
    """The names, each after those that it reads; and those that read themselves."""
    reads = {
        name: _read(source.get(*at), {*heads} - {*(parameters or ())})
        for name, (at, parameters) in heads.items()
    }
    ordered: list[str] = []
    circular: set[str] = set()
    left = list(heads)
    while left:
        ready = [name for name in left if reads[name] <= {*ordered}]
        if not ready:
            circle = _circle(left[0], reads, {*ordered})
            source.problem(
                heads[circle[0]][0],
                "let-circle",
                f"{circle[0]!r} is defined by itself: {' -> '.join(circle)}",
                "a definition is evaluated when it is read, and this would never end",
                "have one of them read something else",
                key=True,
            )
            circular |= {*circle}
            ready = [*dict.fromkeys(circle)]
        ordered += ready
        left = [name for name in left if name not in ready]
    return ordered, circular


def _circle(
    start: str, reads: Mapping[str, Collection[str]], done: Collection[str]
) -> list[str]:
    """One circle of definitions that read each other, reached from *start*."""
    path = [start]
    while True:
        following = min(name for name in reads[path[-1]] if name not in done)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)


def _read(text: Json, names: Collection[str]) -> set[str]:
    """Which of *names* the expression *text* may read."""
    try:
        tree = ast.parse(str(text).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()  # which is told of when it is compiled
    found = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {name for name in found if name in names}
