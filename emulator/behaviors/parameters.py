"""Parameters: what do path, query, headers and cookies say?

A wrong path is refused here; what is wrong elsewhere is reported by `validate`,
together with the body.

Reads: operation.parameters, path_values, call, program.schemes, program.formats
Refuses: malformed_query (why), invalid_path (violations)
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.known import unknown_query
from emulator.compile.parameters import MalformedQuery, Typed, coerced, read_query
from emulator.compile.violations import Violation
from emulator.exchange import Exchange, Json, Refusal


def parameters(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.parameters
    try:
        sent = read_query(exchange.call.query) if exchange.call.query else {}
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
        if policy.repeated == "first":
            sent = {
                key: texts if _list(policy.query.get(key)) else texts[:1]
                for key, texts in sent.items()
            }
        exchange.query = _read(exchange, "query", policy.query, sent)
    if policy.header:
        typed = {one.key: one for one in policy.header}
        headers = exchange.call.headers
        exchange.header = _read(
            exchange,
            "header",
            typed,
            {key: [headers[key]] for key in typed if key in headers},
        )
    if policy.cookie:
        typed = {one.name: one for one in policy.cookie}
        exchange.cookie = _read(exchange, "cookie", typed, _cookies(exchange))
    return None


def look_for_unknown(exchange: Exchange, sent: Mapping[str, list[str]]) -> None:
    """Note those names of a query that nothing reads."""
    found = unknown_query(exchange.program, exchange.operation, sent)
    exchange.is_unknown("parameters", found)


def _path(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.parameters
    # A path of `also_at` may lack parameters: they are missing, from the right.
    exchange.path = values = {
        one.name: coerced(text, one.kind)
        for one, text in zip(policy.path, exchange.path_values, strict=False)
    }
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


def _read(
    exchange: Exchange,
    place: str,
    typed: Mapping[str, Typed],
    sent: Mapping[str, list[str]],
) -> Mapping[str, Json]:
    """The values of one place, by name; what is wrong joins the exchange's violations."""
    policy = exchange.operation.parameters
    defaults = policy.defaults[place]
    values: dict[str, Json] = {}
    for key in sent:
        if key not in typed:
            continue
        parameter = typed[key]
        value = parameter.value(sent[key])
        # A list may come under two names: `tags=a&tags[]=b`.
        known = values.get(parameter.name) if parameter.kind == "array" else None
        values[parameter.name] = known + value if known else value
    if not values and place not in policy.needed:
        return defaults
    schema = policy.schemas[place]
    if not schema.is_valid(values):
        names = {one.name: one for one in typed.values()}
        for one in schema.violations(values):
            name = one["path"][0] if one["path"] else ""
            if name in names and names[name].tolerance and name in values:
                mended = names[name].mended(values[name])
                exchange.note(
                    "parameters", "mended", {"name": name, "sent": values[name]}
                )
                values[name] = mended
                continue
            exchange.violations.append(_worded(exchange, place, one))
    return {**defaults, **values} if defaults else values


def _worded(exchange: Exchange, place: str, found: Mapping[str, Json]) -> Violation:
    operation = exchange.operation
    schema = operation.parameters.schemas[place]
    return operation.wording.violation(exchange, place, found, schema)


def _list(typed: Typed | None) -> bool:
    return typed is not None and typed.kind == "array"


def _cookies(exchange: Exchange) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in exchange.call.headers.get("cookie", "").split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, []).append(value.strip('"'))
    return found
