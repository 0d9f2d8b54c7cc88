"""Grant: does the authorization server grant what is asked for?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step


def grant(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.grant
    if policy is None:
        return None
    # Most providers have no such operation, and their start need not read these modules.
    from emulator.grants.endpoints import refused

    return refused(exchange, policy)


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if operation.grant is not None:
        yield from operation.grant.codes


_FACTS = ("location", "nonce")
CODES = {
    "invalid_grant_request": Code("a parameter is missing, wrong, or repeated", _FACTS),
    "invalid_client": Code("the client does not prove who it is", _FACTS),
    "invalid_grant": Code("the code, the token or the password is no good", _FACTS),
    "unauthorized_client": Code("the client must not use this grant", _FACTS),
    "unsupported_grant_type": Code("there is no such grant", _FACTS),
    "unsupported_response_type": Code("there is no such response type", _FACTS),
    "invalid_scope": Code("the scope is unknown, or more than is granted", _FACTS),
    "access_denied": Code("the user does not allow it", _FACTS),
    "login_required": Code("the user would have to log in", _FACTS),
    "redirect_refused": Code("the client or its address is unknown", _FACTS),
    "authorization_pending": Code("the user has not decided yet", _FACTS),
    "slow_down": Code("the device asks too often", _FACTS),
    "invalid_target": Code("the resource is unknown, or not what was granted", _FACTS),
    "invalid_dpop_proof": Code("the client does not show that it has its key", _FACTS),
    "use_dpop_nonce": Code("the proof of a key needs another nonce", _FACTS),
    "expired_token": Code("the code of the device has expired", _FACTS),
}


def tell(notes: Notes) -> Words:
    denied = notes.take("denied")
    if denied is not None:
        return str(denied["why"]), {"why": denied["why"]}
    for decision, words in _TOLD.items():
        note = notes.take(decision)
        if note is not None:
            return words.format(**note), dict(note)
    return "nothing is granted here", {}


_TOLD = {
    "issued": "issues token {key} for the scope {scope!r}",
    "allowed": "gives a code for {user!r} and the scope {scope!r}",
    "pushed": "keeps the request of {client!r}",
    "revoked": "revokes token {key}",
    "not logged in": "nobody is logged in: {why}",
    "client": "the client is {client!r}",
}


STEP = Step(
    name="grant",
    question="does the authorization server grant what is asked for?",
    decide=grant,
    tell=tell,
    codes=CODES,
    refusals=refusals,
    rare=True,
    acts=lambda _, operation: operation.grant is not None,
    keys=("operations.{operation}.grant", "oauth2"),
)
