"""Fitness: whether a record can be a credential, so that no call fails for its sake.

What is put into a world behind the provider's back, by the admin API or in a snapshot,
is held to this before it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from emulator.changes import with_values
from emulator.diagnostics import did_you_mean
from emulator.exchange.exchange import Record
from emulator.language.failures import ExpressionFailed
from emulator.program.authentication import SchemePolicy
from emulator.program.operation import Effect
from emulator.program.program import Program
from emulator.program.rate_limits import LimitPolicy
from emulator.program.states import STATES

_MOST = 10**12
"""The largest quota."""


def unfit(x: Any, name: str, record: Record) -> Iterator[str]:
    """Why *record* of the collection *name* cannot be judged, counted or told, each.

    *x* is what expressions see: an exchange, or an onlooker of a world.
    """
    program = x.program
    yield from _in_no_state(program, name, record)
    schemes = [
        proved for proved in program.schemes.values() if proved.collection == name
    ]
    x.caller = record
    for scheme in schemes:
        try:
            scheme.judge(x, record)
        except ExpressionFailed as error:
            yield f"as a credential of {scheme.name} it cannot be judged: {error}"
        else:
            yield from _unworded(program, scheme, scheme.state_of(x, record))
    if schemes:
        yield from _uncounted(x, name, record)


def _in_no_state(program: Program, name: str, record: Record) -> Iterator[str]:
    """A state that no move leads from or to, so that no call can go on from it."""
    policy = program.collections.get(name)
    machine = policy.machine if policy is not None else None
    if machine is not None and not machine.free:
        state = record.get(machine.field)
        if state not in machine.states:
            fix = did_you_mean(str(state)[:60], machine.states)
            yield f"{machine.field} is {str(state)[:60]!r}, which is no state: {fix}"


def _unworded(program: Program, scheme: SchemePolicy, state: str) -> Iterator[str]:
    """A state that calls would be refused for, in words that there are not."""
    code = f"{STATES}{state}"
    if scheme.state is None or state in scheme.active:
        return
    for operation in program.operations.values():
        asked = any(scheme in alternative for alternative in operation.security)
        if asked and operation.errors.of(code) is None:
            known = [error for error in operation.errors if error.startswith(STATES)]
            detail = (
                f"as a credential of {scheme.name} it is {state[:60]!r}, and"
                f" {operation.id} has no words for {code[:80]!r}:"
                f" {did_you_mean(code[:80], known)}"
            )
            yield detail
            return


def _uncounted(x: Any, name: str, record: Record) -> Iterator[str]:
    """What every call of the credential would fail at: its limits, and what it leaves."""
    limits = dict.fromkeys(x.program.limits)
    for operation in x.program.operations.values():
        limits |= dict.fromkeys(operation.limits)
    asked: list[tuple[str, Callable[[Record], str]]] = [
        (
            f"the limit {limit.name!r} cannot count its calls",
            partial(_not_counted, x, limit),
        )
        for limit in limits
    ]
    asked += [
        ("what every call leaves cannot be worked out", partial(_not_left, x, effect))
        for effect in x.program.effects
        if effect.kind == "update" and effect.collection == name
    ]
    for what, judge in asked:
        why = judge(record)
        others = x.program.bases[name].records.values()
        # It may need more of a call than who makes it: then it fails for all of them.
        if why and not (others and all(map(judge, others))):
            yield f"{what}: {why}"


def _not_counted(x: Any, limit: LimitPolicy, record: Record) -> str:
    """Why *limit* cannot count the calls of the credential *record*; empty: it can."""
    x.caller = record
    try:
        quota = limit.quota.amount(x)
    except ExpressionFailed as error:
        return str(error)
    if quota is None or abs(quota) <= _MOST:
        return ""
    return f"{quota:g} calls are more than are ever counted"


def _not_left(x: Any, effect: Effect, record: Record) -> str:
    """Why *effect* cannot change the credential *record* that calls; empty: it can."""
    x.caller = record
    try:
        if effect.when is None or effect.when.value(x):
            with_values(x, dict(record), effect.values)
    except ExpressionFailed as error:
        return str(error)
    return ""
