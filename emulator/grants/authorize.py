"""Authorize: a user allows a client something, and the client is given a code for it.

RFC 6749 (4.1.1, 4.1.2), RFC 7636 (4.3), RFC 9700 (2.1: addresses are compared exactly),
RFC 9126 (pushed requests), RFC 8707 (resources); tokens at once, where a server still has
them: OAuth 2.0 Multiple Response Type Encoding Practices, OpenID Connect Core 1.0 (3.2, 3.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.denied import Denied
from emulator.grants.dpop import proved_key
from emulator.grants.html import consent_page
from emulator.grants.issuing import fresh, id_token, issue, stored
from emulator.grants.people import anybody, logged_in
from emulator.grants.pushed import (
    keep_request,
    kept_request,
    pushed_by,
    use_request,
)
from emulator.grants.requests import (
    check_allowed,
    check_forced,
    form_of,
    query_of,
    resource_of,
    scope_of,
    texts_of,
)
from emulator.program.oauth2 import GrantPolicy, OAuthPolicy
from emulator.times import SECOND, iso

_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_LOOPBACK = ("127.0.0.1", "::1")
_KNOWN = (
    "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state",
    "nonce", "code_challenge", "code_challenge_method", "resource", "dpop_jkt",
)  # fmt: skip
"""The parameters that a form carries on."""
_BY_NAME = ("client_id", "request_uri")
"""Those that it carries on of a request that was pushed."""


class _Request(NamedTuple):
    """What a client asks a user for."""

    client: Record
    address: str
    """Where the answer goes."""
    sent: Mapping[str, str]
    scope: str
    kinds: frozenset[str] = frozenset()
    """What is asked for: a `code`, a `token`, an `id_token`; none: it is not known."""
    mode: str = "query"
    """Where in the address the answer stands."""
    resource: str | None = None


def authorize(exchange: Exchange, policy: GrantPolicy) -> None:
    """Ask the user, or give the code at once where nobody is asked."""
    repeated = query_of(exchange)
    server = policy.server
    asked = {name: texts[-1] for name, texts in repeated.items() if texts[-1]}
    if server.resources and "resource" in asked:
        asked["resource"] = " ".join(repeated["resource"])
    single = {*repeated} - ({"resource"} if server.resources else set())
    twice = [name for name in repeated if name in single and len(repeated[name]) > 1]
    if not {"client_id", "request_uri"} & {*twice}:
        asked = _with_pushed(exchange, server, asked)
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
    form = form_of(exchange, policy.server)
    form = _with_pushed(exchange, policy.server, form)
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


def pushed(exchange: Exchange, policy: GrantPolicy) -> None:
    """Keep what a client asks for, if it may be asked for (RFC 9126, 2.1)."""
    check_forced(exchange, policy.codes)
    asked = pushed_by(exchange, policy.server)
    key = proved_key(exchange, policy.server, None)
    if key is not None and asked.setdefault("dpop_jkt", key) != key:
        raise Denied("invalid_dpop_proof", "the proof is of another key than dpop_jkt")
    try:
        _read(exchange, policy, asked, [])
    except Denied as denied:
        known = denied.code != "redirect_refused"
        code = denied.code if known else "invalid_grant_request"
        raise Denied(code, denied.why) from None
    keep_request(exchange, policy.server, asked)


def _with_pushed(
    exchange: Exchange, server: OAuthPolicy, asked: dict[str, str]
) -> dict[str, str]:
    """*asked*, with what its client has pushed; what comes beside that counts for nothing."""
    if server.par == "off" or "request_uri" not in asked:
        return asked
    kept = kept_request(exchange, asked)
    own = ("client_id", "request_uri", "username", "password", "decision")
    said = {name: asked[name] for name in own if name in asked}
    pushed_before = kept.get("parameters")
    return {**(pushed_before if isinstance(pushed_before, dict) else {}), **said}


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
    kinds = _kinds(server, asked.get("response_type", ""))
    modes = ("query", "fragment") if kinds <= {"code"} else ("fragment",)
    wanted = asked.get("response_mode", modes[0])
    mode = wanted if wanted in modes else modes[0]
    request = _Request(client, address, asked, "", kinds, mode)

    def refuse(code: str, why: str) -> Denied:
        return _to_client(exchange, request, code, why)

    for code in policy.codes:
        if exchange.forced == code:
            raise refuse(code, "it is forced")
    if twice:
        raise refuse("invalid_grant_request", f"{twice[0][:60]!r} comes twice")
    is_direct = policy.endpoint != "pushed" and "request_uri" not in asked
    if server.par == "required" and is_direct:
        raise refuse("invalid_grant_request", "the request was not pushed")
    if "response_type" not in asked:
        raise refuse("invalid_grant_request", "there is no response_type")
    if not kinds:
        raise refuse("unsupported_response_type", "there is no such response_type")
    if wanted not in modes:
        raise refuse("invalid_grant_request", "there is no such response_mode for it")
    try:
        if "code" in kinds:
            check_allowed(client, "authorization_code")
        elif "implicit" not in client.get("grant_types", ["implicit"]):
            raise Denied("unauthorized_client", "the client must not use implicit")
        scope = scope_of(server, client, asked.get("scope"))
        resource = resource_of(server, asked.get("resource"))
    except Denied as denied:
        raise refuse(denied.code, denied.why) from None
    why = _wrong_challenge(server, asked) if "code" in kinds else ""
    if not why and "id_token" in kinds:
        why = _wrong_id_token(server, scope, asked)
    if why:
        raise refuse("invalid_grant_request", why)
    return request._replace(scope=scope, resource=resource)


def _kinds(server: OAuthPolicy, sent: str) -> frozenset[str]:
    """What a response_type asks for, in any order; nothing where there is none such."""
    kinds = frozenset(sent.split(" "))
    known = (frozenset(kind.split(" ")) for kind in server.response_types)
    return kinds if kinds in known else frozenset()


def _wrong_id_token(server: OAuthPolicy, scope: str, asked: Mapping[str, str]) -> str:
    """Why no ID token can be given at once; empty: it can (OpenID Connect Core, 3.2.2.1)."""
    if server.keys is None or "openid" not in scope.split():
        return "an id_token is for the scope openid"
    return "" if "nonce" in asked else "there is no nonce"


def _address(client: Record, sent: str | None) -> str:
    """The registered address that the answer goes to."""
    registered = texts_of(client.get("redirect_uris"))
    if sent is None:
        if len(registered) == 1:
            return registered[0]
        raise Denied("redirect_refused", "there is no redirect_uri")
    if any(_same(sent, uri) for uri in registered):
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
    use_request(exchange, sent)
    granted: Record = {
        "client_id": request.client["client_id"],
        "sub": user[exchange.collection("users").key],
        "scope": request.scope,
        "resource": request.resource,
        "nonce": sent.get("nonce"),
        "auth_time": exchange.at // SECOND,
        "family": fresh(exchange, 22),
    }
    answer: dict[str, str | None] = {}
    if "code" in request.kinds:
        answer["code"] = _code(exchange, server, request, granted)
    if "token" in request.kinds:
        made = issue(exchange, server, request.client, granted, refreshes=False)
        answer |= {"access_token": made["access_token"], "token_type": "Bearer"}
        answer |= {"expires_in": str(made["expires_in"]), "scope": request.scope}
    if "id_token" in request.kinds and server.keys is not None:
        tokens = answer.get("access_token"), answer.get("code")
        answer["id_token"] = id_token(exchange, server, server.keys, granted, *tokens)
    answer |= {"state": sent.get("state"), "iss": server.issuer(exchange)}  # RFC 9207
    exchange.record = {**granted, "location": _with(request, answer)}
    about = {"user": granted["sub"], "scope": granted["scope"]}
    exchange.note("grant", "allowed", about)


def _code(
    exchange: Exchange, server: OAuthPolicy, request: _Request, granted: Record
) -> str:
    """A code for what is *granted*."""
    sent = request.sent
    with_pkce = server.pkce != "off" and "code_challenge" in sent
    code = stored(
        exchange,
        "codes",
        {
            **granted,
            "code": fresh(exchange),
            "redirect_uri": sent.get("redirect_uri"),
            "code_challenge": sent["code_challenge"] if with_pkce else None,
            "code_challenge_method": sent.get("code_challenge_method", "plain"),
            "dpop_jkt": sent.get("dpop_jkt") if server.dpop != "off" else None,
            "state": "active",
            "expires_at": iso(exchange.at + server.code_for),
        },
    )
    return str(code["code"])


_ERRORS = {"invalid_grant_request": "invalid_request"}
"""What the client is told, where it is not the code itself."""


def _to_client(exchange: Exchange, request: _Request, code: str, why: str) -> Denied:
    """Refuse, and tell the client at its address."""
    error = _ERRORS.get(code, code)
    answer: dict[str, str | None] = {"error": error}
    answer["state"] = request.sent.get("state")
    policy = exchange.operation.grant
    if policy is not None:
        answer["iss"] = policy.server.issuer(exchange)
    return Denied(code, why, _with(request, answer))


def _with(request: _Request, answer: Mapping[str, str | None]) -> str:
    """The client's address with *answer* in it; its query may have something already."""
    parts = urlsplit(request.address)
    added = urlencode({name: text for name, text in answer.items() if text is not None})
    if request.mode == "fragment":
        return urlunsplit(parts._replace(fragment=added))
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def _page(
    exchange: Exchange, server: OAuthPolicy, request: _Request, name: str | None = None
) -> bytes:
    client, is_pushed = request.client, "request_uri" in request.sent
    carried = _BY_NAME if is_pushed and server.par != "off" else _KNOWN
    return consent_page(
        server.url(exchange, "authorize"),
        str(client.get("client_name") or client["client_id"]),
        request.scope.split(),
        {field: request.sent[field] for field in carried if field in request.sent},
        username=name if name is not None else request.sent.get("login_hint", ""),
        message="" if name is None else "The user name or the password is wrong.",
    )
