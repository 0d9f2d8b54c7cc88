"""Batch: what are the parts of the call answered?

Each part is a call of the same caller in the same world, and goes through all steps by
itself: it is charged, may be refused, changes records, and is in the journal. The way
in is given to the exchange, since a step knows nothing of the pipeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from emulator.exchange.call import Reply
from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.json_type import Json
from emulator.program.batch import BatchPolicy, Part
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step


def batch(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.batch
    if policy is None:
        return None
    if exchange.nested or exchange.forced == "nested_batch":
        return Refusal("nested_batch")
    items = policy.each.value(exchange)
    count = len(items) if isinstance(items, list) else 0
    if count > policy.most or exchange.forced == "too_many_parts":
        return Refusal("too_many_parts", {"max": policy.most, "count": count})
    parts = _parts(exchange, policy, items)
    if isinstance(parts, Refusal):
        return parts
    stop = policy.stop_on_error
    stops = stop is not None and bool(stop.value(exchange))
    results = exchange.results = []
    for part in parts:
        reply = exchange.answer_part(part)
        results.append(_result(reply))
        # What is to go wrong on the wire goes wrong with all that is sent together.
        exchange.faults = (*exchange.faults, *reply.faults)
        if reply.sends:
            exchange.reply.sends = True
        if stops and reply.status >= 400:
            break
    exchange.note("batch", "answered", {"count": len(results), "of": count})
    return None


def _parts(
    exchange: Exchange, policy: BatchPolicy, items: Json
) -> list[Part] | Refusal:
    """The calls that *items* say, or why one of them is none."""
    parts: list[Part] = []
    if not isinstance(items, list) or exchange.forced == "malformed_part":
        return Refusal("malformed_part", {"at": 0})
    for at, item in enumerate(items):
        part = _part(exchange, policy, item) if isinstance(item, dict) else None
        if part is None:
            return Refusal("malformed_part", {"at": at})
        parts.append(part)
    return parts


def _part(exchange: Exchange, policy: BatchPolicy, item: Json) -> Part | None:
    exchange.it = item
    method, path = policy.method.value(exchange), policy.path.value(exchange)
    headers = policy.headers.value(exchange) if policy.headers else {}
    body = policy.body.value(exchange) if policy.body else None
    exchange.it = None
    if not isinstance(method, str) or not isinstance(path, str) or not method:
        return None
    if not (method.isascii() and method.isalpha() and path.isprintable()):
        return None
    return Part(method.upper(), path, _texts(headers), body)


def _texts(headers: Json) -> Mapping[str, str]:
    """The headers that a part says, as far as they are some."""
    if not isinstance(headers, dict):
        return {}
    return {
        str(name).lower(): str(text)
        for name, text in headers.items()
        if isinstance(text, (str, int, float)) and _is_plain(f"{name}{text}")
    }


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _result(reply: Reply) -> dict[str, Json]:
    """A reply as expressions see it."""
    headers = dict(reply.headers)
    return {"status": reply.status, "headers": headers, "body": _body(reply.body)}


def _body(body: bytes) -> Json:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")


def refusals(program: Program, operation: Operation) -> Iterable[str]:
    if operation.batch is not None:
        yield from STEP.codes


def tell(notes: Notes) -> Words:
    code, facts = notes.refusal, dict(notes.facts)
    if code == "nested_batch":
        return "it is itself a part of a batch", {}
    if code == "too_many_parts":
        return f"it has {facts['count']} parts, of at most {facts['max']}", facts
    if code is not None:
        return f"part {facts.get('at')} is no call", facts
    note = notes.take("answered")
    if note is None:
        return "there are no parts", {}
    return f"answered {note['count']} of {note['of']} parts", dict(note)


STEP = Step(
    name="batch",
    question="what are the parts of the call answered?",
    decide=batch,
    tell=tell,
    codes={
        "too_many_parts": Code("a batch has too many parts", ("max", "count"), 413),
        "malformed_part": Code("a part of a batch is no call", ("at",), 400),
        "nested_batch": Code("a part of a batch is a batch", (), 400),
    },
    status=400,
    refusals=refusals,
    rare=True,
    acts=lambda _, operation: operation.batch is not None,
    keys=("operations.{operation}.batch",),
)
