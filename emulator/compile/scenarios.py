"""Scenarios: named situations of a provider, as `scenarios.yaml` describes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.static_scope import Scope
from emulator.program.arrangements import read_drain, read_lock_out, read_rotate
from emulator.program.fault_policies import read_policy
from emulator.program.scenarios import Arrangement, Change, ClockMove, Scenario
from emulator.spec.document import Pointer
from emulator.spec.keywords import keywords
from emulator.times import time_of

WORDS = ("update", "delete", "credential", "drain", "lock_out", "rotate", "clock")
"""What a step of `arrange` can do."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def of_scenarios(source: Source) -> Source | None:
    """The same provider, whose `scenarios.yaml` is looked at; None where it has none."""
    if source.scenarios is None:
        return None
    known = source.scope
    scope = Scope(roots={"now": None}, collections=known.collections, views=known.views)
    return replace(
        source,
        behavior=source.scenarios,
        scope=scope,
        keywords=keywords("scenarios.schema.json"),
    )


def compile_scenarios(behavior: Source) -> dict[str, Scenario]:
    """The scenarios of a provider, by name."""
    source = of_scenarios(behavior)
    if source is None:
        return {}
    scenarios = {}
    for pointer, written in source.entries():
        name = str(pointer[-1])
        if name == "spec":
            continue
        if not _NAME.fullmatch(name):
            source.problem(
                pointer,
                "wrong-form",
                f"{name!r} is no name of a scenario",
                "it is part of commands and addresses: small letters, digits and _",
                f"write `{re.sub('[^a-z0-9]+', '_', name.lower()).strip('_')}:`",
                key=True,
            )
        steps = [
            _step(source, at, entry) for at, entry in source.entries(name, "arrange")
        ]
        scenarios[name] = Scenario(
            name=name,
            says=written.get("says", ""),
            arrange=tuple(step for step in steps if step is not None),
            faults=tuple(
                read_policy(source, at, entry, source.openapi.operations)
                for at, entry in source.entries(name, "faults")
            ),
        )
    return scenarios


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
    "rotate": read_rotate,
    "clock": _clock,
}
