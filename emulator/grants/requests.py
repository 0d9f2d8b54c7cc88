"""Requests: what a call of an endpoint says, which client makes it, and for which scopes."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote_plus

from emulator.exchange.exchange import Exchange, Record
from emulator.grants.assertions import asserted
from emulator.grants.denied import Denied
from emulator.http.query import MalformedQuery
from emulator.json_type import Json
from emulator.program.oauth2 import ASSERTED, GRANT_TYPES, OAuthPolicy, methods_of

_MOST = 100
"""Parameters of one request."""
_SCOPE = re.compile(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*")
"""RFC 6749, 3.3."""
_USERS = ("authorization_code", "password", "device_code", "refresh_token")
"""The grants of clients that need not keep a secret."""


def form_of(exchange: Exchange, server: OAuthPolicy) -> dict[str, str]:
    """The parameters of the body: each once, and those without a value not at all.

    RFC 6749, 3.2. Resources are the one thing that a client may name several of
    (RFC 8707, 2); they stand with spaces between them. Raises `Denied`.
    """
    try:
        body = exchange.call.body.decode()
        pairs = parse_qsl(body, max_num_fields=_MOST, errors="strict")
    except ValueError:
        raise Denied("invalid_grant_request", "the form cannot be read") from None
    form: dict[str, str] = {}
    for name, text in pairs:
        if name in form and name == "resource" and server.resources:
            text = f"{form[name]} {text}"
        elif name in form:
            raise Denied("invalid_grant_request", f"{name[:60]!r} comes twice")
        form[name] = text
    return form


def query_of(exchange: Exchange) -> Mapping[str, Sequence[str]]:
    """The parameters of the query, each with all that is sent for it; without empty ones."""
    try:
        query = exchange.call.query_texts
    except MalformedQuery:
        return {}
    return {name: texts for name, texts in query.items() if any(texts)}


def client_of(
    exchange: Exchange, server: OAuthPolicy, form: Mapping[str, str]
) -> Record:
    """The client that makes the call, and proves it as it must (RFC 6749, 2.3).

    Raises `Denied`.
    """
    client, method = _proved(exchange, server, form)
    if client.get("state", "active") != "active":
        raise Denied("invalid_client", f"the client is {client['state']}")
    if method not in methods_of(client) or method not in server.client_auth:
        raise Denied("invalid_client", f"the client does not authenticate by {method}")
    exchange.note("grant", "client", {"client": client["client_id"]})
    return client


def _proved(
    exchange: Exchange, server: OAuthPolicy, form: Mapping[str, str]
) -> tuple[Record, str]:
    """The client that a call proves, and by which method. Raises `Denied`."""
    authorization = exchange.call.headers.get("authorization", "")
    if "client_assertion" in form or "client_assertion_type" in form:
        if authorization or "client_secret" in form:
            raise Denied("invalid_grant_request", "the client authenticates twice")
        if not {*ASSERTED} & {*server.client_auth}:
            raise Denied("invalid_client", "clients send no assertions here")
        return asserted(exchange, server, form)
    if authorization:
        if "client_secret" in form:
            raise Denied("invalid_grant_request", "the client authenticates twice")
        name, secret = _basic(authorization)
        if form.get("client_id", name) != name:
            raise Denied("invalid_grant_request", "there are two client_ids")
        method = "client_secret_basic"
    else:
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        method = "client_secret_post" if secret else "none"
    client = exchange.collection("clients").get(name) if name else None
    if client is None:
        raise Denied("invalid_client", f"there is no client {name[:60]!r}")
    own = client.get("client_secret")
    # Few clients encode it as they should (RFC 6749, 2.3.1), so both are right.
    if method != "none" and own not in (secret, unquote_plus(secret)):
        raise Denied("invalid_client", "the secret is wrong")
    return client, method


def _basic(authorization: str) -> tuple[str, str]:
    """The client's name and secret, which are encoded as a form (RFC 6749, 2.3.1)."""
    word, _, sent = authorization.partition(" ")
    if word.lower() != "basic":
        raise Denied("invalid_client", "clients authenticate by Basic")
    try:
        name, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Denied("invalid_client", "the credentials cannot be read") from None
    return unquote_plus(name), secret


def is_public(client: Record) -> bool:
    """Whether the client has nothing that it could prove itself by."""
    return "none" in methods_of(client)


def check_allowed(client: Record, grant: str) -> None:
    """Raise `Denied` where the client must not use this grant."""
    allowed = client.get("grant_types")
    kind = GRANT_TYPES[grant]
    if is_public(client) and grant not in _USERS:
        why = f"a client without a secret has no {grant}"
    elif isinstance(allowed, list) and kind not in allowed and grant not in allowed:
        why = f"the client must not use {grant}"
    else:
        return
    raise Denied("unauthorized_client", why)


def uses(client: Record, server: OAuthPolicy, grant: str) -> bool:
    """Whether the server has this grant, and the client may use it."""
    try:
        check_allowed(client, grant)
    except Denied:
        return False
    return grant in server.grants


def scope_of(server: OAuthPolicy, client: Record, text: str | None) -> str:
    """The scopes that are asked for; all that the client may have, where it asks for none.

    Raises `Denied`.
    """
    own = client.get("scope")
    allowed = list(server.scopes) if own is None else texts_of(own)
    if text is None:
        return " ".join(allowed)
    if not _SCOPE.fullmatch(text):
        raise Denied("invalid_scope", "the scope is malformed")
    wanted = list(dict.fromkeys(text.split(" ")))
    known = {*allowed} if allowed else None
    unknown = [scope for scope in wanted if known is not None and scope not in known]
    if unknown:
        raise Denied("invalid_scope", f"there is no scope {unknown[0][:60]!r} for it")
    return " ".join(wanted)


def resource_of(
    server: OAuthPolicy, sent: str | None, granted: str | None = None
) -> str | None:
    """The resources that are asked for, or those that were granted (RFC 8707, 2).

    Raises `Denied`.
    """
    if not server.resources:
        return None
    wanted = (sent or granted or "").split()
    known = granted.split() if granted else server.resources
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise Denied(
            "invalid_target", f"there is no resource {unknown[0][:60]!r} for it"
        )
    return " ".join(dict.fromkeys(wanted)) or None


def texts_of(value: Json) -> list[str]:
    """The texts of a list, or of a text with spaces between them."""
    if isinstance(value, str):
        return value.split()
    return (
        [text for text in value if isinstance(text, str)]
        if isinstance(value, list)
        else []
    )


def check_forced(exchange: Exchange, codes: Sequence[str], location: str = "") -> None:
    """Raise `Denied` where one of *codes* is forced; with a nonce it comes later."""
    if exchange.forced in codes and exchange.forced != "use_dpop_nonce":
        raise Denied(str(exchange.forced), "it is forced", location)
