"""Dispatch: what tells operations apart whose paths differ behind a `#` alone.

/#Action=CreateQueue                the parameter, or the header, with this value
/#X-Target=Service.CreateTable
/tags/{id}#keys                     that the parameter is there
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.inference.draft import MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.spec.description import OperationDoc

KIND = Kind(
    "dispatch",
    "what stands behind a `#` in paths",
    "`dispatch`, which tells operations at one path apart",
)


def infer_dispatch(draft: Draft) -> None:
    """Say of each path which of its operations a call is for."""
    groups: dict[str, dict[str, OperationDoc]] = {}
    for operation in draft.openapi.operations.values():
        path, mark, name = operation.path.partition("#")
        if mark:
            groups.setdefault(path, {}).setdefault(name, operation)
    for path, named in groups.items():
        common = _common([*named.values()])
        ways = dict.fromkeys(
            way
            for name, operation in named.items()
            for way in _way(name, operation, common)
        )
        draft.dispatch[path] = {"by": " or ".join(ways) or "''"}
        first = next(iter(named.values()))
        reason = f"{len(named)} paths differ behind a `#`, which no call has"
        draft.found(KIND, first.id, MEDIUM, reason)


def _common(operations: list[OperationDoc]) -> set[str]:
    """The parameters that calls have whichever their method is, in lower case.

    The path has one expression for all methods, and may name no others.
    """
    known: dict[str, set[str]] = {}
    for operation in operations:
        names = {parameter.name.lower() for parameter in operation.parameters}
        known.setdefault(operation.method, set()).update(names)
    # A header that the document spells in two ways is known by one of them alone.
    spellings = {each.name for operation in operations for each in operation.parameters}
    lower = [name.lower() for name in spellings]
    return {
        name for name in set.intersection(*known.values()) if lower.count(name) == 1
    }


def _way(name: str, operation: OperationDoc, common: set[str]) -> Iterator[str]:
    """The expression that gives *name* for the calls that have what it says, if any."""
    asked, values = [], []
    for part in name.split("&"):
        key, sign, value = part.partition("=")
        read = _read(key, operation) if key.lower() in common else None
        if read is None:
            return
        values.append(read)
        asked.append(f"{read} == {value!r}" if sign else f"{read} != null")
    if len(values) == 1 and "=" in name:
        start = name.partition("=")[0] + "="
        yield f"({start!r} + {values[0]} if {values[0]} else null)"
    else:
        yield f"({name!r} if {' and '.join(asked)} else null)"


def _read(name: str, operation: OperationDoc) -> str | None:
    """The expression that reads the parameter *name*, if calls have it."""
    for parameter in operation.parameters:
        is_header = parameter.where == "header"
        same = parameter.name.lower() == name.lower()
        if parameter.name == name or (is_header and same):
            return f"{parameter.where}[{parameter.name!r}]"
    return None
