"""Parameters: what do path, query, headers and cookies say?

A wrong path is refused here; what is wrong elsewhere is reported by `validate`,
together with the body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.compile.parameters import MalformedQuery
from emulator.compile.program import Operation, Program
from emulator.compile.violations import Violation
from emulator.exchange import Exchange, Json, Refusal
from emulator.program.undeclared import unknown_query
from emulator.step import Code, Step


def parameters(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.parameters
    try:
        sent = exchange.sent_query()
    except MalformedQuery as error:
        return Refusal("malformed_query", {"why": str(error)})
    if exchange.forces("malformed_query"):
        return Refusal("malformed_query", {"why": "it cannot be read"})
    if not sent.keys() <= policy.query.keys():
        look_for_unknown(exchange, sent)

    if policy.path:
        refusal = _path(exchange)
        if refusal is not None:
            return refusal
    if policy.query:
        exchange.query = _taken(exchange, "query")
    if policy.header:
        exchange.header = _taken(exchange, "header")
    if policy.cookie:
        exchange.cookie = _taken(exchange, "cookie")
    return None


def look_for_unknown(exchange: Exchange, sent: Mapping[str, list[str]]) -> None:
    """Note those names of a query that nothing reads."""
    found = unknown_query(exchange.program, exchange.operation, sent)
    exchange.is_unknown("parameters", found)


def _path(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.parameters
    values = exchange.path
    schema = policy.schemas["path"]
    if exchange.forces("invalid_path"):
        exchange.path = values = {}
    elif schema.is_valid(values):
        return None
    wording = exchange.operation.wording
    found = [
        wording.violation(exchange, "path", one, schema)
        for one in schema.violations(values)
    ]
    return Refusal("invalid_path", {"violations": found})


def _taken(exchange: Exchange, place: str) -> Mapping[str, Json]:
    """The values of one place, by name; what is wrong joins the exchange's violations."""
    found = exchange.read(place)
    for name, sent in found.mended:
        exchange.note("parameters", "mended", {"name": name, "sent": sent})
    for one in found.violations:
        exchange.violations.append(_worded(exchange, place, one))
    return found.values


def _worded(exchange: Exchange, place: str, found: Mapping[str, Json]) -> Violation:
    operation = exchange.operation
    schema = operation.parameters.schemas[place]
    return operation.wording.violation(exchange, place, found, schema)


def refusals(program: Program, operation: Operation) -> Iterator[str]:  # noqa: ARG001
    yield "malformed_query"
    if operation.parameters.path:
        yield "invalid_path"


STEP = Step(
    name="parameters",
    question="what do path, query, headers and cookies say?",
    decide=parameters,
    codes={
        "malformed_query": Code("the query string cannot be read", ("why",)),
        "invalid_path": Code("a path parameter is wrong", ("violations",)),
    },
    refusals=refusals,
    keys=(
        "http.repeated",
        "http.booleans",
        "operations.{operation}.tolerate",
        "operations.{operation}.aliases",
        "operations.{operation}.claims",
    ),
)
