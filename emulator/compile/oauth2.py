"""OAuth 2: what one word stands for: endpoints, collections, schemes and errors.

`expand` writes them into the document, as if the author had: from there on they are parts
of the spec like any other. What the author has written of one of them holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from emulator.compile.source import Source
from emulator.language.templates import Template
from emulator.program.keys import ALGORITHMS, KeyPolicy
from emulator.program.oauth2 import (
    GRANT_TYPES,
    REFUSED,
    GrantPolicy,
    OAuthPolicy,
    codes_of,
)
from emulator.spec.description import OpenAPI
from emulator.spec.document import Document, Pointer
from emulator.times import SECOND
from emulator.world.collection import Base

Json = Any

_SCHEME = "OAuth"
"""The scheme of openapi.yaml that tokens are credentials of, unless `scheme` names one."""
PATHS: Mapping[str, str] = {
    "authorize": "/oauth/authorize",
    "token": "/oauth/token",
    "revoke": "/oauth/revoke",
    "introspect": "/oauth/introspect",
    "device": "/oauth/device_authorization",
    "device_page": "/oauth/device",
    "userinfo": "/oauth/userinfo",
    "jwks": "/oauth/jwks",
    "metadata": "/.well-known/oauth-authorization-server",
    "openid": "/.well-known/openid-configuration",
}
"""Where the endpoints are, unless `paths` says otherwise."""
_OPERATIONS: Mapping[str, tuple[str, str, str]] = {
    "authorize": ("oauthAuthorize", "GET", "authorize"),
    "consent": ("oauthConsent", "POST", "authorize"),
    "token": ("oauthToken", "POST", "token"),
    "revoke": ("oauthRevoke", "POST", "revoke"),
    "introspect": ("oauthIntrospect", "POST", "introspect"),
    "device": ("oauthDevice", "POST", "device"),
    "device_page": ("oauthDevicePage", "GET", "device_page"),
    "device_consent": ("oauthDeviceConsent", "POST", "device_page"),
    "userinfo": ("oauthUserinfo", "GET", "userinfo"),
    "userinfo_post": ("oauthUserinfoPost", "POST", "userinfo"),
    "jwks": ("oauthKeys", "GET", "jwks"),
    "metadata": ("oauthMetadata", "GET", "metadata"),
    "openid": ("oauthOpenid", "GET", "openid"),
}
"""The operations by what they do: operationId, method, and which of `PATHS`."""
_SUMMARIES: Mapping[str, str] = {
    "authorize": "Ask a user for what a client wants",
    "consent": "What the user says to that",
    "token": "Give a token for a grant",
    "revoke": "Revoke a token",
    "introspect": "Tell whether a token is good",
    "device": "Begin the login of a device",
    "device_page": "Ask for the code that a device shows",
    "device_consent": "What the user says of the device",
    "userinfo": "Tell of the user whose token it is",
    "userinfo_post": "The same, by a form",
    "jwks": "The keys that tokens are signed with",
    "metadata": "What this authorization server can do",
    "openid": "The same for OpenID clients",
}
_PAGES = ("authorize", "consent", "device_page", "device_consent")
_FORMS = ("consent", "token", "revoke", "introspect", "device", "device_consent")
_SECRET_MEMBERS = (
    "client_secret", "code", "refresh_token", "device_code", "user_code", "token",
    "password",
)  # fmt: skip
_MEMBERS = (
    "grant_type", "client_id", "code_verifier", "redirect_uri", "scope", "username",
    "token_type_hint", "decision", "response_type", "state", "nonce",
    "code_challenge", "code_challenge_method", *_SECRET_MEMBERS,
)  # fmt: skip
_QUERY = (
    "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state",
    "nonce", "code_challenge", "code_challenge_method", "prompt", "login_hint",
    "max_age", "display", "ui_locales", "id_token_hint", "acr_values",
)  # fmt: skip
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_HTML = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_COLLECTIONS: Mapping[str, Json] = {
    "clients": {
        "key": "client_id",
        "fields": [
            "client_id", "client_secret", "client_name", "redirect_uris", "grant_types",
            "scope", "token_endpoint_auth_method", "state",
        ],
    },
    "users": {
        "key": "sub",
        "fields": ["sub", "username", "password", "email", "name", "state"],
    },
    "codes": {
        "fields": [
            "code", "client_id", "sub", "redirect_uri", "scope", "nonce", "state",
            "code_challenge", "code_challenge_method", "auth_time", "family",
            "expires_at",
        ],
    },
    "tokens": {
        "fields": [
            "access_token", "refresh_token", "client_id", "sub", "scope", "whole_scope",
            "family", "auth_time", "nonce", "jti", "state", "issued_at", "expires_at",
            "refresh_state", "refresh_expires_at",
        ],
    },
    "devices": {
        "fields": [
            "device_code", "user_code", "client_id", "scope", "sub", "auth_time",
            "state", "interval", "polled_at", "expires_at",
        ],
    },
}  # fmt: skip
_SECRET_FIELDS: Mapping[str, list[str]] = {
    "clients": ["client_secret"],
    "users": ["password"],
    "codes": ["code"],
    "tokens": ["access_token", "refresh_token"],
    "devices": ["device_code", "user_code"],
}
_STATUSES: Mapping[str, tuple[int, str, str]] = {
    "invalid_grant_request": (400, "invalid_request", "A parameter is missing, wrong or repeated."),
    "invalid_client": (401, "invalid_client", "The client could not be authenticated."),
    "invalid_grant": (400, "invalid_grant", "The grant is invalid, expired, revoked, or another client's."),
    "unauthorized_client": (400, "unauthorized_client", "The client must not use this grant."),
    "unsupported_grant_type": (400, "unsupported_grant_type", "There is no such grant."),
    "unsupported_response_type": (400, "unsupported_response_type", "There is no such response type."),
    "invalid_scope": (400, "invalid_scope", "The scope is unknown, malformed, or more than was granted."),
    "access_denied": (400, "access_denied", "The user has denied it."),
    "login_required": (400, "login_required", "The user has to log in."),
    "authorization_pending": (400, "authorization_pending", "The user has not decided yet."),
    "slow_down": (400, "slow_down", "The device polls too often."),
    "expired_token": (400, "expired_token", "The device code has expired."),
}  # fmt: skip
"""Status, `error` and description by code (RFC 6749, 4.1.2.1 and 5.2; RFC 8628, 3.5)."""


def endpoints(word: Mapping[str, Json]) -> Iterator[str]:
    """What the operations do that `oauth2` stands for."""
    grants = word.get("grants", ())
    signs = "keys" in word
    if "authorization_code" in grants:
        yield from ("authorize", "consent")
    yield from ("token", "revoke", "introspect")
    if "device_code" in grants:
        yield from ("device", "device_page", "device_consent")
    yield "userinfo"
    if signs:  # OpenID Connect Core 1.0, 5.3.1
        yield from ("userinfo_post", "jwks")
    yield "metadata"
    if signs:
        yield "openid"


def paths_of(word: Mapping[str, Json]) -> dict[str, str]:
    """Where the endpoints are."""
    return {**PATHS, **word.get("paths", {})}


def described(word: Mapping[str, Json]) -> Json:
    """What openapi.yaml would have to say: paths, and the schemes of clients and tokens."""
    scheme, paths = word.get("scheme", _SCHEME), paths_of(word)
    made: dict[str, Json] = {}
    for endpoint in endpoints(word):
        id, method, place = _OPERATIONS[endpoint]
        operation: Json = {
            "operationId": id,
            "summary": _SUMMARIES[endpoint],
            "security": [],
            "responses": _responses(endpoint),
        }
        if endpoint.startswith("userinfo"):
            operation["security"] = [{scheme: ["openid"] if "keys" in word else []}]
        if endpoint in _FORMS:
            members = {name: {"type": "string"} for name in _MEMBERS}
            schema = {"type": "object", "properties": members}
            form = {"application/x-www-form-urlencoded": {"schema": schema}}
            operation["requestBody"] = {"content": form}
        names = {"authorize": _QUERY, "device_page": ("user_code",)}.get(endpoint, ())
        if names:
            operation["parameters"] = [
                {"name": name, "in": "query", "schema": {"type": "string"}}
                for name in names
            ]
        made.setdefault(paths[place], {})[method.lower()] = operation
    schemes = {scheme: {"type": "http", "scheme": "bearer"}}
    schemes["OAuthClient"] = {"type": "http", "scheme": "basic"}
    return {"paths": made, "components": {"securitySchemes": schemes}}


def _responses(endpoint: str) -> Json:
    if endpoint in _PAGES:
        page = {"description": "A page", "content": {"text/html": {}}}
        gone = {"description": "Back to the client"}
        return {"200": page, "302": gone} if endpoint in _PAGES[:2] else {"200": page}
    return {"200": {"description": "Done", "content": {"application/json": {}}}}


def expand(behavior: Document, openapi: OpenAPI) -> Document:
    """*behavior* with all that its `oauth2` stands for; what it says itself, it keeps."""
    word = {"issuer": f"${{base_url}}{openapi.base_path}", **behavior.data["oauth2"]}
    word["algorithm"] = _algorithm(behavior.data.get("keys") or {}, word)
    data = deepcopy(behavior.data)
    scheme = word.get("scheme", _SCHEME)
    parts: Json = {
        "authentication": {
            "schemes": {
                scheme: _of_tokens(word),
                "OAuthClient": {
                    "credentials": "clients",
                    "field": "client_id",
                    "password": "client_secret",
                },
            },
            "secret_fields": _SECRET_FIELDS,
        },
        "collections": _COLLECTIONS,
        "operations": {
            _OPERATIONS[endpoint][0]: _operation(word, endpoint, openapi.base_path)
            for endpoint in endpoints(word)
            if _OPERATIONS[endpoint][0] in openapi.operations
        },
    }
    for operation in (data.get("operations") or {}).values():
        if operation and operation.get("grant") in REFUSED:
            usual = _operation(word, operation["grant"], openapi.base_path)
            usual.pop("secret_members", None)  # its body has members of its own
            _merge(operation, usual)
    _merge(data, parts)
    document = replace(behavior, data=data, positions={}, keys={})
    _place(document, behavior, data, ())
    return document


def _algorithm(keys: Mapping[str, Json], word: Mapping[str, Json]) -> str:
    """What tokens are signed with; empty where the keys are wrong, which is told."""
    signing = keys.get(word.get("keys", "")) or {}
    sizes = ALGORITHMS.get(signing.get("kind", ""), {})
    return sizes.get(signing.get("bits", next(iter(sizes), 0)), "")


def _merge(mine: Json, more: Mapping[str, Json]) -> None:
    """Add what *mine* does not say."""
    for name, part in more.items():
        if mine.get(name) is None:
            mine[name] = deepcopy(part)
        elif isinstance(mine[name], dict) and isinstance(part, Mapping):
            _merge(mine[name], part)


def _place(made: Document, written: Document, value: Json, pointer: Pointer) -> None:
    """Say where each part stands: what the word has added stands where the word does."""
    word = written.positions.get(("oauth2",), (1, 1))
    made.positions[pointer] = written.positions.get(pointer, word)
    children: Iterator[tuple[str | int, Json]] = iter(())
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = iter(enumerate(value))
    for name, child in children:
        at = (*pointer, name)
        if isinstance(value, dict):
            made.keys[at] = written.keys.get(at, word)
        _place(made, written, child, at)


def _of_tokens(word: Mapping[str, Json]) -> Json:
    """The scheme of the tokens, for operations that they protect."""
    if word.get("tokens") != "jwt":
        return {
            "credentials": "tokens",
            "field": "access_token",
            "state": "state or 'active'",
            "expires": "expires_at",
            "scopes": "scope",
        }
    claims = {"sub": "${sub}", "scope": " ".join(word.get("scopes", ()))}
    jwt = {"keys": word.get("keys"), "issuer": word["issuer"]}
    if "audience" in word:
        jwt["audience"] = word["audience"]
    return {
        "credentials": "users",
        "field": "sub",
        "jwt": {**jwt, "claims": {**claims, **word.get("claims", {})}},
    }


def _operation(word: Mapping[str, Json], endpoint: str, base_path: str) -> Json:
    """What behavior.yaml would have to say of an endpoint."""
    endpoint = endpoint.removesuffix("_post")
    made: Json = {"reply": _reply(word, endpoint, base_path)}
    if endpoint in REFUSED:
        made["grant"] = endpoint
    if endpoint in _FORMS:
        made["secret_members"] = list(_SECRET_MEMBERS)
    made["errors"] = _errors(word, endpoint)
    if "source" in word:  # what is known of the word is known of what it stands for
        made["source"] = word["source"]
    elif word.get("assumed") is True:
        made["assumed"] = True
    if endpoint in _FORMS or endpoint in _PAGES:
        made["violations"] = {"rules": {"default": "${field} is not valid"}}
    return made


def _reply(word: Mapping[str, Json], endpoint: str, base_path: str) -> Json:
    if endpoint in ("authorize", "consent"):
        gone = {"Location": "${record.location}", "Cache-Control": "no-store"}
        return [
            {"when": "record", "status": 302, "headers": gone},
            {"status": 200, "headers": _HTML},
        ]
    if endpoint in _PAGES:
        return {"status": 200, "headers": _HTML}
    if endpoint == "token":
        body: Json = {
            "access_token": "${record.access_token}",
            "token_type": "Bearer",
            "expires_in": "${record.expires_in}",
            "refresh_token": "${record.refresh_token or omit}",
            "scope": "${record.scope}",
            "id_token": "${record.id_token or omit}",
        }
    elif endpoint == "device":
        names = (
            "device_code", "user_code", "verification_uri", "verification_uri_complete",
            "expires_in", "interval",
        )  # fmt: skip
        body = {name: f"${{record.{name}}}" for name in names}
    elif endpoint == "jwks":
        return {"body": f"${{jwks('{word['keys']}')}}"}
    elif endpoint in ("metadata", "openid"):
        return {"body": _metadata(word, endpoint, base_path)}
    elif endpoint == "revoke":
        return {"status": 200, "headers": _NO_STORE}
    else:
        body = "${record}"
    return {"status": 200, "headers": _NO_STORE, "body": body}


def _metadata(word: Mapping[str, Json], endpoint: str, base_path: str) -> Json:
    """RFC 8414, 2, and OpenID Connect Discovery 1.0, 3."""
    paths, there = paths_of(word), [*endpoints(word)]
    grants, public = (
        word.get("grants", ()),
        ["client_secret_basic", "client_secret_post"],
    )
    body: Json = {"issuer": word["issuer"]}
    for name, place in {
        "authorization_endpoint": "authorize",
        "token_endpoint": "token",
        "userinfo_endpoint": "userinfo",
        "jwks_uri": "jwks",
        "revocation_endpoint": "revoke",
        "introspection_endpoint": "introspect",
        "device_authorization_endpoint": "device",
    }.items():
        if place in there:
            body[name] = f"${{base_url}}{base_path}{paths[place]}"
    methods = [*public, "none"]
    body |= {
        "response_types_supported": ["code"] if "authorize" in there else [],
        "response_modes_supported": ["query"],
        "grant_types_supported": [GRANT_TYPES[grant] for grant in grants],
        "token_endpoint_auth_methods_supported": methods,
        "authorization_response_iss_parameter_supported": True,
    }
    if word.get("pkce", "optional") != "off":
        body["code_challenge_methods_supported"] = word.get("pkce_methods", ["S256"])
    if word.get("scopes"):
        body["scopes_supported"] = list(word["scopes"])
    if endpoint == "openid":
        body |= {
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [word["algorithm"]],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce"],
        }  # fmt: skip
    return body


def _errors(word: Mapping[str, Json], endpoint: str) -> Json:
    """The replies to what an endpoint refuses."""
    table: dict[str, Json] = {}
    for code in codes_of(endpoint, word.get("grants", ()), word.get("consent", "ask")):
        table[code] = _error(endpoint, code)
    if endpoint in _FORMS or endpoint in _PAGES:
        table["invalid_request"] = _said("invalid_request", "A parameter is wrong.")
    if endpoint in _FORMS:
        table |= {
            "malformed_body": _said("invalid_request", "The form cannot be read."),
            "body_too_large": _said("invalid_request", "The form is too long.", 413),
            "unsupported_media": _said("invalid_request", "The body is not a form."),
        }
    if endpoint == "userinfo":
        table |= _of_bearers()
    return table


def _error(endpoint: str, code: str) -> Json:
    if code == "redirect_refused":
        return {"status": 400, "body": None, "headers": _HTML}
    if endpoint in ("authorize", "consent"):
        gone = {"Location": "${location}", "Cache-Control": "no-store"}
        return {"status": 302, "body": None, "headers": gone}
    status, error, description = _STATUSES[code]
    made = _said(error, description, status)
    if code == "invalid_client":
        made["headers"] = {**_NO_STORE, "WWW-Authenticate": 'Basic realm="oauth"'}
    return made


def _said(error: str, description: str, status: int = 400) -> Json:
    body = {"error": error, "error_description": description}
    return {"status": status, "body": body, "headers": _NO_STORE}


def _of_bearers() -> Json:
    """RFC 6750, 3.1: a call without a token is told no more than that."""

    def said(status: int, error: str) -> Json:
        asked = {"WWW-Authenticate": f'Bearer error="{error}"'}
        return {"status": status, "headers": asked, "body": {"error": error}}

    bad = said(401, "invalid_token")
    codes = (
        "credential_malformed", "credential_unknown", "credential_expired",
        "credential_revoked", "credential_not_yet_valid", "issuer_wrong",
        "audience_wrong",
    )  # fmt: skip
    narrow = said(403, "insufficient_scope")
    missing = {"status": 401, "body": None, "headers": {"WWW-Authenticate": "Bearer"}}
    table = {"credential_missing": missing, "scope_missing": narrow}
    return {**table, **dict.fromkeys(codes, bad)}


def compile_oauth2(source: Source, keys: Mapping[str, KeyPolicy]) -> OAuthPolicy | None:
    """What `oauth2` says; None where it is not there."""
    at = ("oauth2",)
    word = source.get(*at)
    if word is None:
        return None
    _check(source, word)
    signing = None
    if "keys" in word and source.known(
        (*at, "keys"), word["keys"], keys, "signing-key"
    ):
        signing = keys[word["keys"]]
    return OAuthPolicy(
        grants=tuple(word.get("grants", ())),
        pkce=word.get("pkce", "optional"),
        methods=tuple(word.get("pkce_methods", ("S256",))),
        consent=word.get("consent", "ask"),
        scopes=tuple(word.get("scopes", ())),
        tokens=word.get("tokens", "opaque"),
        rotate=word.get("refresh", "rotate") == "rotate",
        keys=signing,
        of=source.template(
            (*at, "issuer"),
            tree=word.get("issuer", f"${{base_url}}{source.openapi.base_path}"),
        ),
        audience=source.optional((*at, "audience")),
        claims=_claims(source),
        code_for=source.duration(*at, "code_for", default=600 * SECOND),
        access_for=source.duration(*at, "access_for", default=3_600 * SECOND),
        refresh_for=source.duration(*at, "refresh_for", default=30 * 86_400 * SECOND),
        device_for=source.duration(*at, "device_for", default=1_800 * SECOND),
        interval=source.duration(*at, "interval", default=5 * SECOND) // SECOND,
        paths=paths_of(word),
    )


def _claims(source: Source) -> Template | None:
    fields = source.fields.get("users", frozenset()) | source.fields.get(
        "clients", frozenset()
    )
    return source.optional(("oauth2", "claims"), source.scope.with_fields(fields))


def _check(source: Source, word: Mapping[str, Json]) -> None:
    grants = word.get("grants", ())
    if word.get("tokens") == "jwt" and "keys" not in word:
        source.problem(
            ("oauth2", "tokens"),
            "missing-key",
            "tokens are to be signed, and no keys are named",
            "JSON Web Tokens are signed with one of `keys`",
            "add `keys: signing` here, and `keys: {signing: {kind: rsa}}` at the top",
        )
    if "refresh_token" in grants and not {*grants} - {
        "refresh_token",
        "client_credentials",
    }:
        source.problem(
            ("oauth2", "grants"),
            "missing-key",
            "there are refresh tokens, and no grant that gives one",
            "a refresh token comes with the token of a user (RFC 6749, 4.4.3)",
            "add authorization_code, password or device_code, or remove refresh_token",
        )


_LISTS = ("redirect_uris", "grant_types")
_TEXTS = (
    "client_id", "client_secret", "client_name", "token_endpoint_auth_method", "state",
    "username", "password", "email",
)  # fmt: skip


def check_people(source: Source, bases: Mapping[str, Base]) -> None:
    """Report the first client, and the first user, that nobody could log in as."""
    kinds = {**dict.fromkeys(_LISTS, list), **dict.fromkeys(_TEXTS, str)}
    for name in ("clients", "users"):
        for record in bases[name].records.values() if name in bases else ():
            wrong = [
                field
                for field, kind in kinds.items()
                if record.get(field) is not None and not isinstance(record[field], kind)
            ]
            if wrong:
                kind = "a list" if wrong[0] in _LISTS else "a text"
                source.problem(
                    ("oauth2",),
                    "fixture-credential",
                    f"{wrong[0]} of {record[bases[name].key]!r} in {name}.yaml is not {kind}",
                    "an authorization server compares it with what is sent",
                    f"write it as {kind}",
                    key=True,
                )
                break


def compile_grant(
    source: Source, pointer: Pointer, server: OAuthPolicy | None
) -> GrantPolicy | None:
    """What `grant` of an operation says."""
    endpoint = source.get(*pointer, "grant")
    if endpoint is None:
        return None
    if server is None:
        source.problem(
            (*pointer, "grant"),
            "missing-key",
            f"the operation is the endpoint {endpoint!r} of no authorization server",
            "`oauth2` says what is granted",
            "add `oauth2: {grants: [client_credentials]}` at the top",
            key=True,
        )
        return None
    return GrantPolicy(endpoint=endpoint, server=server)
