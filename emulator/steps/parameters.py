"""Parameters: what do path, query, headers and cookies say?

A wrong path is refused here; what is wrong elsewhere is reported by `validate`,
together with the body.

"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.exchange.addressed import Addressed
from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.http.query import MalformedQuery
from emulator.json_type import Json
from emulator.language.scope import EMPTY
from emulator.program.operation import Operation
from emulator.program.parameters import Read
from emulator.program.program import Program
from emulator.program.undeclared import Unknown, unknown_query
from emulator.step import Code, Step


def parameters(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.parameters
    sent: Mapping[str, list[str]] = EMPTY
    if exchange.call.query:
        try:
            sent = exchange.call.query_texts
        except MalformedQuery as error:
            return Refusal("malformed_query", {"why": str(error)})
    if exchange.forced == "malformed_query":
        return Refusal("malformed_query", {"why": "it cannot be read"})
    if sent and not sent.keys() <= policy.query.keys():
        exchange.is_unknown("parameters", unknown_parameters(exchange.addressed))

    if policy.path:
        refusal = _path(exchange)
        if refusal is not None:
            return refusal
    if policy.query:
        exchange.query = _taken(exchange, "query", exchange.addressed.query)
    if policy.header:
        exchange.header = _taken(exchange, "header", exchange.addressed.header)
    if policy.cookie:
        exchange.cookie = _taken(exchange, "cookie", exchange.addressed.cookie)
    return None


def unknown_parameters(addressed: Addressed) -> list[Unknown]:
    """Those names of a query that nothing reads; none where it cannot be read."""
    operation = addressed.operation
    if operation is None or not addressed.call.query:
        return []
    try:
        sent = addressed.call.query_texts
    except MalformedQuery:
        return []
    return unknown_query(addressed.program, operation, sent)


def _path(exchange: Exchange) -> Refusal | None:
    policy, match = exchange.operation.parameters, exchange.addressed.match
    values, fits = policy.read_path(match.values if match else ())
    if exchange.forced == "invalid_path":
        exchange.path = values = {}
    elif fits:
        exchange.path = values
        return None
    schema = policy.schemas["path"]
    wording = exchange.operation.wording
    violations = [
        wording.violation(exchange, "path", violation, schema)
        for violation in wording.nearest(schema.violations(values))
    ]
    return Refusal("invalid_path", {"violations": violations})


def _taken(exchange: Exchange, place: str, read: Read) -> Mapping[str, Json]:
    """What one place of the call says; what is wrong there joins the exchange's
    violations."""
    for name, sent in read.mended:
        exchange.note("parameters", "mended", {"name": name, "sent": sent})
    if read.violations:
        operation = exchange.operation
        schema = operation.parameters.schemas[place]
        exchange.violations += (
            operation.wording.violation(exchange, place, wrong, schema)
            for wrong in operation.wording.nearest(read.violations)
        )
    return read.values


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    yield "malformed_query"
    if operation.parameters.path:
        yield "invalid_path"


def tell(notes: Notes) -> Words:
    if notes.refusal == "malformed_query":
        return f"the query cannot be read: {notes.facts.get('why')}", {}
    if notes.refusal is not None:
        return notes.violations(notes.facts.get("violations", []))
    if notes.entry.violations:
        words, facts = notes.violations(notes.entry.violations)
        return f"{words}, for `validate` to tell", facts
    return "read", {}


STEP = Step(
    name="parameters",
    question="what do path, query, headers and cookies say?",
    decide=parameters,
    by_schema=parameters,
    tell=tell,
    codes={
        "malformed_query": Code("the query string cannot be read", ("why",)),
        "invalid_path": Code("a path parameter is invalid", ("violations",)),
    },
    refusals=refusals,
    acts=lambda _, __: True,
    keys=(
        "http.repeated",
        "http.booleans",
        "operations.{operation}.tolerate",
        "operations.{operation}.parameter_aliases",
        "operations.{operation}.secret_members",
    ),
)
