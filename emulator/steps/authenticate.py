"""Authenticate: can the caller prove its claim?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emulator.exchange.claims import Claim
from emulator.exchange.exchange import Exchange, Note, Record, Refusal
from emulator.exchange.notes import Facts, Notes, Words, failures
from emulator.http import digest
from emulator.language.failures import met
from emulator.program.authentication import BoundPolicy, DigestPolicy, SchemePolicy
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.states import STATES, states
from emulator.program.tokens import TokenPolicy, Unaccepted
from emulator.step import Code, Step
from emulator.times import SECOND, moment, span


def authenticate(exchange: Exchange) -> Refusal | None:
    """Let the caller in if any claim proves valid; else refuse as for the first claim."""
    claims = exchange.claims
    if len(claims) == 1:  # nearly always
        refusal = _prove(exchange, claims[0])
        exchange.authenticated = refusal is None
        return refusal
    tried = [_tried(exchange, claim) for claim in claims]
    if not tried:
        return None
    met = [
        attempt
        for attempt in tried
        if attempt.refusal and exchange.forced == attempt.refusal.code
    ]
    proved = [attempt for attempt in tried if attempt.refusal is None]
    counts = (met or proved or tried)[0]
    exchange.claim, exchange.caller = counts.claim, counts.record
    exchange.authenticated = counts.refusal is None
    exchange.notes += counts.notes
    if exchange.authenticated:
        exchange.claims = (counts.claim,)
    return counts.refusal


class _Tried(NamedTuple):
    """What came of one claim."""

    claim: Claim
    record: Record | None
    refusal: Refusal | None
    notes: list[Note]


def _tried(exchange: Exchange, claim: Claim) -> _Tried:
    before, exchange.caller = len(exchange.notes), None
    exchange.claim = claim
    refusal = _prove(exchange, claim)
    notes, exchange.notes = exchange.notes[before:], exchange.notes[:before]
    return _Tried(exchange.claim, exchange.caller, refusal, notes)


def _prove(exchange: Exchange, claim: Claim) -> Refusal | None:
    """Why *claim* does not let the call in, if it does not."""
    record: Record | None
    tokens = exchange.program.schemes[claim.schemes[0]].jwt
    if tokens is None:
        record = _proof(exchange, claim)
    else:
        try:
            record = _borne(exchange, claim, tokens)
        except Unaccepted as error:
            exchange.note("authenticate", "token", {"why": error.why})
            return Refusal(error.code)
    if record is None or exchange.forced == "credential_unknown":
        return Refusal("credential_unknown")

    exchange.caller = record
    for name in claim.schemes:
        refusal = _judge(exchange, exchange.program.schemes[name], record)
        if refusal is not None:
            return refusal
    for other in claim.beside:
        refusal = _prove(exchange, other)
        exchange.caller = record
        if refusal is not None:
            return refusal
    return None


def _proof(exchange: Exchange, claim: Claim) -> Record | None:
    """The credential whose fields are what was claimed."""
    collection = exchange.collection(claim.collection)
    if len(claim.fields) == 1:
        for field, value in claim.fields.items():
            return collection.first(field, value)
    return next(iter(collection.where(claim.fields)), None)


def _borne(exchange: Exchange, claim: Claim, tokens: TokenPolicy) -> Record | None:
    """The record that a token is for, with its `claims`. Raises `Unaccepted`.

    From then on the claim is to be who the token says, whichever token it is.
    """
    text = next(iter(claim.fields.values()))
    claims = tokens.read(exchange, text)
    if exchange.forced in _OF_TOKENS:
        raise Unaccepted(exchange.forced, "it is forced")
    collection, field = (
        claim.collection,
        exchange.program.schemes[claim.schemes[0]].field,
    )
    subject = claims.get(tokens.subject)
    record = None
    if isinstance(subject, (str, int)):
        record = exchange.collection(collection).first(field, subject)
    if record is None and tokens.known:
        raise Unaccepted("credential_unknown", f"its {tokens.subject} names no record")
    exchange.claim = claim._replace(fields={field: str(subject)})
    return {**(record or {field: subject}), "claims": claims}


def _undigested(
    exchange: Exchange, scheme: SchemePolicy, policy: DigestPolicy, record: Record
) -> Refusal | None:
    """Why an answer to a challenge of HTTP Digest does not let the call in."""
    call, world, forced = exchange.call, exchange.world, exchange.forced
    answer = digest.read_answer(call.headers["authorization"].partition(" ")[2].strip())
    if exchange.trusted or answer is None:  # that `identify` has refused
        return None
    target = f"?{exchange.raw_query}" if call.query else ""
    password = str(record.get(scheme.password, ""))
    right = digest.response(answer, password, call.method, policy.algorithm)
    if (
        forced == "credential_unproved"
        or answer["response"] != right
        or answer["realm"] != policy.realm
        or answer.get("algorithm", policy.algorithm) != policy.algorithm
        or answer["uri"] not in (call.path + target, exchange.addressed.path + target)
    ):
        return Refusal("credential_unproved")
    count = int(answer["nc"], 16)
    if forced == "nonce_stale" or not world.nonces.use(
        world.id, answer["nonce"], count, exchange.at, policy.lifetime
    ):
        return Refusal("nonce_stale")
    return None


def _unbound(exchange: Exchange, policy: BoundPolicy, record: Record) -> Refusal | None:
    """Why the call does not show that it has the key of its token (RFC 9449, 7)."""
    # Most providers have no such tokens, and their start need not read these modules.
    from emulator.grants.dpop import Unproved, check_bound, fresh_nonce

    if exchange.forced == "credential_unproved":
        return Refusal("credential_unproved")
    if exchange.trusted:
        return None
    try:
        if exchange.forced == "nonce_stale" and policy.nonce_for:
            raise Unproved("it is forced", fresh_nonce(exchange))
        check_bound(exchange, policy, record)
    except Unproved as error:
        exchange.note("authenticate", "unbound", {"why": error.why})
        code = "nonce_stale" if error.nonce else "credential_unproved"
        return Refusal(code, {"nonce": error.nonce or None})
    return None


def _unproved(exchange: Exchange, scheme: SchemePolicy, record: Record) -> str | None:
    """The refusal of a caller who does not show that it has the secret."""
    for check, code in scheme.proves:
        if exchange.forced == code or not (
            exchange.trusted or check.value(exchange, record)
        ):
            seen = met(str(check.tree), exchange, None, ())
            values = {n: v for n, v in seen.items() if not n.startswith("caller")}
            exchange.note(
                "authenticate", "unproved", {"check": check.tree, "values": values}
            )
            return code
    return None


def _judge(exchange: Exchange, scheme: SchemePolicy, record: Record) -> Refusal | None:
    forced = exchange.forced or ""
    if scheme.digest is not None:
        refusal = _undigested(exchange, scheme, scheme.digest, record)
        if refusal is not None:
            return refusal
    if scheme.dpop is not None:
        refusal = _unbound(exchange, scheme.dpop, record)
        if refusal is not None:
            return refusal
    if scheme.proves:
        code = _unproved(exchange, scheme, record)
        if code is not None:
            return Refusal(code)
    if scheme.state is not None:
        state = scheme.state_of(exchange, record)
        if forced.startswith(STATES) and forced not in CODES:
            state = forced.removeprefix(STATES)
        if state not in scheme.active:
            return Refusal(f"{STATES}{state}", {"state": state})
    if scheme.expires is not None:
        ends = scheme.ends_at(exchange, record)
        if ends is not None and ends <= exchange.at:
            exchange.note("authenticate", "expired", {"at": ends})
            return Refusal("credential_expired")
        if forced == "credential_expired":
            return Refusal("credential_expired")
    if scheme.allowed_ips is not None:
        allowed = scheme.lets_in(exchange, record, exchange.call.client)
        if not allowed or forced == "ip_not_allowed":
            networks = scheme.allowed_ips.value(exchange, record)
            exchange.note("authenticate", "from elsewhere", {"allowed": networks})
            return Refusal("ip_not_allowed")
    for check, code in scheme.requires:
        if not check.value(exchange, record) or forced == code:
            return Refusal(code)
    return None


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if operation.security:
        yield "credential_unknown"
    schemes = {scheme.name: scheme for way in operation.security for scheme in way}
    for scheme in schemes.values():
        if scheme.jwt is not None:
            yield from ("credential_expired", "credential_not_yet_valid")
            if scheme.jwt.issuer is not None:
                yield "issuer_wrong"
            if scheme.jwt.audience is not None:
                yield "audience_wrong"
        for _, code in (*scheme.proves, *scheme.requires):
            yield code
        if scheme.digest is not None:
            yield from ("credential_unproved", "nonce_stale")
        if scheme.dpop is not None:
            yield "credential_unproved"
            if scheme.dpop.nonce_for:
                yield "nonce_stale"
        if scheme.expires is not None:
            yield "credential_expired"
        if scheme.allowed_ips is not None:
            yield "ip_not_allowed"
        for state in states(program, scheme):
            yield STATES + state
        if scheme.state is not None:
            # Records can be put into any state while the emulator runs.
            for code, policy in operation.errors.items():
                is_of_state = policy.step == "authenticate" and code not in CODES
                state = code.removeprefix(STATES)
                if is_of_state and state != code and state not in scheme.active:
                    yield code


CODES = {
    "credential_unknown": Code("no such credential"),
    "credential_expired": Code("the credential has expired"),
    "credential_unproved": Code("the caller does not show that it has the secret"),
    "nonce_stale": Code(
        "the nonce of the proof is missing, too old, or used before", ("nonce",)
    ),
    "credential_not_yet_valid": Code("the token is not valid yet"),
    "issuer_wrong": Code("the token is of another issuer"),
    "audience_wrong": Code("the token is for another audience"),
    "ip_not_allowed": Code("the caller's IP address is not allowed", status=403),
}
_OF_TOKENS = (
    "credential_expired",
    "credential_not_yet_valid",
    "issuer_wrong",
    "audience_wrong",
)
"""What tokens are refused with besides."""


def tell(notes: Notes) -> Words:
    entry, code = notes.entry, notes.refusal
    if entry.claim is None:
        return "nothing to prove", {}
    facts: Facts = {"credential": notes.credential}
    name = f"the credential {notes.credential!r}"
    if code is None:
        return f"proven: {name}", facts
    token = notes.take("token")
    if token is not None:
        facts |= {"why": token["why"]}
        return f"the token is not accepted: {token['why']}{_counted(notes)}", facts
    if code == "credential_unknown":
        return f"there is no credential {notes.credential}{_counted(notes)}", facts
    expired = notes.take("expired")
    if expired is not None:
        ago = (entry.at - int(expired["at"])) / SECOND
        facts |= {"expired": moment(expired["at"]), "ago": round(ago, 3)}
        return f"{name} expired {span(ago)} ago", facts
    unbound = notes.take("unbound")
    if unbound is not None:
        return f"{name} is not proved: {unbound['why']}", facts | dict(unbound)
    if code == "nonce_stale":
        return f"{name} answers a nonce that is too old, or was used before", facts
    unproved = notes.take("unproved")
    if unproved is not None:
        facts |= unproved
        return f"{name} is not proved: {unproved['check']} does not hold", facts
    elsewhere = notes.take("from elsewhere")
    if elsewhere is not None:
        facts |= {"client": entry.client, "allowed": elsewhere["allowed"]}
        return f"{name} is not let in from {entry.client}", facts
    if "state" in notes.facts:
        return f"{name} is {notes.facts['state']}", facts | dict(notes.facts)
    return f"{name} is not let in", facts


def _counted(notes: Notes) -> str:
    """What a failure has led to."""
    settled = dict(notes.of("settle"))
    if "failure counted" in settled:
        return f"; {failures(settled['failure counted'])}"
    return "; locked from now on" if "locked" in settled else ""


STEP = Step(
    name="authenticate",
    question="can the caller prove its claim?",
    decide=authenticate,
    tell=tell,
    status=401,
    codes=CODES,
    families={STATES: Code("the credential is in another state", ("state",))},
    of_spec="what `proves` and `requires` of a scheme say",
    refusals=refusals,
    finds=("caller", "authenticated"),
    keys=(
        "authentication.schemes.{scheme}.state",
        "authentication.schemes.{scheme}.active",
        "authentication.schemes.{scheme}.expires",
        "authentication.schemes.{scheme}.allowed_ips",
        "authentication.schemes.{scheme}.requires",
        "authentication.schemes.{scheme}.proves",
        "authentication.schemes.{scheme}.digest",
        "authentication.schemes.{scheme}.dpop",
        "authentication.schemes.{scheme}.jwt",
    ),
)
