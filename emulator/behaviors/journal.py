"""Journal: write the exchange down, with every reason.

Reads: the whole exchange
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.scope import EMPTY
from emulator.compile.thinning import holds_more
from emulator.exchange import Exchange, Json
from emulator.world.journal import Entry

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
        notes = [(step, said, _short(told)) for step, said, told in notes]
        wrong, facts = [_shortened(one) for one in wrong], _short(facts)
    # `Entry(...)` itself, which only passes its arguments on, would cost a third more.
    written.write(
        tuple.__new__(
            Entry,
            (
                written.written + 1,
                exchange.at,
                exchange.program.name,
                exchange.found.id if exchange.found else None,
                call.method,
                call.path,
                call.query,
                call.raw_headers,
                call.body,
                reply.status,
                reply.headers,
                reply.body,
                exchange.refused_by,
                refusal.code if refusal else None,
                notes,
                world.clock.real(),
                world.id,
                call.client,
                call.base_url,
                facts,
                exchange.claim,
                caller,
                exchange.authenticated,
                exchange.readings,
                exchange.costs,
                exchange.held,
                exchange.key,
                exchange.media_type,
                wrong or (),
                len(exchange.matched),
                exchange.page,
                exchange.faults,
                exchange.forced,
                exchange.insists,
                world.minted.get(exchange.program.name),
            ),
        )
    )


def _short(facts: Mapping[str, Json]) -> Mapping[str, Json]:
    """*facts* with violations that are short."""
    if "violations" not in facts:
        return facts
    return {**facts, "violations": [_shortened(one) for one in facts["violations"]]}


def _shortened(violation: dict[str, Json]) -> dict[str, Json]:
    """*violation* without a value that is long: the request has it as well."""
    value = violation.get("value")
    if isinstance(value, str):
        long = len(value) > _LONG
    else:
        long = isinstance(value, (list, dict)) and holds_more(value, _LONG)
    return {**violation, "value": None} if long else violation


def _claimed(exchange: Exchange) -> Mapping[str, Json] | None:
    """The credential that is claimed, by a call that was not asked to prove it."""
    claim = exchange.claim
    if claim is None or (exchange.refused_by == "authenticate" and not exchange.forced):
        return None
    return next(iter(exchange.collection(claim.collection).where(claim.fields)), None)
