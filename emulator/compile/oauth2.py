"""OAuth 2: what one word stands for: endpoints, collections, schemes and errors.

`expand` writes them into the document, as if the author had: from there on they are parts
of the spec like any other. What the author has written of one of them holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from importlib.util import find_spec

from emulator.compile.keys import LIBRARIES
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.program.keys import ALGORITHMS, KeyPolicy
from emulator.program.oauth2 import (
    CLIENT_AUTH,
    GRANT_TYPES,
    REFUSED,
    GrantPolicy,
    OAuthPolicy,
    codes_of,
    methods_of,
)
from emulator.program.signed import (
    ASYMMETRIC,
    SYMMETRIC,
    BadSignature,
    public_part,
)
from emulator.spec.description import OpenAPI
from emulator.spec.document import Document, Pointer
from emulator.times import SECOND
from emulator.world.collection import Base

_SCHEME = "OAuth"
"""The scheme of openapi.yaml that tokens are credentials of, unless `scheme` names one."""
PATHS: Mapping[str, str] = {
    "authorize": "/oauth/authorize",
    "token": "/oauth/token",
    "revoke": "/oauth/revoke",
    "introspect": "/oauth/introspect",
    "pushed": "/oauth/par",
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
    "pushed": ("oauthPush", "POST", "pushed"),
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
    "pushed": "Leave a request before the user comes",
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
_FORMS = (
    "consent", "token", "revoke", "introspect", "pushed", "device", "device_consent",
)  # fmt: skip
_SECRET_MEMBERS = (
    "client_secret", "code", "refresh_token", "device_code", "user_code", "token",
    "password", "request_uri", "subject_token", "client_assertion",
)  # fmt: skip
_MEMBERS = (
    "grant_type", "client_id", "code_verifier", "redirect_uri", "scope", "username",
    "token_type_hint", "decision", "response_type", "state", "nonce",
    "code_challenge", "code_challenge_method", "client_assertion_type", "resource",
    "subject_token_type", "requested_token_type", "actor_token", "audience",
    "dpop_jkt", *_SECRET_MEMBERS,
)  # fmt: skip
_QUERY = (
    "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state",
    "nonce", "code_challenge", "code_challenge_method", "prompt", "login_hint",
    "max_age", "display", "ui_locales", "id_token_hint", "acr_values", "request_uri",
    "resource", "dpop_jkt",
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
            "scope", "token_endpoint_auth_method", "jwks", "dpop_bound_access_tokens",
            "state",
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
            "expires_at", "resource", "dpop_jkt",
        ],
    },
    "pushed_requests": {
        "fields": ["request_uri", "client_id", "parameters", "state", "expires_at"],
    },
    "tokens": {
        "fields": [
            "access_token", "refresh_token", "client_id", "sub", "scope", "whole_scope",
            "family", "auth_time", "nonce", "jti", "state", "issued_at", "expires_at",
            "refresh_state", "refresh_expires_at", "resource", "jkt",
        ],
    },
    "devices": {
        "fields": [
            "device_code", "user_code", "client_id", "scope", "sub", "auth_time",
            "state", "interval", "polled_at", "expires_at", "resource",
        ],
    },
}  # fmt: skip
_SECRET_FIELDS: Mapping[str, list[str]] = {
    "clients": ["client_secret"],
    "users": ["password"],
    "codes": ["code"],
    "pushed_requests": ["request_uri"],
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
    "invalid_target": (400, "invalid_target", "The resource is unknown, or not what was granted."),
    "invalid_dpop_proof": (400, "invalid_dpop_proof", "The proof of the key is missing, wrong, or used before."),
    "use_dpop_nonce": (400, "use_dpop_nonce", "The proof of the key needs another nonce."),
    "slow_down": (400, "slow_down", "The device polls too often."),
    "expired_token": (400, "expired_token", "The device code has expired."),
}  # fmt: skip
"""Status, `error` and description by code.

RFC 6749, 4.1.2.1 and 5.2; RFC 8628, 3.5; RFC 8707, 2; RFC 9449, 5 and 8.
"""


def endpoints(word: Mapping[str, Json]) -> Iterator[str]:
    """What the operations do that `oauth2` stands for."""
    grants = word.get("grants", ())
    signs = "keys" in word
    if "authorization_code" in grants:
        yield from ("authorize", "consent")
        if word.get("par", "off") != "off":
            yield "pushed"
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
    status = "201" if endpoint == "pushed" else "200"
    return {status: {"description": "Done", "content": {"application/json": {}}}}


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
    more: Json = {}
    if word.get("dpop", "off") != "off":
        bound: Json = {"required": word["dpop"] == "required"}
        if "dpop_nonce_for" in word:
            bound["nonce_for"] = word["dpop_nonce_for"]
        more = {"prefixes": ["Bearer", "DPoP"], "dpop": bound}
    if word.get("tokens") != "jwt":
        return {
            **more,
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
        **more,
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
    unbound = word.get("dpop", "off") == "off"
    if endpoint == "token":
        body: Json = {
            "access_token": "${record.access_token}",
            "token_type": "Bearer"
            if unbound
            else "${'DPoP' if record.jkt else 'Bearer'}",
            "expires_in": "${record.expires_in}",
            "refresh_token": "${record.refresh_token or omit}",
            "scope": "${record.scope}",
            "id_token": "${record.id_token or omit}",
        }
        if "token_exchange" in word.get("grants", ()):
            body |= {"issued_token_type": "${record.issued_token_type or omit}"}
    elif endpoint == "pushed":
        body = {"request_uri": "${record.request_uri}"}
        body["expires_in"] = "${record.expires_in}"
        return {"status": 201, "headers": _NO_STORE, "body": body}
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
    grants, methods = word.get("grants", ()), word.get("client_auth", CLIENT_AUTH)
    body: Json = {"issuer": word["issuer"]}
    for name, place in {
        "authorization_endpoint": "authorize",
        "token_endpoint": "token",
        "userinfo_endpoint": "userinfo",
        "jwks_uri": "jwks",
        "revocation_endpoint": "revoke",
        "introspection_endpoint": "introspect",
        "device_authorization_endpoint": "device",
        "pushed_authorization_request_endpoint": "pushed",
    }.items():
        if place in there:
            body[name] = f"${{base_url}}{base_path}{paths[place]}"
    types = word.get("response_types", ["code"]) if "authorize" in there else []
    implicit = ["implicit"] if any("token" in kind for kind in types) else []
    body |= {
        "response_types_supported": list(types),
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": [*(GRANT_TYPES[grant] for grant in grants), *implicit],
        "token_endpoint_auth_methods_supported": list(methods),
        "authorization_response_iss_parameter_supported": True,
    }
    if word.get("pkce", "optional") != "off":
        body["code_challenge_methods_supported"] = word.get("pkce_methods", ["S256"])
    by_key = "private_key_jwt" in methods
    algorithms = [*(ASYMMETRIC if by_key else ())]
    algorithms += SYMMETRIC if "client_secret_jwt" in methods else ()
    if algorithms:
        signing = "token_endpoint_auth_signing_alg_values_supported"
        body[signing] = algorithms
    if "pushed" in there:
        body["require_pushed_authorization_requests"] = word["par"] == "required"
    if word.get("dpop", "off") != "off":
        body["dpop_signing_alg_values_supported"] = [*ASYMMETRIC]
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
    grants, consent = word.get("grants", ()), word.get("consent", "ask")
    options = [name for name in word if word[name] != "off"]
    for code in codes_of(endpoint, grants, consent, options):
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
        table |= _of_bearers(word)
    return table


def _error(endpoint: str, code: str) -> Json:
    if code == "redirect_refused":
        return {"status": 400, "body": None, "headers": _HTML}
    if endpoint in ("authorize", "consent"):
        gone = {"Location": "${location}", "Cache-Control": "no-store"}
        return {"status": 302, "body": None, "headers": gone}
    status, error, description = _STATUSES[code]
    made = _said(error, description, status)
    if code == "use_dpop_nonce":
        made["headers"] = {**_NO_STORE, "DPoP-Nonce": "${nonce}"}
    if code == "invalid_client":
        made["headers"] = {**_NO_STORE, "WWW-Authenticate": 'Basic realm="oauth"'}
    return made


def _said(error: str, description: str, status: int = 400) -> Json:
    body = {"error": error, "error_description": description}
    return {"status": status, "body": body, "headers": _NO_STORE}


def _of_bearers(word: Mapping[str, Json]) -> Json:
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
    if word.get("dpop", "off") != "off":
        proof = 'DPoP error="%s", algs="%s"'
        for code, error in (
            ("credential_unproved", "invalid_dpop_proof"),
            ("nonce_stale", "use_dpop_nonce"),
        ):
            asked = {"WWW-Authenticate": proof % (error, " ".join(ASYMMETRIC))}
            if code == "nonce_stale":
                asked["DPoP-Nonce"] = "${nonce}"
            table[code] = {"status": 401, "headers": asked, "body": {"error": error}}
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
        client_auth=tuple(word.get("client_auth", CLIENT_AUTH)),
        response_types=tuple(word.get("response_types", ("code",))),
        par=word.get("par", "off"),
        par_for=source.duration(*at, "par_for", default=60 * SECOND),
        dpop=word.get("dpop", "off"),
        nonce_for=source.duration(*at, "dpop_nonce_for"),
        resources=tuple(word.get("resources", ())),
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

    needs_users = [
        option
        for option, usual in (("par", "off"), ("response_types", ["code"]))
        if word.get(option, usual) != usual and "authorization_code" not in grants
    ]
    if needs_users:
        source.problem(
            ("oauth2", needs_users[0]),
            "missing-key",
            f"{needs_users[0]!r} is about users who come to the endpoint authorize",
            "which there is for the grant authorization_code",
            f"add authorization_code to `grants`, or remove `{needs_users[0]}`",
            key=True,
        )
    _check_response_types(source, word)
    _check_libraries(source, word)


def _check_response_types(source: Source, word: Mapping[str, Json]) -> None:
    """Report tokens at once that nobody could make, or use."""
    kinds = {kind for text in word.get("response_types", ()) for kind in text.split()}
    at = ("oauth2", "response_types")
    if "id_token" in kinds and "keys" not in word:
        source.problem(
            at,
            "missing-key",
            "ID tokens are to be signed, and no keys are named",
            "JSON Web Tokens are signed with one of `keys`",
            "add `keys: signing` here, and `keys: {signing: {kind: rsa}}` at the top",
        )
    if "token" in kinds and word.get("dpop") == "required":
        source.problem(
            at,
            "wrong-form",
            "tokens that are given at once are bound to no key",
            "a client shows its key at the endpoint token (RFC 9449, 5), and `dpop` is"
            " required",
            "write `dpop: optional`, or remove the response types with `token`",
        )


def _check_libraries(source: Source, word: Mapping[str, Json]) -> None:
    """Report that what clients sign cannot be read here."""
    by_key = "private_key_jwt" in word.get("client_auth", ())
    option = "client_auth" if by_key else "dpop"
    signs = by_key or word.get("dpop", "off") != "off"
    missing = [name for name in LIBRARIES if signs and find_spec(name) is None]
    if missing:
        source.problem(
            ("oauth2", option),
            "missing-extra",
            f"clients sign with keys, and {' and '.join(missing)} cannot be imported",
            "reading that needs PyJWT and cryptography, which the extra `jwt` installs",
            "run `pip install 'provider-emulator[jwt]'`",
            key=True,
        )


_LISTS = ("redirect_uris", "grant_types")
_TEXTS = (
    "client_id", "client_secret", "client_name", "token_endpoint_auth_method", "state",
    "username", "password", "email",
)  # fmt: skip


def check_people(source: Source, bases: Mapping[str, Base]) -> None:
    """Report the first client, and the first user, that nobody could log in as."""
    _check_methods(source, bases)
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


def _check_methods(source: Source, bases: Mapping[str, Base]) -> None:
    """Report the first client that cannot authenticate as it is to."""
    known = source.get("oauth2", "client_auth", default=CLIENT_AUTH)
    clients = bases["clients"].records.values() if "clients" in bases else ()
    for client in clients:
        why, fix = _unusable(client, known)
        if why:
            source.problem(
                ("oauth2",),
                "fixture-credential",
                f"{client[bases['clients'].key]!r} in clients.yaml {why}",
                "`client_auth` says how clients authenticate: " + ", ".join(known),
                fix,
                key=True,
            )
            return


def _unusable(client: Mapping[str, Json], known: Collection[str]) -> tuple[str, str]:
    """Why a client cannot authenticate, and what to do about it; empty: it can."""
    method = client.get("token_endpoint_auth_method")
    methods = [method] if isinstance(method, str) else [*methods_of(client)]
    if not {*methods} & {*known}:
        return (
            f"authenticates by {' or '.join(methods)}",
            "add that to `client_auth`, or change `token_endpoint_auth_method`",
        )
    if methods == ["private_key_jwt"]:
        keys = client.get("jwks")
        shown = keys.get("keys") if isinstance(keys, dict) else None
        try:
            for key in shown or [None]:
                public_part(key)
        except BadSignature:
            return (
                "has no `jwks` with public keys, which its assertions are signed by",
                "add `jwks: {keys: [...]}` (RFC 7517); a `jwks_uri` is not fetched",
            )
    if methods == ["client_secret_jwt"] and not client.get("client_secret"):
        return "has no client_secret", "add one, which its assertions are signed with"
    return "", ""


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
