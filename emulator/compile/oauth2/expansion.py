"""What `oauth2` stands for, written into the document as if the author had.

From there on it is parts of the spec like any other: endpoints, collections, schemes and
errors. What the author has written of one of them holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace

from emulator.compile.oauth2.endpoints import (
    FORMS,
    OPERATIONS,
    PAGES,
    SCHEME,
    SECRET_MEMBERS,
    endpoints,
)
from emulator.compile.oauth2.replies import errors_of, reply_of
from emulator.json_type import Json
from emulator.program.keys import ALGORITHMS
from emulator.program.oauth2 import REFUSED
from emulator.spec.description import OpenAPI
from emulator.spec.document import Document, Pointer

_COLLECTIONS: Mapping[str, Json] = {
    "clients": {
        "key": "client_id",
        "fields": [
            "client_id", "client_secret", "client_name", "redirect_uris", "grant_types",
            "scope", "token_endpoint_auth_method", "jwks", "dpop_bound_access_tokens",
            "state",
        ],
    },
    "users": {
        "key": "sub",
        "fields": ["sub", "username", "password", "email", "name", "state"],
    },
    "codes": {
        "fields": [
            "code", "client_id", "sub", "redirect_uri", "scope", "nonce", "state",
            "code_challenge", "code_challenge_method", "auth_time", "family",
            "expires_at", "resource", "dpop_jkt",
        ],
    },
    "pushed_requests": {
        "fields": ["request_uri", "client_id", "parameters", "state", "expires_at"],
    },
    "tokens": {
        "fields": [
            "access_token", "refresh_token", "client_id", "sub", "scope", "whole_scope",
            "family", "auth_time", "nonce", "jti", "state", "issued_at", "expires_at",
            "refresh_state", "refresh_expires_at", "resource", "jkt",
        ],
    },
    "devices": {
        "fields": [
            "device_code", "user_code", "client_id", "scope", "sub", "auth_time",
            "state", "interval", "polled_at", "expires_at", "resource",
        ],
    },
}  # fmt: skip
_SECRET_FIELDS: Mapping[str, list[str]] = {
    "clients": ["client_secret"],
    "users": ["password"],
    "codes": ["code"],
    "pushed_requests": ["request_uri"],
    "tokens": ["access_token", "refresh_token"],
    "devices": ["device_code", "user_code"],
}


def expand(behavior: Document, openapi: OpenAPI) -> Document:
    """*behavior* with all that its `oauth2` stands for; what it says itself, it keeps."""
    word = {"issuer": f"${{base_url}}{openapi.base_path}", **behavior.data["oauth2"]}
    word["algorithm"] = _algorithm(behavior.data.get("keys") or {}, word)
    data = deepcopy(behavior.data)
    scheme = word.get("scheme", SCHEME)
    parts: Json = {
        "authentication": {
            "schemes": {
                scheme: _of_tokens(word),
                "OAuthClient": {
                    "credentials": "clients",
                    "field": "client_id",
                    "password": "client_secret",
                },
            },
            "secret_fields": _SECRET_FIELDS,
        },
        "collections": _COLLECTIONS,
        "operations": {
            OPERATIONS[endpoint][0]: _operation(word, endpoint, openapi.base_path)
            for endpoint in endpoints(word)
            if OPERATIONS[endpoint][0] in openapi.operations
        },
    }
    for operation in (data.get("operations") or {}).values():
        if operation and operation.get("grant") in REFUSED:
            usual = _operation(word, operation["grant"], openapi.base_path)
            usual.pop("secret_members", None)  # its body has members of its own
            _merge(operation, usual)
    _merge(data, parts)
    document = replace(behavior, data=data, positions={}, keys={})
    _place(document, behavior, data, ())
    return document


def _algorithm(keys: Mapping[str, Json], word: Mapping[str, Json]) -> str:
    """What tokens are signed with; empty where the keys are wrong, which is told."""
    signing = keys.get(word.get("keys", "")) or {}
    sizes = ALGORITHMS.get(signing.get("kind", ""), {})
    return sizes.get(signing.get("bits", next(iter(sizes), 0)), "")


def _merge(mine: Json, more: Mapping[str, Json]) -> None:
    """Add what *mine* does not say."""
    for name, part in more.items():
        if mine.get(name) is None:
            mine[name] = deepcopy(part)
        elif isinstance(mine[name], dict) and isinstance(part, Mapping):
            _merge(mine[name], part)


def _place(made: Document, written: Document, value: Json, pointer: Pointer) -> None:
    """Say where each part stands: what the word has added stands where the word does."""
    word = written.positions.get(("oauth2",), (1, 1))
    made.positions[pointer] = written.positions.get(pointer, word)
    children: Iterator[tuple[str | int, Json]] = iter(())
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = iter(enumerate(value))
    for name, child in children:
        at = (*pointer, name)
        if isinstance(value, dict):
            made.keys[at] = written.keys.get(at, word)
        _place(made, written, child, at)


def _of_tokens(word: Mapping[str, Json]) -> Json:
    """The scheme of the tokens, for operations that they protect."""
    more: Json = {}
    if word.get("dpop", "off") != "off":
        bound: Json = {"required": word["dpop"] == "required"}
        if "dpop_nonce_for" in word:
            bound["nonce_for"] = word["dpop_nonce_for"]
        more = {"prefixes": ["Bearer", "DPoP"], "dpop": bound}
    if word.get("tokens") != "jwt":
        return {
            **more,
            "credentials": "tokens",
            "field": "access_token",
            "state": "state or 'active'",
            "expires": "expires_at",
            "scopes": "scope",
        }
    claims = {"sub": "${sub}", "scope": " ".join(word.get("scopes", ()))}
    jwt = {"keys": word.get("keys"), "issuer": word["issuer"]}
    if "audience" in word:
        jwt["audience"] = word["audience"]
    return {
        **more,
        "credentials": "users",
        "field": "sub",
        "jwt": {**jwt, "claims": {**claims, **word.get("claims", {})}},
    }


def _operation(word: Mapping[str, Json], endpoint: str, base_path: str) -> Json:
    """What behavior.yaml would have to say of an endpoint."""
    endpoint = endpoint.removesuffix("_post")
    made: Json = {"reply": reply_of(word, endpoint, base_path)}
    if endpoint in REFUSED:
        made["grant"] = endpoint
    if endpoint in FORMS:
        made["secret_members"] = list(SECRET_MEMBERS)
    made["errors"] = errors_of(word, endpoint)
    if "source" in word:  # what is known of the word is known of what it stands for
        made["source"] = word["source"]
    elif word.get("assumed") is True:
        made["assumed"] = True
    if endpoint in FORMS or endpoint in PAGES:
        made["violations"] = {"rules": {"default": "${field} is not valid"}}
    return made
