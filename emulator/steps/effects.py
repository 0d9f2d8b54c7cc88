"""Effects: which records change besides those that the call is about?

An operation's effects come about right after its action, or once its page is cut, and
are refused in the name of that step. Those of every call come about when its outcome is
settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from emulator.changes import (
    conflict,
    delete,
    made,
    replace,
    taken_key,
    too_many,
    violated,
    with_values,
    worded,
)
from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.language.failures import ExpressionFailed
from emulator.moves import move
from emulator.program.operation import Effect, Operation, Rule
from emulator.program.program import Program
from emulator.program.violations import Violation
from emulator.step import Finish
from emulator.uploads import keep_files
from emulator.world.kept_replies import KeptReply

Decide = Callable[[Exchange], Refusal | KeptReply | None]


def effects(exchange: Exchange) -> None:
    of_every_call = exchange.program.effects
    if not of_every_call:
        return
    refusal = _bring_about(exchange, of_every_call)
    if refusal is not None:  # the answer is settled: it is the spec that is wrong
        raise ExpressionFailed(
            of_every_call[0].values.at,
            ValueError(f"an effect of every call is refused: {refusal.code}"),
        )


def with_effects(
    program: Program, following: Sequence[Effect], decide: Decide
) -> Decide:
    """*decide*, with the effects *following*; where one of them is refused, nothing has
    changed."""
    refusable = _can_refuse(program, following)

    def decide_and_bring_about(exchange: Exchange) -> Refusal | KeptReply | None:
        undo = _Undo(exchange) if refusable else None
        refusal = decide(exchange)
        if refusal is None:
            refusal = _bring_about(exchange, following)
            if refusal is not None and undo is not None:
                undo()
        return refusal

    return decide_and_bring_about


def _bring_about(exchange: Exchange, effects: Iterable[Effect]) -> Refusal | None:
    """Change the records that *effects* name, or say why one cannot be created."""
    for effect in effects:
        if effect.each is None:
            refusal = _apply(exchange, effect)
            if refusal is not None:
                return refusal
            continue
        for item in effect.each.value(exchange) or ():
            exchange.it = item
            refusal = _apply(exchange, effect)
            if refusal is not None:
                return refusal
    return None


def _apply(exchange: Exchange, effect: Effect) -> Refusal | None:
    if effect.when is not None and not effect.when.value(exchange):
        return None
    collection = exchange.collection(effect.collection)
    if effect.kind == "create":
        return _create(exchange, effect)
    record = collection.get(effect.key.value(exchange)) if effect.key else None
    if record is None:
        return None
    if effect.kind == "delete":
        return delete(exchange, effect.collection, record)
    changed = with_values(exchange, dict(record), effect.values)
    policy = exchange.program.collections[effect.collection]
    if policy.machine is not None:
        refusal = move(exchange, policy, record, changed, effect.moves)
        if refusal is not None:
            return refusal
    if effect.clashes:
        refusal = taken_key(exchange, policy, record, changed, effect.clashes)
        if refusal is not None:
            return refusal
    if policy.files:
        keep_files(exchange, policy, changed, record)
    replace(collection, record, changed)
    return None


def _create(exchange: Exchange, effect: Effect) -> Refusal | None:
    policy = exchange.program.collections[effect.collection]
    record = made(exchange, policy, {}, effect.values)
    refusal = (
        _broken_rule(exchange, effect.rules, record)
        or too_many(exchange, effect.limit, None, record)
        or taken_key(exchange, policy, None, record, effect.clashes)
        or conflict(exchange, policy, None, record)
    )
    if refusal is None:
        if policy.files:
            keep_files(exchange, policy, record, None)
        exchange.collection(policy.name).put(record)
    return refusal


def _broken_rule(
    exchange: Exchange, rules: Iterable[Rule], record: Record
) -> Refusal | None:
    """Refuse a record that an effect creates and that breaks a rule of its collection."""
    broken = [*_broken(exchange, rules, record)]
    return violated(broken) if broken else None


def _broken(
    exchange: Exchange, rules: Iterable[Rule], record: Record
) -> Iterator[Violation]:
    for rule in rules:
        if any(record.get(name) is None for name in rule.given):
            continue
        if not rule.check.value(exchange, record):
            path = [rule.field] if rule.field else []
            wrong = {"path": path, "rule": rule.name, "value": record.get(rule.field)}
            if rule.message is not None:
                wrong["message"] = rule.message
            yield from worded(exchange, wrong)


def _can_refuse(program: Program, effects: Iterable[Effect]) -> bool:
    """Whether one of *effects* may be refused, so that others must be undone."""
    policies = program.collections
    return any(
        effect.clashes
        or effect.rules
        or effect.limit
        or policies[effect.collection].machine
        or policies[effect.collection].unique
        or (effect.kind == "delete" and program.references)
        for effect in effects
    )


class _Undo:
    """The records of a provider as they were, in case a change is refused half way."""

    def __init__(self, exchange: Exchange) -> None:
        self._kept = [
            (collection, collection.kept())
            for collection in map(exchange.collection, exchange.program.bases)
        ]
        self._exchange = exchange
        self._timers = exchange.world.timers.copy() if exchange.program.timed else None

    def __call__(self) -> None:
        self._exchange.moves = ()
        if self._timers is not None:
            self._exchange.world.timers = self._timers
        for collection, kept in self._kept:
            if collection.version != kept.version:
                collection.restore(kept)


def acts(program: Program, operation: Operation) -> bool:
    return bool(program.effects)


STEP = Finish(
    name="effects",
    question="which records change besides those that the call is about?",
    finish=effects,
    acts=acts,
    of_repeats=False,
    keys=("effects",),
)
