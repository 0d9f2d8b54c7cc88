"""Hooks: the functions that `functions` of behavior.yaml names, read and run.

Which there are, and what they take, is read without running anything: so a spec can be
checked by whoever does not trust its Python.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from importlib.machinery import SourceFileLoader
from inspect import Parameter, Signature
from pathlib import Path
from types import ModuleType

from emulator.compile.source import Source
from emulator.diagnostics import Diagnostic, Location, SpecError
from emulator.json_type import Json
from emulator.language.function import Function
from emulator.program.hooks import Hooks
from emulator.spec.files import read_file, shown_name

_KINDS = (
    ("posonlyargs", Parameter.POSITIONAL_ONLY),
    ("args", Parameter.POSITIONAL_OR_KEYWORD),
    ("kwonlyargs", Parameter.KEYWORD_ONLY),
)


def compile_hooks(source: Source, folder: Path) -> Hooks | None:
    """The hooks of a provider, whose functions its expressions may call from now on."""
    name = source.get("functions")
    if name is None:
        return None
    at = source.behavior.locate(("functions",))
    content = read_file(name, folder, source.report, at)
    if content is None:
        return None
    path = (folder / name).absolute()
    hooks = Hooks(shown_name(path), str(path))
    for function in _functions(source, hooks, content):
        source.scope = source.scope.with_function(function)
    return hooks


def run_hooks(hooks: Hooks) -> None:
    """Run the file, so that its functions can be called. Raises `SpecError`."""
    module = ModuleType("emulator_hooks")
    module.__file__ = hooks.path
    try:
        SourceFileLoader(module.__name__, hooks.path).exec_module(module)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == hooks.path]
        line = (own[-1].lineno if own else None) or 1
        raise SpecError(
            [
                Diagnostic(
                    Location(hooks.file, line, 1),
                    "hooks-failed",
                    f"running the file raised {type(error).__name__}: {error}",
                    "its functions are there when it has been run to its end",
                    "mend it",
                )
            ]
        ) from error
    hooks.functions.update(
        (name, value)
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_")
    )


def _functions(source: Source, hooks: Hooks, content: bytes) -> Iterator[Function]:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        column = getattr(error, "offset", None) or 1
        source.report.add(
            Diagnostic(
                Location(hooks.file, line, column),
                "hooks-syntax",
                f"the file is not Python: {getattr(error, 'msg', error)}",
                "expressions call the functions that it defines",
                "mend it",
            )
        )
        return
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if node.name in source.scope.functions:
            source.report.add(
                Diagnostic(
                    Location(hooks.file, node.lineno, node.col_offset + 1),
                    "shadowed-name",
                    f"{node.name!r} is a function of the language already",
                    "a name that may be meant in two ways is told in one",
                    "call it something else, or `_` and its name, if only this file"
                    " needs it",
                )
            )
            continue
        call: Callable[..., Json] = partial(hooks.call, node.name)
        call.__signature__ = _signature(node)  # type: ignore[attr-defined]
        # It may be anything: what was shown with it is not to be shown again.
        yield Function(node.name, call, fresh=True)


def _signature(node: ast.FunctionDef) -> Signature:
    """What the function takes, as it is written."""
    given = node.args
    optional = {
        argument.arg
        for argument in [*given.posonlyargs, *given.args][
            len(given.posonlyargs) + len(given.args) - len(given.defaults) :
        ]
    }
    optional |= {
        argument.arg
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        if default is not None
    }
    parameters = [
        Parameter(
            argument.arg,
            kind,
            default=... if argument.arg in optional else Parameter.empty,
        )
        for arguments, kind in _KINDS
        for argument in getattr(given, arguments)
    ]
    if given.vararg:
        parameters.insert(
            len(given.posonlyargs) + len(given.args),
            Parameter(given.vararg.arg, Parameter.VAR_POSITIONAL),
        )
    if given.kwarg:
        parameters.append(Parameter(given.kwarg.arg, Parameter.VAR_KEYWORD))
    return Signature(parameters)
