"""Arguments: what an expression gives to a function, checked before any call."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any

from emulator.diagnostics import did_you_mean, nearest
from emulator.language.function import Function, signature_of
from emulator.language.grammar import BadExpression
from emulator.language.parts import error_in
from emulator.language.static_scope import Scope


def check_arguments(node: ast.Call, function: Function, scope: Scope) -> str | None:
    """Check what *node*, a call of *function*, gives it; the name of a view or of a
    collection that is among that, or None. Raises `BadExpression`."""
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
    named = None
    if function.names in ("key", "public_key"):
        _check_key(function, bound.arguments["keys"], scope)
    elif function.names:
        argument = bound.arguments.get(function.names)
        named = _check_literal(node, function, argument, scope)
    for parameter, argument in bound.arguments.items():
        _check_word(function, parameter, argument)
    if function.pattern:
        _check_pattern(function, bound.arguments[function.pattern])
    return named


def _check_literal(
    node: ast.Call, function: Function, argument: Any, scope: Scope
) -> str:
    """The name of a view or of a collection, in quotes. Raises `BadExpression`."""
    kind = function.names
    known = scope.views if kind == "view" else scope.collections
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
    if kind == "view" and scope.views[str(value)]:
        _check_given(node, str(value), scope.views[str(value)])
    return str(value)


def _check_key(function: Function, argument: Any, scope: Scope) -> None:
    """Refuse what is no name of one of the keys. Raises `BadExpression`."""
    known = scope.keys
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


def check_fake(node: ast.Call, func: ast.Attribute, scope: Scope) -> None:
    """Check that *func*, which *node* calls, is a method of `fake` that a recipe may
    call, and how it is called. Raises `BadExpression`."""
    owner = func.value
    if scope.fake is None or not (isinstance(owner, ast.Name) and owner.id == "fake"):
        raise BadExpression(
            "expression-syntax",
            f"{ast.unparse(func)!r} cannot be called",
            "values have members, not methods",
            "call a function of the table, as in lower(title)",
        )
    if func.attr not in scope.fake:
        near = nearest(func.attr, scope.fake)
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
        raise BadExpression("expression-syntax", "`*` and `**` are not in the grammar")
