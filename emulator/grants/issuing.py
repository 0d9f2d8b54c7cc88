"""Issuing: makes tokens, and ends them.

All tokens that come of one grant are a family: they end together when a code or a refresh
token is used twice (RFC 6749, 4.1.2 and 10.4).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.requests import texts_of
from emulator.json_type import Json, present
from emulator.program.keys import KeyPolicy
from emulator.program.oauth2 import OAuthPolicy
from emulator.times import SECOND, is_time, iso, time_of

PROOF = "proof key"
"""The name of a client's member with the key that it has proved in this call (RFC 9449)."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_PROFILE = (
    "name", "family_name", "given_name", "middle_name", "nickname",
    "preferred_username", "profile", "picture", "website", "gender", "birthdate",
    "zoneinfo", "locale", "updated_at",
)  # fmt: skip
_CLAIMS = {
    "profile": _PROFILE,
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}
"""OpenID Connect Core 1.0, 5.4: the claims of a user that each scope asks for."""


def fresh(exchange: Exchange, length: int = 43, letters: str = _LETTERS) -> str:
    """A text that no other world gives out."""
    return exchange.world.secrets.token(length, letters)


_WHOLE: Mapping[str, Record] = {
    "codes": {
        "redirect_uri": None, "nonce": None, "code_challenge": None,
        "code_challenge_method": "plain", "auth_time": None, "expires_at": None,
        "sub": None, "scope": "", "state": "active", "resource": None, "dpop_jkt": None,
    },
    "tokens": {
        "access_token": None, "sub": None, "scope": "", "auth_time": None,
        "nonce": None, "jti": None, "state": "active", "issued_at": None,
        "expires_at": None, "refresh_token": None, "refresh_state": "active",
        "refresh_expires_at": None, "resource": None, "jkt": None,
    },
    "devices": {
        "scope": "", "sub": None, "auth_time": None, "state": "active", "interval": 5,
        "polled_at": None, "expires_at": None, "resource": None,
    },
}  # fmt: skip
"""What a record of the fixtures need not say."""


def found(
    exchange: Exchange, collection: str, field: str, text: str, client: Record
) -> Record | None:
    """The record whose *field* is *text*, where it is the client's; with all its fields."""
    record = exchange.collection(collection).first(field, text)
    if record is None or record.get("client_id") != client["client_id"]:
        return None
    return whole(exchange, collection, record)


def whole(exchange: Exchange, collection: str, record: Record) -> Record:
    """*record* with all fields that it lacks; it is stored so, as it is what ends later."""
    if "family" in record or collection == "devices":
        lacking = _WHOLE[collection].keys() - record.keys()
    else:
        lacking = {"family", *_WHOLE[collection]} - record.keys()
    if collection == "tokens" and "whole_scope" not in record:
        lacking |= {"whole_scope"}
    record = _usable(record)
    if not lacking:
        return record
    more = {
        **_WHOLE[collection],
        "whole_scope": record.get("scope", ""),
        "family": f"{collection} {record[exchange.collection(collection).key]}",
    }
    return changed(
        exchange, collection, {**{name: more[name] for name in lacking}, **record}
    )


def _usable(record: Record) -> Record:
    """*record*, where what somebody has put into it cannot be used, as if it were over."""
    wrong: Record = {}
    for name, value in record.items():
        if name.endswith("_at") and value is not None and not is_time(value):
            wrong[name] = iso(0)
        elif name in ("scope", "whole_scope") and not isinstance(value, str):
            wrong[name] = " ".join(texts_of(value))
        elif name == "interval" and type(value) is not int:
            wrong[name] = 5
    return {**record, **wrong} if wrong else record


def over(exchange: Exchange, time: Json) -> bool:
    """Whether it is *time* by now."""
    return time is not None and time_of(time) <= exchange.at


def stored(exchange: Exchange, collection: str, record: Record) -> Record:
    """*record*, with a key of its own."""
    held = exchange.collection(collection)
    made = {held.key: held.next_key(), **record}
    held.put(made)
    return made


def changed(
    exchange: Exchange, collection: str, record: Record, **values: Json
) -> Record:
    """*record* with other *values*, stored in its place."""
    made = {**record, **values}
    exchange.collection(collection).put(made)
    return made


def issue(
    exchange: Exchange,
    server: OAuthPolicy,
    client: Record,
    granted: Record,
    *,
    refreshes: bool,
) -> Record:
    """A new token of what is *granted*: `sub`, `scope`, `family`, `whole_scope`, `nonce`,
    and the `refresh_token` that stays. The answer has what its client is told besides.
    """
    ends = exchange.at + server.access_for
    record = {
        "client_id": client["client_id"],
        "sub": granted.get("sub"),
        "scope": granted["scope"],
        "whole_scope": granted.get("whole_scope", granted["scope"]),
        "family": granted.get("family") or fresh(exchange, 22),
        "auth_time": granted.get("auth_time"),
        "nonce": granted.get("nonce"),
        "state": "active",
        "issued_at": iso(exchange.at),
        "expires_at": iso(ends),
        "refresh_token": None,
        "refresh_state": None,
        "refresh_expires_at": None,
        "jti": fresh(exchange, 22),
        "resource": granted.get("resource"),
        "jkt": client.get(PROOF),
    }
    record["access_token"] = _access_token(exchange, server, client, record)
    if refreshes:
        ends_later = iso(exchange.at + server.refresh_for)
        record |= {
            "refresh_token": granted.get("refresh_token") or fresh(exchange),
            "refresh_state": "active",
            "refresh_expires_at": granted.get("refresh_expires_at") or ends_later,
        }
    made = stored(exchange, "tokens", record)
    told = {**made, "expires_in": server.access_for // SECOND, "id_token": None}
    if "openid" in record["scope"].split() and server.keys and record["sub"]:
        told["id_token"] = id_token(
            exchange, server, server.keys, record, record["access_token"]
        )
    exchange.note("grant", "issued", {"key": made["id"], "scope": made["scope"]})
    return told


def _access_token(
    exchange: Exchange, server: OAuthPolicy, client: Record, record: Record
) -> str:
    """A text, or a JSON Web Token as RFC 9068 has it."""
    if server.tokens == "opaque" or server.keys is None:
        return fresh(exchange)
    audience = None if server.audience is None else server.audience.value(exchange)
    if record["resource"]:
        named = record["resource"].split()
        audience = named if len(named) > 1 else named[0]
    own = {
        "iss": server.issuer(exchange),
        "sub": record["sub"] or client["client_id"],
        "aud": audience or client["client_id"],
        "iat": exchange.at // SECOND,
        "exp": (exchange.at + server.access_for) // SECOND,
        "client_id": client["client_id"],
        "scope": record["scope"],
        "jti": record["jti"],
    }
    if record["jkt"]:
        own["cnf"] = {"jkt": record["jkt"]}  # RFC 9449, 6.1
    about = user_of(exchange, record["sub"]) or client
    claims = {**_claims(exchange, server, about), **own}
    return server.keys.sign(exchange.world, claims, "at+jwt")


def id_token(
    exchange: Exchange,
    server: OAuthPolicy,
    keys: KeyPolicy,
    record: Record,
    access_token: str | None = None,
    code: str | None = None,
) -> str:
    """What a client is told of its user (OpenID Connect Core 1.0, 2, 3.1.3.6, 3.3.2.11)."""
    claims = {
        **claims_of(exchange, server, record),
        "iss": server.issuer(exchange),
        "aud": record["client_id"],
        "iat": exchange.at // SECOND,
        "exp": (exchange.at + server.access_for) // SECOND,
        "auth_time": record["auth_time"],
        "nonce": record["nonce"],
        "at_hash": _half(keys, access_token),
        "c_hash": _half(keys, code),
    }
    return keys.sign(exchange.world, present(**claims))


def _half(keys: KeyPolicy, text: str | None) -> str | None:
    """Half of the hash of *text*, where the algorithm of the keys is one of SHA-256."""
    if text is None or keys.bits not in (256, 2048, 3072, 4096):
        return None
    hashed = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(hashed[:16]).rstrip(b"=").decode()


def claims_of(exchange: Exchange, server: OAuthPolicy, token: Record) -> Record:
    """What a client is told of a user by *token*: `sub`, and what its scopes ask for."""
    user = user_of(exchange, token.get("sub")) or {}
    scopes = texts_of(token.get("scope"))
    names = [name for scope in scopes for name in _CLAIMS.get(scope, ())]
    asked = {name: user[name] for name in names if user.get(name) is not None}
    return {**_claims(exchange, server, user), **asked, "sub": token.get("sub")}


def _claims(exchange: Exchange, server: OAuthPolicy, about: Record) -> Record:
    made = {} if server.claims is None else server.claims.value(exchange, about)
    return present(**made)


def user_of(exchange: Exchange, sub: Json) -> Record | None:
    return None if sub is None else exchange.collection("users").get(sub)


def family_of(exchange: Exchange, family: Json) -> Iterable[Record]:
    """All tokens of one grant."""
    return exchange.collection("tokens").where({"family": family})


def end_family(exchange: Exchange, family: Json) -> None:
    """Revoke every token of one grant."""
    for token in [*family_of(exchange, family)]:
        ended = "revoked" if token.get("refresh_token") else None
        changed(exchange, "tokens", token, state="revoked", refresh_state=ended)
