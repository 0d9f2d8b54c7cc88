"""OAuth 2: what an authorization server grants, as `oauth2` of a spec says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from emulator.language.templates import Template
from emulator.program.keys import KeyPolicy
from emulator.values import value

Json = Any

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES: Mapping[str, str] = {
    "authorization_code": "authorization_code",
    "client_credentials": "client_credentials",
    "refresh_token": "refresh_token",
    "password": "password",
    "device_code": DEVICE,
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
REFUSED: Mapping[str, tuple[str, ...]] = {
    "authorize": (*_REDIRECTED, "login_required"),
    "consent": _REDIRECTED,
    "token": _IN_TOKEN,
    "revoke": (*_AUTHENTICATED, "invalid_grant"),
    "introspect": _AUTHENTICATED,
    "device": (*_AUTHENTICATED, "unauthorized_client", "invalid_scope"),
    "device_page": (),
    "device_consent": (),
    "userinfo": (),
}
"""What each endpoint can refuse with, besides `_POLLED` where devices poll for tokens."""


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
    paths: Mapping[str, str]
    """Where the endpoints are, below the provider's base path."""

    def url(self, exchange: Any, endpoint: str) -> str:
        """The address of an endpoint, as the caller would call it."""
        base = exchange.base_url + exchange.program.base_path
        return f"{base}{self.paths[endpoint]}"

    def issuer(self, exchange: Any) -> str:
        """The address of the server, which its tokens name."""
        return str(self.of.value(exchange))


@value
class GrantPolicy:
    """An operation that is an endpoint of an authorization server."""

    endpoint: str
    server: OAuthPolicy

    @property
    def stores(self) -> bool:
        """Whether its calls store records."""
        return self.endpoint in ("authorize", "consent", "token", "device")

    @property
    def codes(self) -> tuple[str, ...]:
        """What it can refuse with."""
        return codes_of(self.endpoint, self.server.grants, self.server.consent)


def codes_of(endpoint: str, grants: Collection[str], consent: str) -> tuple[str, ...]:
    """What an endpoint of a server with these *grants* can refuse with."""
    codes = REFUSED.get(endpoint, ())
    if endpoint == "token" and "device_code" in grants:
        return (*codes, *_POLLED)
    if endpoint == "authorize" and consent == "auto":
        return tuple(code for code in codes if code != "login_required")
    return codes
