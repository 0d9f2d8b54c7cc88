"""Route: which operation is this call for?

Reads: call, program.routes
Refuses: no_route, wrong_method (allow)
"""

from __future__ import annotations

from emulator.exchange import Exchange, Refusal


def route(exchange: Exchange) -> Refusal | None:
    program, call = exchange.program, exchange.call
    strict = program.http.trailing_slash == "strict"
    match = program.routes.match(call.path, strict=strict)
    if match is None:
        return Refusal("no_route")

    operation = match.by_method.get(call.method)
    if operation is None and call.method == "HEAD":
        operation = match.by_method.get("GET")
    if operation is None:
        allow = {*match.by_method} | ({"HEAD"} if "GET" in match.by_method else set())
        return Refusal("wrong_method", {"allow": ", ".join(sorted(allow))})
    exchange.found = operation
    exchange.path_values = match.values
    if exchange.forces("no_route"):
        return Refusal("no_route")
    if exchange.forces("wrong_method"):
        allow = {*match.by_method} - {call.method}
        return Refusal("wrong_method", {"allow": ", ".join(sorted(allow))})
    return None
