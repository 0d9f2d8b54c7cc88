"""Keys: the keys that a provider signs with, and the JSON Web Tokens that they sign.

A key is known by its number: the world's time divided by `rotate`, and the rotations by
hand. It is made when it is first needed, from the world's seed, and stored nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from emulator.json_type import Json
from emulator.language.failures import kind as kind_of
from emulator.times import SECOND
from emulator.values import value
from emulator.world.key_pairs import key_pair
from emulator.world.keys import Keys

if TYPE_CHECKING:
    from jwt.api_jws import PyJWS

    from emulator.world.chance import Chance
    from emulator.world.clock import Clock
    from emulator.world.key_pairs import Private

LONGEST = 16_384
"""Characters of a token that is made or read."""
_UNIQUE = 22
"""Letters of a `jti`, which make that no other world gives out the same token."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
ALGORITHMS: Mapping[str, Mapping[int, str]] = {
    "rsa": {2048: "RS256", 3072: "RS256", 4096: "RS256"},
    "ec": {256: "ES256", 384: "ES384", 521: "ES512"},
    "ed25519": {256: "EdDSA"},
    "hmac": {256: "HS256", 384: "HS384", 512: "HS512"},
}
"""The algorithm (RFC 7518, 3.1; RFC 8037, 3.1) by kind and bits; the first are the default."""


class _World(Protocol):
    """What of a world is asked for its keys."""

    @property
    def clock(self) -> Clock: ...
    @property
    def began(self) -> int: ...
    @property
    def keys(self) -> Keys: ...
    @property
    def secrets(self) -> Chance: ...
    @property
    def on_secret(self) -> Any: ...


@value
class SigningKey:
    """One key: its number's name, and what it is made from."""

    kid: str
    kind: str
    bits: int
    seed: str
    secret: str

    @property
    def algorithm(self) -> str:
        return ALGORITHMS[self.kind][self.bits]

    @property
    def private(self) -> Private:
        if self.secret:
            return self.secret.encode()
        return key_pair(self.kind, self.bits, self.seed)

    @property
    def public(self) -> Any:
        """What its signatures are verified with: the same bytes for HMAC."""
        private = self.private
        return private if isinstance(private, bytes) else private.public_key()


class BadToken(ValueError):
    """A text that is not a token that one of the keys has signed, and why."""


@value
class KeyPolicy:
    """One entry of `keys`: what its keys are, and how they follow each other."""

    name: str
    provider: str
    kind: str
    bits: int
    rotate: int
    """Microseconds from one key to the next; 0: only by hand."""
    keep: int
    """How many keys that sign no more are still published, and accepted."""
    announce: bool
    """Whether the next key is published before it signs."""
    secret: str
    """The HMAC key, where the spec says it; else it follows from the seed."""

    @property
    def algorithm(self) -> str:
        return ALGORITHMS[self.kind][self.bits]

    def current(self, world: _World) -> SigningKey:
        """The key that signs now."""
        return self._key(world, self._number(world, world.clock.now()))

    def published(self, world: _World) -> list[SigningKey]:
        """The keys whose signatures count now, the newest first.

        There are none from before the world began: nobody has a token of theirs.
        """
        now = self._number(world, world.clock.now())
        by_clock = world.began // self.rotate if self.rotate else 0
        first = min(now, max(now - self.keep, by_clock))
        return [
            self._key(world, number)
            for number in range(now + self.announce, first - 1, -1)
        ]

    def _number(self, world: _World, at: int) -> int:
        by_hand = world.keys.rotations(self.provider, self.name)
        return by_hand + (at // self.rotate if self.rotate else 0)

    def _key(self, world: _World, number: int) -> SigningKey:
        return _key(
            self.kind,
            self.bits,
            f"{world.keys.seed}\x1f{self.provider}\x1f{self.name}\x1f{number}",
            self.secret,
        )

    def jwks(self, world: _World) -> Json:
        """The published keys as a JSON Web Key Set (RFC 7517, 5)."""
        return {"keys": [_jwk(key) for key in self.published(world)]}

    def sign(self, world: _World, claims: Json, kind: str = "JWT") -> str:
        """A token of these *claims*, with the header `typ` *kind*.

        It has an `iat` and a `jti` in any case; the call that carries it finds *world*.
        Raises `ValueError`.
        """
        if not isinstance(claims, dict):
            raise ValueError(f"claims are a mapping, and this is {kind_of(claims)}")
        claims = {"iat": world.clock.now() // SECOND, **claims}
        if claims.get("jti") is None:
            claims["jti"] = world.secrets.token(_UNIQUE, _LETTERS)
        payload = json.dumps(claims, separators=(",", ":")).encode()
        if len(payload) > LONGEST // 2:
            raise ValueError(f"claims have at most {LONGEST // 2} bytes")
        key = self.current(world)
        headers = {"kid": key.kid, "typ": kind}
        text = _jws().encode(payload, key.private, key.algorithm, headers)
        if world.on_secret is not None:
            world.on_secret(self.provider, text)
        return text

    def read(self, world: _World, text: str) -> dict[str, Json]:
        """The claims of a token that one of these keys has signed. Raises `BadToken`.

        Its times, issuer and audience are not looked at.
        """
        import jwt

        if len(text) > LONGEST:
            raise BadToken(f"it has more than {LONGEST} characters")
        try:
            header = _jws().get_unverified_header(text)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise BadToken("it is not a JSON Web Token") from None
        if header.get("alg") != self.algorithm:
            raise BadToken(f"its algorithm is not {self.algorithm}")
        keys = self.published(world)
        if "kid" in header:
            keys = [key for key in keys if key.kid == header["kid"]]
        if not keys:
            raise BadToken("there is no key with its kid")
        for key in keys:
            try:
                payload = _jws().decode(text, key.public, algorithms=[self.algorithm])
                claims = json.loads(payload)
            except (jwt.PyJWTError, ValueError, RecursionError):
                continue
            if isinstance(claims, dict):
                return claims
        raise BadToken("no key of the provider's has signed it")


@lru_cache(maxsize=256)
def _key(kind: str, bits: int, seed: str, secret: str) -> SigningKey:
    named = f"{kind}\x1f{bits}\x1f{seed}\x1f{secret}".encode(errors="surrogatepass")
    kid = sha256(named).hexdigest()[:16]
    return SigningKey(kid=kid, kind=kind, bits=bits, seed=seed, secret=secret)


@lru_cache(maxsize=64)
def _jwk(key: SigningKey) -> dict[str, Json]:
    algorithm = _jws().get_algorithm_by_name(key.algorithm)
    members: dict[str, Json] = algorithm.to_jwk(key.public, as_dict=True)
    own = {"kid": key.kid, "use": "sig", "alg": key.algorithm}
    return {"kty": members["kty"], **own, **_public(members)}


def _public(members: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: members[name] for name in ("n", "e", "crv", "x", "y") if name in members
    }


@lru_cache(maxsize=1)
def _jws() -> PyJWS:
    """What signs and verifies; the same claims and key always give the same token."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from jwt.algorithms import ECAlgorithm
    from jwt.api_jws import PyJWS

    class Deterministic(ECAlgorithm):
        """ECDSA as RFC 6979 has it: nothing about a signature is drawn."""

        def sign(self, msg: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
            how = ec.ECDSA(self.hash_alg(), deterministic_signing=True)
            size = (key.curve.key_size + 7) // 8
            numbers = decode_dss_signature(key.sign(msg, how))
            return b"".join(number.to_bytes(size) for number in numbers)

    made = PyJWS(algorithms=[*_OTHERS])
    for name, hashed in (
        ("ES256", Deterministic.SHA256),
        ("ES384", Deterministic.SHA384),
        ("ES512", Deterministic.SHA512),
    ):
        made.register_algorithm(name, Deterministic(hashed))
    return made


_OTHERS = ("RS256", "EdDSA", "HS256", "HS384", "HS512")
