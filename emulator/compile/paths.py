"""Paths: what the path of an operation looks like to the routes.

The style of a parameter puts something before its value (`.5`, `;id=5`), and a greedy
one is as many segments as there are.
"""

from __future__ import annotations

import re
from typing import Any

from emulator.compile.source import Source
from emulator.program.parameters import ParameterPolicy
from emulator.program.routes import GREEDY
from emulator.spec.description import OperationDoc, Parameter
from emulator.spec.document import Pointer

_NAME = re.compile(r"\{([^{}]*)\}")


def names_in_path(path: str) -> tuple[str, ...]:
    """The parameters of *path*, in the order in which they stand there."""
    return tuple(_NAME.findall(path))


def with_greedy(
    source: Source, pointer: Pointer, document: OperationDoc
) -> OperationDoc:
    """*document* with the parameters greedy that the operation at *pointer* names."""
    names = source.get(*pointer, "greedy", default=[])
    of_path = [
        parameter.name for parameter in document.parameters if parameter.where == "path"
    ]
    greedy = {
        name
        for at, name in enumerate(names)
        if source.known((*pointer, "greedy", at), name, of_path, "parameter")
    }
    parameters = tuple(
        Parameter(**{**vars(parameter), "greedy": True})
        if parameter.where == "path" and parameter.name in greedy
        else parameter
        for parameter in document.parameters
    )
    for one in parameters:
        if one.greedy:
            _check(source, document.path, one, parameters)
    if not greedy:
        return document
    names_of_fields = OperationDoc.__annotations__
    changed: dict[str, Any] = {
        name: getattr(document, name) for name in names_of_fields
    }
    return OperationDoc(**{**changed, "parameters": parameters})


def _check(
    source: Source, path: str, parameter: Parameter, others: tuple[Parameter, ...]
) -> None:
    """Report a greedy *parameter* that could not be told from the rest of *path*."""
    what = ""
    if f"{{{parameter.name}}}" not in path.split("/"):
        what = f"the greedy parameter {parameter.name!r} is only a part of a segment of {path}"
        fix = "give it a segment of its own"
    elif parameter.style != "simple":
        what = (
            f"the greedy parameter {parameter.name!r} has the style {parameter.style!r}"
        )
        fix = "leave the style out: what is greedy is a text"
    elif any(other.greedy and other is not parameter for other in others):
        what = f"{path} has more than one greedy parameter"
        fix = "have one of them be a single segment"
    if what:
        why = "it takes as many segments as there are, and the others have to be left"
        at = parameter.document.diagnostic(
            parameter.pointer, "openapi-path-parameter", what, why, fix
        )
        source.report.add(at)


def route_of(path: str, parameters: ParameterPolicy) -> str:
    """*path* as the routes have it: `/files/{path}` -> `/files/{path*}`."""
    typed = {parameter.name: parameter for parameter in parameters.path}

    def written(name: re.Match[str]) -> str:
        parameter = typed.get(name[1])
        if parameter is None:
            return name[0]
        greedy = GREEDY if parameter.greedy else ""
        return f"{parameter.before}{{{name[1]}{greedy}}}"

    return _NAME.sub(written, path)
