"""What the endpoints of `oauth2` reply, and what they say to what they refuse."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.oauth2.endpoints import FORMS, PAGES, endpoints, paths_of
from emulator.json_type import Json
from emulator.program.oauth2 import CLIENT_AUTH, GRANT_TYPES, codes_of
from emulator.program.signed import ASYMMETRIC, SYMMETRIC

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_HTML = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
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


def reply_of(word: Mapping[str, Json], endpoint: str, base_path: str) -> Json:
    if endpoint in ("authorize", "consent"):
        gone = {"Location": "${record.location}", "Cache-Control": "no-store"}
        return [
            {"when": "record", "status": 302, "headers": gone},
            {"status": 200, "headers": _HTML},
        ]
    if endpoint in PAGES:
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


def errors_of(word: Mapping[str, Json], endpoint: str) -> Json:
    """The replies to what an endpoint refuses."""
    table: dict[str, Json] = {}
    grants, consent = word.get("grants", ()), word.get("consent", "ask")
    options = [name for name in word if word[name] != "off"]
    for code in codes_of(endpoint, grants, consent, options):
        table[code] = _error(endpoint, code)
    if endpoint in FORMS or endpoint in PAGES:
        table["invalid_request"] = _said("invalid_request", "A parameter is wrong.")
    if endpoint in FORMS:
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
