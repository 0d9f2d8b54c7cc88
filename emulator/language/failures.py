"""Failures: what a spec does wrong while a call is answered, told as the spec's.

An expression that fails is its author's mistake: it is told with its place, its text
and the values that it met, in the words of this language and not in Python's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.diagnostics import Location
from emulator.json_type import Json

_LONGEST = 60
_MOST = 12


class SpecMistake(RuntimeError):
    """A spec cannot be followed any further, while a call is answered."""

    def __init__(self, at: Location, what: str, fix: str) -> None:
        super().__init__(f"{at}: {what}")
        self.at, self.what, self.fix = at, what, fix


class ExpressionFailed(SpecMistake):
    """An expression of a spec could not be evaluated, or gave what cannot be used."""

    def __init__(
        self,
        at: Location,
        reason: BaseException | str,
        expression: str = "",
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.reason = reason if isinstance(reason, str) else in_plain_words(reason)
        self.expression, self.values = expression, values or {}
        named = f"`{expression}` " if expression else "an expression "
        met = ", ".join(f"{name} is {shown}" for name, shown in self.values.items())
        super().__init__(
            at,
            f"{named}failed: {self.reason}{f'; {met}' if met else ''}",
            "mend the expression, or have it ask first whether the values are of use",
        )


_KINDS = {
    "NoneType": "null", "int": "a number", "float": "a number", "str": "a text",
    "list": "a list", "tuple": "a list", "dict": "a mapping",
    "bool": "true or false", "Fragment": "a record as its view shows it",
    "Omit": "omit", "Mapping": "a mapping",
}  # fmt: skip


def kind(value: Json) -> str:
    """What *value* is, as an author calls it."""
    return _KINDS.get(type(value).__name__, "a value")


_ADDING = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided"}
_IS_NO_LIST = "{0} has no items"
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        r"'(?:<|>|<=|>=)' not supported between instances of '(\w+)' and '(\w+)'",
        "{0} and {1} cannot be compared",
    ),
    (
        r"unsupported operand type\(s\) for ([-+*/%]+): '(\w+)' and '(\w+)'",
        "{1} and {2} cannot be {verb}",
    ),
    (
        r"can only concatenate (\w+) \(not \"(\w+)\"\) to \w+",
        "{0} and {1} cannot be added",
    ),
    (r"argument of type '(\w+)' is not (?:iterable|a container).*", _IS_NO_LIST),
    (
        r"'in <string>' requires string as left operand, not (\w+)",
        "{0} cannot be looked for in a text",
    ),
    (r"bad operand type for (?:unary -|abs\(\)): '(\w+)'", "{0} has no negative"),
    (r"object of type '(\w+)' has no len\(\)", "{0} has no length"),
    (r"'(\w+)' object is not (?:iterable|subscriptable)", _IS_NO_LIST),
    (r"'(\w+)' object has no attribute '\w+'", "{0} cannot be used here"),
    (r".*[Uu]nhashable type: '(\w+)'.*", "{0} cannot be looked up or be a key"),
    (
        r"(?:division by zero|.*(?:division|modulo) by zero)",
        "a number cannot be divided by 0",
    ),
    (
        r"invalid literal for int\(\) with base 10: (.*)",
        "{quoted} is not a whole number",
    ),
    (r"could not convert string to float: (.*)", "{quoted} is not a number"),
    (
        r"(?:int|float)\(\) argument must be .*, not '(\w+)'",
        "{0} is not a number",
    ),
    (r"type (\w+) doesn't define __round__ method", "{0} is not a number"),
    (
        r"Unknown format code .* for object of type '(\w+)'",
        "{0} is not a number",
    ),
    (
        r"unsupported format string passed to (\w+)\.__format__",
        "{0} is not a number",
    ),
    (r"Invalid isoformat string: (.*)", "{quoted} is not a time"),
    (
        r"fromisoformat: argument must be str",
        "only a text can be a time, such as 2024-02-05T14:30:00Z",
    ),
    (
        r"(?:min|max)\(\) .*(?:empty sequence|empty)",
        "there is no value that is not null",
    ),
    (r"maximum recursion depth exceeded.*", "it leads back to itself, without an end"),
    (
        r"slice indices must be integers.*",
        "the edges of a part are whole numbers",
    ),
    (
        r"Type is not JSON serializable: (?:\w+\.)*(\w+)",
        "{0} cannot be written as JSON",
    ),
)


def in_plain_words(error: BaseException) -> str:
    """What *error* says, in the words of the expression language.

    "'<' not supported between instances of 'NoneType' and 'int'"
        ->  "null and a number cannot be compared"
    """
    said = str(error.args[0]) if isinstance(error, KeyError) and error.args else ""
    said = said or str(error)
    for pattern, wording in _PATTERNS:
        match = re.fullmatch(pattern, said, re.DOTALL)
        if match is not None:
            found = match.groups()
            return wording.format(
                *(_KINDS.get(str(type_name), "a value") for type_name in found),
                quoted=_clipped(str(found[0])) if found else "",
                verb=_ADDING.get(str(found[0]), "calculated with") if found else "",
            )
    return said or type(error).__name__


def met(
    text: str, x: Any, r: Mapping[str, Json] | None, names: Iterable[str]
) -> dict[str, str]:
    """What the names in an expression stood for: `{"query.age": "null"}`.

    *names* are those of the record *r*. Nothing is called, nothing is drawn at random,
    and no secret is shown.
    """
    values: dict[str, str] = {}
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:  # a field by itself, whose name is a word of Python
        return values
    fields = frozenset(names)
    variables = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for path in paths_of(tree.body):
        root, *members = path
        if root in variables:
            continue
        if root in fields:
            value = (r or {}).get(root)
        elif root in _DRAWN:
            continue
        else:
            try:
                value = getattr(x, root, _UNKNOWN)
            except RuntimeError:  # it is worked out, and fails as well
                continue
        if value is _UNKNOWN:
            continue  # a word such as `null`
        for member in members:
            value = value.get(member) if isinstance(value, Mapping) else None
        if len(values) < _MOST:
            values[".".join(path)] = _shown(value, path[-1], x)
    return values


_DRAWN = ("request_id",)
_UNKNOWN = object()


def paths_of(node: ast.AST) -> Iterator[tuple[str, ...]]:
    """The longest chains of names: `a.b['c']` is ("a", "b", "c")."""
    path = path_of(node) if isinstance(node, ast.expr) else None
    if path is not None:
        yield path
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Call) and child is node.func:
            continue
        yield from paths_of(child)


def path_of(node: ast.expr) -> tuple[str, ...] | None:
    """The chain of names that *node* is; None where it is none."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        inner = path_of(node.value)
        return None if inner is None else (*inner, node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        inner = path_of(node.value)
        if inner is not None and isinstance(node.slice.value, str):
            return (*inner, node.slice.value)
    return None


def _shown(value: Json, name: str, x: Any) -> str:
    """A value as an author is shown it; of a list or mapping only what it is."""
    if isinstance(value, (dict, list, tuple)):
        many = len(value)
        of = "member" if isinstance(value, dict) else "item"
        return f"{kind(value)} of {many} {of}{'' if many == 1 else 's'}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str) and name in _RAW:
        return f"a text of {len(value)} characters"  # with whatever secrets
    if isinstance(value, str):
        return "***" if _is_secret(value, name, x) else _clipped(repr(value))
    return kind(value)


def _is_secret(value: str, name: str, x: Any) -> bool:
    """Whether a text is one that proves a caller, by its name or by being claimed."""
    program, claim = getattr(x, "program", None), getattr(x, "claim", None)
    minted = getattr(program, "minted", None) or {}
    operation = getattr(getattr(x, "addressed", None), "operation", None)
    return (
        name == "cookie"
        or name.lower().endswith("authorization")
        or any(name in fields for fields in minted.values())
        or name in getattr(operation, "secret_members", ())
        or (claim is not None and value in claim.fields.values())
    )


_RAW = ("raw_query", "raw_body", "raw_body_base64")


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
