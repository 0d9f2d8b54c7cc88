"""Fault policies: what goes wrong and with which calls, as an author has written it.

An entry of `faults` in a scenario and a rule that the admin API takes are read here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.program.credentials import find_credential
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.scenarios import FaultPolicy
from emulator.program.written import Written
from emulator.world.faults import BadFault, Calls, Fault, Rule, read_calls, read_fault
from emulator.world.rules import ENDLESS

Pointer = tuple[str | int, ...]
_MOST = 20


def read_policy(
    source: Written, pointer: Pointer, written: Json, operations: Collection[str]
) -> FaultPolicy:
    """What stands at *pointer*; *operations* are those that can be named."""
    faults: list[Fault] = []
    status = written.get("status", 0)
    named = written.get("fault", [])
    many = isinstance(named, list)
    for at, text in enumerate(named if many else [named]):
        fault = _named(source, (*pointer, "fault", *([at] if many else [])), text)
        if fault is not None and fault.kind == "status":
            status = int(fault.amount)
        elif fault is not None:
            faults.append(fault)
    if len(faults) > _MOST:
        what = f"{len(faults)} things go wrong with one call"
        source.problem(
            (*pointer, "fault"), "wrong-form", what, "", f"name {_MOST} at most"
        )
    says = [word for word in ("fault", "refuse", "status") if written.get(word)]
    if not says or ("refuse" in says and status):
        source.problem(
            pointer,
            "two-actions" if says else "missing-key",
            "two errors are asked for at once" if says else "nothing goes wrong",
            "what goes wrong is a `fault`, and `refuse` or `status`",
            "leave one of them out" if says else "add `fault: delay=2s`",
        )
    after = source.duration(*pointer, "after")
    until = source.duration(*pointer, "until", default=ENDLESS)
    if until <= after:
        source.problem(
            (*pointer, "until"),
            "wrong-form",
            "it is over before it begins",
            "`after` and `until` both count from the start",
            "make `until` the longer of the two",
        )
    return FaultPolicy(
        faults=tuple(faults),
        refuse=written.get("refuse", ""),
        status=status,
        operations=_operations(source, pointer, written.get("operation"), operations),
        credential=written.get("credential", ""),
        calls=_calls(source, (*pointer, "calls"), written.get("calls")),
        probability=written.get("probability", 1.0),
        after=after,
        until=until,
    )


def _named(source: Written, pointer: Pointer, text: str) -> Fault | None:
    try:
        return read_fault(text)
    except BadFault as error:
        source.problem(pointer, "unknown-fault", error.what, "", error.fix)
        return None


def _operations(
    source: Written, pointer: Pointer, written: Json, known: Collection[str]
) -> frozenset[str] | None:
    if written is None:
        return None
    many = isinstance(written, list)
    for at, name in enumerate(written if many else [written]):
        place = (*pointer, "operation", *([at] if many else []))
        source.known(place, name, known, "operation")
    return frozenset(written if many else [written])


def _calls(source: Written, pointer: Pointer, written: Json) -> Calls:
    if written is None:
        return Calls()
    try:
        many = written if isinstance(written, list) else [written]
        return read_calls(",".join(map(str, many)))
    except ValueError as error:
        source.problem(pointer, "wrong-form", str(error))
        return Calls()


def rule_of(policy: FaultPolicy, program: Program, at: int, source: str) -> Rule:
    """The rule that *policy* is from the time *at* on; *source* is who made it."""
    name = policy.credential
    return Rule(
        program.name,
        faults=policy.faults,
        refuse=policy.refuse,
        status=policy.status,
        operations=policy.operations,
        credential=find_credential(program, name) if name else None,
        credential_name=name,
        calls=policy.calls,
        probability=policy.probability,
        # One that strikes at once does so as well after the clock was set back.
        starts=at + policy.after if policy.after else 0,
        ends=at + policy.until,
        source=source,
    )


def check_policy(
    source: Written,
    program: Program,
    pointer: Pointer,
    fault: FaultPolicy,
    can_refuse: Callable[[Program, Operation], Collection[str]],
) -> None:
    """Report a credential that there is not, and an error that cannot come about.

    *can_refuse* gives the codes that an operation can be refused with.
    """
    if fault.credential:
        known_credential(source, program, pointer, fault.credential)
    operations = [
        candidate
        for candidate in program.operations.values()
        if fault.operations is None or candidate.id in fault.operations
    ]
    if fault.refuse:
        possible = {
            operation.id: {*can_refuse(program, operation)}
            for operation in program.operations.values()
        }
        _check_refuse(source, program, pointer, fault, operations, possible)
    elif fault.status:
        _check_status(source, program, pointer, fault, operations)


def known_credential(
    source: Written, program: Program, pointer: Pointer, name: str
) -> bool:
    """Whether there is a credential *name*; if there is none, that is reported."""
    names = {
        str(record.get("name", key))
        for collection in {scheme.collection for scheme in program.schemes.values()}
        for key, record in program.bases[collection].records.items()
    }
    return source.known((*pointer, "credential"), name, names, "credential")


def _check_refuse(
    source: Written,
    program: Program,
    pointer: Pointer,
    fault: FaultPolicy,
    operations: list[Operation],
    possible: Mapping[str, set[str]],
) -> None:
    ids = [operation.id for operation in operations]
    anything = {code for id in ids for code in possible[id]}
    lacking = [id for id in ids if fault.refuse not in possible[id]]
    everywhere = {code for codes in possible.values() for code in codes}
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
    source: Written,
    program: Program,
    pointer: Pointer,
    fault: FaultPolicy,
    operations: list[Operation],
) -> None:
    found = {each.id: program.error_with(each, fault.status) for each in operations}
    lacking = [name for name, code in found.items() if code is None]
    if not lacking or (fault.operations is None and len(lacking) < len(found)):
        return
    known = {
        error.status
        for operation in operations
        for error in operation.errors.values()
        if error.status >= 500
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
