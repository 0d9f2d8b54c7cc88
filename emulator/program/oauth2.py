"""OAuth 2: what an authorization server grants, as `oauth2` of a spec says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.program.keys import KeyPolicy
from emulator.program.tokens import AtHome
from emulator.values import value

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type
GRANT_TYPES: Mapping[str, str] = {
    "authorization_code": "authorization_code",
    "client_credentials": "client_credentials",
    "refresh_token": "refresh_token",
    "password": "password",
    "device_code": DEVICE,
    "token_exchange": EXCHANGE,
}
"""What `grants` says, and what a client sends as `grant_type`."""

_IN_TOKEN = (
    "invalid_grant_request", "invalid_client", "unsupported_grant_type",
    "unauthorized_client", "invalid_grant", "invalid_scope",
)  # fmt: skip
_POLLED = ("authorization_pending", "slow_down", "access_denied", "expired_token")
_REDIRECTED = (
    "redirect_refused", "invalid_grant_request", "unauthorized_client",
    "unsupported_response_type", "invalid_scope", "access_denied",
)  # fmt: skip
_AUTHENTICATED = ("invalid_grant_request", "invalid_client")
_PUSHED = (
    *_AUTHENTICATED, "unauthorized_client", "unsupported_response_type", "invalid_scope",
)  # fmt: skip
_TARGETED = ("authorize", "consent", "token", "pushed", "device")
"""The endpoints at which a client may name a resource."""
CLIENT_AUTH = ("client_secret_basic", "client_secret_post", "none")
"""How clients authenticate, unless `client_auth` says otherwise."""
ASSERTED = ("private_key_jwt", "client_secret_jwt")
"""The ways that are a signed assertion (RFC 7523)."""
REFUSED: Mapping[str, tuple[str, ...]] = {
    "authorize": (*_REDIRECTED, "login_required"),
    "consent": _REDIRECTED,
    "pushed": _PUSHED,
    "token": _IN_TOKEN,
    "revoke": (*_AUTHENTICATED, "invalid_grant"),
    "introspect": _AUTHENTICATED,
    "device": (*_AUTHENTICATED, "unauthorized_client", "invalid_scope"),
    "device_page": (),
    "device_consent": (),
    "userinfo": (),
}
"""What each endpoint can refuse with, besides what the options of a server add."""


@value
class OAuthPolicy:
    """One authorization server."""

    grants: tuple[str, ...]
    pkce: str
    """`required`, `optional` or `off`."""
    methods: tuple[str, ...]
    """The methods of a code challenge (RFC 7636, 4.2)."""
    consent: str
    """`ask`: people log in and allow it; `auto`: all is allowed at once; `hinted`: it is
    where the client says who logs in."""
    scopes: tuple[str, ...]
    """Those that there are; none: any."""
    tokens: str
    """`opaque`, or `jwt`."""
    rotate: bool
    """A refresh token is good for one use, and gives another one."""
    keys: KeyPolicy | None
    """What tokens are signed with; None: there are no JSON Web Tokens."""
    of: Template
    """Who it says that it is: the `iss` of its tokens (RFC 8414, 2)."""
    audience: Template | None
    """The `aud` of access tokens that are JSON Web Tokens."""
    claims: Template | None
    """What tokens claim of a user, or of a client without one, besides what they must."""
    code_for: int
    access_for: int
    refresh_for: int
    device_for: int
    """How long each is good, in microseconds."""
    interval: int
    """Seconds between two polls of a device (RFC 8628, 3.2)."""
    client_auth: tuple[str, ...]
    """How clients may authenticate (RFC 8414, 2)."""
    par: str
    """`off`, `optional` or `required`: pushed authorization requests (RFC 9126)."""
    par_for: int
    """How long a pushed request is good, in microseconds."""
    response_types: tuple[str, ...]
    """What a client may ask a user for: a `code`, or tokens at once."""
    dpop: str
    """`off`, `optional` or `required`: tokens are bound to keys of clients (RFC 9449)."""
    nonce_for: int
    """How long a nonce of a proof is good, in microseconds; 0: proofs need none."""
    resources: tuple[str, ...]
    """The resources that a client may name (RFC 8707); none: the parameter is ignored."""
    paths: Mapping[str, str]
    """Where the endpoints are, below the provider's base path."""

    def url(self, exchange: Any, endpoint: str) -> str:
        """The address of an endpoint, as the caller would call it."""
        base = exchange.base_url + exchange.program.base_path
        return f"{base}{self.paths[endpoint]}"

    def issuer(self, exchange: Any) -> str:
        """The address of the server, which its tokens name."""
        return str(self.of.value(exchange))

    def audiences(self, exchange: Any) -> tuple[str, ...]:
        """What a client may call the server by, here or at the provider's own host."""
        home = AtHome(exchange)
        named = [self.issuer(exchange), str(self.of.value(home))]
        places = ("token", "pushed", "introspect", "revoke", "device")
        bases = (exchange.base_url, home.base_url)
        base_path = exchange.program.base_path
        paths = [self.paths[place] for place in places]
        return (*named, *(base + base_path + path for base in bases for path in paths))


@value
class GrantPolicy:
    """An operation that is an endpoint of an authorization server."""

    endpoint: str
    server: OAuthPolicy

    @property
    def stores(self) -> bool:
        """Whether its calls store records."""
        return self.endpoint in ("authorize", "consent", "token", "device", "pushed")

    @property
    def codes(self) -> tuple[str, ...]:
        """What it can refuse with."""
        server = self.server
        has = {
            "resources": bool(server.resources),
            "dpop": server.dpop != "off",
            "dpop_nonce_for": bool(server.nonce_for),
        }
        options = [option for option, is_there in has.items() if is_there]
        return codes_of(self.endpoint, server.grants, server.consent, options)


def codes_of(
    endpoint: str, grants: Collection[str], consent: str, options: Collection[str]
) -> tuple[str, ...]:
    """What an endpoint of a server with these *grants* and *options* can refuse with."""
    codes = REFUSED.get(endpoint, ())
    if "resources" in options and endpoint in _TARGETED:
        codes = (*codes, "invalid_target")
    if "dpop" in options and endpoint in ("token", "pushed"):
        codes = (*codes, "invalid_dpop_proof")
        if "dpop_nonce_for" in options:
            codes = (*codes, "use_dpop_nonce")
    if endpoint == "token" and "device_code" in grants:
        return (*codes, *_POLLED)
    if endpoint == "authorize" and consent == "auto":
        return tuple(code for code in codes if code != "login_required")
    return codes


def methods_of(client: Mapping[str, Json]) -> tuple[str, ...]:
    """How a client authenticates (RFC 7591, 2), if it does not say: as it can."""
    method = client.get("token_endpoint_auth_method")
    if method is not None:
        return (method,)
    if client.get("client_secret") is None:
        return ("private_key_jwt",) if client.get("jwks") else ("none",)
    return ("client_secret_basic", "client_secret_post")
