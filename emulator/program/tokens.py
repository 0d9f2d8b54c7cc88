"""Tokens: JSON Web Tokens as credentials: when one is good, and how one is made.

Times are those of the world's clock (RFC 7519, 4.1). An issuer or an audience that depends
on the address of the call is also right as it is at the provider's own host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.json_type import Json, present
from emulator.language.scope import Names
from emulator.language.templates import Template
from emulator.program.keys import BadToken, KeyPolicy
from emulator.times import SECOND
from emulator.values import value

_SCOPES = ("scope", "scp", "permissions")
"""The claims that hold scopes: RFC 8693, 4.2, and what is found besides."""
_LATEST = 2**53


class AtHome(Names):
    """What a call sees, as if it had come to the provider's own host."""

    def __init__(self, x: Any) -> None:
        self.program, self.world = x.program, x.world
        self.at, self.now = x.at, x.now
        self.collection = x.collection
        self.base_url = x.program.home
        self.host = x.program.host_defaults
        self.server = x.program.server(x.program.base_path)


class Unaccepted(Exception):
    """A token that does not let its bearer in: the code of the refusal, and why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


@value
class TokenPolicy:
    """What `jwt` of a scheme says."""

    keys: KeyPolicy
    issuer: Template | None
    audience: Template | None
    leeway: int
    """Seconds by which clocks may differ."""
    subject: str
    """The claim that names the record of the scheme's collection."""
    known: bool
    """Whether there must be such a record."""
    claims: Template | None
    """What the tokens that are listed claim besides."""
    lifetime: int
    """Seconds for which a listed token is good."""

    def read(self, x: Any, text: str) -> dict[str, Json]:
        """The claims of a token that is good now. Raises `Unaccepted`."""
        try:
            claims = self.keys.read(x.world, text)
        except BadToken as error:
            raise Unaccepted("credential_unknown", str(error)) from None
        now = x.at // SECOND
        if (ends := _time(claims, "exp")) is not None and ends + self.leeway <= now:
            raise Unaccepted("credential_expired", f"it expired {now - ends} s ago")
        for name in ("nbf", "iat"):
            starts = _time(claims, name)
            if starts is not None and starts - self.leeway > now:
                why = f"its {name} is {starts - now} s from now"
                raise Unaccepted("credential_not_yet_valid", why)
        if not self._has(x, self.issuer, [claims.get("iss")]):
            raise Unaccepted("issuer_wrong", "its iss is not the issuer")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if not self._has(x, self.audience, audiences):
            raise Unaccepted("audience_wrong", "its aud is not the audience")
        return claims

    def _has(self, x: Any, wanted: Template | None, claimed: list[Json]) -> bool:
        """Whether *claimed* and *wanted* have a text in common."""
        if wanted is None:
            return True
        texts = [text for text in claimed if isinstance(text, str)]
        return any(text in texts for text in self._each(x, wanted))

    def _each(self, x: Any, wanted: Template) -> Iterator[Json]:
        """The texts of *wanted* for this call, and then at the provider's own host."""
        yield from _many(wanted.value(x))
        yield from _many(wanted.value(AtHome(x)))

    def mint(self, x: Any, record: Mapping[str, Json], **other: Json) -> str:
        """A token for *record* that is good now; but for *other* claims.

        The same one comes again for half of its lifetime.
        """
        half = max(self.lifetime // 2, 1)
        begins = x.at // SECOND // half * half
        claims = {
            "iss": self._one(x, self.issuer),
            "aud": self._one(x, self.audience),
            "iat": begins,
            "exp": begins + self.lifetime,
        }
        own = {} if self.claims is None else self.claims.value(x, record)
        mapped = {**claims, **own, **other}
        return self.keys.sign(x.world, present(**mapped))

    def _one(self, x: Any, wanted: Template | None) -> Json:
        return None if wanted is None else next(iter(_many(wanted.value(x))), None)


def scopes_claimed(claims: Mapping[str, Json]) -> list[str]:
    """The scopes that a token claims, whichever of the usual claims holds them."""
    for name in _SCOPES:
        scopes = claims.get(name)
        if isinstance(scopes, str):
            return scopes.split()
        if isinstance(scopes, list):
            return [scope for scope in scopes if isinstance(scope, str)]
    return []


def _many(texts: Json) -> list[Json]:
    return texts if isinstance(texts, list) else [texts]


def _time(claims: Mapping[str, Json], name: str) -> int | None:
    """A claim that is a time, in whole seconds. Raises `Unaccepted` where it is none."""
    if name not in claims:
        return None
    time = claims[name]
    if type(time) not in (int, float) or not -_LATEST < time < _LATEST:
        raise Unaccepted("credential_unknown", f"its {name} is no time")
    return int(time)
