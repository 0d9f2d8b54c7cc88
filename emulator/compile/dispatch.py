"""Dispatch: several operations at one path, as `dispatch` tells them apart.

In openapi.yaml their paths differ behind a `#`, which no call has: `/#CreateTable`. What
stands there names the operation, unless `operations` says something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from emulator.compile.operations import Parts, plain_operation
from emulator.compile.source import Source
from emulator.language.functions import FUNCTIONS
from emulator.language.static_scope import Scope
from emulator.program.bodies import BodyPolicy
from emulator.program.dispatch import DispatchPolicy
from emulator.program.operation import Operation
from emulator.program.parameters import PLACES, ParameterPolicy
from emulator.program.schemas import Schema

_REQUEST = (
    "method", "raw_path", "raw_query", "raw_body", "header_lines", "client", "host",
    "server",
)  # fmt: skip
"""What else of a request `by` may name."""
_NOT_YET = (
    "it is asked which operation a call is for, and what depends on that is not known"
)


class _Group:
    """The operations of one method at one path."""

    def __init__(self) -> None:
        self.named: dict[str, Operation] = {}
        self.plain: Operation | None = None

    @property
    def members(self) -> list[Operation]:
        plain = [] if self.plain is None else [self.plain]
        return [*self.named.values(), *plain]


def dispatched(
    source: Source, parts: Parts, operations: Iterable[Operation]
) -> Iterator[Operation]:
    """An operation for each method and path that leads to several *operations*.

    It only stands there until it is known which of them a call is for.
    """
    known = {operation.id: operation for operation in operations}
    groups: dict[str, dict[str, _Group]] = {}
    for operation in known.values():
        path, mark, name = operation.path.partition("#")
        group = groups.setdefault(path, {}).setdefault(operation.method, _Group())
        if mark:
            group.named[name] = operation
        else:
            group.plain = operation
    for at, _ in source.entries("dispatch"):
        _add_named(source, str(at[-1]), known, groups)
    for path, by_method in groups.items():
        several = {method: group for method, group in by_method.items() if group.named}
        if source.get("dispatch", path) is None:
            _check_told(source, path, several)
            continue
        if not several:
            continue
        parameters = _parameters(
            operation for group in several.values() for operation in group.members
        )
        for method, group in several.items():
            yield _front(source, parts, path, method, group, parameters)
    _check_idle(source, groups)


def _add_named(
    source: Source,
    path: str,
    known: Mapping[str, Operation],
    groups: dict[str, dict[str, _Group]],
) -> None:
    """Add the operations that `operations` names for calls of *path*."""
    for at, id in source.entries("dispatch", path, "operations"):
        if id in known:
            operation = known[id]
            here = groups.setdefault(path, {})
            here.setdefault(operation.method, _Group()).named[str(at[-1])] = operation
        elif id not in source.openapi.operations:
            source.known(at, id, source.openapi.operations, "operation")


def _check_told(source: Source, path: str, several: Mapping[str, _Group]) -> None:
    """Report operations at one path of which nothing says which one a call is for."""
    for group in several.values():
        ids = [operation.id for operation in group.named.values()]
        source.problem(
            ("operations",),
            "missing-key",
            f"nothing says which of {', '.join(ids)} a call of {path} is for",
            "what stands behind `#` in a path is in no call",
            f"add `dispatch: {{{path}: {{by: ...}}}}`",
            key=True,
        )


def _check_idle(source: Source, groups: Mapping[str, Mapping[str, _Group]]) -> None:
    """Report a path under `dispatch` at which there is nothing to tell apart."""
    for at, _ in source.entries("dispatch"):
        path = str(at[-1])
        if any(group.named for group in groups.get(path, {}).values()):
            continue
        source.problem(
            at,
            "idle-key",
            f"no operations are told apart at {path}",
            "their paths in openapi.yaml differ behind a `#`, or `operations` names them",
            f"write `{path}#Name` as the path of each, or name them under `operations`",
            key=True,
        )


def _front(
    source: Source,
    parts: Parts,
    path: str,
    method: str,
    group: _Group,
    parameters: ParameterPolicy,
) -> Operation:
    """What calls of *path* lead to before it is known which of the *group* they are for.

    `by` is for all methods of the path, so it may name the *parameters* of each.
    """
    members = group.members
    return plain_operation(
        source,
        parts,
        id=f"{method} {path}",
        method=method,
        path=path,
        parameter_names=members[0].parameter_names,
        summary="Several operations",
        parameters=parameters,
        body=_body(members),
        dispatch=DispatchPolicy(
            by=source.condition(("dispatch", path, "by"), _scope(source, parameters)),
            operations=group.named,
            otherwise=group.plain,
        ),
    )


def _scope(source: Source, parameters: ParameterPolicy) -> Scope:
    """The names of the request alone, and functions that need no world."""
    places = {place: frozenset(parameters.typed(place)) for place in PLACES}
    request = {
        name: source.scope.roots.get(name)
        for name in _REQUEST
        if name in source.scope.roots
    }
    functions = {
        name: function for name, function in FUNCTIONS.items() if not function.world
    }
    later = dict.fromkeys(source.scope.roots, _NOT_YET)
    roots = {**request, **places, "body": None}
    return Scope(roots=roots, functions=functions).without(
        {name: why for name, why in later.items() if name not in roots}
    )


def _parameters(members: Iterable[Operation]) -> ParameterPolicy:
    """The parameters of all *members*, of which none is needed."""
    all_of = [operation.parameters for operation in members]
    header = {
        parameter.key: parameter for policy in all_of for parameter in policy.header
    }
    cookie = {
        parameter.key: parameter for policy in all_of for parameter in policy.cookie
    }
    return ParameterPolicy(
        path=all_of[0].path,
        query={
            name: parameter
            for policy in all_of
            for name, parameter in policy.query.items()
        },
        header=tuple(header.values()),
        cookie=tuple(cookie.values()),
        schemas={place: Schema({}) for place in PLACES},
        defaults={place: {} for place in PLACES},
        needed=frozenset(),
        repeated=all_of[0].repeated,
        objects={
            name: described
            for policy in all_of
            for name, described in policy.objects.items()
        },
    )


def _body(members: Iterable[Operation]) -> BodyPolicy | None:
    """The bodies of all *members*, of which nothing is required."""
    bodies = [operation.body for operation in members if operation.body is not None]
    if not bodies:
        return None
    sizes = [body.most for body in bodies]
    known = [size for size in sizes if size is not None]
    return BodyPolicy(
        required=False,
        schemas={media: Schema({}) for body in bodies for media in body.schemas},
        members={
            name: schema for body in bodies for name, schema in body.members.items()
        },
        properties={},
        defaults={},
        most=max(known, default=None),
        read_as={
            media: kind for body in bodies for media, kind in body.read_as.items()
        },
    )
