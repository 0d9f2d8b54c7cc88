"""Transport: does the network let the call through?

Reads: call.secure, forced, insists, program.http, operation.errors
Refuses: https_required, a fault of the provider's that enters here
"""

from __future__ import annotations

from emulator.exchange import Exchange, Refusal


def transport(exchange: Exchange) -> Refusal | None:
    # Only a hop that knows the outer scheme makes `secure` false: a local client
    # speaks plain http, and is let in.
    call, required = exchange.call, exchange.program.http.https == "required"
    if required and call.secure is False:
        return Refusal("https_required")
    if exchange.forced is None:
        return None
    # A rule of faults has it refused of calls that may be plain http, not of one that is not.
    if exchange.forces("https_required") and (exchange.insists or not call.secure):
        return Refusal("https_required")
    fault = exchange.operation.errors.get(exchange.forced)
    if fault is not None and fault.fault and fault.step == "transport":
        return Refusal(fault.code)
    return None
