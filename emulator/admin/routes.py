"""Routes: which operation an address of /_emulator is, or why it is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from emulator.admin.request import PREFIX, AdminError, problem_error
from emulator.admin.table import PARAMETER, Operation
from emulator.diagnostics import did_you_mean
from emulator.program.routes import GREEDY, Routes


class Found(NamedTuple):
    """An operation, and the values of its path's parameters."""

    operation: Operation
    names: Mapping[str, str]


class AdminRoutes:
    """All addresses of the table. Raises `ValueError` for two rows at one address."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._routes: Routes[Operation] = Routes()
        self._paths: set[str] = set()
        taken: set[tuple[str, str]] = set()
        for operation in operations:
            address = operation.method, PARAMETER.sub("{}", operation.path)
            if address in taken:
                raise ValueError(
                    f"{operation.method} {operation.path} stands in the table twice"
                )
            taken.add(address)
            self._routes.add(operation.method, _with_slashes(operation.path), operation)
            self._paths.add(operation.path)

    def find(self, method: str, path: str) -> Found | None:
        """The operation of *path*, which is percent-encoded; None: nothing is there.

        Raises `AdminError` for a method that the path does not take.
        """
        match = self._routes.match(path.removeprefix(PREFIX), strict=True)
        if match is None:
            return None
        operation = match.by_method.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise _wrong_method(method, path, match.by_method)
        names = PARAMETER.findall(operation.path)
        return Found(operation, dict(zip(names, match.values, strict=True)))

    def nowhere(self, path: str) -> AdminError:
        """The 404 of *path*, with what was probably meant."""
        below = path.removeprefix(PREFIX)[:200]
        longer = [known for known in self._paths if _begins_like(known, below)]
        fix = did_you_mean(below, longer or self._paths).replace(" '/", f" '{PREFIX}/")
        if not fix.startswith("did you mean"):
            fix = f"{PREFIX}/openapi.json describes what there is"
        return problem_error(
            404, "not found", f"nothing is at {PREFIX}{below}", fix=fix
        )


def _with_slashes(path: str) -> str:
    """*path*, in which an operation may be called `repos/get`: such ids have slashes."""
    head, last, rest = path.rpartition("{operation}")
    return path if rest or not last else f"{head}{{operation{GREEDY}}}"


def _begins_like(path: str, asked: str) -> bool:
    """Whether what was *asked* is a beginning of *path*, of whole segments."""
    known, given = path.split("/"), asked.rstrip("/").split("/")
    return len(given) < len(known) and all(
        PARAMETER.fullmatch(segment) or segment == sent
        for segment, sent in zip(known, given, strict=False)
    )


def _wrong_method(method: str, path: str, known: Iterable[str]) -> AdminError:
    allowed = sorted({*known, *(("HEAD",) if "GET" in known else ())})
    return problem_error(
        405,
        "method not allowed",
        f"{method[:20]} is not allowed at {path[:200]}: {', '.join(allowed)}",
        headers=[("Allow", ", ".join(allowed))],
    )
