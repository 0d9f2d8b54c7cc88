"""Render: the result, or the refusal, as the provider's bytes.

Reads: refusal, operation.reply, operation.errors, program.formats, results, record, page
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import orjson
from orjson import Fragment

from emulator.compile.errors import ErrorPolicy
from emulator.compile.formats import FormatPolicy
from emulator.compile.program import View
from emulator.compile.scope import EMPTY
from emulator.diagnostics import Location
from emulator.exchange import Exchange, Json, Record
from emulator.language.failures import SpecMistake
from emulator.language.templates import Template


def render(exchange: Exchange) -> None:
    reply = exchange.reply
    reply.faults = exchange.faults
    refusal = exchange.refusal
    form = exchange.format = _format(exchange) if exchange.program.formats else None
    if refusal is not None:
        policy = error_policy(exchange, refusal.code)
        reply.status = policy.status
        if policy.body is not None:
            reply.body = _written(exchange, policy.body, refusal.facts)
        return

    operation = exchange.operation
    action = operation.action
    shown: Sequence[Record] = exchange.results
    if action.kind != "list":
        shown = [exchange.record] if exchange.record is not None else ()
    if action.view:
        view = exchange.program.views[action.view]
        if form is None:
            exchange.embedded = _shown(exchange, view, shown)
        else:
            exchange.embedded = [view.template.value(exchange, one) for one in shown]
    reply.status = operation.reply.status
    if operation.reply.body is not None:
        reply.body = _written(exchange, operation.reply.body, EMPTY)


def _written(exchange: Exchange, body: Template, facts: Mapping[str, Json]) -> bytes:
    """The bytes of *body* as the call asks for them."""
    form = exchange.format
    if form is None:
        return body.json(exchange, facts)
    return form.written(body.value(exchange, facts))


def _format(exchange: Exchange) -> FormatPolicy | None:
    """The format that the call asks for, also where it was refused before it was read."""
    call, found = exchange.call, exchange.found
    unread = exchange.refusal is not None and call.body and exchange.body is None
    if unread and (found is None or found.body):
        with suppress(orjson.JSONDecodeError):
            body = orjson.loads(call.body)
            exchange.body = body if isinstance(body, dict) else None
    for one in exchange.program.formats:
        if one.when.value(exchange):
            return one
    return None


def error_policy(exchange: Exchange, code: str) -> ErrorPolicy:
    """How this exchange's refusal is answered. Raises `SpecMistake` where nobody says."""
    found = exchange.found
    table = found.errors if found else exchange.program.errors
    if code not in table:
        at = Location(exchange.program.files[0])
        if found is not None:
            at = found.behavior.locate(("errors", "table"), key=True)
        raise SpecMistake(
            at,
            f"the call is refused with {code!r}, and errors.table has no words for that",
            f"add `{code}:` under errors.table",
        )
    return table[code]


def _shown(exchange: Exchange, view: View, records: Sequence[Record]) -> list[Fragment]:
    """The records as *view* shows them; what was shown before is not rendered again."""
    if not view.repeatable:
        return [Fragment(view.template.json(exchange, one)) for one in records]
    versions = tuple(exchange.collection(name).version for name in view.collections)
    kept = exchange.world.shown(exchange.program.name, view.name, versions)
    held = exchange.collection(exchange.operation.action.collection)
    fragments = []
    for record in records:
        known = kept.get(id(record))
        if known is None or known[0] is not record:
            known = (record, Fragment(view.template.json(exchange, record)))
            if held.get(record.get(held.key)) is record:  # it is not deleted
                kept.keep(*known)
        fragments.append(known[1])
    return fragments
