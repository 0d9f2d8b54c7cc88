"""Routes: which operation an address of /_emulator is, or why it is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from emulator.admin.request import PREFIX, AdminError, problem_error
from emulator.admin.table import Operation, parameter_in, segments
from emulator.diagnostics import did_you_mean


class Found(NamedTuple):
    """An operation, and the values of its path's parameters."""

    operation: Operation
    names: Mapping[str, str]


class _Node:
    """What may follow the segments so far: literal ones first, then a parameter."""

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.parameter: tuple[str, _Node] | None = None
        self.operations: dict[str, Operation] = {}

    def child(self, segment: str) -> _Node:
        name = parameter_in(segment)
        if name is None:
            return self.literal.setdefault(segment, _Node())
        if self.parameter is None:
            self.parameter = (name, _Node())
        elif self.parameter[0] != name:
            raise ValueError(f"{segment!r} is also called {self.parameter[0]!r}")
        return self.parameter[1]


class Routes:
    """The tree of all paths. Raises `ValueError` for two rows at one address."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self.paths: set[str] = set()
        for operation in operations:
            node = self._root
            for segment in segments(operation.path):
                node = node.child(segment)
            if node.operations.setdefault(operation.method, operation) is not operation:
                raise ValueError(
                    f"{operation.method} {operation.path} stands in the table twice"
                )
            self.paths.add(operation.path)

    def find(self, method: str, path: str) -> Found | None:
        """The operation of *path*, which is percent-encoded; None: nothing is there.

        Raises `AdminError` for a method that the path does not take.
        """
        names: dict[str, str] = {}
        node = self._root
        for segment in path.removeprefix(PREFIX).removeprefix("/").split("/"):
            text = unquote(segment)
            follows = node.literal.get(text)
            if follows is None and node.parameter is not None and text:
                name, follows = node.parameter
                names[name] = text
            if follows is None:
                return None
            node = follows
        if not node.operations:
            return None
        found = node.operations.get("GET" if method == "HEAD" else method)
        if found is None:
            raise _wrong_method(method, path, node.operations)
        return Found(found, names)

    def nowhere(self, path: str) -> AdminError:
        """The 404 of *path*, with what was probably meant."""
        below = path.removeprefix(PREFIX)[:200]
        fix = did_you_mean(below, self.paths).replace(" '/", f" '{PREFIX}/")
        if not fix.startswith("did you mean"):
            fix = f"{PREFIX}/openapi.json describes what there is"
        return problem_error(
            404, "not found", f"nothing is at {PREFIX}{below}", fix=fix
        )


def _wrong_method(method: str, path: str, known: Iterable[str]) -> AdminError:
    allowed = sorted({*known, *(("HEAD",) if "GET" in known else ())})
    return problem_error(
        405,
        "method not allowed",
        f"{method[:20]} is not allowed at {path[:200]}: {', '.join(allowed)}",
        headers=[("Allow", ", ".join(allowed))],
    )
