"""Rate limit: may the caller call now?

Every limit must have room; only then is each of them charged.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Facts, Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.rate_limits import Bucket
from emulator.step import Code, Step
from emulator.times import SECOND, moment, span, whole_seconds
from emulator.world.meters import Reading


def rate_limit(exchange: Exchange) -> Refusal | None:
    limits = exchange.operation.limits
    if not limits:
        return None
    at = exchange.at
    if len(limits) == 1 and exchange.forced is None:  # nearly always
        bucket = limits[0].bucket(exchange)
        if bucket is None:
            return None
        policy, meter, quota, cost = bucket
        reading = meter.spend(at, quota, cost)
        exchange.readings = [(policy, reading)]
        if reading.wait > 0:
            return _refusal(exchange, [(bucket, reading)])
        exchange.buckets, exchange.costs = (bucket,), [cost]
        return None

    buckets = [bucket for limit in limits if (bucket := limit.bucket(exchange))]
    if not buckets:
        return None
    readings = [(bucket, bucket.read(at)) for bucket in buckets]
    fits = all(reading.fits for _, reading in readings)
    if exchange.forced is not None:
        for number, (bucket, reading) in enumerate(readings):
            if bucket.policy.refuse == exchange.forced:
                # As if the quota were spent, on this call alone.
                readings[number] = bucket, _spent(reading, at)
                fits = False
                break
    if not fits:
        exchange.readings = [(bucket.policy, reading) for bucket, reading in readings]
        full = [(bucket, reading) for bucket, reading in readings if not reading.fits]
        return _refusal(exchange, full)

    exchange.buckets = buckets
    exchange.readings = [(bucket.policy, bucket.take(at)) for bucket in buckets]
    exchange.costs = [bucket.cost for bucket in buckets]
    return None


def _refusal(exchange: Exchange, full: list[tuple[Bucket, Reading]]) -> Refusal:
    bucket, reading = max(full, key=lambda spent: spent[1].wait)
    facts = {
        **bucket.policy.facts(reading),
        "retry_after": max(1, whole_seconds(reading.wait)),
    }
    exchange.note("rate_limit", "spent", facts)
    return Refusal(bucket.policy.refuse, facts)


def _spent(reading: Reading, at: int) -> Reading:
    wait = max(reading.reset - at, SECOND)
    used = max(reading.used, reading.limit)
    return reading._replace(remaining=0.0, wait=wait, used=used)


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    yield from dict.fromkeys(limit.refuse for limit in operation.limits)


def tell(notes: Notes) -> Words:
    entry = notes.entry
    notes.take("spent")
    refused = notes.refusal is not None
    readings, costs = entry.readings, entry.costs
    if readings is None or (costs is None and not refused):
        return "no limit counts this call", {}
    limits = [
        {
            "name": policy.name,
            "limit": _number(after.limit),
            "before": _number(after.remaining + cost),
            "remaining": _number(after.remaining),
            "reset": moment(after.reset),
        }
        for (policy, after), cost in zip(
            readings, costs or [0.0] * len(readings), strict=True
        )
    ]
    facts: Facts = {"limits": limits}
    if refused:
        wait, name = notes.facts["retry_after"], notes.facts["name"]
        facts["wait"] = wait
        return f"the quota {name!r} is spent for another {span(wait)}", facts
    words = "; ".join(
        f"{limit['name']}: {limit['before']} of {limit['limit']} left, then"
        f" {limit['remaining']}"
        for limit in limits
    )
    return words, facts


def _number(value: float) -> float:
    """A number without `.0` behind it."""
    return int(value) if value == int(value) else round(value, 3)


STEP = Step(
    name="rate_limit",
    question="may the caller call now?",
    decide=rate_limit,
    tell=tell,
    status=429,
    codes={
        "rate_limited": Code(
            "the quota is spent",
            (
                *("limit", "name", "remaining", "reset", "retry_after", "used"),
                "window",
            ),
        )
    },
    of_spec="`rate_limits.refuse`",
    refusals=refusals,
    finds=("quota", "quotas"),
    keys=("rate_limits.{limit}",),
)
