"""Identify: who does the caller claim to be?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.claims import OTHER_SCHEME
from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step


def identify(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    if not operation.security:
        return None
    if exchange.forced == "credential_missing":
        return Refusal("credential_missing")
    if exchange.forced == "credential_malformed":
        return Refusal("credential_malformed", {"why": "it cannot be read"})

    claims, malformed = exchange.addressed.claims
    if claims:
        exchange.claims, exchange.claim = claims, claims[0]
        return None
    # Who may come without a claim may come with one that is meant for others.
    if malformed is not None and not (operation.open and malformed is OTHER_SCHEME):
        return Refusal("credential_malformed", {"why": malformed.why})
    return None if operation.open else Refusal("credential_missing")


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if not operation.security:
        return
    if not operation.open:
        yield "credential_missing"
    schemes = (scheme for way in operation.security for scheme in way)
    if any(scheme.words or scheme.pattern for scheme in schemes):
        yield "credential_malformed"


def tell(notes: Notes) -> Words:
    security = notes.operation.security if notes.operation else ()
    asked = [[scheme.name for scheme in way] for way in security]
    ways = " or ".join(" with ".join(way) for way in asked)
    claim, name = notes.entry.claim, notes.credential
    if claim is not None:
        facts = {"credential": name, "schemes": list(claim.schemes)}
        by = " with ".join(claim.schemes)
        if notes.entry.credential is None:
            return f"claims by {by} to be {name}, which no credential has", facts
        return f"claims by {by} to be the credential {name!r}", facts
    if notes.refusal == "credential_malformed":
        why = notes.facts.get("why")
        return f"what says who calls is wrong: {why}", {"schemes": asked, "why": why}
    if notes.refusal:
        return f"nothing says who calls; {ways} would", {"schemes": asked}
    if asked:
        return "comes without a claim, as it may", {"schemes": asked}
    return "nobody is asked who calls", {}


STEP = Step(
    name="identify",
    question="who does the caller claim to be?",
    decide=identify,
    tell=tell,
    status=401,
    codes={
        "credential_missing": Code("the call has no credential"),
        "credential_malformed": Code("the credential cannot be read", ("why",)),
    },
    refusals=refusals,
    acts=lambda _, operation: bool(operation.security),
    keys=(
        "authentication.alternatives",
        "authentication.schemes.{scheme}.credentials",
        "authentication.schemes.{scheme}.field",
        "authentication.schemes.{scheme}.in",
        "authentication.schemes.{scheme}.member",
        "authentication.schemes.{scheme}.certificate_header",
        "authentication.schemes.{scheme}.prefixes",
        "authentication.schemes.{scheme}.pattern",
        "authentication.schemes.{scheme}.password",
        "authentication.schemes.{scheme}.account",
    ),
)
