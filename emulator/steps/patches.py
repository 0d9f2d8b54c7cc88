"""Patches: what does the body make of the record?

Merge patches (RFC 7396) and JSON Patches (RFC 6902) say how a record is to be changed.
What comes of it is kept for the steps that follow: it is judged, and stored, as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.http.json_patch import BadPatch, Unpatched, apply_patch
from emulator.http.merge_patch import merge_patch
from emulator.json_type import Json
from emulator.program.operation import Operation
from emulator.program.patches import FIELDS, JSON, MERGE
from emulator.program.program import Program
from emulator.step import Code, Step


def patches(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    policy = operation.action.patch
    if policy is None:
        return None
    if exchange.forced == "patch_malformed":
        return Refusal("patch_malformed", _FORCED)
    if exchange.forced == "patch_failed":
        return Refusal("patch_failed", _FORCED)
    way = policy.way(exchange.media_type or exchange.addressed.media_type[0])
    if way == FIELDS or exchange.body is None:
        return None
    record = exchange.record or {}
    if way == MERGE:
        return _merged(exchange, record)
    try:
        changed = apply_patch(record, exchange.given)
        if not isinstance(changed, dict):
            raise Unpatched(None, "a record is an object")
    except Unpatched as error:
        return Refusal("patch_failed", {"why": str(error), "at": error.at})
    except BadPatch as error:
        return Refusal("patch_malformed", {"why": str(error), "at": error.at})
    exchange.patched = changed
    exchange.note("patches", "patched", {"operations": len(exchange.given)})
    return None


_FORCED = {"why": "as was asked for", "at": 0}


def _merged(exchange: Exchange, record: dict[str, Json]) -> Refusal | None:
    body = exchange.operation.body
    sent = exchange.body if body is None else body.input_of(exchange.body)
    if not isinstance(sent, dict):
        return None  # which `validate` tells of, where the schema does not allow it
    if body is not None and body.properties:
        sent = {name: part for name, part in sent.items() if name in body.properties}
    exchange.patched = merge_patch(record, sent)
    exchange.note("patches", "merged", {"fields": sorted(map(str, sent))})
    return None


def refusals(_: Program, operation: Operation) -> Iterator[str]:
    policy = operation.action.patch
    if policy is not None and JSON in policy.ways:
        yield from ("patch_malformed", "patch_failed")


def tell(notes: Notes) -> Words:
    if notes.refusal is not None:
        facts = dict(notes.facts)
        at = facts.get("at")
        where = "the patch" if at is None else f"operation {at} of the patch"
        return f"{where} cannot be done: {facts.get('why')}", facts
    done = notes.take("patched")
    if done is not None:
        return f"{done['operations']} operations of a JSON Patch are done", dict(done)
    merged = notes.take("merged")
    if merged is not None:
        return f"merged into the record: {', '.join(merged['fields'])}", dict(merged)
    return "the body is no patch", {}


STEP = Step(
    name="patches",
    question="what does the body make of the record?",
    decide=patches,
    tell=tell,
    codes={
        "patch_malformed": Code(
            "the body is no JSON Patch (RFC 6902): `at` is the operation", ("why", "at")
        ),
        "patch_failed": Code(
            "an operation of a JSON Patch cannot be done to this record, or a `test` of it"
            " fails",
            ("why", "at"),
            409,
        ),
    },
    refusals=refusals,
    acts=lambda _, operation: operation.action.patch is not None,
    rare=True,
    keys=("operations.{operation}.{action}",),
)
