"""The conditions on an operation: `requires`, of all and of one, and the guards it names."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.compile.actions import NEEDS_KEY
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.nulls import asked_by, found_by
from emulator.language.static_scope import Scope
from emulator.program.operation import Action, Requirement
from emulator.spec.document import Pointer


def compile_conditions(
    source: Source, pointer: Pointer, scope: Scope, action: Action
) -> Iterator[Requirement]:
    """The conditions on the operation at *pointer*: each is asked when those before hold."""
    asked: dict[str, Scope] = {}
    for at, written in _conditions(source, pointer):
        step = written.get("step", "authorize")
        here = asked.get(step) or asked_before(step, source, pointer, scope)
        yield _condition(source, at, written, here, action)
        asked[step] = here.with_asked(asked_by(str(written["check"]), here))


def asked_before(step: str, source: Source, pointer: Pointer, scope: Scope) -> Scope:
    """*scope* where a call has met all that is asked of it before *step*."""
    known = source.order
    earlier = known[: known.index(step)] if step in known else known
    for _, written in _conditions(source, pointer):
        if written.get("step", "authorize") in earlier:
            scope = scope.with_asked(asked_by(str(written["check"]), scope))
    if "find" in earlier:
        for kind in NEEDS_KEY:
            action = source.get(*pointer, kind, default={}) or {}
            if "key" in action and "by" not in action:
                name = str(action.get("collection"))
                scope = scope.with_asked(found_by(name, str(action["key"])))
    return scope


def _conditions(source: Source, pointer: Pointer) -> Iterator[tuple[Pointer, Json]]:
    for place in _places(source, pointer):
        yield from source.entries(*place)


def _condition(
    source: Source, pointer: Pointer, written: Json, scope: Scope, action: Action
) -> Requirement:
    step = written.get("step", "authorize")
    here = source.scope_at(step, scope)
    if action.kind not in NEEDS_KEY:
        here = here.without({"record": "this operation looks for none"})
    elif "record" not in here.later:
        here = here.with_roots(record=None)
    return Requirement(
        check=source.condition((*pointer, "check"), here),
        refuse=written["refuse"],
        facts=source.optional((*pointer, "facts"), here),
        step=step,
    )


def _places(source: Source, pointer: Pointer) -> Iterator[Pointer]:
    """The places of the conditions on the operation at *pointer*, in their order."""
    yield ("requires",)
    known = source.get("guards", default={})
    for at, name in source.entries(*pointer, "guards"):
        if source.known(at, name, known, "guard"):
            yield ("guards", name)
    yield (*pointer, "requires")
