"""Dispatch: what tells operations apart whose paths differ behind a `#` alone.

/#Action=CreateQueue                the parameter, or the header, with this value
/#X-Target=Service.CreateTable
/tags/{id}#keys                     that the parameter is there

Where calls tell nothing, one is for the operation without a `#`, or else for the first.
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
    groups: dict[str, list[tuple[str, OperationDoc]]] = {}
    plain: set[tuple[str, str]] = set()
    for operation in draft.openapi.operations.values():
        path, mark, name = operation.path.partition("#")
        if mark:
            groups.setdefault(path, []).append((name, operation))
        else:
            plain.add((path, operation.method))
    for path, named in groups.items():
        names = _spelled_once([operation for _, operation in named])
        # What asks for more is asked first: others may hold for the same call.
        asking = sorted(
            named, key=lambda each: (-each[0].count("="), -each[0].count("&"))
        )
        ways = dict.fromkeys(
            way for name, operation in asking for way in _way(name, operation, names)
        )
        draft.dispatch[path] = {"by": " or ".join(ways) or repr(_first(named, plain))}
        reason = f"{len(named)} paths differ behind a `#`, which no call has"
        draft.found(KIND, named[0][1].id, MEDIUM, reason)


def _first(named: list[tuple[str, OperationDoc]], plain: set[tuple[str, str]]) -> str:
    """The first name of which no operation stands beside one without a name."""
    beside = {
        name
        for name, operation in named
        if (operation.path.partition("#")[0], operation.method) in plain
    }
    return next((name for name, _ in named if name not in beside), "")


def _spelled_once(operations: list[OperationDoc]) -> set[str]:
    """The parameters of one path, in lower case.

    A header that the document spells in two ways is known by one of them alone.
    """
    spellings = {each.name for operation in operations for each in operation.parameters}
    lower = [name.lower() for name in spellings]
    return {name for name in lower if lower.count(name) == 1}


def _way(name: str, operation: OperationDoc, known: set[str]) -> Iterator[str]:
    """The expression that gives *name* for the calls that have what it says, if any."""
    asked, values = [], []
    for part in name.split("&"):
        key, sign, value = part.partition("=")
        read = _read(key, operation) if key.lower() in known else None
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
