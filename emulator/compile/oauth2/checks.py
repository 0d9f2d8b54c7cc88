"""What is reported of `oauth2`: what nobody could use, and who could never log in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib.util import find_spec

from emulator.compile.keys import LIBRARIES
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.program.oauth2 import CLIENT_AUTH, methods_of
from emulator.program.signed import BadSignature, public_part
from emulator.world.base import Base

_LISTS = ("redirect_uris", "grant_types")
_TEXTS = (
    "client_id", "client_secret", "client_name", "token_endpoint_auth_method", "state",
    "username", "password", "email",
)  # fmt: skip


def check_options(source: Source, word: Mapping[str, Json]) -> None:
    grants = word.get("grants", ())
    if word.get("tokens") == "jwt" and "keys" not in word:
        source.problem(
            ("oauth2", "tokens"),
            "missing-key",
            "tokens are to be signed, and no keys are named",
            "JSON Web Tokens are signed with one of `keys`",
            "add `keys: signing` here, and `keys: {signing: {kind: rsa}}` at the top",
        )
    if "refresh_token" in grants and not {*grants} - {
        "refresh_token",
        "client_credentials",
    }:
        source.problem(
            ("oauth2", "grants"),
            "missing-key",
            "there are refresh tokens, and no grant that gives one",
            "a refresh token comes with the token of a user (RFC 6749, 4.4.3)",
            "add authorization_code, password or device_code, or remove refresh_token",
        )

    needs_users = [
        option
        for option, usual in (("par", "off"), ("response_types", ["code"]))
        if word.get(option, usual) != usual and "authorization_code" not in grants
    ]
    if needs_users:
        source.problem(
            ("oauth2", needs_users[0]),
            "missing-key",
            f"{needs_users[0]!r} is about users who come to the endpoint authorize",
            "which there is for the grant authorization_code",
            f"add authorization_code to `grants`, or remove `{needs_users[0]}`",
            key=True,
        )
    _check_response_types(source, word)
    _check_libraries(source, word)


def _check_response_types(source: Source, word: Mapping[str, Json]) -> None:
    """Report tokens at once that nobody could make, or use."""
    kinds = {kind for text in word.get("response_types", ()) for kind in text.split()}
    at = ("oauth2", "response_types")
    if "id_token" in kinds and "keys" not in word:
        source.problem(
            at,
            "missing-key",
            "ID tokens are to be signed, and no keys are named",
            "JSON Web Tokens are signed with one of `keys`",
            "add `keys: signing` here, and `keys: {signing: {kind: rsa}}` at the top",
        )
    if "token" in kinds and word.get("dpop") == "required":
        source.problem(
            at,
            "wrong-form",
            "tokens that are given at once are bound to no key",
            "a client shows its key at the endpoint token (RFC 9449, 5), and `dpop` is"
            " required",
            "write `dpop: optional`, or remove the response types with `token`",
        )


def _check_libraries(source: Source, word: Mapping[str, Json]) -> None:
    """Report that what clients sign cannot be read here."""
    by_key = "private_key_jwt" in word.get("client_auth", ())
    option = "client_auth" if by_key else "dpop"
    signs = by_key or word.get("dpop", "off") != "off"
    missing = [name for name in LIBRARIES if signs and find_spec(name) is None]
    if missing:
        source.problem(
            ("oauth2", option),
            "missing-extra",
            f"clients sign with keys, and {' and '.join(missing)} cannot be imported",
            "reading that needs PyJWT and cryptography, which the extra `jwt` installs",
            "run `pip install 'provider-emulator[jwt]'`",
            key=True,
        )


def check_people(source: Source, bases: Mapping[str, Base]) -> None:
    """Report the first client, and the first user, that nobody could log in as."""
    _check_methods(source, bases)
    kinds = {**dict.fromkeys(_LISTS, list), **dict.fromkeys(_TEXTS, str)}
    for name in ("clients", "users"):
        for record in bases[name].records.values() if name in bases else ():
            wrong = [
                field
                for field, kind in kinds.items()
                if record.get(field) is not None and not isinstance(record[field], kind)
            ]
            if wrong:
                kind = "a list" if wrong[0] in _LISTS else "a text"
                source.problem(
                    ("oauth2",),
                    "fixture-credential",
                    f"{wrong[0]} of {record[bases[name].key]!r} in {name}.yaml is not {kind}",
                    "an authorization server compares it with what is sent",
                    f"write it as {kind}",
                    key=True,
                )
                break


def _check_methods(source: Source, bases: Mapping[str, Base]) -> None:
    """Report the first client that cannot authenticate as it is to."""
    known = source.get("oauth2", "client_auth", default=CLIENT_AUTH)
    clients = bases["clients"].records.values() if "clients" in bases else ()
    for client in clients:
        why, fix = _unusable(client, known)
        if why:
            source.problem(
                ("oauth2",),
                "fixture-credential",
                f"{client[bases['clients'].key]!r} in clients.yaml {why}",
                "`client_auth` says how clients authenticate: " + ", ".join(known),
                fix,
                key=True,
            )
            return


def _unusable(client: Mapping[str, Json], known: Collection[str]) -> tuple[str, str]:
    """Why a client cannot authenticate, and what to do about it; empty: it can."""
    method = client.get("token_endpoint_auth_method")
    methods = [method] if isinstance(method, str) else [*methods_of(client)]
    if not {*methods} & {*known}:
        return (
            f"authenticates by {' or '.join(methods)}",
            "add that to `client_auth`, or change `token_endpoint_auth_method`",
        )
    if methods == ["private_key_jwt"]:
        keys = client.get("jwks")
        shown = keys.get("keys") if isinstance(keys, dict) else None
        try:
            for key in shown or [None]:
                public_part(key)
        except BadSignature:
            return (
                "has no `jwks` with public keys, which its assertions are signed by",
                "add `jwks: {keys: [...]}` (RFC 7517); a `jwks_uri` is not fetched",
            )
    if methods == ["client_secret_jwt"] and not client.get("client_secret"):
        return "has no client_secret", "add one, which its assertions are signed with"
    return "", ""
