"""Journal: what is written down of the exchange, and for which reasons?"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from emulator.exchange import Exchange, Json
from emulator.http.multipart import BadForm, digest, fields_of, read_parts
from emulator.language.scope import EMPTY
from emulator.program.thinning import holds_more
from emulator.program.violations import Violation
from emulator.step import Finish
from emulator.world.journal import Entry, LongBody

_LONGEST = 1_024
"""The longest text of a form that is kept where the form is not."""

_LONG = 100
"""So many characters or values of what is wrong are kept with the reason."""


def journal(exchange: Exchange) -> None:
    world = exchange.world
    written = world.journal
    if not written.max_entries:
        return
    call, reply, refusal = exchange.call, exchange.reply, exchange.refusal
    caller: Mapping[str, Json] | None = exchange.caller
    if caller is None and exchange.claim is not None:
        caller = _claimed(exchange)
    notes, wrong = exchange.notes, exchange.violations
    facts = refusal.facts if refusal else EMPTY
    if wrong or "violations" in facts:
        # A note that has the facts of the refusal has them still when they are short.
        short = _short(facts)
        notes = [
            (step, decision, short if told is facts else _short(told))
            for step, decision, told in notes
        ]
        wrong, facts = [_shortened(one) for one in wrong], short
    # One long body would drive all other entries out.
    most = written.max_bytes // 8
    long = _told(exchange, most) if len(call.body) > most else None
    # `Entry(...)` itself, which only passes its arguments on, would cost a third more.
    written.write(
        tuple.__new__(
            Entry,
            (
                written.written + 1,
                exchange.at,
                exchange.program.name,
                exchange.operation_id,
                call.method,
                exchange.addressed.path,
                call.query,
                call.raw_headers,
                call.body if long is None else b"",
                reply.status,
                reply.headers,
                reply.body,
                exchange.refused_by,
                refusal.code if refusal else None,
                notes or (),
                world.clock.real(),
                world.id,
                call.client,
                exchange.addressed.base_url,
                facts,
                exchange.claim,
                caller,
                exchange.authenticated,
                exchange.readings,
                exchange.costs,
                exchange.caller_scopes,
                exchange.key,
                exchange.media_type,
                wrong or (),
                len(exchange.matched),
                exchange.page,
                exchange.faults,
                exchange.forced,
                exchange.forced_strictly,
                world.minted.get(exchange.program.name),
                long,
            ),
        )
    )


def _short(facts: Mapping[str, Json]) -> Mapping[str, Json]:
    """*facts* with violations that are short."""
    if "violations" not in facts:
        return facts
    return {**facts, "violations": [_shortened(one) for one in facts["violations"]]}


def _shortened(violation: Violation) -> Violation:
    """*violation* without a value that is long: the request has it as well."""
    value = violation.get("value")
    if isinstance(value, str):
        long = len(value) > _LONG
    else:
        long = isinstance(value, (list, dict)) and holds_more(value, _LONG)
    return {**violation, "value": None} if long else violation


def _told(exchange: Exchange, most: int) -> LongBody:
    """What is kept of a body that is too long: a form's fields, if they are short."""
    body, kind = exchange.call.body, "parts"
    try:
        parts = read_parts(exchange.call.headers.get("content-type", ""), body)
        value = fields_of(parts, _LONGEST)
        kept = len(orjson.dumps(value))
    except BadForm:
        kept = most + 1
    if kept > most:
        kind, value, kept = "json", digest(body), 0
    return LongBody(len(body), kind, value, kept)


def _claimed(exchange: Exchange) -> Mapping[str, Json] | None:
    """The credential that is claimed, by a call that was not asked to prove it."""
    claim = exchange.claim
    if claim is None or (exchange.refused_by == "authenticate" and not exchange.forced):
        return None
    return next(iter(exchange.collection(claim.collection).where(claim.fields)), None)


STEP = Finish(
    name="journal",
    question="what is written down of the exchange, and for which reasons?",
    finish=journal,
    keys=(),
)
