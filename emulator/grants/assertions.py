"""Assertions: a client authenticates by a token that it has signed itself.

RFC 7521 (4.2), RFC 7523 (2.2, 3), OpenID Connect Core 1.0 (9).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.denied import Denied
from emulator.json_type import Json
from emulator.program.oauth2 import OAuthPolicy
from emulator.program.signed import (
    ASYMMETRIC,
    SYMMETRIC,
    BadSignature,
    Signed,
    check_key,
    check_secret,
    read,
)
from emulator.times import SECOND

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW = 60
"""Seconds by which the clock of a client may be ahead."""
_NAME = 200
"""Characters of a `jti`."""
_KEYS = 10
"""Keys of a client that are tried."""


def asserted(
    exchange: Exchange, server: OAuthPolicy, form: Mapping[str, str]
) -> tuple[Record, str]:
    """The client that the assertion in *form* proves, and by which method.

    Raises `Denied`.
    """
    if form.get("client_assertion_type") != TYPE:
        raise Denied("invalid_client", "there is no such client_assertion_type")
    if "client_assertion" not in form:
        raise Denied("invalid_grant_request", "there is no client_assertion")
    try:
        signed = read(form["client_assertion"])
        client, method = _signer(exchange, signed, form)
        _check_signature(client, method, signed)
    except BadSignature as error:
        raise Denied("invalid_client", f"the assertion is no good: {error}") from None
    why = _wrong(exchange, server, signed, client)
    if why:
        raise Denied("invalid_client", f"the assertion is no good: {why}")
    return client, method


def _signer(
    exchange: Exchange, signed: Signed, form: Mapping[str, str]
) -> tuple[Record, str]:
    """Who says to have signed it, and how such clients authenticate."""
    name = signed.claims.get("sub")
    client = exchange.collection("clients").get(name) if isinstance(name, str) else None
    if client is None:
        raise BadSignature("its sub is no client")
    if form.get("client_id", name) != name:
        raise BadSignature("its sub is not the client_id")
    if signed.algorithm in SYMMETRIC:
        return client, "client_secret_jwt"
    if signed.algorithm in ASYMMETRIC:
        return client, "private_key_jwt"
    raise BadSignature(f"its algorithm is {signed.algorithm[:20]!r}")


def _check_signature(client: Record, method: str, signed: Signed) -> None:
    """Raise `BadSignature` unless the client has signed it.

    The method settles what is read: a public key is never taken for a secret.
    """
    if method == "client_secret_jwt":
        check_secret(signed, str(client.get("client_secret") or ""))
        return
    shown = client.get("jwks")
    keys = shown.get("keys") if isinstance(shown, dict) else None
    for key in keys[:_KEYS] if isinstance(keys, list) else ():
        kid = key.get("kid") if isinstance(key, dict) else None
        if signed.header.get("kid", kid) == kid and _has_signed(signed, key):
            return
    raise BadSignature("none of the client's keys has signed it")


def _has_signed(signed: Signed, key: Json) -> bool:
    try:
        check_key(signed, key)
    except BadSignature:
        return False
    return True


def _wrong(
    exchange: Exchange, server: OAuthPolicy, signed: Signed, client: Record
) -> str:
    """What is wrong with the claims of an assertion; empty: nothing (RFC 7523, 3)."""
    claims, now = signed.claims, exchange.at // SECOND
    if claims.get("iss") != client["client_id"]:
        return "its iss is not the client"
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not any(text in server.audiences(exchange) for text in audiences):
        return "its aud is not this server"
    if not _is_time(claims.get("exp")) or claims["exp"] <= now:
        return "it has expired, or never does"
    for name in ("nbf", "iat"):
        starts: Json = claims.get(name, now)
        if not _is_time(starts) or starts > now + _SKEW:
            return f"its {name} is in the future"
    unique = claims.get("jti")
    if not isinstance(unique, str) or not 0 < len(unique) <= _NAME:
        return "it has no jti"
    if not is_first(exchange, client["client_id"], unique):
        return "it was used before"
    return ""


def _is_time(value: Json) -> bool:
    return type(value) in (int, float)


def is_first(exchange: Exchange, whose: str, name: str) -> bool:
    """Whether the token of that *name* is seen for the first time; then it has been."""
    text = hashlib.sha256(f"{whose}\0{name}".encode(errors="replace")).hexdigest()
    return exchange.world.nonces.first(text, exchange.at)
