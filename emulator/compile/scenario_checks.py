"""Scenario checks: what `scenarios.yaml` names that the provider does not have."""

from __future__ import annotations

from emulator.compile.scenarios import of_scenarios
from emulator.compile.source import Source
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.pipeline import REFUSALS
from emulator.program.arrangements import check_drain, check_lock, check_rotate
from emulator.program.credentials import find_credential
from emulator.program.fault_policies import check_policy, known_credential
from emulator.program.program import Program
from emulator.program.scenarios import Change, Drain, LockOut, Rotate
from emulator.world.collection import Collection


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
            elif isinstance(step, Rotate):
                check_rotate(source, program, step)
        for at, fault in enumerate(scenario.faults):
            check_policy(source, program, (name, "faults", at), fault, REFUSALS.of)


def _check_change(source: Source, program: Program, step: Change) -> None:
    if step.credential:
        if known_credential(source, program, step.at, step.credential):
            collection, _ = find_credential(program, step.credential)
            for at, _ in source.entries(*step.at, "set"):
                source.known(at, at[-1], source.fields[collection], "field")
        return
    _check_state(source, program, step)
    records = Collection(program.bases[step.collection])
    key = None if step.key is None else step.key.tree
    where = {} if step.where is None else step.where.tree
    if key is not None and _literal(key) and records.get(key) is None:
        _no_record(source, step, "key")
    named = where and source.fields[step.collection] >= where.keys()
    if named and _literal(where) and not records.count(where):
        _no_record(source, step, "where")


def _check_state(source: Source, program: Program, step: Change) -> None:
    """Report a state that records of the collection cannot be in."""
    policy = program.collections.get(step.collection)
    machine = policy.machine if policy is not None else None
    values = None if step.values is None else step.values.tree
    if machine is None or machine.free or not isinstance(values, dict):
        return
    state = values.get(machine.field, machine.start)
    if _literal(state) and state not in machine.states:
        source.problem(
            (*step.at, "set", machine.field),
            "unknown-state",
            f"{state!r} is no state of the records of {step.collection!r}",
            f"their states are {', '.join(machine.states)}",
            did_you_mean(str(state), machine.states),
        )


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
