"""Written: what the source of a class or a function says: signature, attributes, words."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import emulator
from emulator.client import keywords as words

WORDS = {"Struck": words.Struck, "Matchers": words.Matchers}
"""The keywords that several functions take, unpacked."""


class Attribute(NamedTuple):
    """Something that an object has: its name, its type as it is written, what it is."""

    name: str
    type: str
    says: str


def signature(call: str, made: Callable[..., Any]) -> str:
    """How *made* is called, in one line or with each parameter in a line of its own."""
    taken = inspect.signature(inspect.unwrap(made))
    found, starred = list[str](), False
    for one in taken.parameters.values():
        if one.name == "self":
            continue
        keyword = one.kind is one.KEYWORD_ONLY or "Unpack[" in str(one.annotation)
        if keyword and not starred:
            found.append("*")
            starred = True
        found.extend(_parameter(one))
    gives = _gives(made, str(taken.return_annotation))
    line = f"{call}({', '.join(found)}) -> {gives}"
    if len(line) <= 88:
        return line
    listed = "".join(f"    {one},\n" for one in found)
    return f"{call}(\n{listed}) -> {gives}"


def _parameter(one: inspect.Parameter) -> Iterator[str]:
    """A parameter as it is written; the keywords of an unpacked TypedDict, each."""
    unpacked = re.fullmatch(r"Unpack\[(\w+)\]", str(one.annotation))
    if unpacked is not None:
        for name, kind in WORDS[unpacked[1]].__annotations__.items():
            yield f"{name}: {_bare(kind)} = ..."
        return
    star = "**" if one.kind is one.VAR_KEYWORD else ""
    default = "" if one.default is one.empty else f" = {one.default!r}"
    yield f"{star}{one.name}: {one.annotation}{default}"


def _bare(kind: Any) -> str:
    return str(getattr(kind, "__forward_arg__", kind))


def _gives(made: Callable[..., Any], annotation: str) -> str:
    """The type of what *made* gives; a generator that `contextmanager` wraps is a block."""
    blocks = made is not inspect.unwrap(made) and annotation.startswith("Iterator[")
    return (
        annotation.replace("Iterator[", "ContextManager[", 1) if blocks else annotation
    )


def methods(one: type) -> list[Callable[..., Any]]:
    return [
        member
        for name, member in vars(one).items()
        if inspect.isfunction(member) and not name.startswith("_")
    ]


def attributes(one: type) -> Iterator[Attribute]:
    """The attributes that a class gives its objects, in the order of its source."""
    node = _node(one)
    yield from _assigned(node.body, {})
    for part in node.body:
        if not isinstance(part, ast.FunctionDef):
            continue
        if part.name == "__init__":
            own = [*_of_self(part.body)]
            given = {
                arg.arg: ast.unparse(arg.annotation)
                for arg in (*part.args.args, *part.args.kwonlyargs)
                if arg.annotation is not None
            }
            yield from _assigned(own, given)
        elif not part.name.startswith("_") and _is_property(part):
            kind = ast.unparse(part.returns) if part.returns else ""
            yield Attribute(part.name, kind, ast.get_docstring(part) or "")


def _node(one: type) -> ast.ClassDef:
    """The source of a class, which may say that it is from the package itself."""
    home = import_module(one.__module__)
    if home is emulator:
        home = import_module(f"emulator.{emulator._HOMES[one.__name__]}")
    found = [
        part
        for part in ast.parse(inspect.getsource(home)).body
        if isinstance(part, ast.ClassDef) and part.name == one.__name__
    ]
    return found[0]


def _is_property(part: ast.FunctionDef) -> bool:
    return any(
        isinstance(d, ast.Name) and d.id == "property" for d in part.decorator_list
    )


def _of_self(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements but for those that assign to a local variable."""
    for one in body:
        if not isinstance(one, ast.Assign) or isinstance(one.targets[0], ast.Attribute):
            yield one


def _assigned(body: list[ast.stmt], given: Mapping[str, str]) -> Iterator[Attribute]:
    """What a body assigns to itself or to `self`, each with the text beneath it."""
    for at, one in enumerate(body):
        target: ast.expr
        if isinstance(one, ast.AnnAssign):
            target, kind = one.target, ast.unparse(one.annotation)
        elif isinstance(one, ast.Assign):
            target, kind = one.targets[0], _kind(one.value, given)
        else:
            continue
        name = target.attr if isinstance(target, ast.Attribute) else ast.unparse(target)
        if not name.startswith("_"):
            yield Attribute(name, kind, beneath(body, at))


def _kind(value: ast.expr, given: Mapping[str, str]) -> str:
    """The type of what is assigned: `at = datetime.fromisoformat(...)`: `datetime`."""
    if isinstance(value, ast.Name):
        return given.get(value.id, "")
    if isinstance(value, ast.ListComp):
        return f"list[{_kind(value.elt, given)}]"
    if isinstance(value, ast.Call):
        called = value.func
        return ast.unparse(
            called.value if isinstance(called, ast.Attribute) else called
        )
    return ""


def beneath(body: list[ast.stmt], at: int) -> str:
    following = body[at + 1] if at + 1 < len(body) else None
    if (
        isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
        and isinstance(following.value.value, str)
    ):
        return inspect.cleandoc(following.value.value)
    return ""


def raw(one: Any) -> str:
    return inspect.cleandoc(vars(one).get("__doc__") or one.__doc__ or "")
