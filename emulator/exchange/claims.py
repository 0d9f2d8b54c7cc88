"""Claims: who a call says that its caller is, before anybody has asked for a proof."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from emulator.exchange.call import Call
from emulator.http.digest import read_answer
from emulator.http.query import MalformedQuery
from emulator.json_type import Json
from emulator.program.authentication import Alternative, SchemePolicy
from emulator.program.operation import Operation
from emulator.program.patterns import in_brackets

Body = Callable[[], Json]
"""Gives what a body says; it is read when it is first asked for."""

_SHORT = 200
"""Characters of a credential that is remembered with its claim."""
_MOST = 4_096
"""Credentials that are: those of a thousand worlds, and more, that are called by turns."""


class Claim(NamedTuple):
    """Who the caller claims to be: the material of one security alternative."""

    schemes: tuple[str, ...]
    collection: str
    fields: Mapping[str, str]
    """Fields of the credential's record and the values that were sent for them."""
    beside: tuple[Claim, ...] = ()
    """What is claimed with it, by schemes whose credentials are in other collections."""

    @property
    def subject(self) -> str:
        """One text that stands for the claim, whether or not it proves true."""
        return "\x1f".join(self.fields.values())


class Malformed(NamedTuple):
    """Material that is there and cannot be read."""

    why: str


MALFORMED = Malformed("it cannot be read")
OTHER_SCHEME = Malformed("it is of another scheme")


class Claims(NamedTuple):
    """All that a call claims, by each alternative that it has the material for."""

    made: tuple[Claim, ...] = ()
    malformed: Malformed | None = None
    """The first material that cannot be read."""


NONE = Claims()


def claims_of(
    call: Call, operation: Operation, body: Body, *, first_only: bool
) -> Claims:
    """What *call* claims for *operation*; or the first claim alone.

    *body* gives what its body says, to whom a credential stands in there.
    """
    sole = operation.sole_key
    if sole is not None:  # nearly always
        sent = call.headers.get(sole.parameter)
        if not sent:
            return NONE
        if len(sent) <= _SHORT:
            return _known_claims(sole, sent)
    security = operation.security
    made: tuple[Claim, ...] = ()
    malformed: Malformed | None = None
    for alternative in security:
        claim: Claim | Malformed | None
        if len(alternative) == 1 and alternative[0].plain:
            if not call.headers.get(alternative[0].parameter):
                continue
            claim = _key(call, operation, alternative)
        else:
            claim = _claim(call, operation, alternative, body)
        if isinstance(claim, Claim):
            made = (*made, claim)
            if first_only:
                break
        else:
            malformed = malformed or claim
    return Claims(made, malformed) if made or malformed else NONE


def _claim(
    call: Call, operation: Operation, alternative: Alternative, body: Body
) -> Claim | Malformed | None:
    """The claim that the call makes by this alternative, if it has all that it needs."""
    claims: dict[str, Claim] = {}
    for scheme in alternative:
        if _is_of_another(call, operation, alternative, scheme):
            return None
        sent = material(scheme, call, body)
        if sent is None or isinstance(sent, Malformed):
            return sent
        known = claims.get(scheme.collection, Claim((), scheme.collection, {}))
        claims[scheme.collection] = known._replace(
            schemes=(*known.schemes, scheme.name), fields={**known.fields, **sent}
        )
    first, *others = claims.values()
    return first._replace(beside=tuple(others)) if others else first


def _key(call: Call, operation: Operation, alternative: Alternative) -> Claim | None:
    """The claim of an alternative that is one header, which there is."""
    scheme = alternative[0]
    sent = call.headers[scheme.parameter]
    if scheme.parameter == "authorization" and _is_of_another(
        call, operation, alternative, scheme
    ):
        return None
    if len(sent) <= _SHORT:
        return _known_claim(scheme, sent)
    return _claim_of(scheme, sent)


def _claim_of(scheme: SchemePolicy, sent: str) -> Claim:
    return Claim((scheme.name,), scheme.collection, {scheme.field: sent})


# The same credentials come again and again, and the journal keeps their claims.
_known_claim = lru_cache(maxsize=_MOST)(_claim_of)


@lru_cache(maxsize=_MOST)
def _known_claims(scheme: SchemePolicy, sent: str) -> Claims:
    """The claims of a call that can only make one, by a header that is its material."""
    return Claims((_known_claim(scheme, sent),))


def _is_of_another(
    call: Call, operation: Operation, alternative: Alternative, scheme: SchemePolicy
) -> bool:
    """Whether a key would be read from an Authorization of another alternative's kind."""
    if scheme.words or scheme.kind != "header" or scheme.parameter != "authorization":
        return False
    word = call.headers.get("authorization", "").partition(" ")[0].lower()
    return any(
        word in one.words and one.parameter == "authorization"
        for other in operation.security
        if other is not alternative
        for one in other
    )


def material(
    scheme: SchemePolicy, call: Call, body: Body
) -> Mapping[str, str] | Malformed | None:
    """What *call* has for this scheme: fields and values, nothing, or nonsense."""
    sent = _text(scheme, call, body)
    if not sent:
        return None
    if scheme.words:
        word, _, sent = sent.partition(" ")
        if word.lower() not in scheme.words:
            return OTHER_SCHEME
        sent = sent.strip()
    if scheme.kind == "basic":
        return _pair(scheme, sent)
    if scheme.kind == "digest":
        answer = read_answer(sent)
        return {scheme.field: answer["username"]} if answer else MALFORMED
    if scheme.pattern is not None:
        sent = scheme.pattern.read(sent)
    return {scheme.field: sent} if sent else MALFORMED


def _text(scheme: SchemePolicy, call: Call, body: Body) -> str | None:
    """What stands in the place of this scheme."""
    kind = scheme.kind
    if kind == "query":
        return _of_query(call, scheme.parameter)
    if kind == "cookie":
        texts = call.cookies.get(scheme.parameter)
        return unquote(texts[0]) if texts else None
    if kind == "body":
        return _of_body(body(), scheme.parameter)
    return call.headers.get(scheme.parameter)


def _of_body(body: Json, member: str) -> str | None:
    """The text, or the number, that stands in a member of *body*."""
    value = body
    for name in member.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None and "." in member and isinstance(body, dict):
        value = body.get(in_brackets(member))  # of a form, where it is not declared
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else None


def _of_query(call: Call, name: str) -> str | None:
    try:
        texts = call.query_texts.get(name)
    except MalformedQuery:
        return None
    return texts[-1] if texts else None


def _pair(scheme: SchemePolicy, sent: str) -> Mapping[str, str] | Malformed:
    # RFC 7617, 2: base64 of user-id ":" password, here in UTF-8.
    try:
        user, colon, password = (
            base64.b64decode(sent, validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        return MALFORMED
    return {scheme.field: user, scheme.password: password} if colon else MALFORMED
