"""Authorize: may the caller do this?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Facts, Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.requirements import unmet
from emulator.step import Code, Step


def authorize(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    if exchange.caller is not None and operation.scopes:
        granted = exchange.caller_scopes = _scopes(exchange)
        for scope in operation.scopes:
            lacking = granted is not None and scope not in granted
            if lacking or exchange.forced == "scope_missing":
                return Refusal("scope_missing", {"scope": scope})
    return unmet(exchange, "authorize") if operation.requires else None


def _scopes(exchange: Exchange) -> list[str] | None:
    """The scopes of the caller; None where its scheme has none."""
    claim = exchange.claim
    if claim is None or exchange.caller is None:
        return None
    scheme = exchange.program.schemes[claim.schemes[0]]
    return scheme.scopes_of(exchange, exchange.caller)


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if operation.scopes:
        yield "scope_missing"
    for requirement in operation.requires:
        if requirement.step == "authorize":
            yield requirement.refuse


def tell(notes: Notes) -> Words:
    found, entry = notes.operation, notes.entry
    code = notes.refusal
    needed = list(found.scopes) if found and entry.credential is not None else []
    facts: Facts = {"needed": needed, "held": entry.caller_scopes} if needed else {}
    if code == "scope_missing":
        return f"lacks the scope {notes.facts.get('scope')!r}", facts
    if code is not None:
        return "a condition of this operation does not hold", facts | dict(notes.facts)
    if needed:
        return f"has what is needed: {', '.join(needed)}", facts
    return "no scope is needed", facts


STEP = Step(
    name="authorize",
    question="may the caller do this?",
    decide=authorize,
    tell=tell,
    status=403,
    codes={"scope_missing": Code("the credential lacks a scope", ("scope",))},
    of_spec="what `requires` says, of all operations or of one",
    refusals=refusals,
    keys=(
        "operations.{operation}.scope",
        "requires",
        "operations.{operation}.guards",
        "guards.{guard}",
        "operations.{operation}.requires",
        "authentication.schemes.{scheme}.scopes",
    ),
)
