"""Authentication: what proves who calls, and who is shut out after failing too often."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from emulator.json_type import Json
from emulator.language.failures import in_plain_words
from emulator.language.failures import kind as kind_of
from emulator.language.templates import Template
from emulator.program.patterns import Pattern
from emulator.program.tokens import TokenPolicy, scopes_claimed
from emulator.times import time_of
from emulator.values import value

_TEXTS = {str}


PAIRS = ("basic", "digest")
"""The kinds of schemes that have a user and a password."""


class DigestPolicy(NamedTuple):
    """How a challenge of HTTP Digest is made."""

    realm: str
    algorithm: str
    lifetime: int
    """Microseconds after which a nonce is stale."""


class BoundPolicy(NamedTuple):
    """How the bearer of a token shows that it has the key that the token is bound to."""

    required: bool
    """A token that is bound to no key is not accepted."""
    nonce_for: int
    """How long a nonce of a proof is good, in microseconds; 0: proofs need none."""


@value
class SchemePolicy:
    """One security scheme: where its material stands, and the records that prove it."""

    name: str
    kind: str
    """`header`, `query`, `cookie`, `body`, `basic`, `digest` or `bearer`."""
    parameter: str
    """What holds the material: a header (in lower case), a query parameter, a cookie, or
    a member of the body, with dots in it where it is one of a member."""
    prefixes: tuple[str, ...] = ()
    """The words of which one comes before the material in its header, in any case."""
    words: frozenset[str] = frozenset()
    """The same in lower case."""
    pattern: Pattern | None = None
    """Where in the text the credential stands; None: it is all of it."""
    plain: bool = False
    """A whole header is the material, so it cannot be malformed."""
    collection: str
    field: str
    """The field of the credential that the material equals; with a password, its user."""
    password: str
    """The field that the password of Basic equals, or that Digest proves."""
    digest: DigestPolicy | None = None
    dpop: BoundPolicy | None = None
    state: Template | None
    active: tuple[str, ...]
    expires: Template | None
    scopes: Template | None
    allowed_ips: Template | None
    account: Template | None
    proves: tuple[tuple[Template, str], ...] = ()
    """(condition, refusal): what shows that the caller has the secret, unsent."""
    signing: tuple[str, ...] = ()
    """The fields that a proof has an HMAC's key from: secrets, though they are not sent."""
    requires: tuple[tuple[Template, str], ...]
    """(condition, refusal): what else must hold of the credential."""
    jwt: TokenPolicy | None
    """What is sent is a JSON Web Token, and *field* the one that its subject names."""
    show: Mapping[str, Template]
    """What belongs to a credential besides what is sent, by name."""
    about: Template | None
    """What a credential is for, in words."""

    def sent(self, credential: str) -> str:
        """What is sent for *credential*: `Bearer abc`."""
        text = self.pattern.write(credential) if self.pattern else credential
        return f"{self.prefixes[0]} {text}" if self.prefixes else text

    def state_of(self, x: Any, record: Mapping[str, Json]) -> str:
        """The state that a credential is in. Raises `ExpressionFailed`."""
        if self.state is None:
            return "active"
        state = self.state.value(x, record)
        if state is None and self.jwt is not None:
            return "active"  # there is no record, and the token is good
        if not isinstance(state, str):
            why = f"a state is a text, and this is {kind_of(state)}"
            raise self.state.unusable(why, x, record)
        return state

    def ends_at(self, x: Any, record: Mapping[str, Json]) -> int | None:
        """When a credential expires, in microseconds since 1970. Raises `ExpressionFailed`."""
        if self.expires is None:
            return None
        moment = self.expires.value(x, record)
        try:
            return None if moment is None else time_of(moment)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.expires.unusable(in_plain_words(error), x, record) from None

    def scopes_of(self, x: Any, record: Mapping[str, Json]) -> list[str] | None:
        """The scopes of a credential; None: all. Raises `ExpressionFailed`.

        "read write"  ->  ["read", "write"]
        """
        if self.scopes is None:
            return (
                None if self.jwt is None else scopes_claimed(record.get("claims") or {})
            )
        scopes = self.scopes.value(x, record)
        if isinstance(scopes, str):
            return scopes.split()
        if scopes is None or (
            isinstance(scopes, list) and {*map(type, scopes)} <= _TEXTS
        ):
            return scopes
        why = f"scopes are a list of texts, or a text, and this is {kind_of(scopes)}"
        raise self.scopes.unusable(why, x, record)

    def lets_in(self, x: Any, record: Mapping[str, Json], address: str) -> bool:
        """Whether a credential may be used from *address*. Raises `ExpressionFailed`."""
        if self.allowed_ips is None:
            return True
        networks = self.allowed_ips.value(x, record)
        if networks is None or isinstance(networks, list):
            try:
                return allows(networks, address)
            except (TypeError, ValueError) as error:
                raise self.allowed_ips.unusable(str(error), x, record) from None
        why = f"networks are a list, and this is {kind_of(networks)}"
        raise self.allowed_ips.unusable(why, x, record)

    def judge(self, x: Any, record: Mapping[str, Json]) -> None:
        """Work out all that a call would ask of a credential. Raises `ExpressionFailed`."""
        self.state_of(x, record)
        self.ends_at(x, record)
        self.scopes_of(x, record)
        self.lets_in(x, record, "127.0.0.1")
        for template in (self.account, *(check for check, _ in self.requires)):
            if template is not None:
                template.value(x, record)


Alternative = tuple[SchemePolicy, ...]
"""Schemes that prove a caller together."""


def leading_first(requirement: Mapping[str, Any]) -> tuple[str, ...]:
    """The schemes that are asked for together, the one with scopes before the others:
    its credential is the caller."""
    return tuple(sorted(requirement, key=lambda name: not requirement[name]))


def allows(networks: Json, address: str) -> bool:
    """Whether *address* is in one of *networks* (CIDR, IPv4 or IPv6).

    An empty list allows everyone. Raises `ValueError` for what is not a network.
    """
    if not networks:
        return True
    try:
        caller = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(caller, "ipv4_mapped", None)
    if mapped is not None:
        caller = mapped
    return any(caller in ip_network(network, strict=False) for network in networks)
