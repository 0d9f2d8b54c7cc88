"""Settle: what does the outcome mean for later calls?

Failures are counted for lockouts, and success forgets them.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange
from emulator.exchange.notes import Notes, Words, failures
from emulator.program.lockout import LockoutPolicy
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Finish
from emulator.times import moment


def settle(exchange: Exchange) -> None:
    policy = exchange.program.lockout
    if policy is not None and exchange.addressed.operation is not None:
        if exchange.refusal is not None and exchange.refusal.code in policy.counts:
            # Who claims nothing still has an address; it has no credential to lock.
            if exchange.claim is not None or policy.per not in (
                "credential",
                "account",
            ):
                _count(exchange, policy)
        elif (
            exchange.authenticated
            and policy.reset_on_success
            and exchange.world.tally.counts_failures
        ):
            exchange.world.tally.forget_failures(policy.subject_of(exchange))


def _count(exchange: Exchange, policy: LockoutPolicy) -> None:
    at = exchange.at
    failures = exchange.world.tally.count_failure(policy.subject_of(exchange), at)
    times = failures.times
    times.append(at)
    while policy.within and times[0] <= at - policy.within:
        times.popleft()
    if len(times) >= policy.after:
        # The lock runs from the failure that brought it about; a call that meets the
        # lock does not reach `authenticate`, so it cannot make it longer.
        length = policy.durations[min(failures.locks, len(policy.durations) - 1)]
        failures.locked_until = at + length
        failures.locks += 1
        times.clear()
        facts = {"locked_until": failures.locked_until, "per": policy.per}
        exchange.note("settle", "locked", facts)
        return
    facts = {"failures": len(times), "after": policy.after, "per": policy.per}
    exchange.note("settle", "failure counted", facts)


def tell(notes: Notes) -> Iterator[Words]:
    counted = notes.take("failure counted")
    if counted is not None:
        yield f"failure counted: {failures(counted)}", dict(counted)
    locked = notes.take("locked")
    if locked is not None:
        until = moment(locked["locked_until"])
        facts = {"per": locked["per"], "locked_until": until}
        yield f"one failure too many: locked until {until}", facts


def acts(program: Program, operation: Operation) -> bool:
    return program.lockout is not None


STEP = Finish(
    name="settle",
    question="what does the outcome mean for later calls?",
    finish=settle,
    acts=acts,
    tell=tell,
    keys=("authentication.lockout",),
)
