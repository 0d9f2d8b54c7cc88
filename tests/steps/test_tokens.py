"""Authenticate: JSON Web Tokens, of the provider's own keys, as credentials."""

from __future__ import annotations

import base64
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from small import small

from emulator.diagnostics import SpecError

ISSUER, AUDIENCE = "https://id.small.test", "https://api.small.test"
REFUSALS = (
    "credential_missing", "credential_malformed", "credential_unknown",
    "credential_expired", "credential_not_yet_valid", "issuer_wrong", "audience_wrong",
    "scope_missing", "credential_revoked",
)  # fmt: skip
READ = {
    "get": {
        "operationId": "read",
        "security": [{"Bearer": ["things:read"]}],
        "responses": {"200": {"description": "."}},
    }
}


def protected(folder: Path, **changes: Any) -> Any:
    """A provider `small` with one operation that takes tokens."""
    tokens = {
        "keys": "signing",
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "leeway": "30s",
        "claims": {"sub": "${id}", "scope": "${scope}"},
        **changes,
    }
    table = {code: {"status": 401, "code": code} for code in REFUSALS}
    api = small(
        folder,
        {"/things": READ},
        {
            "read": {
                "reply": {"body": {"sub": "${caller.claims.sub}", "id": "${caller.id}"}}
            }
        },
        openapi={
            "components": {
                "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}}
            }
        },
        table=table,
        fixtures={
            "users": [
                {
                    "id": "ada",
                    "name": "full",
                    "scope": "things:read",
                    "state": "active",
                },
                {"id": "bob", "name": "narrow", "scope": "", "state": "active"},
                {"id": "eve", "name": "out", "scope": "", "state": "revoked"},
            ]
        },
        collections={"users": {}},
        keys={"signing": {"kind": "ec", "rotate": "30d"}},
        authentication={
            "schemes": {
                "Bearer": {"credentials": "users", "state": "state", "jwt": tokens}
            }
        },
    )
    api.credentials = {
        credential["name"]: credential
        for credential in api.board.worlds.credentials(api.world, "small")
    }
    return api


def ask(api: Any, token: str, **headers: str) -> tuple[int, Any]:
    reply = api.get(
        "/things",
        None,
        headers={"Authorization": f"Bearer {token}".encode(), **headers},
    )
    body = reply.json()
    return reply.status_code, body.get("error", body)


def sign(api: Any, **claims: Any) -> str:
    now = api.clock.now() // 1_000_000
    usual = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 60, "scope": "things:read"}
    token: str = api.program.keys["signing"].sign(api.world, {**usual, **claims})
    return token


def test_each_listed_credential_gets_what_its_name_says(tmp_path: Path) -> None:
    api = protected(tmp_path)

    answers = {name: ask(api, one["value"])[1] for name, one in api.credentials.items()}

    assert answers == {
        "full": {"sub": "ada", "id": "ada"},
        "narrow": "scope_missing",
        "out": "credential_revoked",
        "expired": "credential_expired",
        "not_yet_valid": "credential_not_yet_valid",
        "wrong_issuer": "issuer_wrong",
        "wrong_audience": "audience_wrong",
        "unknown": "credential_unknown",
    }


def test_the_caller_is_who_the_token_says(tmp_path: Path) -> None:
    """With the record of its subject, where there is one; tokens may name others too."""
    api = protected(tmp_path)

    assert ask(api, sign(api, sub="ada")) == (200, {"sub": "ada", "id": "ada"})
    assert ask(api, sign(api, sub="zoe")) == (200, {"sub": "zoe", "id": "zoe"})

    strict = protected(tmp_path / "strict", known=True)
    assert ask(strict, sign(strict, sub="zoe")) == (401, "credential_unknown")


@pytest.mark.parametrize("claim", ["scope", "scp", "permissions"])
@pytest.mark.parametrize("form", ["a things:read", ["a", "things:read"]])
def test_scopes_are_read_from_the_usual_claims(
    tmp_path: Path, claim: str, form: Any
) -> None:
    api = protected(tmp_path)
    token = api.program.keys["signing"].sign(
        api.world, {"iss": ISSUER, "aud": ["x", AUDIENCE], claim: form}
    )

    assert ask(api, token)[0] == 200


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": -30}, "credential_expired"),
        ({"exp": -29}, None),
        ({"nbf": 30}, None),
        ({"nbf": 31}, "credential_not_yet_valid"),
        ({"iat": 31}, "credential_not_yet_valid"),
    ],
)
def test_times_are_the_worlds_and_have_leeway(
    tmp_path: Path, claims: dict[str, int], code: str | None
) -> None:
    """RFC 7519, 4.1.4: on or after `exp`, it is over."""
    api = protected(tmp_path)
    api.clock.freeze()
    now = api.clock.now() // 1_000_000
    token = sign(api, **{name: now + by for name, by in claims.items()})

    assert ask(api, token)[1] == (code or {"sub": None, "id": None})


def test_a_token_outlives_one_rotation_and_not_two(tmp_path: Path) -> None:
    api = protected(tmp_path)
    token = sign(api, exp=api.clock.now() // 1_000_000 + 10**8)
    month = 30 * 86_400 * 1_000_000

    api.clock.set(api.clock.now() + month)
    assert ask(api, token)[0] == 200
    api.clock.set(api.clock.now() + month)
    assert ask(api, token) == (401, "credential_unknown")


def test_a_token_finds_its_world(tmp_path: Path) -> None:
    """At the address of the default world, whether it was listed or signed by a call."""
    api = protected(tmp_path)
    worlds = api.board.worlds
    world = worlds.create("one")
    world.collections(api.program)["users"].put(
        {"id": "ada", "name": "full", "scope": "", "state": "revoked"}
    )
    listed = worlds.credentials(world, "small")[0]["value"]

    assert ask(api, listed) == (401, "credential_revoked")
    assert worlds.credentials(world, "small")[0]["value"] == listed
    assert ask(api, worlds.credentials(api.world, "small")[0]["value"])[0] == 200


def test_what_is_forced_is_what_is_natural(tmp_path: Path) -> None:
    """Byte for byte."""
    api = protected(tmp_path)
    natural = {
        "expired": "credential_expired",
        "not_yet_valid": "credential_not_yet_valid",
        "wrong_issuer": "issuer_wrong",
        "wrong_audience": "audience_wrong",
        "unknown": "credential_unknown",
    }
    for name, code in natural.items():
        wrong = api.get("/things", name)
        forced = api.get("/things", headers={"X-Emulator-Refuse": code})
        assert forced.status_code == wrong.status_code == 401
        assert forced.content == wrong.content


def test_an_issuer_is_right_at_the_address_and_at_home(tmp_path: Path) -> None:
    """What `${base_url}` gives depends on how the provider is called."""
    api = protected(tmp_path, issuer="${base_url}")

    assert ask(api, sign(api, iss="http://testserver/small"))[0] == 200
    assert ask(api, api.credentials["full"]["value"])[0] == 200
    assert ask(api, sign(api, iss="http://testserver"))[1] == "issuer_wrong"


def test_faults_and_the_journal_know_whose_token_it_is(tmp_path: Path) -> None:
    api = protected(tmp_path)
    rule = {"provider": "small", "credential": "full", "refuse": "scope_missing"}
    made = api.client.post("/_emulator/worlds/default/faults", json=rule)
    assert made.status_code == 201, made.text

    assert ask(api, sign(api, sub="ada")) == (401, "scope_missing")
    assert ask(api, sign(api, sub="zoe"))[0] == 200
    entries = [*api.world.journal]
    assert entries[0].credential == "full"


def encoded(part: Any) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hostile(api: Any) -> dict[str, str]:
    """Tokens that somebody made who has no key, or means harm."""
    good = sign(api, sub="ada")
    head, body, signature = good.split(".")
    key = api.program.keys["signing"].current(api.world)
    public = key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{encoded({'alg': 'HS256', 'kid': key.kid})}.{body}"
    mac = hmac.digest(public, signed.encode(), "sha256")
    claims = {"sub": "ada", "iss": ISSUER, "aud": AUDIENCE, "scope": "things:read"}
    return {
        "none": f"{encoded({'alg': 'none', 'kid': key.kid})}.{body}.",
        "None": f"{encoded({'alg': 'NONE'})}.{body}.{signature}",
        "swapped": f"{signed}.{encoded(mac)}",
        "no kid, other key": jwt.encode(claims, "k" * 32, "HS256"),
        "kid of 10 KB": f"{encoded({'alg': 'ES256', 'kid': 'k' * 10_240})}.{body}.{signature}",
        "kid that is no text": f"{encoded({'alg': 'ES256', 'kid': {'a': 1}})}.{body}.{signature}",
        "claims of 100 KB": other_claims(api, "x" * 102_400),
        "deep claims": f"{head}.{encoded(b'[' * 8_000)}.{signature}",
        "deep header": f"{encoded(b'[' * 8_000)}.{body}.{signature}",
        "crit": f"{encoded({'alg': 'ES256', 'kid': key.kid, 'crit': ['x']})}.{body}.{signature}",
        "detached": f"{encoded({'alg': 'ES256', 'kid': key.kid, 'b64': False, 'crit': ['b64']})}.{body}.{signature}",
        "changed": f"{head}.{encoded({**claims, 'sub': 'bob'})}.{signature}",
        "cut": good[:-4],
        "jwk inside": f"{encoded({'alg': 'ES256', 'jwk': {'kty': 'oct', 'k': 'AA'}})}.{body}.{signature}",
        "jku inside": f"{encoded({'alg': 'ES256', 'jku': 'https://evil.example'})}.{body}.",
        "five parts": f"{good}.a.b",
        "no parts": "abc",
        "dots": "." * 16_000,
        "no text": "\u00ff\u00fe.a.b",
    }


def other_claims(api: Any, long: str) -> str:
    key = api.program.keys["signing"].current(api.world)
    return jwt.encode({"x": long}, key.private, "ES256", {"kid": key.kid})


def test_a_hostile_token_is_refused_soon(tmp_path: Path) -> None:
    """In the provider's own words, and without a look at the whole of it."""
    api = protected(tmp_path)
    for name, token in hostile(api).items():
        began = time.process_time()
        answer = ask(api, token)
        assert answer == (401, "credential_unknown"), name
        assert time.process_time() - began < 0.1, name


@pytest.mark.parametrize("time", ["soon", None, True, [], 1e300, float("nan")])
def test_times_that_are_none_are_refused(tmp_path: Path, time: Any) -> None:
    api = protected(tmp_path)

    assert ask(api, sign(api, exp=time)) == (401, "credential_unknown")


@given(text=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_any_text_is_refused(text: str, tmp_path_factory: Any) -> None:
    api = _API.get("api") or _API.setdefault(
        "api", protected(tmp_path_factory.mktemp("any"))
    )

    assert ask(api, text) == (401, "credential_unknown")


_API: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"keys": "other"}, "there is no signing key 'other'"),
        ({"jwks_uri": "https://id.example/jwks"}, "'jwks_uri' is not a key of"),
        ({"leeway": "soon"}, "leeway is 'soon'"),
        ({"issuer": "${body.x}"}, "tokens are also made where nobody calls"),
    ],
)
def test_a_mistake_is_told_at_load(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(SpecError, match=says):
        protected(tmp_path, **changes)
