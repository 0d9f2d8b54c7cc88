"""Render: how do the provider's bytes say the result, or the refusal?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import orjson

from emulator.diagnostics import Location
from emulator.exchange.exchange import Exchange, Record, StepOrder
from emulator.exchange.in_flight import go_on_streaming
from emulator.exchange.notes import Notes, Words
from emulator.exchange.shaping import Shaper, shaper
from emulator.http.accept import preferred
from emulator.json_type import Json
from emulator.language.failures import SpecMistake
from emulator.language.scope import EMPTY
from emulator.language.templates import Template
from emulator.program.errors import ErrorPolicy
from emulator.program.formats import FormatPolicy
from emulator.program.media import MediaPolicy, of_status
from emulator.program.operation import Operation
from emulator.program.replies import ReplyPolicy
from emulator.program.views import View
from emulator.step import Finish
from emulator.world.shown import Shown

_CHOSE = "chose a reply"


def render(exchange: Exchange) -> None:
    reply = exchange.reply
    reply.faults = exchange.faults
    refusal = exchange.refusal
    if exchange.repeated is not None:
        reply.status, reply.body = exchange.repeated.status, exchange.repeated.body
        return
    if exchange.program.formats:
        exchange.format = _format(exchange)
    if refusal is not None:
        policy = error_policy(exchange, refusal.code)
        exchange.answer = policy
        reply.status = policy.status
        if policy.body is not None:
            _write(exchange, policy, policy.body, refusal.facts)
        return

    operation = exchange.operation
    view = operation.action.view
    shapes = None if operation.action.shape is None else shaper(exchange)
    if shapes is not None:
        exchange.embedded = _shaped(exchange, shapes)
    elif view:
        exchange.embedded = _shown(exchange, exchange.program.views[view])
    first = operation.replies[0]
    answer = first if first.when is None else _chosen(exchange, operation.replies)
    exchange.answer = answer
    reply.status = answer.status
    if answer.body is None:
        return
    if not answer.media and exchange.format is None:
        reply.body = answer.body.json(exchange, EMPTY)
        return  # nearly always
    _write(exchange, answer, answer.body, EMPTY)
    if answer.every:
        reply.every = answer.every
        go_on_streaming(exchange)


def _shaped(exchange: Exchange, shapes: Shaper) -> bytes | None:
    """The JSON of the record, or of the records, as the call asks for them."""
    if exchange.operation.action.kind == "list":
        shown: Json = shapes.shown(exchange.results)
    elif exchange.record is None:
        return None
    else:
        shown = shapes.shown([exchange.record])[0]
    exchange.included = [*shapes.included.values()]
    return orjson.dumps(shown)


def _chosen(exchange: Exchange, replies: Sequence[ReplyPolicy]) -> ReplyPolicy:
    """The first of the alternatives that holds for the call: the last one always does."""
    if exchange.documented is not None:
        return exchange.documented
    for number, reply in enumerate(replies, 1):
        if reply.when is None or reply.when.value(exchange):
            facts = {"number": number, "of": len(replies), "status": reply.status}
            exchange.note("render", _CHOSE, facts)
            return reply
    raise StepOrder("none of the replies of an operation holds")


def _write(
    exchange: Exchange,
    answer: ReplyPolicy | ErrorPolicy,
    body: Template,
    facts: Mapping[str, Json],
) -> None:
    """Write *body* into the reply, as *answer* and the call want it."""
    reply = exchange.reply
    operation = exchange.addressed.operation
    media: MediaPolicy | None = None
    if answer.media:
        media = _media(exchange, answer.media)
    elif operation is not None and operation.error_media:
        media = _described(exchange, operation)
    form = exchange.format
    if media is not None and (form is None or media.encoding != "json"):
        exchange.content_type = media.name
        reply.body, reply.parts = media.written(body, exchange, facts)
    elif form is not None:
        exchange.content_type = form.content_type
        reply.body = form.written(body.value(exchange, facts))
    else:
        reply.body = body.json(exchange, facts)


def _described(exchange: Exchange, operation: Operation) -> MediaPolicy | None:
    """The type that openapi.yaml gives to errors of this status."""
    if exchange.refusal is None:
        return None
    return of_status(operation.error_media, exchange.reply.status)


def _media(exchange: Exchange, offered: tuple[MediaPolicy, ...]) -> MediaPolicy:
    """The type on offer that the call prefers; the first where it wants none of them."""
    if len(offered) == 1:
        return offered[0]
    general = exchange.program.http.content_type
    names = [policy.name or general for policy in offered]
    return offered[preferred(exchange.call.accept, names) or 0]


def _format(exchange: Exchange) -> FormatPolicy | None:
    """The format that the call asks for, also where it was refused before it was read."""
    call, operation = exchange.call, exchange.addressed.operation
    unread = exchange.refusal is not None and call.body and exchange.body is None
    if unread and (operation is None or operation.body):
        with suppress(orjson.JSONDecodeError):
            body = orjson.loads(call.body)
            exchange.body = body if isinstance(body, dict) else None
    for policy in exchange.program.formats:
        if policy.when.value(exchange):
            return policy
    return None


def error_policy(exchange: Exchange, code: str) -> ErrorPolicy:
    """How this exchange's refusal is answered. Raises `SpecMistake` where nobody says."""
    operation = exchange.addressed.operation
    table = operation.errors if operation else exchange.program.errors
    policy = table.get(code) or table.of(code, exchange.refused_by or "")
    if policy is None:
        at = Location(exchange.program.files[0])
        if operation is not None:
            at = operation.behavior.locate(("errors", "table"), key=True)
        raise SpecMistake(
            at,
            f"the call is refused with {code!r}, and errors.table has no words for that",
            f"add `{code}:` under errors.table",
        )
    return policy


def _shown(exchange: Exchange, view: View) -> bytes | None:
    """The JSON of the record, or of the records, as *view* shows them.

    What was shown before is not rendered again, and a page of it not put together.
    """
    kept = _kept(exchange, view)
    if exchange.operation.action.kind == "list":
        records = exchange.results

        def page() -> bytes:
            shown = [_record(exchange, view, record, kept) for record in records]
            return b"[%b]" % b",".join(shown)

        return page() if kept is None else kept.page(records, page)
    record = exchange.record
    return None if record is None else _record(exchange, view, record, kept)


def _kept(exchange: Exchange, view: View) -> Shown | None:
    """What has been shown so far; None where it is not the same each time.

    Worlds that have changed nothing of what is shown have it together.
    """
    if not view.repeatable:
        return None
    collection = exchange.collection
    about = collection(exchange.operation.action.collection)
    versions = tuple([collection(name).version for name in view.collections])
    kept = about.shown(view.name, versions)
    if kept is None:
        days = None
        if not any(versions):
            days = tuple([collection(name).days for name in view.collections])
        kept = about.begin_showing(view.name, versions, days)
    return kept


def _record(
    exchange: Exchange, view: View, record: Record, kept: Shown | None
) -> bytes:
    if kept is None:
        return view.template.json(exchange, record)
    known = kept.get(id(record))
    if known is not None and known[0] is record:
        return known[1]
    shown = view.template.json(exchange, record)
    held = exchange.collection(exchange.operation.action.collection)
    if held.get(record.get(held.key)) is record:  # it is not deleted
        kept.keep(record, shown)
    return shown


def tell(notes: Notes) -> Iterator[Words]:
    facts = notes.take(_CHOSE)
    if facts is not None:
        number, of = facts["number"], facts["of"]
        yield f"gave reply {number} of {of}: {facts['status']}", dict(facts)


STEP = Finish(
    name="render",
    question="how do the provider's bytes say the result, or the refusal?",
    finish=render,
    tell=tell,
    keys=(
        "operations.{operation}.reply.{reply}",
        "operations.{operation}.reply.status",
        "operations.{operation}.reply.body",
        "operations.{operation}.reply.content_type",
        "operations.{operation}.reply.encode",
        "operations.{operation}.reply.every",
        "replies.record",
        "replies.list",
        "views.{view}",
        "operations.{operation}.{action}.expand",
        "operations.{operation}.{action}.fields",
        "formats",
        "errors.table",
        "errors.envelopes",
    ),
)
