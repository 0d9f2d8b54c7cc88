"""Token: gives tokens for grants, tells of them, and revokes them.

RFC 6749 (4.1.3, 4.3, 4.4, 6), RFC 7636 (4.6), RFC 8628 (3.5), RFC 7009, RFC 7662,
RFC 8693 (2), RFC 8707 (2.2), RFC 9449 (5, 8).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.denied import Denied
from emulator.grants.dpop import proved_key
from emulator.grants.issuing import (
    PROOF,
    changed,
    end_family,
    found,
    issue,
    over,
    user_of,
    whole,
)
from emulator.grants.people import logged_in
from emulator.grants.requests import (
    check_allowed,
    check_forced,
    client_of,
    form_of,
    is_public,
    resource_of,
    scope_of,
    uses,
)
from emulator.json_type import present
from emulator.program.oauth2 import (
    ACCESS_TOKEN,
    GRANT_TYPES,
    GrantPolicy,
    OAuthPolicy,
)
from emulator.times import SECOND, iso, time_of

Form = Mapping[str, str]
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_SLOWER = 5
"""Seconds by which a device that polls too soon has to poll less often."""
_KINDS = {kind: grant for grant, kind in GRANT_TYPES.items()}


def token(exchange: Exchange, policy: GrantPolicy) -> None:
    """Give a token for what the caller has to show."""
    server = policy.server
    form = form_of(exchange, server)
    check_forced(exchange, policy.codes)
    kind = form.get("grant_type")
    if kind is None:
        raise Denied("invalid_grant_request", "there is no grant_type")
    client = client_of(exchange, server, form)
    grant = _KINDS.get(kind)
    if grant is None or grant not in server.grants:
        raise Denied("unsupported_grant_type", f"there is no grant {kind[:60]!r}")
    check_allowed(client, grant)
    key = proved_key(exchange, server, client)
    client = {**client, PROOF: key} if key else client
    exchange.record = _GRANTS[grant](exchange, server, client, form)


def _needed(form: Form, name: str) -> str:
    if name not in form:
        raise Denied("invalid_grant_request", f"there is no {name}")
    return form[name]


def _refreshes(server: OAuthPolicy, client: Record) -> bool:
    return uses(client, server, "refresh_token")


def _code(
    exchange: Exchange, server: OAuthPolicy, client: Record, form: Form
) -> Record:
    text = _needed(form, "code")
    code = found(exchange, "codes", "code", text, client)
    if code is None:
        raise Denied("invalid_grant", "there is no such code of this client")
    if code["state"] != "active":
        end_family(exchange, code["family"])
        raise Denied("invalid_grant", "the code is used twice: its tokens are revoked")
    if over(exchange, code["expires_at"]):
        raise Denied("invalid_grant", "the code has expired")
    if form.get("redirect_uri") != code["redirect_uri"]:
        raise Denied("invalid_grant", "the redirect_uri is another one")
    _check_verifier(code, form.get("code_verifier"))
    if code["dpop_jkt"] not in (None, client.get(PROOF)):
        raise Denied("invalid_grant", "the code is bound to another key")
    resource = resource_of(server, form.get("resource"), code["resource"])
    changed(exchange, "codes", code, state="used")
    granted = {**code, "resource": resource}
    return issue(
        exchange, server, client, granted, refreshes=_refreshes(server, client)
    )


def _check_verifier(code: Record, verifier: str | None) -> None:
    """RFC 7636, 4.6; a verifier that nobody asked for is refused (RFC 9700, 2.1.1)."""
    challenge = code.get("code_challenge")
    if challenge is None and verifier is None:
        return
    if verifier is None or challenge is None:
        lacking = "verifier" if verifier is None else "challenge"
        raise Denied("invalid_grant", f"there is no code_{lacking}")
    if not _VERIFIER.fullmatch(verifier):
        raise Denied("invalid_grant", "the code_verifier is malformed")
    made = verifier
    if code["code_challenge_method"] == "S256":
        hashed = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    if made != challenge:
        raise Denied("invalid_grant", "the code_verifier is not that of the challenge")


def _own(exchange: Exchange, server: OAuthPolicy, client: Record, form: Form) -> Record:
    """Client credentials: RFC 6749, 4.4; there is no refresh token."""
    granted = {
        "scope": scope_of(server, client, form.get("scope")),
        "resource": resource_of(server, form.get("resource")),
    }
    return issue(exchange, server, client, granted, refreshes=False)


def _password(
    exchange: Exchange, server: OAuthPolicy, client: Record, form: Form
) -> Record:
    username, password = _needed(form, "username"), _needed(form, "password")
    user = logged_in(exchange, username, password)
    if isinstance(user, str):
        raise Denied("invalid_grant", user)
    granted = {
        "sub": user[exchange.collection("users").key],
        "scope": scope_of(server, client, form.get("scope")),
        "auth_time": exchange.at // SECOND,
        "resource": resource_of(server, form.get("resource")),
    }
    return issue(
        exchange, server, client, granted, refreshes=_refreshes(server, client)
    )


def _refresh(
    exchange: Exchange, server: OAuthPolicy, client: Record, form: Form
) -> Record:
    """RFC 6749, 6; of a token that is used twice, all that came of it ends."""
    text = _needed(form, "refresh_token")
    old = found(exchange, "tokens", "refresh_token", text, client)
    if old is None:
        raise Denied("invalid_grant", "there is no such refresh token of this client")
    if old["refresh_state"] == "used":
        end_family(exchange, old["family"])
        raise Denied("invalid_grant", "the refresh token is used twice: all is revoked")
    if old["refresh_state"] != "active":
        raise Denied("invalid_grant", "the refresh token is revoked")
    if over(exchange, old["refresh_expires_at"]):
        raise Denied("invalid_grant", "the refresh token has expired")
    user = user_of(exchange, old["sub"])
    if old["sub"] is not None and (user or {}).get("state", "active") != "active":
        raise Denied("invalid_grant", "the user is not active")
    # RFC 9449, 5: the token of a client without a secret is bound to its key.
    if is_public(client) and old["jkt"] not in (None, client.get(PROOF)):
        raise Denied("invalid_grant", "the refresh token is bound to another key")
    resource = resource_of(server, form.get("resource"), old["resource"])
    scope = _narrowed(old["whole_scope"], form.get("scope"))
    granted = {**old, "scope": scope, "resource": resource}
    if server.rotate:
        changed(exchange, "tokens", old, refresh_state="used")
        granted |= {"refresh_token": None, "refresh_expires_at": None}
    else:
        # The newest record of the family has it: there is one of each refresh token.
        changed(exchange, "tokens", old, refresh_token=None, refresh_state=None)
    return issue(exchange, server, client, granted, refreshes=True)


def _narrowed(whole: str, text: str | None) -> str:
    """Some of the scopes that were granted, or all of them."""
    if text is None:
        return whole
    if not {*text.split(" ")} <= {*whole.split()}:
        raise Denied("invalid_scope", "the scope is more than what was granted")
    return " ".join(dict.fromkeys(text.split(" ")))


def _device(
    exchange: Exchange, server: OAuthPolicy, client: Record, form: Form
) -> Record:
    """RFC 8628, 3.5."""
    text = _needed(form, "device_code")
    device = found(exchange, "devices", "device_code", text, client)
    if device is None:
        raise Denied("invalid_grant", "there is no such device of this client")
    if device["state"] == "used":
        raise Denied("invalid_grant", "the device has its token")
    if over(exchange, device["expires_at"]):
        raise Denied("expired_token", "the device code has expired")
    if device["state"] == "denied":
        raise Denied("access_denied", "the user has denied it")
    if device["state"] == "active":
        _poll(exchange, device)
    resource = resource_of(server, form.get("resource"), device["resource"])
    changed(exchange, "devices", device, state="used")
    granted = {**device, "resource": resource}
    return issue(
        exchange, server, client, granted, refreshes=_refreshes(server, client)
    )


def _poll(exchange: Exchange, device: Record) -> None:
    """Nobody has decided yet: say so, or that this is asked too often."""
    polled, interval = device["polled_at"], device["interval"]
    early = polled and exchange.at < time_of(polled) + interval * SECOND
    changed(
        exchange,
        "devices",
        device,
        polled_at=iso(exchange.at),
        interval=interval + (_SLOWER if early else 0),
    )
    if early:
        raise Denied("slow_down", f"a poll comes less than {interval} s after another")
    raise Denied("authorization_pending", "nobody has decided yet")


def _exchanged(
    exchange: Exchange, server: OAuthPolicy, client: Record, form: Form
) -> Record:
    """A token for another one: RFC 8693, 2; its scopes can only become fewer."""
    if "actor_token" in form:
        raise Denied("invalid_grant_request", "nobody acts for somebody else here")
    text, kind = _needed(form, "subject_token"), _needed(form, "subject_token_type")
    if kind != ACCESS_TOKEN or form.get("requested_token_type", kind) != kind:
        raise Denied("invalid_grant_request", f"tokens are of the type {ACCESS_TOKEN}")
    held = exchange.collection("tokens").first("access_token", text)
    old = None if held is None else whole(exchange, "tokens", held)
    if old is None or old["state"] != "active" or over(exchange, old["expires_at"]):
        # RFC 8693, 2.2.2: this is invalid_request, not invalid_grant.
        raise Denied("invalid_grant_request", "the subject_token is not valid here")
    granted = {
        "sub": old["sub"],
        "auth_time": old["auth_time"],
        "scope": _narrowed(old["scope"], form.get("scope")),
        "resource": resource_of(server, form.get("resource")),
    }
    made = issue(exchange, server, client, granted, refreshes=False)
    return {**made, "id_token": None, "issued_token_type": ACCESS_TOKEN}


_GRANTS: Mapping[str, Callable[[Exchange, OAuthPolicy, Record, Form], Record]] = {
    "authorization_code": _code,
    "client_credentials": _own,
    "password": _password,
    "refresh_token": _refresh,
    "device_code": _device,
    "token_exchange": _exchanged,
}


def revoke(exchange: Exchange, policy: GrantPolicy) -> None:
    """End a token (RFC 7009); one that there is not is ended already."""
    form = form_of(exchange, policy.server)
    check_forced(exchange, policy.codes)
    client = client_of(exchange, policy.server, form)
    text, tokens = _needed(form, "token"), exchange.collection("tokens")
    held = tokens.first("refresh_token", text) or tokens.first("access_token", text)
    if held is None:
        return
    record = whole(exchange, "tokens", held)
    if record.get("client_id") != client["client_id"]:
        raise Denied("invalid_grant", "the token is another client's")
    if record["refresh_token"] == text:
        end_family(exchange, record["family"])
    else:
        changed(exchange, "tokens", record, state="revoked")
    exchange.note("grant", "revoked", {"key": record[tokens.key]})


def introspect(exchange: Exchange, policy: GrantPolicy) -> None:
    """Tell whether a token is good, and whose it is (RFC 7662, 2.2)."""
    form = form_of(exchange, policy.server)
    check_forced(exchange, policy.codes)
    client_of(exchange, policy.server, form)
    text, tokens = _needed(form, "token"), exchange.collection("tokens")
    held, refresh = tokens.first("refresh_token", text), True
    if held is None:
        held, refresh = tokens.first("access_token", text), False
    exchange.record = {"active": False}
    if held is None:
        return
    record, kind = whole(exchange, "tokens", held), "refresh_" if refresh else ""
    if record[f"{kind}state"] == "active" and not over(
        exchange, record[f"{kind}expires_at"]
    ):
        exchange.record = _introspected(
            exchange, policy.server, record, refresh=refresh
        )


def _introspected(
    exchange: Exchange, server: OAuthPolicy, token: Record, *, refresh: bool
) -> Record:
    user = user_of(exchange, token["sub"])
    ends = token["refresh_expires_at"] if refresh else token["expires_at"]
    members = {
        "active": True,
        "scope": token["whole_scope"] if refresh else token["scope"],
        "client_id": token.get("client_id"),
        "username": user and user.get("username"),
        "token_type": None if refresh else "DPoP" if token["jkt"] else "Bearer",
        "cnf": {"jkt": token["jkt"]} if token["jkt"] else None,
        "aud": token["resource"],
        "exp": ends and time_of(ends) // SECOND,
        "iat": token["issued_at"] and time_of(token["issued_at"]) // SECOND,
        "sub": token["sub"] or token.get("client_id"),
        "iss": server.issuer(exchange),
        "jti": token["jti"],
    }
    return present(**members)
