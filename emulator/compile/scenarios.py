"""Scenarios: named situations of a provider, as `scenarios.yaml` describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from emulator.compile.source import Pointer, Source
from emulator.language.expressions import Scope
from emulator.language.functions import time_of
from emulator.language.templates import Template
from emulator.program.fault_policies import FaultPolicy, Written, read_policy
from emulator.values import value

Json = Any

WORDS = ("update", "delete", "credential", "drain", "lock_out", "clock")
"""What a step of `arrange` can do."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@value
class Change:
    """Records that get other values, or go."""

    at: Pointer
    collection: str
    credential: str
    """The name of the credential that it is about; empty: *key* or *where* say."""
    key: Template | None
    where: Template | None
    values: Template | None
    """None: they are deleted."""


@value
class Drain:
    """A rate limit that is spent, up to so many calls."""

    at: Pointer
    credential: str
    limit: str
    """The name of one limit; empty: all of them."""
    leave: int
    ip: str


@value
class LockOut:
    """Somebody who is shut out, as if having failed too often."""

    at: Pointer
    ip: str
    credential: str
    everyone: bool


@value
class ClockMove:
    """The world's clock, moved or stopped."""

    at: Pointer
    set: str
    advance: int
    """In microseconds."""
    freeze: bool | None


Arrangement = Change | Drain | LockOut | ClockMove


@value
class Scenario:
    """A named situation: a state of the world, and faults."""

    name: str
    says: str
    arrange: tuple[Arrangement, ...]
    faults: tuple[FaultPolicy, ...]


def of_scenarios(source: Source) -> Source | None:
    """The same provider, whose `scenarios.yaml` is looked at; None where it has none."""
    if source.scenarios is None:
        return None
    known = source.scope
    scope = Scope({"now": None}, collections=known.collections, views=known.views)
    return replace(source, behavior=source.scenarios, scope=scope)


def compile_scenarios(behavior: Source) -> dict[str, Scenario]:
    """The scenarios of a provider, by name."""
    source = of_scenarios(behavior)
    if source is None:
        return {}
    found = {}
    for pointer, written in source.entries():
        name = str(pointer[-1])
        if not _NAME.fullmatch(name):
            source.problem(
                pointer,
                "wrong-form",
                f"{name!r} is no name of a scenario",
                "it is part of commands and addresses: small letters, digits and _",
                f"write `{re.sub('[^a-z0-9]+', '_', name.lower()).strip('_')}:`",
                key=True,
            )
        steps = [_step(source, at, one) for at, one in source.entries(name, "arrange")]
        found[name] = Scenario(
            name=name,
            says=written.get("says", ""),
            arrange=tuple(step for step in steps if step is not None),
            faults=tuple(
                read_policy(source, at, one, source.openapi.operations)
                for at, one in source.entries(name, "faults")
            ),
        )
    return found


def _step(source: Source, pointer: Pointer, written: Json) -> Arrangement | None:
    words = [word for word in WORDS if word in written]
    if len(words) != 1:
        source.problem(
            pointer,
            "two-actions" if words else "missing-key",
            f"a step has {' and '.join(words)}" if words else "a step does nothing",
            f"it has one of {', '.join(WORDS)}",
            "write them as steps of their own" if words else "add one, or remove it",
        )
        return None
    made: Arrangement | None = _STEPS[words[0]](source, pointer, written)
    return made


def _change(source: Source, pointer: Pointer, written: Json) -> Change | None:
    credential = written.get("credential", "")
    kind = "credential" if credential else "update" if "update" in written else "delete"
    collection = "" if credential else written[kind]
    if not credential and not source.known(
        (*pointer, kind), collection, source.fields, "collection"
    ):
        return None
    if ("set" in written) != (kind != "delete"):
        source.problem(
            pointer,
            "missing-key" if kind != "delete" else "two-actions",
            f"the step has {'no' if kind != 'delete' else 'delete and'} `set`",
            "`set` says what the records become; those that are deleted become nothing",
            "add `set: {...}`" if kind != "delete" else "write update, or remove `set`",
        )
        return None
    # A record's own fields are known; whose credential it is, is looked up later.
    fields = source.fields.get(collection) or frozenset().union(*source.fields.values())
    scope = source.scope.with_fields(fields)
    for part in ("where", "set"):
        for at, _ in source.entries(*pointer, part):
            source.known(at, at[-1], fields, "field")
    return Change(
        at=pointer,
        collection=collection,
        credential=credential,
        key=source.optional((*pointer, "key")),
        where=source.optional((*pointer, "where")),
        values=source.optional((*pointer, "set"), scope),
    )


def read_drain(_: Written, pointer: Pointer, written: Json) -> Drain:
    """The step of `arrange` at *pointer* that says `drain`."""
    step = written["drain"]
    return Drain(
        at=(*pointer, "drain"),
        credential=step["credential"],
        limit=step.get("limit", ""),
        leave=step.get("leave", 0),
        ip=step.get("ip", "127.0.0.1"),
    )


def read_lock_out(source: Written, pointer: Pointer, written: Json) -> LockOut | None:
    """The step of `arrange` at *pointer* that says `lock_out`."""
    step = written["lock_out"]
    if len(step) != 1 or not all(step.values()):
        source.problem(
            (*pointer, "lock_out"),
            "wrong-form",
            "`lock_out` does not say whom",
            "it has one of ip, credential, everyone",
            "write `lock_out: {everyone: true}`",
        )
        return None
    return LockOut(
        at=(*pointer, "lock_out"),
        ip=step.get("ip", ""),
        credential=step.get("credential", ""),
        everyone=step.get("everyone", False),
    )


def _clock(source: Source, pointer: Pointer, written: Json) -> ClockMove:
    step = written["clock"]
    at = step.get("set", "")
    try:
        if at and time_of(at) < 0:
            raise ValueError(at)
    except (ValueError, OverflowError):
        source.problem(
            (*pointer, "clock", "set"),
            "wrong-form",
            f"{at!r} is not a time",
            "a clock stays between the years 1970 and 9999",
            "write it as in 2026-03-02T10:00:00Z",
        )
        at = ""
    return ClockMove(
        at=(*pointer, "clock"),
        set=at,
        advance=source.duration(*pointer, "clock", "advance"),
        freeze=step.get("freeze"),
    )


_STEPS: Mapping[str, Callable[[Source, Pointer, Json], Arrangement | None]] = {
    "update": _change,
    "delete": _change,
    "credential": _change,
    "drain": read_drain,
    "lock_out": read_lock_out,
    "clock": _clock,
}
