"""The endpoints that `oauth2` stands for, as openapi.yaml would have to describe them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.json_type import Json

SCHEME = "OAuth"
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
OPERATIONS: Mapping[str, tuple[str, str, str]] = {
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
PAGES = ("authorize", "consent", "device_page", "device_consent")
FORMS = (
    "consent", "token", "revoke", "introspect", "pushed", "device", "device_consent",
)  # fmt: skip
SECRET_MEMBERS = (
    "client_secret", "code", "refresh_token", "device_code", "user_code", "token",
    "password", "request_uri", "subject_token", "client_assertion",
)  # fmt: skip
_MEMBERS = (
    "grant_type", "client_id", "code_verifier", "redirect_uri", "scope", "username",
    "token_type_hint", "decision", "response_type", "state", "nonce",
    "code_challenge", "code_challenge_method", "client_assertion_type", "resource",
    "subject_token_type", "requested_token_type", "actor_token", "audience",
    "dpop_jkt", *SECRET_MEMBERS,
)  # fmt: skip
_QUERY = (
    "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state",
    "nonce", "code_challenge", "code_challenge_method", "prompt", "login_hint",
    "max_age", "display", "ui_locales", "id_token_hint", "acr_values", "request_uri",
    "resource", "dpop_jkt",
)  # fmt: skip


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
    scheme, paths = word.get("scheme", SCHEME), paths_of(word)
    made: dict[str, Json] = {}
    for endpoint in endpoints(word):
        id, method, place = OPERATIONS[endpoint]
        operation: Json = {
            "operationId": id,
            "summary": _SUMMARIES[endpoint],
            "security": [],
            "responses": _responses(endpoint),
        }
        if endpoint.startswith("userinfo"):
            operation["security"] = [{scheme: ["openid"] if "keys" in word else []}]
        if endpoint in FORMS:
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
    if endpoint in PAGES:
        page = {"description": "A page", "content": {"text/html": {}}}
        gone = {"description": "Back to the client"}
        return {"200": page, "302": gone} if endpoint in PAGES[:2] else {"200": page}
    status = "201" if endpoint == "pushed" else "200"
    return {status: {"description": "Done", "content": {"application/json": {}}}}
