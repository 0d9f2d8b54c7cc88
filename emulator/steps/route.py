"""Route: which operation is this call for?"""

from __future__ import annotations

from collections.abc import Iterable

from emulator.compile.program import Operation, Program
from emulator.exchange import Exchange, Json, Refusal
from emulator.program.routes import Match, allowed
from emulator.program.undeclared import unknown_method, unknown_path
from emulator.step import Code, Step


def route(exchange: Exchange) -> Refusal | None:
    program, call = exchange.program, exchange.call
    strict = program.http.trailing_slash == "strict"
    match = program.routes.match(call.path, strict=strict)
    if match is None:
        exchange.is_unknown("route", [unknown_path(program, call.path)])
        return Refusal("no_route")

    operation = match.by_method.get(call.method)
    if operation is None and call.method == "HEAD":
        operation = match.by_method.get("GET")
    if operation is None:
        offered = _offered(match)
        exchange.is_unknown("route", [unknown_method(call.method, offered["methods"])])
        return Refusal("wrong_method", offered)
    exchange.found = operation
    exchange.path_values = match.values
    if exchange.forces("no_route"):
        return Refusal("no_route")
    if exchange.forces("wrong_method"):
        return Refusal("wrong_method", _offered(match))
    return None


def _offered(match: Match[Operation]) -> dict[str, Json]:
    """The methods of the path, without those that `also_at` leads astray here."""
    many = len(match.values)
    allow = allowed(
        method
        for method, one in match.by_method.items()
        if method == "OPTIONS" or len(one.parameter_names) == many
    )
    methods = [one for one in allow.split(", ") if one != "OPTIONS"]
    return {"allow": allow, "methods": methods}


def refusals(program: Program, operation: Operation) -> Iterable[str]:  # noqa: ARG001
    """None: what `route` refuses are calls that belong to no operation."""
    return ()


STEP = Step(
    name="route",
    question="which operation is this call for?",
    decide=route,
    codes={
        "no_route": Code("no operation has this path"),
        "wrong_method": Code(
            "the path is known, the method is not", ("allow", "methods")
        ),
    },
    refusals=refusals,
    keys=("http.trailing_slash", "operations.{operation}.also_at"),
)
