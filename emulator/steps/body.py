"""Body: can the request body be read?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.addressed import Addressed
from emulator.exchange.exchange import BodyOverLimit, Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.program.bodies import BodyPolicy
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.reading import MalformedBody
from emulator.program.undeclared import (
    CONTENT,
    Unknown,
    unknown_members,
    without_credentials,
)
from emulator.step import Code, Step


def body(exchange: Exchange) -> Refusal | None:
    policy, call = exchange.operation.body, exchange.call
    if policy is None:
        return None
    if exchange.forced == "body_too_large":
        return Refusal("body_too_large")
    if call.body_too_large and policy.most is None and not policy.says_too_large:
        raise BodyOverLimit
    if is_too_large(exchange.addressed, policy):
        return Refusal("body_too_large")
    try:
        if exchange.forced == "malformed_body":
            raise MalformedBody("it is missing")
        _, exchange.given, exchange.body = exchange.addressed.read_body()
    except MalformedBody as error:
        exchange.note("body", "malformed", {"why": str(error)})
        return Refusal("malformed_body", {"why": str(error)})
    if call.body:
        unknown = unknown_content(exchange.addressed)
        if unknown:
            exchange.is_unknown("body", unknown)
    return None


def is_too_large(addressed: Addressed, policy: BodyPolicy) -> bool:
    """Whether the body is longer than the emulator or the provider takes."""
    call, most = addressed.call, policy.most
    return call.body_too_large or (most is not None and len(call.body) > most)


def unknown_content(addressed: Addressed) -> list[Unknown]:
    """The content of a body that nothing is said of, or those members of it.

    A file that is sent as it is has none. Raises `MalformedBody`.
    """
    operation, (media, _) = addressed.operation, addressed.media_type
    if operation is None or operation.body is None or not addressed.call.body:
        return []
    kind = operation.body.kind(media)
    if not kind:
        return [Unknown(CONTENT, media, None)]
    written = addressed.read_body().written
    schema = operation.body.schema(media)
    if schema is None or kind == "text" or operation.grant is not None:
        return []  # RFC 6749, 3.2: what a server does not know of a form, it ignores
    return unknown_members(schema, without_credentials(addressed.program, written))


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if operation.body is not None:
        yield "body_too_large"
        yield "malformed_body"


def tell(notes: Notes) -> Words:
    notes.take("malformed")
    size = notes.entry.request_size
    code = notes.refusal
    over = notes.take("over the emulator's limit")
    if over is not None:
        return f"it is longer than --max-body, {over['most']} bytes", dict(over)
    if code == "body_too_large":
        return "it is longer than is taken", {}
    if code is not None:
        return f"it cannot be read: {notes.facts.get('why')}", {"size": size}
    if notes.operation is None or notes.operation.body is None:
        return "none is taken", {}
    coding = notes.entry.request_header("content-encoding").strip()
    if size and coding:
        return f"read, {size} bytes out of {coding}", {"size": size, "coding": coding}
    return (f"read, {size} bytes" if size else "empty"), {"size": size}


STEP = Step(
    name="body",
    question="can the request body be read?",
    decide=body,
    by_schema=body,
    tell=tell,
    codes={
        "body_too_large": Code("the body is too long", status=413),
        "malformed_body": Code("the body cannot be read", ("why",)),
    },
    refusals=refusals,
    keys=(
        "http.max_body",
        "http.read_as",
        "operations.{operation}.read_as",
        "http.no_body",
        "http.blank",
        "http.json_texts",
        "operations.{operation}.max_body",
    ),
)
