"""Scenario checks: what `scenarios.yaml` names that the provider does not have."""

from __future__ import annotations

from typing import Any

from emulator.compile.program import Program
from emulator.compile.scenarios import Change, Drain, LockOut, of_scenarios
from emulator.compile.source import Source
from emulator.program.credentials import find_credential
from emulator.program.fault_policies import Written, check_policy, known_credential
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
                check_drain(source, program, step)
            elif isinstance(step, LockOut):
                check_lock(source, program, step)
        for at, fault in enumerate(scenario.faults):
            check_policy(source, program, (name, "faults", at), fault)


def _check_change(source: Source, program: Program, step: Change) -> None:
    if step.credential:
        if known_credential(source, program, step.at, step.credential):
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


def check_drain(source: Written, program: Program, step: Drain) -> None:
    """Report a credential or a limit that there is not."""
    known_credential(source, program, step.at, step.credential)
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


def check_lock(source: Written, program: Program, step: LockOut) -> None:
    """Report a lock that is not about what this provider counts failures for."""
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
        known_credential(source, program, pointer, step.credential)
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
