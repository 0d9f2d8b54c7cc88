"""Charge: what does the call cost, now that its outcome is known?

Only limits are looked at whose cost depends on that.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange
from emulator.exchange.in_flight import go_on_delayed
from emulator.exchange.notes import Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.rate_limits import Bucket
from emulator.step import Finish


def charge(exchange: Exchange) -> None:
    buckets, costs = exchange.buckets, exchange.costs
    if not buckets or costs is None:
        return
    go_on_delayed(exchange)
    for number, bucket in enumerate(buckets):
        if not bucket.policy.is_settled_late:
            continue
        cost = _cost(exchange, bucket)
        if cost != bucket.cost:
            bucket.meter.correct(exchange.at, cost - bucket.cost)
            costs[number] = cost
            facts = {"limit": bucket.policy.name, "cost": cost, "instead": bucket.cost}
            exchange.note("charge", "corrected", facts)
        reading = bucket.meter.read(exchange.at, bucket.quota, 0)
        exchange.set_reading(number, bucket.policy, reading)


def _cost(exchange: Exchange, bucket: Bucket) -> float:
    """What the call comes to. Raises `ExpressionFailed`."""
    policy = bucket.policy
    if policy.uncharged is not None and policy.uncharged.has(*exchange.outcome):
        return 0
    if policy.cost_after is None:
        return bucket.cost
    if exchange.refusal is not None:
        return 0  # no work was done
    return policy.amount_of(policy.cost_after, exchange)


def acts(program: Program, operation: Operation) -> bool:
    return any(limit.is_settled_late for limit in operation.limits)


def tell(notes: Notes) -> Iterator[Words]:
    while (facts := notes.take("corrected")) is not None:
        words = f"{facts['limit']}: {facts['cost']:g} instead of {facts['instead']:g}"
        yield words, dict(facts)


STEP = Finish(
    name="charge",
    question="what does the call cost, now that its outcome is known?",
    finish=charge,
    acts=acts,
    tell=tell,
    keys=("rate_limits.{limit}.cost_after", "rate_limits.{limit}.uncharged"),
)
