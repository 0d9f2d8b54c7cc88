"""Authorize: may the caller do this?

Reads: operation.scopes, operation.requires, caller
Refuses: scope_missing (scope), what `requires` of an operation says
"""

from __future__ import annotations

from emulator.exchange import Exchange, Refusal


def authorize(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    if exchange.caller is not None and operation.scopes:
        held = exchange.held = _scopes(exchange)
        for scope in operation.scopes:
            lacking = held is not None and scope not in held
            if lacking or exchange.forces("scope_missing"):
                return Refusal("scope_missing", {"scope": scope})
    return exchange.lacks_required("authorize")


def _scopes(exchange: Exchange) -> list[str] | None:
    """The scopes of the caller; None where its scheme has none."""
    claim = exchange.claim
    if claim is None or exchange.caller is None:
        return None
    scheme = exchange.program.schemes[claim.schemes[0]]
    return scheme.scopes_of(exchange, exchange.caller)
