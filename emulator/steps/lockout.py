"""Lockout: is the caller shut out, having failed too often?

`settle` counts the failures, when an exchange is over.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words, failures
from emulator.program.lockout import LockoutPolicy
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step
from emulator.times import moment, span, whole_seconds


def lockout(exchange: Exchange) -> Refusal | None:
    policy = exchange.program.lockout
    if policy is None or not (exchange.claims or policy.all_calls):
        return None
    if exchange.forced == "locked_out":
        return Refusal(
            "locked_out", {"retry_after": whole_seconds(policy.durations[0])}
        )

    tally, claims = exchange.world.tally, exchange.claims
    if not tally.counts_failures:
        return None
    if not claims:
        subject = policy.subject_of(exchange)
        return _locked(exchange, policy, tally.locked_until(subject))
    subjects = [policy.subject_of(exchange, each) for each in claims]
    free = [
        (claim, subject)
        for claim, subject in zip(claims, subjects, strict=True)
        if tally.locked_until(subject) <= exchange.at
    ]
    if free:
        # One that is shut out does not shut out another that is claimed beside it.
        exchange.claims = tuple(claim for claim, _ in free)
        exchange.claim, subject = free[0]
        failures = tally.failures(subject)
        if failures is not None and failures.times:
            facts = {"failures": len(failures.times), "after": policy.after}
            exchange.note("lockout", "counted", facts)
        return None
    return _locked(exchange, policy, tally.locked_until(subjects[0]))


def _locked(exchange: Exchange, policy: LockoutPolicy, until: int) -> Refusal | None:
    """The refusal of one whose lock ends at *until*, if that is yet to come."""
    if until <= exchange.at:
        return None
    left = whole_seconds(until - exchange.at)
    exchange.note("lockout", "locked", {"until": until, "per": policy.per})
    return Refusal("locked_out", {"retry_after": left})


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    policy = program.lockout
    if policy is not None and (operation.security or policy.all_calls):
        yield "locked_out"


def tell(notes: Notes) -> Words:
    locked = notes.take("locked")
    if locked is not None:
        until = int(locked["until"])
        left = whole_seconds(until - notes.entry.at)
        facts = {"until": moment(until), "left": left, "per": locked["per"]}
        return f"locked for another {span(left)}, per {locked['per']}", facts
    if notes.refusal:
        return "locked", {"left": notes.facts.get("retry_after")}
    if notes.program.lockout is None:
        return "this provider shuts nobody out", {}
    if notes.entry.claim is None:
        return "nobody claims anything", {}
    counted = notes.take("counted")
    if counted is not None:
        return f"not locked: {failures(counted)}", dict(counted)
    return "not locked", {"failures": 0, "after": notes.program.lockout.after}


STEP = Step(
    name="lockout",
    question="is the caller shut out, having failed too often?",
    decide=lockout,
    tell=tell,
    status=403,
    codes={"locked_out": Code("too many earlier failures", ("retry_after",))},
    refusals=refusals,
    keys=("authentication.lockout",),
)
