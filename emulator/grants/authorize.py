"""Authorize: a user allows a client something, and the client is given a code for it.

RFC 6749 (4.1.1, 4.1.2), RFC 7636 (4.3), RFC 9700 (2.1: addresses are compared exactly).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.issuing import fresh, stored
from emulator.grants.pages import consent_page
from emulator.grants.people import anybody, logged_in
from emulator.grants.requests import (
    Denied,
    check_allowed,
    check_forced,
    form_of,
    query_of,
    scope_of,
    texts_of,
)
from emulator.program.oauth2 import GrantPolicy, OAuthPolicy
from emulator.times import SECOND, iso

Json = Any
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_LOOPBACK = ("127.0.0.1", "::1")
_KNOWN = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce",
    "code_challenge", "code_challenge_method",
)  # fmt: skip
"""The parameters that a form carries on."""


class _Request(NamedTuple):
    """What a client asks a user for."""

    client: Record
    address: str
    """Where the answer goes."""
    sent: Mapping[str, str]
    scope: str


def authorize(exchange: Exchange, policy: GrantPolicy) -> None:
    """Ask the user, or give the code at once where nobody is asked."""
    repeated = query_of(exchange)
    asked = {name: texts[-1] for name, texts in repeated.items() if texts[-1]}
    twice = [name for name, texts in repeated.items() if len(texts) > 1]
    request = _read(exchange, policy, asked, twice)
    hinted = policy.server.consent == "hinted" and "login_hint" in asked
    if policy.server.consent != "auto" and not hinted:
        if asked.get("prompt") == "none":
            raise _to_client(exchange, request, "login_required", "nobody is logged in")
        exchange.reply.body = _page(exchange, policy.server, request)
        return
    user = anybody(exchange, asked.get("login_hint"))
    if user is None:
        raise _to_client(exchange, request, "access_denied", "there is no such user")
    _give(exchange, policy.server, request, user)


def consent(exchange: Exchange, policy: GrantPolicy) -> None:
    """What the user says: the code, a refusal, or the form once more."""
    form = form_of(exchange)
    request = _read(exchange, policy, form, [])
    if form.get("decision") != "allow":
        raise _to_client(exchange, request, "access_denied", "the user denies it")
    name = form.get("username", "")
    user = logged_in(exchange, name, form.get("password", ""))
    if isinstance(user, str):
        exchange.note("grant", "not logged in", {"why": user})
        exchange.reply.body = _page(exchange, policy.server, request, name)
        return
    _give(exchange, policy.server, request, user)


def _read(
    exchange: Exchange, policy: GrantPolicy, asked: Mapping[str, str], twice: list[str]
) -> _Request:
    """Check what is asked: first where an answer may go, and then everything else.

    RFC 6749, 4.1.2.1: only the client at one of its addresses is told what is wrong.
    """
    server = policy.server
    check_forced(exchange, ("redirect_refused",))
    if {"client_id", "redirect_uri"} & {*twice}:
        raise Denied("redirect_refused", "client_id or redirect_uri comes twice")
    name = asked.get("client_id", "")
    client = exchange.collection("clients").get(name) if name else None
    if client is None or client.get("state", "active") != "active":
        raise Denied("redirect_refused", f"there is no client {name[:60]!r}")
    address = _address(client, asked.get("redirect_uri"))
    request = _Request(client, address, asked, "")

    def refuse(code: str, why: str) -> Denied:
        return _to_client(exchange, request, code, why)

    for code in policy.codes:
        if exchange.forced == code:
            raise refuse(code, "it is forced")
    if twice:
        raise refuse("invalid_grant_request", f"{twice[0][:60]!r} comes twice")
    if "response_type" not in asked:
        raise refuse("invalid_grant_request", "there is no response_type")
    if asked["response_type"] != "code":
        raise refuse("unsupported_response_type", "the only response_type is code")
    if asked.get("response_mode", "query") != "query":
        raise refuse("invalid_grant_request", "the only response_mode is query")
    try:
        check_allowed(client, "authorization_code")
        scope = scope_of(server, client, asked.get("scope"))
    except Denied as denied:
        raise refuse(denied.code, denied.why) from None
    why = _wrong_challenge(server, asked)
    if why:
        raise refuse("invalid_grant_request", why)
    return request._replace(scope=scope)


def _address(client: Record, sent: str | None) -> str:
    """The registered address that the answer goes to."""
    registered = texts_of(client.get("redirect_uris"))
    if sent is None:
        if len(registered) == 1:
            return registered[0]
        raise Denied("redirect_refused", "there is no redirect_uri")
    if any(_same(sent, one) for one in registered):
        return sent
    raise Denied("redirect_refused", "the redirect_uri is not one of the client's")


def _same(sent: str, registered: str) -> bool:
    """Whether both are the same; on the loopback, whatever the port (RFC 8252, 7.3)."""
    if sent == registered:
        return "#" not in sent
    try:
        one, other = urlsplit(sent), urlsplit(registered)
        hosts = one.hostname, other.hostname
        _ = one.port
    except ValueError:
        return False
    return (
        one.scheme == "http"
        and hosts[0] == hosts[1]
        and hosts[0] in _LOOPBACK
        and "@" not in one.netloc
        and one._replace(netloc="") == other._replace(netloc="")
    )


def _wrong_challenge(server: OAuthPolicy, asked: Mapping[str, str]) -> str:
    """What is wrong with the code challenge; empty: nothing."""
    challenge = asked.get("code_challenge")
    if server.pkce == "off":
        return ""
    if challenge is None:
        return "there is no code_challenge" if server.pkce == "required" else ""
    if asked.get("code_challenge_method", "plain") not in server.methods:
        return "the code_challenge_method is not supported"
    return "" if _CHALLENGE.fullmatch(challenge) else "the code_challenge is malformed"


def _give(
    exchange: Exchange, server: OAuthPolicy, request: _Request, user: Record
) -> None:
    """Give the client a code, by sending the browser to its address."""
    sent = request.sent
    with_pkce = server.pkce != "off" and "code_challenge" in sent
    code = stored(
        exchange,
        "codes",
        {
            "code": fresh(exchange),
            "client_id": request.client["client_id"],
            "sub": user[exchange.collection("users").key],
            "redirect_uri": sent.get("redirect_uri"),
            "scope": request.scope,
            "nonce": sent.get("nonce"),
            "code_challenge": sent["code_challenge"] if with_pkce else None,
            "code_challenge_method": sent.get("code_challenge_method", "plain"),
            "auth_time": exchange.at // SECOND,
            "family": fresh(exchange, 22),
            "state": "active",
            "expires_at": iso(exchange.at + server.code_for),
        },
    )
    answer = {"code": code["code"], "state": sent.get("state")}
    answer["iss"] = server.issuer(exchange)  # RFC 9207
    exchange.record = {**code, "location": _with(request.address, answer)}
    exchange.note("grant", "allowed", {"user": code["sub"], "scope": code["scope"]})


_ERRORS = {"invalid_grant_request": "invalid_request"}
"""What the client is told, where it is not the code itself."""


def _to_client(exchange: Exchange, request: _Request, code: str, why: str) -> Denied:
    """Refuse, and tell the client at its address."""
    error = _ERRORS.get(code, code)
    answer = {"error": error, "state": request.sent.get("state")}
    policy = exchange.operation.grant
    if policy is not None:
        answer["iss"] = policy.server.issuer(exchange)
    return Denied(code, why, _with(request.address, answer))


def _with(address: str, answer: Mapping[str, str | None]) -> str:
    """*address* with *answer* in its query, which may have something already."""
    parts = urlsplit(address)
    added = urlencode({name: text for name, text in answer.items() if text is not None})
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def _page(
    exchange: Exchange, server: OAuthPolicy, request: _Request, name: str | None = None
) -> bytes:
    client = request.client
    return consent_page(
        server.url(exchange, "authorize"),
        str(client.get("client_name") or client["client_id"]),
        request.scope.split(),
        {field: request.sent[field] for field in _KNOWN if field in request.sent},
        username=name if name is not None else request.sent.get("login_hint", ""),
        message="" if name is None else "The user name or the password is wrong.",
    )
