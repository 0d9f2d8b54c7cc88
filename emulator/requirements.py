"""Requirements: what a spec says must hold of caller and call, at one step or another."""

from __future__ import annotations

from emulator.exchange.exchange import Exchange, Refusal


def unmet(exchange: Exchange, step: str) -> Refusal | None:
    """The first of the operation's requirements of *step* that does not hold."""
    for requirement in exchange.operation.requires:
        if requirement.step != step:
            continue
        forced = exchange.forced == requirement.refuse
        if forced or not requirement.check.value(exchange):
            facts = requirement.facts.value(exchange) if requirement.facts else {}
            return Refusal(requirement.refuse, facts)
    return None
