"""Lockout: is the caller shut out, having failed too often?

`settle` counts the failures, when an exchange is over.

Reads: program.lockout, claim, world.tally
Refuses: locked_out (retry_after)
"""

from __future__ import annotations

import math

from emulator.exchange import Exchange, Refusal


def lockout(exchange: Exchange) -> Refusal | None:
    policy = exchange.program.lockout
    if policy is None or exchange.claim is None:
        return None
    if exchange.forces("locked_out"):
        return Refusal("locked_out", {"retry_after": math.ceil(policy.durations[0])})

    tally, subject = exchange.world.tally, exchange.failure_subject(policy)
    until = tally.locked_until(subject)
    if until <= exchange.at:
        if tally.has_failures:
            failures = tally.failures(subject)
            if failures is not None and failures.times:
                facts = {"failures": len(failures.times), "after": policy.after}
                exchange.note("lockout", "counted", facts)
        return None
    left = math.ceil(until - exchange.at)
    exchange.note("lockout", "locked", {"until": until, "per": policy.per})
    return Refusal("locked_out", {"retry_after": left})
