"""Scenarios: put a world into a named situation, and have faults meet its calls.

`apply` arranges the world once; `apply_faults` asks the world's rules at each call. Neither
costs a call anything while no rule is in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from emulator.diagnostics import did_you_mean
from emulator.exchange.addressed import Addressed
from emulator.exchange.claims import Claim
from emulator.exchange.exchange import Exchange, Record
from emulator.json_type import Json
from emulator.language.scope import Names
from emulator.pipeline import REFUSALS
from emulator.program.credentials import find_credential
from emulator.program.fault_policies import rule_of
from emulator.program.keys import BadToken
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.rate_limits import Bucket
from emulator.program.scenarios import (
    Arrangement,
    Change,
    ClockMove,
    Drain,
    LockOut,
    Rotate,
    Scenario,
)
from emulator.times import iso, time_of
from emulator.values import lazy
from emulator.world.collection import Collection
from emulator.world.faults import Rule
from emulator.world.world import World


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
        known = [f"{provider}/{name}" for provider in programs]
        says = (
            "write it as in acme/rate_limited"
            if not slash
            else did_you_mean(text, known)
        )
        raise NoSuchScenario(f"no scenario {text!r}: {says}")
    scenario = program.scenarios.get(name)
    if scenario is None:
        fix = did_you_mean(name, program.scenarios)
        raise NoSuchScenario(f"{provider} has no scenario {name!r}: {fix}")
    return program, scenario


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
        _ARRANGE[type(step)](step, Arranging(program, world))


def apply_faults(exchange: Exchange) -> None:
    """Let the rules of the exchange's world count this call, and go wrong with it."""
    addressed, world = exchange.addressed, exchange.world
    operation_id, provider = exchange.operation_id, exchange.program.name
    rules = [rule for rule in world.faults if rule.provider == provider]
    credential = None
    if any(rule.asks_for_credential for rule in rules):
        credential = _credential(addressed)
    for rule in rules:
        if not rule.is_about(operation_id, credential, exchange.at):
            continue
        code = _code(rule, exchange.program, addressed.operation)
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
            exchange.forced, exchange.forced_strictly = code, False
        exchange.faults = (*exchange.faults, *faults)
    world.faults.drop_over(exchange.at)


def _code(rule: Rule, program: Program, operation: Operation | None) -> str | None:
    """The refusal that *rule* forces on a call of *operation*, if it can give it."""
    if operation is None or not rule.forces:
        return None
    code = rule.refuse or program.error_with(operation, rule.status)
    return code if code in REFUSALS.of(program, operation) else None


def _credential(addressed: Addressed) -> tuple[str, int | str] | None:
    """The credential that the call claims: its collection and its key."""
    collections = addressed.world.collections(addressed.program)
    for claim in addressed.claims.made:
        collection = collections[claim.collection]
        fields = _proved(addressed, claim)
        record = next(iter(collection.where(fields)), None) if fields else None
        if record is not None:
            return claim.collection, record[collection.key]
    return None


def _proved(addressed: Addressed, claim: Claim) -> Mapping[str, Json]:
    """The fields of the record that *claim* is about; none where its token is no good."""
    program = addressed.program
    scheme = program.schemes[claim.schemes[0]]
    if scheme.jwt is None:
        return claim.fields
    try:
        claims = scheme.jwt.keys.read(addressed.world, claim.fields[scheme.field])
    except BadToken:
        return {}
    return {scheme.field: claims.get(scheme.jwt.subject)}


class Arranging(Names):
    """What expressions see while a world is arranged: nobody calls."""

    def __init__(
        self, program: Program, world: World, client: str = "127.0.0.1"
    ) -> None:
        self.program = program
        self.world = world
        self.at = world.clock.now()
        self.now = iso(self.at)
        self.client = client
        self.operation_id: str | None = None
        self.method = ""
        self.claim: Claim | None = None

    @lazy
    def request_id(self) -> str:
        return self.world.chance.uuid()

    def collection(self, name: str) -> Collection:
        return self.world.collections(self.program)[name]


def _change(step: Change, x: Arranging) -> None:
    for collection, record in _changed(step, x):
        if step.values is None:
            collection.delete(record[collection.key])
        else:
            collection.put({**record, **step.values.value(x, record)})


def _changed(step: Change, x: Arranging) -> list[tuple[Collection, Record]]:
    """The records that *step* is about, each with its collection."""
    if step.credential:
        name, key = find_credential(x.program, step.credential)
        collection = x.collection(name)
        records = [collection.get(key)]
    else:
        collection = x.collection(step.collection)
        if step.key is not None:
            records = [collection.get(step.key.value(x))]
        else:
            equals = {} if step.where is None else step.where.value(x)
            records = [*collection.where(equals)]
    return [(collection, record) for record in records if record is not None]


def _drain(step: Drain, x: Arranging) -> None:
    at, drained = x.at, set[int]()
    for bucket in _buckets(step, x):
        if id(bucket.meter) in drained:
            continue
        drained.add(id(bucket.meter))
        spend = bucket.read(at).remaining - step.leave * bucket.cost
        if spend > 0:
            bucket._replace(cost=spend).take(at)


def _buckets(step: Drain, x: Arranging) -> Iterator[Bucket]:
    """The meters that calls with the credential are counted by."""
    for operation in x.program.operations.values():
        for caller in _callers(step.credential, operation, step.ip, x):
            for limit in operation.limits:
                bucket = limit.bucket(caller)
                if bucket is not None and step.limit in ("", limit.name):
                    yield bucket


def _callers(
    credential: str, operation: Operation, ip: str, x: Arranging
) -> Iterator[Arranging]:
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
        own = [scheme for scheme in alternative if scheme.collection == name]
        for scheme in own:
            fields[scheme.field] = str(record.get(scheme.field, ""))
            if scheme.kind == "basic":
                fields[scheme.password] = str(record.get(scheme.password, ""))
        caller = Arranging(x.program, x.world, ip)
        caller.operation_id, caller.method = operation.id, operation.method
        caller.caller, caller.authenticated = record, True
        names = tuple(scheme.name for scheme in own)
        caller.claim = Claim(names, name, fields)
        yield caller


def _lock_out(step: LockOut, x: Arranging) -> None:
    policy = x.program.lockout
    if policy is None:
        return
    tally, until = x.world.tally, x.at + policy.durations[0]
    if step.everyone:
        tally.lock_everyone((x.program.name, policy.per), until)
        return
    if not step.credential:
        caller = Arranging(x.program, x.world, step.ip)
        tally.lock(policy.subject_of(caller), until, caller.at)
        return
    for operation in x.program.operations.values():
        for caller in _callers(step.credential, operation, "", x):
            tally.lock(policy.subject_of(caller), until, caller.at)


def _rotate(step: Rotate, x: Arranging) -> None:
    x.world.keys.rotate(x.program.name, step.keys)


def _move_clock(step: ClockMove, x: Arranging) -> None:
    clock = x.world.clock
    if step.set:
        clock.set(time_of(step.set))
    if step.advance:
        clock.set(clock.now() + step.advance)
    if step.freeze is not None:
        (clock.freeze if step.freeze else clock.resume)()


_ARRANGE: Mapping[type, Callable[[Any, Arranging], None]] = {
    Change: _change,
    Drain: _drain,
    LockOut: _lock_out,
    Rotate: _rotate,
    ClockMove: _move_clock,
}
