"""Scenarios: put a world into a named situation, and have faults meet its calls.

`apply` arranges the world once; `strike` asks the world's rules at each call. Neither
costs a call anything while no rule is in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from emulator.call import Call
from emulator.compile.limits import Bucket
from emulator.compile.program import Operation, Program
from emulator.compile.scenarios import (
    Arrangement,
    Change,
    ClockMove,
    Drain,
    LockOut,
    Scenario,
)
from emulator.diagnostics import did_you_mean
from emulator.exchange import Claim, Exchange, Record
from emulator.language.functions import time_of
from emulator.pipeline import REFUSALS
from emulator.program.credentials import find_credential
from emulator.program.fault_policies import rule_of
from emulator.steps.identify import identify
from emulator.world.collection import Collection
from emulator.world.faults import Rule
from emulator.world.world import World

Json = Any


class NoSuchScenario(ValueError):
    """A text that names no scenario of any provider."""


def find_scenario(
    programs: Mapping[str, Program], text: str
) -> tuple[Program, Scenario]:
    """The scenario that "acme/rate_limited" names, and its provider's program.

    Raises `NoSuchScenario`.
    """
    provider, slash, name = text.partition("/")
    program = programs.get(provider)
    if not slash or program is None:
        known = [f"{one}/{name}" for one in programs]
        says = (
            "write it as in acme/rate_limited"
            if not slash
            else did_you_mean(text, known)
        )
        raise NoSuchScenario(f"no scenario {text!r}: {says}")
    found = program.scenarios.get(name)
    if found is None:
        fix = did_you_mean(name, program.scenarios)
        raise NoSuchScenario(f"{provider} has no scenario {name!r}: {fix}")
    return program, found


def apply(scenario: Scenario, program: Program, world: World) -> None:
    """Arrange *world* as *scenario* of *program* says, and put its faults in force.

    Raises `TooManyRules` where the world takes no more of them, and changes nothing.
    """
    world.faults.check_room(len(scenario.faults))
    arrange(scenario.arrange, program, world)
    now = world.clock.now()
    for policy in scenario.faults:
        world.faults.add(rule_of(policy, program, now, scenario.name))


def arrange(steps: Iterable[Arrangement], program: Program, world: World) -> None:
    """Do each of *steps* to *world*, in their order."""
    for step in steps:
        _ARRANGE[type(step)](step, _nobody(program, world))


def strike(exchange: Exchange) -> None:
    """Let the rules of the exchange's world count this call, and go wrong with it."""
    world, program = exchange.world, exchange.program
    operation = operation_of(program, exchange.call)
    name = operation.id if operation else None
    rules = [one for one in world.faults if one.provider == program.name]
    known = None
    if any(rule.asks_for_credential for rule in rules):
        known = _credential(exchange, operation)
    for rule in rules:
        if not rule.is_about(name, known, exchange.at):
            continue
        code = _code(rule, program, operation)
        if rule.forces and code is None:
            continue  # no such refusal here: the rule is about other operations
        if not rule.strikes(world.chance):
            continue
        faults = tuple(fault.drawn(world.chance) for fault in rule.faults)
        texts = [fault.text for fault in faults]
        facts = {"rule": rule.id, "by": rule.source, "refuse": code, "faults": texts}
        exchange.note("faults", "struck", facts)
        if code is not None and exchange.forced is None:
            # What cannot be had of this very call, it need not give.
            exchange.forced, exchange.insists = code, False
        exchange.faults = (*exchange.faults, *faults)
    world.faults.drop_over(exchange.at)


def operation_of(program: Program, call: Call) -> Operation | None:
    """The operation that *call* is for, as `route` finds it."""
    strict = program.http.trailing_slash == "strict"
    match = program.routes.match(call.path, strict=strict)
    if match is None:
        return None
    found = match.by_method.get(call.method)
    if found is None and call.method == "HEAD":
        found = match.by_method.get("GET")
    return found


def _code(rule: Rule, program: Program, operation: Operation | None) -> str | None:
    """The refusal that *rule* forces on a call of *operation*, if it can give it."""
    if operation is None or not rule.forces:
        return None
    code = rule.refuse or program.error_with(operation, rule.status)
    return code if code in REFUSALS.of(program, operation) else None


def _credential(
    exchange: Exchange, operation: Operation | None
) -> tuple[str, int | str] | None:
    """The credential that the call claims: its collection and its key."""
    if operation is None:
        return None
    probe = Exchange(exchange.call, exchange.program, exchange.world)
    probe.found = operation
    identify(probe)
    for claim in probe.claims:
        collection = probe.collection(claim.collection)
        found = collection.where(claim.fields)
        if found:
            return claim.collection, found[0][collection.key]
    return None


def _nobody(program: Program, world: World, client: str = "127.0.0.1") -> Exchange:
    """What expressions look at when a world is arranged: no call, by nobody."""
    return Exchange(Call(method="", path="/", client=client), program, world)


def _change(step: Change, x: Exchange) -> None:
    for collection, record in _changed(step, x):
        if step.values is None:
            collection.delete(record[collection.key])
        else:
            collection.put({**record, **step.values.value(x, record)})


def _changed(step: Change, x: Exchange) -> list[tuple[Collection, Record]]:
    """The records that *step* is about, each with its collection."""
    if step.credential:
        name, key = find_credential(x.program, step.credential)
        collection = x.collection(name)
        found = [collection.get(key)]
    else:
        collection = x.collection(step.collection)
        if step.key is not None:
            found = [collection.get(step.key.value(x))]
        else:
            equals = {} if step.where is None else step.where.value(x)
            found = [*collection.where(equals)]
    return [(collection, one) for one in found if one is not None]


def _drain(step: Drain, x: Exchange) -> None:
    at, drained = x.at, set[int]()
    for bucket in _buckets(step, x):
        if id(bucket.meter) in drained:
            continue
        drained.add(id(bucket.meter))
        spend = bucket.read(at).remaining - step.leave * bucket.cost
        if spend > 0:
            bucket._replace(cost=spend).take(at)


def _buckets(step: Drain, x: Exchange) -> Iterator[Bucket]:
    """The meters that calls with the credential are counted by."""
    for operation in x.program.operations.values():
        for caller in _callers(step.credential, operation, step.ip, x):
            for limit in operation.limits:
                bucket = limit.bucket(caller)
                if bucket is not None and step.limit in ("", limit.name):
                    yield bucket


def _callers(
    credential: str, operation: Operation, ip: str, x: Exchange
) -> Iterator[Exchange]:
    """Calls of *operation* with the credential, one for each way to send it."""
    name, key = find_credential(x.program, credential)
    record = x.collection(name).get(key)
    if record is None:
        return
    for alternative in operation.security:
        if alternative[0].collection != name:
            continue
        # A claim has its fields as `identify` finds them: scheme after scheme.
        fields: dict[str, str] = {}
        for scheme in alternative:
            fields[scheme.field] = str(record.get(scheme.field, ""))
            if scheme.kind == "basic":
                fields[scheme.password] = str(record.get(scheme.password, ""))
        caller = _nobody(x.program, x.world, ip)
        caller.found, caller.caller, caller.authenticated = operation, record, True
        names = tuple(scheme.name for scheme in alternative)
        caller.claim = Claim(names, name, fields)
        yield caller


def _lock_out(step: LockOut, x: Exchange) -> None:
    policy = x.program.lockout
    if policy is None:
        return
    tally, until = x.world.tally, x.at + policy.durations[0]
    if step.everyone:
        tally.lock_everyone((x.program.name, policy.per), until)
        return
    if not step.credential:
        caller = _nobody(x.program, x.world, step.ip)
        tally.lock(caller.failure_subject(policy), until, caller.at)
        return
    for operation in x.program.operations.values():
        for caller in _callers(step.credential, operation, "", x):
            tally.lock(caller.failure_subject(policy), until, caller.at)


def _move_clock(step: ClockMove, x: Exchange) -> None:
    clock = x.world.clock
    if step.set:
        clock.set(time_of(step.set))
    if step.advance:
        clock.set(clock.now() + step.advance)
    if step.freeze is not None:
        (clock.freeze if step.freeze else clock.resume)()


_ARRANGE: Mapping[type, Callable[[Any, Exchange], None]] = {
    Change: _change,
    Drain: _drain,
    LockOut: _lock_out,
    ClockMove: _move_clock,
}
