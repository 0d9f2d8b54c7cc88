"""Scenario checks: what `scenarios.yaml` names that the provider does not have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.compile.credentials import find_credential
from emulator.compile.program import Operation, Program
from emulator.compile.refusals import can_refuse, with_status
from emulator.compile.scenarios import (
    Change,
    Drain,
    FaultPolicy,
    LockOut,
    of_scenarios,
)
from emulator.compile.source import Pointer, Source
from emulator.diagnostics import did_you_mean
from emulator.world.collection import Collection

Json = Any


def check_scenarios(program: Program, behavior: Source) -> None:
    """Look for names that lead nowhere, and for faults that could never come about."""
    source = of_scenarios(behavior)
    if source is None:
        return
    for name, scenario in program.scenarios.items():
        for step in scenario.arrange:
            if isinstance(step, Change):
                _check_change(source, program, step)
            elif isinstance(step, Drain):
                _check_drain(source, program, step)
            elif isinstance(step, LockOut):
                _check_lock(source, program, step)
        for at, fault in enumerate(scenario.faults):
            _check_fault(source, program, (name, "faults", at), fault)


def _check_change(source: Source, program: Program, step: Change) -> None:
    if step.credential:
        if _known_credential(source, program, step.at, step.credential):
            collection, _ = find_credential(program, step.credential)
            for at, _ in source.entries(*step.at, "set"):
                source.known(at, at[-1], source.fields[collection], "field")
        return
    records = Collection(program.bases[step.collection])
    key = None if step.key is None else step.key.tree
    where = {} if step.where is None else step.where.tree
    if key is not None and _literal(key) and records.get(key) is None:
        _no_record(source, step, "key")
    named = where and source.fields[step.collection] >= where.keys()
    if named and _literal(where) and not records.count(where):
        _no_record(source, step, "where")


def _no_record(source: Source, step: Change, part: str) -> None:
    source.problem(
        (*step.at, part),
        "unknown-record",
        f"no record of {step.collection!r} has this {part}"
        if part == "key"
        else f"no record of {step.collection!r} is like this",
        f"a scenario begins with the records of {step.collection}.yaml",
        "name one of them",
    )


def _literal(tree: Json) -> bool:
    """Whether there is no expression in *tree*."""
    return "${" not in str(tree)


def _known_credential(
    source: Source, program: Program, pointer: Pointer, name: str
) -> bool:
    at = (*pointer, "credential")
    return source.known(at, name, set(_credentials(program)), "credential")


def _credentials(program: Program) -> Iterable[str]:
    for collection in {one.collection for one in program.schemes.values()}:
        for key, record in program.bases[collection].records.items():
            yield str(record.get("name", key))


def _check_drain(source: Source, program: Program, step: Drain) -> None:
    _known_credential(source, program, step.at, step.credential)
    names = {limit.name for limit in program.limits}
    if step.limit:
        source.known((*step.at, "limit"), step.limit, names, "limit")
    elif not names:
        source.problem(
            step.at,
            "unknown-limit",
            f"{program.name} has no limit to drain",
            "limits are those of `rate_limits` in behavior.yaml",
            "add one there, or remove the step",
            key=True,
        )


def _check_lock(source: Source, program: Program, step: LockOut) -> None:
    pointer = step.at
    policy = program.lockout
    if policy is None:
        source.problem(
            pointer,
            "missing-lockout",
            f"{program.name} never shuts anybody out",
            "`lock_out` does what authentication.lockout of behavior.yaml says",
            "add a `lockout:` there, or remove the step",
            key=True,
        )
        return
    if step.credential:
        _known_credential(source, program, pointer, step.credential)
    word = {"account": "credential"}.get(policy.per, policy.per)
    if not step.everyone and not getattr(step, word, ""):
        source.problem(
            pointer,
            "wrong-form",
            "`lock_out` is not about what failures are counted for",
            f"authentication.lockout counts them per {policy.per}",
            f"write `{{{word}: ...}}`"
            if word in ("ip", "credential")
            else "write `{everyone: true}`",
        )


def _check_fault(
    source: Source, program: Program, pointer: Pointer, fault: FaultPolicy
) -> None:
    if fault.credential:
        _known_credential(source, program, pointer, fault.credential)
    operations = [
        one
        for one in program.operations.values()
        if fault.operations is None or one.id in fault.operations
    ]
    if fault.refuse:
        _check_refuse(source, program, pointer, fault, operations)
    elif fault.status:
        _check_status(source, program, pointer, fault, operations)


def _check_refuse(
    source: Source,
    program: Program,
    pointer: Pointer,
    fault: FaultPolicy,
    operations: list[Operation],
) -> None:
    possible = {one.id: {*can_refuse(program, one)} for one in operations}
    anything = {code for codes in possible.values() for code in codes}
    lacking = [name for name, codes in possible.items() if fault.refuse not in codes]
    everywhere = {
        code for one in program.operations.values() for code in can_refuse(program, one)
    }
    if fault.refuse not in everywhere:
        source.problem(
            (*pointer, "refuse"),
            "unknown-refusal",
            f"nothing of {program.name} refuses with {fault.refuse!r}",
            "refusals are the keys of errors.table",
            did_you_mean(fault.refuse, everywhere),
        )
    elif fault.operations is not None and lacking:
        source.problem(
            (*pointer, "refuse"),
            "impossible-refusal",
            f"{lacking[0]} cannot refuse with {fault.refuse!r}",
            f"it can with {', '.join(sorted(possible[lacking[0]] or anything))}",
            "choose one of those, or another operation",
        )


def _check_status(
    source: Source,
    program: Program,
    pointer: Pointer,
    fault: FaultPolicy,
    operations: list[Operation],
) -> None:
    found = {one.id: with_status(program, one, fault.status) for one in operations}
    lacking = [name for name, code in found.items() if code is None]
    if not lacking or (fault.operations is None and len(lacking) < len(found)):
        return
    known = {
        one.status
        for operation in operations
        for one in operation.errors.values()
        if one.status >= 500
    }
    whose = lacking[0] if fault.operations is not None else program.name
    at = "status" if source.get(*pointer, "status") else "fault"
    source.problem(
        (*pointer, at),
        "unknown-status",
        f"{whose} has no error with status {fault.status}",
        "a fault of the provider's is answered in its own words, from errors.table",
        f"choose one of {', '.join(map(str, sorted(known)))}, or add an error there"
        if known
        else "add an error with that status there",
    )
