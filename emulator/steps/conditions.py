"""Conditions: is what the call is about in the state that the caller takes it to be in?

A list is looked at when its page has been cut, anything else before it changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.http.conditional import FAILED, NOT_MODIFIED, outcome
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step

_SAFE = ("GET", "HEAD")
_NAMES = (
    "if-match", "if-none-match", "if-unmodified-since", "if-modified-since",
)  # fmt: skip


def conditions(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.validators
    if policy is None:
        return None
    sent = exchange.call.headers
    asks = any(name in sent for name in _NAMES)
    is_write = exchange.method not in _SAFE
    if policy.required and is_write:
        states = "if-match" in sent or "if-unmodified-since" in sent
        if not states or exchange.forced == "precondition_required":
            return Refusal("precondition_required")
    if not asks and exchange.forced is None:
        return None
    kind = exchange.operation.action.kind
    exists = exchange.record is not None or kind in ("list", "reply")
    tag = policy.tag(exchange) if exists else None
    refused = outcome(exchange.method, sent, tag, policy.modified(exchange), exists)
    if exchange.forced == "not_modified" and not is_write:
        refused = NOT_MODIFIED, "If-None-Match"
    if exchange.forced == "precondition_failed":
        refused = FAILED, "If-Match"
    if refused is None:
        return None
    code, header = refused
    facts = {"etag": tag, "header": header}
    if code == NOT_MODIFIED:
        return Refusal("not_modified", facts)
    return Refusal("precondition_failed", facts)


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    policy = operation.validators
    if policy is None:
        return
    if operation.method in _SAFE:
        yield "not_modified"
    elif policy.required:
        yield "precondition_required"
    yield "precondition_failed"


def tell(notes: Notes) -> Words:
    if notes.refusal == "precondition_required":
        return "a write has to say which state it is about, by If-Match", {}
    if notes.refusal is not None:
        words = f"{notes.facts['header']} does not hold: the entity-tag is {notes.facts['etag']}"
        return words, dict(notes.facts)
    return "every condition holds", {}


STEP = Step(
    name="conditions",
    question="is what the call is about in the state that the caller takes it to be in?",
    decide=conditions,
    tell=tell,
    codes={
        "not_modified": Code(
            "the caller has what it asks for already", ("etag", "header"), 304
        ),
        "precondition_failed": Code(
            "what the call is about is in another state", ("etag", "header"), 412
        ),
        "precondition_required": Code(
            "the call does not say which state it is about", (), 428
        ),
    },
    refusals=refusals,
    rare=True,
    keys=("validators", "operations.{operation}.validators"),
)
