"""Render: the result, or the refusal, as the provider's bytes.

Reads: refusal, operation.reply, operation.errors, results, record, page
"""

from __future__ import annotations

from collections.abc import Sequence

from orjson import Fragment

from emulator.compile.errors import ErrorPolicy
from emulator.compile.program import View
from emulator.exchange import Exchange, Record


def render(exchange: Exchange) -> None:
    reply = exchange.reply
    reply.faults = exchange.faults
    refusal = exchange.refusal
    if refusal is not None:
        policy = error_policy(exchange, refusal.code)
        reply.status = policy.status
        if policy.body is not None:
            reply.body = policy.body.json(exchange, refusal.facts)
        return

    operation = exchange.operation
    action = operation.action
    if action.view:
        view = exchange.program.views[action.view]
        if action.kind == "list":
            exchange.items = _shown(exchange, view, exchange.results)
        elif exchange.record is not None:
            exchange.item = _shown(exchange, view, [exchange.record])[0]
    reply.status = operation.reply.status
    if operation.reply.body is not None:
        reply.body = operation.reply.body.json(exchange)


def error_policy(exchange: Exchange, code: str) -> ErrorPolicy:
    """How this exchange's refusal is answered. Raises `KeyError` for a hole in the spec."""
    found = exchange.found
    return (found.errors if found else exchange.program.errors)[code]


def _shown(exchange: Exchange, view: View, records: Sequence[Record]) -> list[Fragment]:
    """The records as *view* shows them; what was shown before is not rendered again."""
    if not view.repeatable:
        return [Fragment(view.template.json(exchange, one)) for one in records]
    versions = tuple(exchange.collection(name).version for name in view.collections)
    kept = exchange.world.shown(exchange.program.name, view.name, versions)
    fragments = []
    for record in records:
        known = kept.get(id(record))
        if known is None or known[0] is not record:
            # The record is kept beside its bytes, so that its id stays its own.
            if len(kept) > _KEPT:
                kept.clear()
            shown = Fragment(view.template.json(exchange, record))
            known = kept[id(record)] = (record, shown)
        fragments.append(known[1])
    return fragments


_KEPT = 20_000
