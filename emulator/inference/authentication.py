"""Authentication: who may call, by the security schemes of the document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urlsplit

from emulator.inference.draft import HIGH, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.names import snake
from emulator.inference.writing import EMPTY
from emulator.json_type import Json
from emulator.program.authentication import leading_first
from emulator.spec.description import SecurityScheme

KIND = Kind(
    "authentication",
    "the security schemes, and what each operation asks for",
    "a collection of credentials for each scheme, with fixtures: one that may do all,"
    " one that is revoked, one that is over, and one with a single scope",
)
_GRANTS = {
    "authorizationCode": "authorization_code",
    "clientCredentials": "client_credentials",
    "password": "password",
    "implicit": "authorization_code",
    "deviceAuthorization": "device_code",
}
_OAUTH_COLLECTIONS = ("clients", "users", "codes", "tokens", "devices")
_PATHS = {
    "authorizationUrl": "authorize",
    "tokenUrl": "token",
    "deviceAuthorizationUrl": "device",
}


def infer_authentication(draft: Draft) -> None:
    schemes = draft.openapi.security_schemes
    used = _used(draft)
    most = _most_used(draft)
    of_oauth = [name for name in schemes if _is_oauth(schemes[name])]
    if of_oauth:
        draft.taken.update(_OAUTH_COLLECTIONS)
        scopes = [s for name in of_oauth for s in used.get(name, ())]
        last = "" if most in of_oauth else f"_{snake(of_oauth[0])}"
        _oauth2(draft, of_oauth[0], scopes, last)
        for name in of_oauth[1:]:
            _more_tokens(draft, name)
    for name, scheme in schemes.items():
        if not _is_oauth(scheme):
            last = "" if name == most else f"_{snake(name)}"
            _scheme(draft, scheme, used.get(name, []), last)


def _most_used(draft: Draft) -> str:
    """The scheme that most operations are called with: its credentials have plain names,
    `full`; those of the others end as their scheme is called, `full_api_key`."""
    counts = dict.fromkeys(draft.openapi.security_schemes, 0)
    for operation in draft.openapi.operations.values():
        for alternative in filter(None, operation.security):
            first = leading_first(alternative)[0]
            if first in counts:
                counts[first] += 1
    return max(counts, key=lambda name: counts[name], default="")


def _used(draft: Draft) -> dict[str, list[str]]:
    """The schemes that operations ask for, with their scopes in order."""
    used: dict[str, dict[str, None]] = {}
    for operation in draft.openapi.operations.values():
        for alternative in operation.security:
            for name, scopes in alternative.items():
                used.setdefault(name, {}).update(dict.fromkeys(scopes))
    return {name: [*scopes] for name, scopes in used.items()}


def _is_oauth(scheme: SecurityScheme) -> bool:
    return scheme.kind in ("oauth2", "openIdConnect")


def _scheme(draft: Draft, scheme: SecurityScheme, scopes: list[str], last: str) -> None:
    """A collection of credentials of its own for *scheme*, whose names end with *last*."""
    is_pair = scheme.scheme in ("basic", "digest")
    usual = "logins" if is_pair else "api_keys" if scheme.kind == "apiKey" else "tokens"
    name = draft.collection_name(usual, f"{snake(scheme.name)}_{usual}")
    field = "username" if is_pair else "key" if scheme.kind == "apiKey" else "token"
    written: dict[str, Json] = {"credentials": name, "field": field}
    if scheme.kind == "mutualTLS":
        written["certificate_header"] = "X-SSL-Client-S-DN"
        reason = "a proxy is taken to name the client's certificate in this header"
        draft.found(KIND, scheme.name, MEDIUM, reason)
    else:
        reason = f"the document has the security scheme {scheme.name!r}"
        draft.found(KIND, scheme.name, HIGH, reason)
    written |= {"state": "state", "expires": "expires_at"}
    if scopes:
        written["scopes"] = "scopes"
    draft.schemes[scheme.name] = written
    draft.collections[name] = EMPTY
    draft.fixtures[name] = [
        *_credentials(draft, scheme, field, scopes, last, is_pair=is_pair)
    ]


def _credentials(
    draft: Draft,
    scheme: SecurityScheme,
    field: str,
    scopes: list[str],
    last: str,
    *,
    is_pair: bool,
) -> Iterator[dict[str, Json]]:
    for at, (name, state, expires) in enumerate(_KINDS, 1):
        record: dict[str, Json] = {"id": at, "name": name + last}
        if is_pair:
            record |= {"username": name, "password": _secret(draft, scheme.name, name)}
        else:
            record[field] = _secret(draft, scheme.name, name)
        record |= {"state": state, "expires_at": expires}
        if scopes:
            record["scopes"] = scopes
        yield record
        if len(scopes) > 1 and at == 1:
            narrow = {**record, "id": len(_KINDS) + 1, "name": f"narrow{last}"}
            narrow["scopes"] = [_narrowest(scopes)]
            narrow["password" if is_pair else field] = _secret(
                draft, scheme.name, "narrow"
            )
            if is_pair:
                narrow["username"] = "narrow"
            yield narrow


_KINDS = (
    ("full", "active", None),
    ("revoked", "revoked", None),
    ("expired", "active", "2020-01-01T00:00:00Z"),
)


def _narrowest(scopes: list[str]) -> str:
    return next((scope for scope in scopes if "read" in scope), scopes[0])


def _secret(draft: Draft, *about: str) -> str:
    """A text like a secret, the same each time; every world has another one instead."""
    text = "\x1f".join((draft.name, *about))
    return sha256(text.encode(errors="replace")).hexdigest()[:40]


def _oauth2(draft: Draft, name: str, scopes: list[str], last: str) -> None:
    """An authorization server whose tokens are the credentials of the scheme *name*."""
    scheme = draft.openapi.security_schemes[name]
    flows = _flows(draft, name)
    if scheme.kind == "openIdConnect":
        grants = ["authorization_code", "client_credentials"]
        draft.found(
            KIND,
            name,
            MEDIUM,
            "OpenID Connect is taken to have these grants; tokens are opaque",
        )
    else:
        grants = list(dict.fromkeys(_GRANTS[flow] for flow in flows if flow in _GRANTS))
        grants = grants or ["client_credentials"]
        draft.found(KIND, name, HIGH, f"the scheme {name!r} has these flows of OAuth 2")
    if {"authorization_code", "password"} & {*grants}:
        grants.append("refresh_token")
    known = [scope for flow in flows.values() for scope in _scopes_of(flow)]
    scopes = list(dict.fromkeys([*known, *scopes]))
    word: dict[str, Json] = {"grants": grants, "scheme": name, "consent": "auto"}
    if scopes:
        word["scopes"] = scopes
    paths = _paths(draft, flows)
    if paths:
        word["paths"] = paths
    draft.oauth2 = word
    client: dict[str, Json] = {
        "client_id": "client",
        "client_secret": _secret(draft, name, "client"),
        "client_name": "A client that may do all",
        "redirect_uris": ["http://localhost:8000/callback", "https://client.example.com/callback"],
        "grant_types": grants,
    }  # fmt: skip
    draft.fixtures["clients"] = [client]
    user = {
        "sub": "ada", "username": "ada", "password": "Countess-1815", "name": "Ada Lovelace",
        "email": "ada@example.com", "state": "active",
    }  # fmt: skip
    draft.fixtures["users"] = [user]
    draft.fixtures["tokens"] = [*_tokens(draft, name, scopes, last)]


def _flows(draft: Draft, name: str) -> dict[str, Json]:
    written = draft.openapi.security_schemes[name]
    value: Json = written.document.data
    for part in written.pointer:
        value = value.get(part, {}) if isinstance(value, dict) else {}
    flows = value.get("flows") if isinstance(value, dict) else None
    return flows if isinstance(flows, dict) else {}


def _scopes_of(flow: Json) -> list[str]:
    scopes = flow.get("scopes") if isinstance(flow, dict) else None
    return [*map(str, scopes)] if isinstance(scopes, dict) else []


def _paths(draft: Draft, flows: dict[str, Json]) -> dict[str, str]:
    """The endpoints that flows name, where they stand below the provider's base path."""
    paths: dict[str, str] = {}
    base = draft.openapi.base_path
    taken = {operation.path for operation in draft.openapi.operations.values()}
    for flow in flows.values():
        for key, place in _PATHS.items():
            url = flow.get(key) if isinstance(flow, dict) else None
            path = urlsplit(url).path if isinstance(url, str) else ""
            below = path.removeprefix(base)
            plain = re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", below)
            if (
                plain
                and path.startswith(base)
                and below not in {*taken, *paths.values()}
            ):
                paths.setdefault(place, below)
    return paths


def _tokens(
    draft: Draft, name: str, scopes: list[str], last: str
) -> Iterator[dict[str, Json]]:
    for at, (kind, state, expires) in enumerate(_KINDS, 1):
        yield {
            "id": at, "name": kind + last, "access_token": _secret(draft, name, kind),
            "client_id": "client", "sub": "ada", "scope": " ".join(scopes), "state": state,
            "expires_at": expires,
        }  # fmt: skip
    if len(scopes) > 1:
        yield {
            "id": 4, "name": f"narrow{last}", "access_token": _secret(draft, name, "narrow"),
            "client_id": "client", "sub": "ada", "scope": _narrowest(scopes),
            "state": "active", "expires_at": None,
        }  # fmt: skip


def _more_tokens(draft: Draft, name: str) -> None:
    """A second scheme for the tokens of the authorization server."""
    draft.schemes[name] = {
        "credentials": "tokens", "field": "access_token", "state": "state or 'active'",
        "expires": "expires_at", "scopes": "scope",
    }  # fmt: skip
    draft.found(
        KIND, name, HIGH, "it takes the tokens of the same authorization server"
    )
