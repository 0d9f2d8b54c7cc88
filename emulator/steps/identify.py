"""Identify: who does the caller claim to be?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.compile.authentication import (
    OTHER_SCHEME,
    Alternative,
    Malformed,
    SchemePolicy,
)
from emulator.compile.parameters import MalformedQuery
from emulator.compile.program import Operation, Program
from emulator.exchange import Claim, Exchange, Refusal
from emulator.step import Code, Step


def identify(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    if not operation.security:
        return None
    if exchange.forces("credential_missing"):
        return Refusal("credential_missing")
    if exchange.forces("credential_malformed"):
        return Refusal("credential_malformed", {"why": "it cannot be read"})

    malformed = None
    for alternative in operation.security:
        claim = _claim(exchange, alternative)
        if isinstance(claim, Claim):
            exchange.claims = (*exchange.claims, claim)
            if exchange.program.alternatives == "first_sent":
                break
        else:
            malformed = malformed or claim
    if exchange.claims:
        exchange.claim = exchange.claims[0]
        return None
    # Who may come without a claim may come with one that is meant for others.
    if malformed is not None and not (operation.open and malformed is OTHER_SCHEME):
        return Refusal("credential_malformed", {"why": malformed.why})
    return None if operation.open else Refusal("credential_missing")


def _claim(exchange: Exchange, alternative: Alternative) -> Claim | Malformed | None:
    """The claim that the call makes by this alternative, if it has all that it needs."""
    if len(alternative) == 1 and alternative[0].kind == "header":
        return _key(exchange, alternative)
    fields: dict[str, str] = {}
    for scheme in alternative:
        query = _query(exchange) if scheme.kind == "query" else {}
        if _is_of_another(exchange, alternative, scheme):
            return None
        material = scheme.material(exchange.call.headers, query)
        if material is None or isinstance(material, Malformed):
            return material
        fields.update(material)
    names = tuple(scheme.name for scheme in alternative)
    return Claim(names, alternative[0].collection, fields)


def _key(exchange: Exchange, alternative: Alternative) -> Claim | None:
    """The claim of an alternative that is one header."""
    scheme = alternative[0]
    sent = exchange.call.headers.get(scheme.parameter)
    if not sent or _is_of_another(exchange, alternative, scheme):
        return None
    return Claim((scheme.name,), scheme.collection, {scheme.field: sent})


def _is_of_another(
    exchange: Exchange, alternative: Alternative, scheme: SchemePolicy
) -> bool:
    """Whether a key would be read from an Authorization of another alternative's kind."""
    if scheme.kind != "header" or scheme.parameter != "authorization":
        return False
    word = exchange.call.headers.get("authorization", "").partition(" ")[0].lower()
    return any(
        one.kind == word and word in ("basic", "bearer")
        for other in exchange.operation.security
        if other is not alternative
        for one in other
    )


def _query(exchange: Exchange) -> Mapping[str, str]:
    try:
        return {key: texts[-1] for key, texts in exchange.sent_query().items()}
    except MalformedQuery:
        return {}


def refusals(program: Program, operation: Operation) -> Iterator[str]:  # noqa: ARG001
    if not operation.security:
        return
    if not operation.open:
        yield "credential_missing"
    kinds = {scheme.kind for way in operation.security for scheme in way}
    if not kinds.isdisjoint(("basic", "bearer")):
        yield "credential_malformed"


STEP = Step(
    name="identify",
    question="who does the caller claim to be?",
    decide=identify,
    codes={
        "credential_missing": Code("nothing says who calls"),
        "credential_malformed": Code("what says it cannot be read", ("why",)),
    },
    refusals=refusals,
    keys=("authentication.alternatives", "authentication.schemes.{scheme}"),
)
