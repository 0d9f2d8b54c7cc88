"""Servers: an authorization server of a few lines, as clients see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small import small

CLIENTS = [
    {
        "client_id": "web", "client_secret": "web-secret-0001", "client_name": "Web & <b>",
        "redirect_uris": ["https://app.example/cb?a=1"], "scope": "openid profile read write",
    },
    {
        "client_id": "app", "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"],
        "scope": "openid profile email read",
    },
    {"client_id": "odd", "client_secret": "a+b%c%", "scope": "read"},
    {
        "client_id": "job", "client_secret": "job-secret-0001", "scope": "read write",
        "grant_types": ["client_credentials"],
    },
]  # fmt: skip
USERS = [
    {"sub": "u1", "username": "ada", "password": "Countess-1815", "name": "Ada", "email": "ada@app.example"},
    {"sub": "u2", "username": "eve", "password": "Garden-0001", "state": "locked"},
]  # fmt: skip
ALL = ["authorization_code", "client_credentials", "refresh_token", "password", "device_code"]  # fmt: skip
BEARER = (
    "credential_missing", "credential_malformed", "credential_unknown", "credential_expired",
    "credential_revoked", "scope_missing", "credential_not_yet_valid", "issuer_wrong",
    "audience_wrong",
)  # fmt: skip
OF_RECORDS = ("credential_revoked",)
OF_TOKENS = ("credential_not_yet_valid", "issuer_wrong", "audience_wrong")
THINGS = {
    "get": {
        "operationId": "listThings",
        "security": [{"OAuth": ["read"]}],
        "responses": {"200": {"description": "."}},
    }
}


def server(folder: Path, **word: Any) -> Any:
    """A provider `small` with one operation that its tokens are for."""
    more = word.pop("more", {})
    sessions, clients = more.pop("sessions", []), more.pop("clients", CLIENTS)
    extra, strict = more.pop("codes", {}), word.pop("strict", False)
    usual = {
        "grants": ALL,
        "scopes": ["openid", "profile", "email", "read", "write"],
        "keys": "signing",
    }
    unmet = OF_RECORDS if word.get("tokens") == "jwt" else OF_TOKENS
    codes = [code for code in BEARER if code not in unmet]
    return small(
        folder,
        {"/things": THINGS, **more.pop("paths", {})},
        {"listThings": {"reply": {"body": []}}, **more.pop("operations", {})},
        table={code: {"status": 401, "code": code} for code in codes} | extra,
        fixtures={
            "clients": clients,
            "users": USERS,
            **({"tokens": sessions} if sessions else {}),
        },
        keys={"signing": {"kind": "ec"}},
        oauth2={k: v for k, v in {**usual, **word}.items() if v is not None},
        strict=strict,
        **more,
    )
