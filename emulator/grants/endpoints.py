"""Endpoints: has a call answered by the endpoint of an authorization server that it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulator.exchange.exchange import Exchange, Refusal
from emulator.grants.authorize import authorize, consent, pushed
from emulator.grants.denied import Denied
from emulator.grants.devices import device, device_consent, device_page_of
from emulator.grants.html import notice
from emulator.grants.issuing import claims_of
from emulator.grants.token import introspect, revoke, token
from emulator.json_type import present
from emulator.program.oauth2 import GrantPolicy

_NOT_KNOWN = "The client, or the address that it wants an answer at, is not known here."


def refused(exchange: Exchange, policy: GrantPolicy) -> Refusal | None:
    """Why the endpoint refuses the call, if it does; else it has done what was asked for."""
    try:
        _ENDPOINTS[policy.endpoint](exchange, policy)
    except Denied as denied:
        exchange.note("grant", "denied", {"why": denied.why})
        if denied.code == "redirect_refused":
            exchange.reply.body = notice("This request is not valid", _NOT_KNOWN)
        facts = {"location": denied.location, "nonce": denied.nonce}
        return Refusal(denied.code, facts)
    return None


def _userinfo(exchange: Exchange, policy: GrantPolicy) -> None:
    """What the bearer of a token may know of its user (OpenID Connect Core 1.0, 5.3)."""
    caller = exchange.caller or {}
    about = claims_of(exchange, policy.server, caller.get("claims") or caller)
    exchange.record = present(**about)


_ENDPOINTS: Mapping[str, Callable[[Exchange, GrantPolicy], None]] = {
    "authorize": authorize,
    "consent": consent,
    "pushed": pushed,
    "token": token,
    "revoke": revoke,
    "introspect": introspect,
    "device": device,
    "device_page": device_page_of,
    "device_consent": device_consent,
    "userinfo": _userinfo,
}
