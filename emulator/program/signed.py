"""Signed: JSON Web Tokens that others have signed, with keys that they have shown.

PyJWT and cryptography are imported when such a token is first read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.json_type import Json

LONGEST = 16_384
"""Characters of a token that is read."""
ASYMMETRIC = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""The algorithms of keys with a public part (RFC 7518, 3.1; RFC 8037, 3.1)."""
SYMMETRIC: Mapping[str, Any] = {
    "HS256": hashlib.sha256,
    "HS384": hashlib.sha384,
    "HS512": hashlib.sha512,
}
_MEMBERS = {
    "RSA": ("e", "kty", "n"),
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
}
"""The members of a public key, in the order of a thumbprint (RFC 7638, 3.2)."""
_LONG = 1_400
"""Letters of a number of a key: 8 192 bits. An exponent has a few."""
_EXPONENT = 8
_PARTS = 3


class BadSignature(ValueError):
    """A text that is no signed token, or not by the key in question; and why."""


class Signed(NamedTuple):
    """A token as it was sent; nobody has looked at its signature."""

    text: str
    header: Mapping[str, Json]
    claims: Mapping[str, Json]

    @property
    def algorithm(self) -> str:
        return str(self.header.get("alg"))


def read(text: str) -> Signed:
    """What *text* says. Raises `BadSignature`."""
    if len(text) > LONGEST:
        raise BadSignature(f"it has more than {LONGEST} characters")
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise BadSignature("it is not a JSON Web Token")
    return Signed(text, _object(parts[0]), _object(parts[1]))


def _object(part: str) -> Mapping[str, Json]:
    try:
        value = json.loads(_bytes(part), parse_constant=_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadSignature("it is not a JSON Web Token")
    return value


def _constant(text: str) -> Json:
    raise ValueError(f"{text} is no JSON")


def _bytes(part: str) -> bytes:
    """Base64 of addresses, without padding. Raises `ValueError`."""
    try:
        raw = part.encode("ascii")
        return base64.b64decode(raw + b"=" * (-len(raw) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def check_secret(signed: Signed, secret: str) -> None:
    """Raise `BadSignature` unless *signed* is by this shared *secret*."""
    hashed = SYMMETRIC.get(signed.algorithm)
    if hashed is None:
        raise BadSignature(f"its algorithm is {signed.algorithm[:20]!r}")
    said, _, signature = signed.text.rpartition(".")
    try:
        sent = _bytes(signature)
    except ValueError:
        raise BadSignature("it is not a JSON Web Token") from None
    made = hmac.new(secret.encode(), said.encode(), hashed).digest()
    if not hmac.compare_digest(made, sent):
        raise BadSignature("the secret has not signed it")


def check_key(signed: Signed, jwk: Json) -> None:
    """Raise `BadSignature` unless *signed* is by the key whose public part is *jwk*."""
    import jwt
    from jwt.api_jws import PyJWS

    if signed.algorithm not in ASYMMETRIC:
        raise BadSignature(f"its algorithm is {signed.algorithm[:20]!r}")
    public = public_part(jwk)
    try:
        key = jwt.PyJWK(dict(public), algorithm=signed.algorithm).key
        PyJWS().decode(signed.text, key, algorithms=[signed.algorithm])
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise BadSignature("the key has not signed it") from None


def public_part(jwk: Json) -> Mapping[str, str]:
    """The members of a public key that make it up. Raises `BadSignature`."""
    kind = jwk.get("kty") if isinstance(jwk, dict) else None
    names = _MEMBERS.get(kind) if isinstance(kind, str) else None
    if names is None or "d" in jwk:
        raise BadSignature("its key is no public key")
    public = {name: jwk.get(name) for name in names}
    sizes = {"e": _EXPONENT}
    for name, text in public.items():
        if not isinstance(text, str) or not 0 < len(text) <= sizes.get(name, _LONG):
            raise BadSignature("its key is no public key")
    return public


def thumbprint(jwk: Json) -> str:
    """The name of a public key (RFC 7638). Raises `BadSignature`."""
    text = json.dumps(public_part(jwk), separators=(",", ":"), sort_keys=True)
    hashed = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
