"""Idempotency: was the same call answered before?

It then gets that reply again, and nothing is done a second time.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Idempotent, Refusal
from emulator.exchange.notes import Facts, Notes, Words
from emulator.program.idempotency import fingerprint
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step
from emulator.times import moment, whole_seconds
from emulator.world.kept_replies import KeptReply

_LONGEST = 100
"""So much of a key is written down."""


def idempotency(exchange: Exchange) -> Refusal | KeptReply | None:
    policy = exchange.operation.idempotency
    if policy is None:
        return None
    key = policy.key.value(exchange)
    if exchange.forced == "idempotency_key_missing" and policy.required:
        key = None
    if key is None or key == "":
        return Refusal("idempotency_key_missing") if policy.required else None
    text = str(key)
    if len(text) > policy.max_length or exchange.forced == "idempotency_key_invalid":
        facts = {"length": len(text), "max_length": policy.max_length}
        return Refusal("idempotency_key_invalid", facts)
    place = policy.place_of(exchange, text)
    asked = fingerprint(exchange)
    kept = exchange.world.kept_replies.get(place, exchange.at)
    refusal = _repeated(exchange, kept, asked, {"key": text[:_LONGEST]})
    if refusal is not None:
        return refusal
    if kept is not None and kept.status:
        exchange.note("idempotency", "given again", {"exchange": kept.exchange})
        return kept
    exchange.idempotent = Idempotent(policy, place, asked)
    return None


def _repeated(
    exchange: Exchange, kept: KeptReply | None, asked: str, facts: Facts
) -> Refusal | None:
    """Refuse a call whose key is another call's, or whose first is still going on."""
    if exchange.forced == "idempotency_mismatch":
        return Refusal("idempotency_mismatch", {**facts, "exchange": None})
    if exchange.forced == "idempotency_in_flight":
        return Refusal("idempotency_in_flight", {**facts, "retry_after": 1})
    if kept is None or (kept.over <= exchange.at and not kept.status):
        return None
    if kept.fingerprint != asked:
        return Refusal("idempotency_mismatch", {**facts, "exchange": kept.exchange})
    if kept.over > exchange.at:
        wait = max(1, whole_seconds(kept.over - exchange.at))
        exchange.note("idempotency", "in flight", {"until": moment(kept.over)})
        return Refusal("idempotency_in_flight", {**facts, "retry_after": wait})
    return None


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    policy = operation.idempotency
    if policy is not None:
        if policy.required:
            yield "idempotency_key_missing"
        yield "idempotency_key_invalid"
        yield "idempotency_mismatch"
        yield "idempotency_in_flight"


def tell(notes: Notes) -> Words:
    again = notes.take("given again")
    flight = notes.take("in flight")
    if again is not None:
        return f"the reply to exchange {again['exchange']} is given again", dict(again)
    if notes.refusal == "idempotency_key_missing":
        return "the call has no key, and needs one", {}
    if notes.refusal == "idempotency_key_invalid":
        return "the key is too long", dict(notes.facts)
    if notes.refusal == "idempotency_mismatch":
        return "the key is that of a call that said something else", dict(notes.facts)
    if notes.refusal == "idempotency_in_flight":
        return "the call with this key is still going on", {
            **notes.facts,
            **(flight or {}),
        }
    return "the call was not made before", {}


STEP = Step(
    name="idempotency",
    question="was the same call answered before?",
    decide=idempotency,
    tell=tell,
    codes={
        "idempotency_key_missing": Code(
            "the call needs an idempotency key", status=400
        ),
        "idempotency_key_invalid": Code(
            "the idempotency key is too long", ("length", "max_length"), 400
        ),
        "idempotency_mismatch": Code(
            "the idempotency key was sent with another call", ("exchange", "key"), 422
        ),
        "idempotency_in_flight": Code(
            "the call with this idempotency key is still going on",
            ("key", "retry_after"),
            409,
        ),
    },
    refusals=refusals,
    rare=True,
    keys=("idempotency", "operations.{operation}.idempotency"),
)
