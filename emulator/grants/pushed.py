"""Pushed: a client leaves its request here before it sends the user (RFC 9126).

What it has left is good for one login, and for a short time.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.denied import Denied
from emulator.grants.issuing import changed, fresh, over, stored
from emulator.grants.requests import client_of, form_of
from emulator.program.oauth2 import OAuthPolicy
from emulator.times import SECOND, iso

_URN = "urn:ietf:params:oauth:request_uri:"
_OF_CLIENTS = ("client_secret", "client_assertion", "client_assertion_type")
"""What proves the client, and is no part of its request."""


def keep_request(
    exchange: Exchange, server: OAuthPolicy, asked: Mapping[str, str]
) -> None:
    """Keep what a client has *asked*, and tell it by what name."""
    made = stored(
        exchange,
        "pushed_requests",
        {
            "request_uri": _URN + fresh(exchange),
            "client_id": asked["client_id"],
            "parameters": dict(asked),
            "state": "active",
            "expires_at": iso(exchange.at + server.par_for),
        },
    )
    exchange.record = {**made, "expires_in": server.par_for // SECOND}
    exchange.note("grant", "pushed", {"client": asked["client_id"]})


def pushed_by(exchange: Exchange, server: OAuthPolicy) -> dict[str, str]:
    """What the client that calls asks for. Raises `Denied`."""
    form = form_of(exchange, server)
    client = client_of(exchange, server, form)
    if "request_uri" in form:
        raise Denied("invalid_grant_request", "a pushed request names no other one")
    asked = {name: text for name, text in form.items() if name not in _OF_CLIENTS}
    return {**asked, "client_id": client["client_id"]}


def kept_request(exchange: Exchange, asked: Mapping[str, str]) -> Record:
    """The request that *asked* names. Raises `Denied`."""
    name = asked["request_uri"]
    kept = exchange.collection("pushed_requests").first("request_uri", name)
    if kept is None or kept.get("client_id") != asked.get("client_id"):
        raise Denied("redirect_refused", "there is no such request_uri of this client")
    if kept.get("state") != "active" or over(exchange, kept.get("expires_at")):
        raise Denied("redirect_refused", "the request_uri was used, or has expired")
    return kept


def use_request(exchange: Exchange, asked: Mapping[str, str]) -> None:
    """Nobody logs in by the request that *asked* names once more."""
    name = asked.get("request_uri")
    kept = exchange.collection("pushed_requests").first("request_uri", name)
    if name is not None and kept is not None:
        changed(exchange, "pushed_requests", kept, state="used")
