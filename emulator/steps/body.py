"""Body: can the request body be read?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.compile.bodies import FORMS, BodyPolicy
from emulator.compile.program import Operation, Program
from emulator.exchange import BodyOverLimit, Exchange, Json, Refusal
from emulator.program.reading import MalformedBody, is_read
from emulator.program.undeclared import CONTENT, Unknown, unknown_members
from emulator.step import Code, Step


def body(exchange: Exchange) -> Refusal | None:
    policy, call = exchange.operation.body, exchange.call
    if policy is None:
        return None
    if exchange.forces("body_too_large") or _is_too_large(exchange, policy):
        return Refusal("body_too_large")
    try:
        if exchange.forces("malformed_body"):
            raise MalformedBody("it is missing")
        written, exchange.given, exchange.body = exchange.read_body(policy)
    except MalformedBody as error:
        exchange.note("body", "malformed", {"why": str(error)})
        return Refusal("malformed_body", {"why": str(error)})
    if call.body and not is_read(exchange.media_type):
        exchange.is_unknown("body", [Unknown(CONTENT, exchange.media_type, None)])
    elif isinstance(written, (dict, list)):
        _look_for_unknown(exchange, policy, written)
    return None


def _is_too_large(exchange: Exchange, policy: BodyPolicy) -> bool:
    """Whether the provider refuses the body for its length. Raises `BodyOverLimit`."""
    call = exchange.call
    if call.body_too_large and policy.most is None and not policy.says_too_large:
        raise BodyOverLimit(exchange.operation)
    longest = policy.most is not None and len(call.body) > policy.most
    return call.body_too_large or longest


def _look_for_unknown(exchange: Exchange, policy: BodyPolicy, written: Json) -> None:
    """Note the members that nothing is said of; a file that is sent as it is has none."""
    media = exchange.media_type
    schema = policy.schema(media)
    if schema is not None and ("json" in media or media in FORMS):
        found = unknown_members(schema, written)
        if found:
            exchange.is_unknown("body", found)


def refusals(program: Program, operation: Operation) -> Iterator[str]:  # noqa: ARG001
    if operation.body is not None:
        yield "body_too_large"
        yield "malformed_body"


STEP = Step(
    name="body",
    question="can the request body be read?",
    decide=body,
    codes={
        "body_too_large": Code("the body is longer than is taken"),
        "malformed_body": Code("the body cannot be read", ("why",)),
    },
    refusals=refusals,
    keys=(
        "http.max_body",
        "http.no_body",
        "http.blank",
        "http.json_texts",
        "operations.{operation}.max_body",
    ),
)
