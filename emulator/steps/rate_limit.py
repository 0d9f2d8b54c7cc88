"""Rate limit: may the caller call now?

Every limit must have room; only then is each of them charged.

Reads: operation.limits, caller, world.tally
Refuses: rate_limited (limit, remaining, reset, retry_after, window)
"""

from __future__ import annotations

from emulator.compile.limits import Bucket
from emulator.exchange import Exchange, Refusal
from emulator.world.clock import SECOND, whole_seconds
from emulator.world.meters import Reading


def rate_limit(exchange: Exchange) -> Refusal | None:
    limits = exchange.operation.limits
    if not limits:
        return None
    buckets = [one for one in (limit.bucket(exchange) for limit in limits) if one]
    if not buckets:
        return None
    at = exchange.at
    readings = [(bucket, bucket.read(at)) for bucket in buckets]
    if exchange.forces("rate_limited"):
        # As if the quota were spent, on this call alone.
        bucket, reading = readings[0]
        wait = max(reading.reset - at, SECOND)
        readings[0] = (bucket, reading._replace(remaining=0.0, wait=wait))
    full = [(bucket, reading) for bucket, reading in readings if not reading.fits]
    if full:
        exchange.readings = [(bucket.policy, reading) for bucket, reading in readings]
        return _refusal(exchange, full)

    exchange.readings = [(bucket.policy, bucket.take(at)) for bucket in buckets]
    exchange.costs = [bucket.cost for bucket in buckets]
    return None


def _refusal(exchange: Exchange, full: list[tuple[Bucket, Reading]]) -> Refusal:
    bucket, reading = max(full, key=lambda one: one[1].wait)
    facts = {
        "limit": int(reading.limit),
        "remaining": int(reading.remaining),
        "reset": whole_seconds(reading.reset),
        "retry_after": max(1, whole_seconds(reading.wait)),
        "window": bucket.policy.name,
    }
    exchange.note("rate_limit", "spent", facts)
    return Refusal("rate_limited", facts)
