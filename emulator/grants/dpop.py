"""DPoP: a client proves with each call that it has the key that its token is bound to.

RFC 9449: what a proof has to say (4.3), nonces (8, 9), and calls with such a token (7).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import unquote, urlsplit

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.assertions import is_first
from emulator.grants.denied import Denied
from emulator.grants.issuing import fresh
from emulator.json_type import Json
from emulator.program.authentication import BoundPolicy
from emulator.program.oauth2 import OAuthPolicy
from emulator.program.signed import (
    ASYMMETRIC,
    BadSignature,
    check_key,
    read,
    thumbprint,
)
from emulator.times import SECOND

_WINDOW = 300
"""Seconds by which a proof may be older or newer than the world's clock."""
_NAME = 200
"""Characters of a `jti`."""
_ADDRESS = 2_000
"""Characters of an `htu`."""
_PORTS = {"http": 80, "https": 443}
_WORD = "dpop"


class Unproved(Exception):
    """A call without a good proof: why, and whether another nonce would help."""

    def __init__(self, why: str, nonce: str = "") -> None:
        super().__init__(why)
        self.why, self.nonce = why, nonce


def proved_key(
    exchange: Exchange, server: OAuthPolicy, client: Record | None
) -> str | None:
    """The key that the caller of an endpoint proves to have; it must if *client* does.

    Raises `Denied`.
    """
    if server.dpop == "off":
        return None
    if exchange.forced == "use_dpop_nonce":
        raise Denied("use_dpop_nonce", "it is forced", nonce=fresh_nonce(exchange))
    text = exchange.call.headers.get(_WORD)
    if text is None:
        bound = client is not None and client.get("dpop_bound_access_tokens") is True
        if bound or (client is not None and server.dpop == "required"):
            raise Denied("invalid_dpop_proof", "there is no proof")
        return None
    try:
        return _key_of(exchange, text, server.nonce_for)
    except Unproved as error:
        code = "use_dpop_nonce" if error.nonce else "invalid_dpop_proof"
        raise Denied(code, error.why, nonce=error.nonce) from None


def check_bound(exchange: Exchange, policy: BoundPolicy, caller: Record) -> None:
    """Raise `Unproved` unless the call may be made with the token of *caller*.

    A token that is bound to a key is no bearer token, and the other way round (7.1, 7.2).
    """
    word, _, token = exchange.call.headers.get("authorization", "").partition(" ")
    is_of_key = word.lower() == _WORD
    key = _bound_to(caller)
    if key is None:
        if is_of_key or policy.required:
            raise Unproved("the token is bound to no key")
        return
    if not is_of_key:
        raise Unproved("the token is bound to a key, and sent as a bearer token")
    text = exchange.call.headers.get(_WORD)
    if text is None:
        raise Unproved("there is no proof")
    if _key_of(exchange, text, policy.nonce_for, token.strip()) != key:
        raise Unproved("the token is bound to another key")


def _bound_to(caller: Record) -> str | None:
    """The key of a token: of its claims, or of its record."""
    claims = caller.get("claims")
    cnf = claims.get("cnf") if isinstance(claims, dict) else caller
    key = cnf.get("jkt") if isinstance(cnf, dict) else None
    return key if isinstance(key, str) else None


def _key_of(
    exchange: Exchange, text: str, nonce_for: int, token: str | None = None
) -> str:
    """The thumbprint of the key that has signed the proof *text*. Raises `Unproved`."""
    try:
        signed = read(text)
        header, claims = signed.header, signed.claims
        if header.get("typ") != "dpop+jwt":
            raise BadSignature("its typ is not dpop+jwt")
        if signed.algorithm not in ASYMMETRIC:
            raise BadSignature(f"its algorithm is {signed.algorithm[:20]!r}")
        check_key(signed, header.get("jwk"))
        key = thumbprint(header.get("jwk"))
    except BadSignature as error:
        raise Unproved(f"the proof is no good: {error}") from None
    name = claims.get("jti")
    if not isinstance(name, str) or not 0 < len(name) <= _NAME:
        raise Unproved("the proof has no jti")
    if claims.get("htm") != exchange.call.method:
        raise Unproved("the htm of the proof is another method")
    if not _is_here(exchange, claims.get("htu")):
        raise Unproved("the htu of the proof is another address")
    if token is not None and claims.get("ath") != _hash(token):
        raise Unproved("the ath of the proof is another token's")
    _check_time(exchange, claims.get("iat"))
    if nonce_for:
        _check_nonce(exchange, claims.get("nonce"), nonce_for)
    if not is_first(exchange, key, name):
        raise Unproved("the proof was used before")
    return key


def _check_time(exchange: Exchange, made: Json) -> None:
    now = exchange.at // SECOND
    if type(made) not in (int, float) or not now - _WINDOW <= made <= now + _WINDOW:
        raise Unproved("the iat of the proof is not now")


def _check_nonce(exchange: Exchange, nonce: Json, lifetime: int) -> None:
    world = exchange.world
    if isinstance(nonce, str) and world.nonces.is_good(
        world.id, nonce, exchange.at, lifetime
    ):
        return
    why = "the proof has no nonce, or one that is too old"
    raise Unproved(why, fresh_nonce(exchange))


def fresh_nonce(exchange: Exchange) -> str:
    """A nonce that the next proof may have."""
    world = exchange.world
    return world.nonces.give(world.id, fresh(exchange, 16), exchange.at)


def _is_here(exchange: Exchange, address: Json) -> bool:
    """Whether *address* is where the call has come to, without its query."""
    if not isinstance(address, str) or len(address) > _ADDRESS:
        return False
    try:
        sent, base = urlsplit(address), urlsplit(exchange.base_url)
        home = urlsplit(exchange.program.home)
        origins = {_origin(base), _origin(home)}
        is_ours = _origin(sent) in origins
    except ValueError:
        return False
    paths = (exchange.call.path, exchange.addressed.path)
    return is_ours and unquote(sent.path or "/") in [unquote(path) for path in paths]


def _origin(parts: Any) -> tuple[str, str, int | None]:
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)


def _hash(token: str) -> str:
    hashed = hashlib.sha256(token.encode(errors="replace")).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
