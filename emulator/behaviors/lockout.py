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

    until = exchange.world.tally.locked_until(exchange.failure_subject(policy))
    if until <= exchange.at:
        return None
    left = math.ceil(until - exchange.at)
    exchange.note("lockout", "locked", {"until": until})
    return Refusal("locked_out", {"retry_after": left})
