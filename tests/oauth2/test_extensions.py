"""Extensions: what `oauth2` does besides, each by an option of its own and its RFC."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from authlib.oauth2.rfc7523 import client_secret_jwt_sign, private_key_jwt_sign
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from servers import server
from test_endpoints import (
    ADA,
    APP,
    CHALLENGE,
    JOB,
    VERIFIER,
    WEB,
    answer,
    ask,
    code,
    exchanged,
    post,
    token,
)

from emulator.diagnostics import SpecError
from emulator.world.nonces import KEPT, Nonces

ASSERTED = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HOUR = 3_600_000_000
ISSUER = "http://testserver/small"
TOKEN = f"{ISSUER}/oauth/token"
SECRET = "shared-secret-of-more-than-32-bytes-0001"
OWN = {"grant_type": "client_credentials", "scope": "read"}
BOTH = ["private_key_jwt", "client_secret_jwt"]
TYPE = "urn:ietf:params:oauth:token-type:access_token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Any, **more: str) -> dict[str, Any]:
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else None
    made = (kind or jwt.algorithms.ECAlgorithm).to_jwk(key.public_key(), as_dict=True)
    return {
        name: made[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in made
    } | more


def asserting(folder: Path, **word: Any) -> Any:
    clients = [
        {
            "client_id": "signer", "token_endpoint_auth_method": "private_key_jwt", "scope": "read",
            "jwks": {"keys": [public(ec_key(1), kid="old"), public(rsa_key(), kid="new")]},
        },
        {
            "client_id": "sharer", "token_endpoint_auth_method": "client_secret_jwt", "scope": "read",
            "client_secret": SECRET,
        },
    ]  # fmt: skip
    return server(folder, client_auth=BOTH, more={"clients": clients}, **word)


def claims(api: Any, client: str = "signer", **changes: Any) -> dict[str, Any]:
    now = api.clock.now() // 1_000_000
    made = {
        "iss": client, "sub": client, "aud": TOKEN, "iat": now, "exp": now + 60,
        "jti": str(len(changes)) + client, **changes,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def by(api: Any, assertion: str, **form: str) -> tuple[int, Any]:
    sent = {"client_assertion_type": ASSERTED, "client_assertion": assertion}
    return token(api, **OWN, **sent, **form)


def signed(claimed: Mapping[str, Any], key: Any = None, **header: Any) -> str:
    key = key or rsa_key()
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    return jwt.encode(dict(claimed), key, algorithm, headers=header or None)


def library_keys() -> tuple[Any, Any]:
    """What Authlib takes for the key and the secret: objects, or texts before 1.7."""
    pem = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        from joserfc.jwk import OctKey, RSAKey
    except ImportError:
        return pem.decode(), SECRET
    return RSAKey.import_key(pem), OctKey.import_key(SECRET)


def test_clients_prove_themselves_by_what_they_sign(tmp_path: Path) -> None:
    """RFC 7523, 2.2, as Authlib makes the assertions; each is good once."""
    api = asserting(tmp_path)
    issued = api.clock.now() // 1_000_000
    times = {"issued_at": issued, "expires_in": 60}
    key, secret = library_keys()
    private = private_key_jwt_sign(key, "signer", TOKEN, header={"kid": "new"}, **times)
    shared = client_secret_jwt_sign(secret, "sharer", TOKEN, **times)

    for assertion in (private, shared):
        text = assertion if isinstance(assertion, str) else assertion.decode()
        status, told = by(api, text)
        assert (status, told["scope"]) == (200, "read")
        assert by(api, text) == (401, "invalid_client")


WRONG_CLAIMS: Any = [
    {"iss": "sharer"},
    {"sub": "nobody"},
    {"sub": ["signer"]},
    {"aud": "https://elsewhere.example/token"},
    {"aud": None},
    {"exp": None},
    {"exp": 10},
    {"exp": float("nan")},
    {"exp": True},
    {"nbf": 9_999_999_999},
    {"iat": 9_999_999_999},
    {"iat": "now"},
    {"jti": None},
    {"jti": ""},
    {"jti": "x" * 10_000},
]


def test_an_assertion_says_what_it_must(tmp_path: Path) -> None:
    """RFC 7523, 3."""
    api = asserting(tmp_path)

    for changes in WRONG_CLAIMS:
        wrong = by(api, signed(claims(api, **changes)))
        assert wrong == (401, "invalid_client"), changes
    assert by(api, signed(claims(api, aud=[ISSUER], jti="good")))[0] == 200


def _unsigned(api: Any) -> str:
    _, body, _ = signed(claims(api)).split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{none}.{body}."


def _shared(api: Any, secret: str) -> str:
    said = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "kid": "new"}, claims(api))
    )
    made = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def _confused(api: Any) -> str:
    """An HMAC whose secret is the public key, which everybody knows."""
    return _shared(api, json.dumps(public(rsa_key(), kid="new")))


def _of_empty_secret(api: Any) -> str:
    return _shared(api, "")


FORGED: Any = [
    _unsigned,
    _confused,
    _of_empty_secret,
    lambda api: signed(claims(api), ec_key(2)),
    lambda api: signed(claims(api), ec_key(1), kid="new"),
    lambda api: signed(claims(api), kid="other"),
    lambda api: signed(claims(api))[:-9] + "A" * 9,
    lambda api: "a.b.c",
    lambda api: "..",
    lambda api: "x" * 200_000,
    lambda api: "é.é.é",
    lambda api: base64.b64encode(b"[" * 9_000).decode() + ".e30.",
]


def test_a_signature_is_the_clients_own(tmp_path: Path) -> None:
    """No algorithm is taken for another (RFC 8725, 2.1 and 3.1)."""
    api = asserting(tmp_path)

    for number, made in enumerate(FORGED):
        assert by(api, made(api)) == (401, "invalid_client"), number


def test_clients_authenticate_once_and_as_they_are_registered(tmp_path: Path) -> None:
    """RFC 6749, 2.3; RFC 7521, 4.2."""
    api = asserting(tmp_path)
    good = signed(claims(api), kid="new")

    twice = post(api, "token", {**OWN, "client_assertion": good}, Authorization="Basic YTpi")  # fmt: skip
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    assert by(api, good, client_secret="x") == (400, "invalid_request")
    assert by(api, good, client_id="sharer") == (401, "invalid_client")
    assert token(api, **OWN, client_assertion=good) == (401, "invalid_client")
    other = {**OWN, "client_assertion": good, "client_assertion_type": "saml"}
    assert token(api, **other) == (401, "invalid_client")
    assert token(api, **OWN, client_assertion_type=ASSERTED)[0] == 400
    sharer = {"client_id": "sharer", "client_secret": SECRET}
    assert token(api, **OWN, **sharer) == (401, "invalid_client")
    assert by(api, good)[0] == 200


def test_what_was_used_is_part_of_forks_and_snapshots() -> None:
    """An assertion that a world has taken is not taken again by a copy of it."""
    nonces = Nonces()
    assert nonces.first("a", 0)

    assert not nonces.copy().first("a", 0)
    assert not Nonces.load(json.loads(json.dumps(nonces.dump()))).first("a", 0)
    assert nonces.copy().first("b", 0)


def test_a_world_knows_so_many_names_and_so_many_nonces() -> None:
    """Neither pushes the other out; of each kind, the oldest is forgotten first."""
    nonces = Nonces()
    given = nonces.give("w", "0" * 16, 0)
    for number in range(KEPT):
        assert nonces.first(str(number), 0)
    assert nonces.is_good("w", given, 0, 60)
    assert not nonces.first("0", 0)

    for number in range(1, KEPT):
        nonces.give("w", f"{number:016}", 0)
    assert nonces.is_good("w", given, 0, 60)
    nonces.give("w", "f" * 16, 0)
    assert not nonces.is_good("w", given, 0, 60)
    assert not nonces.first("0", 0)
    assert nonces.first("another", 0)
    assert nonces.first("0", 0)
    assert len(nonces.dump()) == 2 * KEPT


# Pushed requests: RFC 9126.

PUSHED = {
    "response_type": "code", "redirect_uri": "https://app.example/cb?a=1", "state": "s t",
    "scope": "read", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


def pushed(api: Any, **changes: str) -> Any:
    return post(api, "par", {**WEB, **PUSHED, **changes})


def authorized(api: Any, **query: str) -> Any:
    return api.client.get(
        f"{api.root}/oauth/authorize", params=query, follow_redirects=False
    )


def test_a_request_is_pushed_and_used_once(tmp_path: Path) -> None:
    api = server(tmp_path, consent="auto", par="required")
    reply = pushed(api)
    left = reply.json()

    assert (reply.status_code, left["expires_in"]) == (201, 60)
    assert reply.headers["cache-control"] == "no-store"
    by_name = {"client_id": "web", "request_uri": left["request_uri"]}
    other = authorized(api, client_id="app", request_uri=left["request_uri"])
    assert other.status_code == 400
    told = answer(authorized(api, **by_name, scope="write", state="other"))
    assert told["state"] == "s t"
    form = {**WEB, "redirect_uri": PUSHED["redirect_uri"], "code_verifier": VERIFIER}
    status, tokens = token(api, grant_type="authorization_code", code=told["code"], **form)  # fmt: skip
    assert (status, tokens["scope"]) == (200, "read")

    assert authorized(api, **by_name).status_code == 400
    late = pushed(api).json()["request_uri"]
    api.clock.set(api.clock.now() + 61_000_000)
    assert authorized(api, client_id="web", request_uri=late).status_code == 400
    assert answer(ask(api))["error"] == "invalid_request"
    metadata = api.get("/.well-known/oauth-authorization-server", None).json()
    assert metadata["require_pushed_authorization_requests"] is True
    assert metadata["pushed_authorization_request_endpoint"] == f"{ISSUER}/oauth/par"


WRONG_REQUESTS: Any = [
    ({"client_secret": "wrong"}, 401, "invalid_client"),
    ({"response_type": "token"}, 400, "unsupported_response_type"),
    ({"redirect_uri": "https://evil.example/"}, 400, "invalid_request"),
    ({"scope": "email"}, 400, "invalid_scope"),
    ({"code_challenge": "short"}, 400, "invalid_request"),
    (
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
        400,
        "invalid_request",
    ),
]


def test_what_is_pushed_is_checked_at_once(tmp_path: Path) -> None:
    """RFC 9126, 2.1 and 2.3: to the client itself, and nobody is sent anywhere."""
    api = server(tmp_path, par="optional")

    for changes, status, error in WRONG_REQUESTS:
        reply = pushed(api, **changes)
        assert (reply.status_code, reply.json()["error"]) == (status, error), changes
        assert "location" not in reply.headers


def test_the_form_carries_a_pushed_request_by_its_name(tmp_path: Path) -> None:
    api = server(tmp_path, consent="ask", par="optional")
    name = pushed(api).json()["request_uri"]
    page = authorized(api, client_id="web", request_uri=name).text

    assert f'name="request_uri" value="{name}"' in page
    assert "code_challenge" not in page
    form = {"client_id": "web", "request_uri": name, **ADA, "decision": "allow"}
    assert "code" in answer(post(api, "authorize", form))


# Resource indicators: RFC 8707.


def test_a_token_is_for_the_resource_that_is_named(tmp_path: Path) -> None:
    """RFC 8707, 2: one or several; the token request may narrow what was granted."""
    jobs, mail = "https://jobs.example/", "https://mail.example/"
    api = server(
        tmp_path, consent="auto", tokens="jwt", audience="api", resources=[jobs, mail]
    )

    def audience(tokens: Any) -> Any:
        return jwt.decode(tokens["access_token"], options={"verify_signature": False})["aud"]  # fmt: skip

    text = code(api, resource=f"{jobs}")
    assert exchanged(api, text, resource=mail) == (400, "invalid_target")
    assert audience(exchanged(api, text)[1]) == jobs
    both = {**JOB, "grant_type": "client_credentials", "resource": [jobs, mail]}
    assert audience(post(api, "token", both).json()) == [jobs, mail]
    none = {**JOB, "grant_type": "client_credentials"}
    assert audience(post(api, "token", none).json()) == "api"
    assert token(api, **none, resource="https://x.example/") == (400, "invalid_target")
    assert answer(ask(api, resource="https://x.example/"))["error"] == "invalid_target"


# Token exchange: RFC 8693.


def test_a_token_is_exchanged_for_one_of_fewer_scopes(tmp_path: Path) -> None:
    api = server(tmp_path, grants=["password", "refresh_token", "token_exchange"])
    first = token(api, **WEB, grant_type="password", scope="openid read write", **ADA)[
        1
    ]
    form = {
        **JOB, "grant_type": EXCHANGE, "subject_token": first["access_token"],
        "subject_token_type": TYPE,
    }  # fmt: skip
    # The client of the fixtures may use one grant alone.
    assert token(api, **form) == (400, "unauthorized_client")
    form |= WEB
    status, told = token(api, **form, scope="read")

    assert (status, told["scope"], told["issued_token_type"]) == (200, "read", TYPE)
    assert "refresh_token" not in told
    assert "id_token" not in told
    kept = post(api, "introspect", {**WEB, "token": told["access_token"]}).json()
    assert (kept["sub"], kept["client_id"]) == ("u1", "web")
    for changes, error in (
        ({"subject_token": "none"}, "invalid_request"),
        ({"subject_token_type": "urn:x"}, "invalid_request"),
        ({"requested_token_type": "urn:x"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
    ):
        assert token(api, **{**form, **changes}) == (400, error)


# Tokens at once: OpenID Connect Core 1.0, 3.2 and 3.3.

KINDS = ["code", "id_token", "id_token token", "code id_token token", "token"]


def fragment(reply: Any) -> dict[str, str]:
    parts = urlsplit(reply.headers["location"])
    assert parts.query in ("", "a=1")
    return {name: texts[0] for name, texts in parse_qs(parts.fragment).items()}


def half(text: str) -> str:
    hashed = hashlib.sha256(text.encode()).digest()[:16]
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_tokens_come_at_once_in_the_fragment(tmp_path: Path, kind: str) -> None:
    api = server(tmp_path, consent="auto", response_types=KINDS)
    told = fragment(ask(api, response_type=kind, scope="openid", nonce="n-1"))

    assert told["state"] == "a b&c=d%"
    assert ("code" in told) == ("code" in kind)
    if "id_token" in kind:
        key = jwt.PyJWK(api.get("/oauth/jwks", None).json()["keys"][0])
        options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
        said = jwt.decode(told["id_token"], key, ["ES256"], options=options)
        assert said["nonce"] == "n-1"
        for claim, part in (("c_hash", "code"), ("at_hash", "access_token")):
            assert said.get(claim) == (half(told[part]) if part in told else None)
    if "access_token" in told:
        bearer = {"Authorization": f"Bearer {told['access_token']}"}
        assert told["token_type"] == "Bearer"
        assert api.get("/oauth/userinfo", None, headers=bearer).json()["sub"] == "u1"
    if "code" in told:
        assert exchanged(api, told["code"])[0] == 200


def test_what_is_wrong_with_a_request_for_tokens_stands_in_the_fragment(
    tmp_path: Path,
) -> None:
    api = server(tmp_path, consent="auto", response_types=KINDS)
    for changes, error in (
        ({"response_type": "id_token", "scope": "openid"}, "invalid_request"),
        ({"response_type": "id_token", "nonce": "n"}, "invalid_request"),
        ({"response_type": "token", "response_mode": "query"}, "invalid_request"),
        ({"response_type": "token", "scope": "write"}, "invalid_scope"),
    ):
        scope = {"scope": "read"} if "scope" not in changes else {}
        assert fragment(ask(api, **{**scope, **changes}))["error"] == error
    other = answer(ask(api, response_type="code token"))
    assert other["error"] == "unsupported_response_type"
    assert "code" in fragment(ask(api, response_mode="fragment"))


# Proofs of keys: RFC 9449.


class Holder:
    """A client that proves its key, by itself or wrongly."""

    def __init__(self, api: Any, number: int = 0) -> None:
        self.api, self.key, self.made = api, ec_key(number), 0
        self.nonce: str | None = None

    def proof(self, method: str = "POST", url: str = TOKEN, **changes: Any) -> str:
        self.made += 1
        header = {
            "typ": "dpop+jwt",
            "jwk": public(self.key),
            **changes.pop("header", {}),
        }
        said = {
            "jti": changes.pop("jti", f"{self.made}"), "htm": method, "htu": url,
            "iat": self.api.clock.now() // 1_000_000, "nonce": self.nonce, **changes,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, changes.get("key", self.key), "ES256", headers=header)

    def token(self, **form: str) -> tuple[int, Any]:
        form = {**JOB, **OWN, **form} if "grant_type" not in form else form
        reply = post(self.api, "token", form, DPoP=self.proof())
        self.nonce = reply.headers.get("dpop-nonce", self.nonce)
        return reply.status_code, reply.json().get("error", reply.json())

    def call(self, token: str, word: str = "DPoP", **changes: Any) -> Any:
        ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest())
        changes = {"ath": ath.rstrip(b"=").decode(), **changes}
        sent = {"Authorization": f"{word} {token}"}
        if changes.pop("proved", True):
            sent["DPoP"] = changes.pop("text", None) or self.proof("GET", f"{ISSUER}/things", **changes)  # fmt: skip
        reply = self.api.get("/things?limit=3", None, headers=sent)
        self.nonce = reply.headers.get("dpop-nonce", self.nonce)
        return reply


def bound(folder: Path, **word: Any) -> Any:
    unproved = {
        code: {"status": 401, "code": code} for code in ("credential_unproved",)
    }
    if "dpop_nonce_for" in word:
        unproved["nonce_stale"] = {
            "status": 401, "code": "nonce", "headers": {"DPoP-Nonce": "${nonce}"},
        }  # fmt: skip
    return server(folder, dpop="optional", more={"codes": unproved}, **word)


@pytest.mark.parametrize("tokens", ["opaque", "jwt"])
def test_a_bound_token_is_good_with_its_key_alone(tmp_path: Path, tokens: str) -> None:
    """RFC 9449, 5 to 7."""
    api = bound(
        tmp_path, tokens=tokens, **({"audience": "api"} if tokens == "jwt" else {})
    )
    holder, thief = Holder(api), Holder(api, 1)
    status, told = holder.token()
    text = told["access_token"]

    assert (status, told["token_type"]) == (200, "DPoP")
    assert holder.call(text).status_code == 200
    assert thief.call(text).status_code == 401
    assert holder.call(text, "Bearer").status_code == 401
    assert holder.call(text, proved=False).status_code == 401
    once = holder.proof("GET", f"{ISSUER}/things", ath=half("") and None)
    assert holder.call(text, text=once).status_code == 401
    plain = token(api, **JOB, **OWN)[1]
    assert plain["token_type"] == "Bearer"
    bearer = {"Authorization": f"Bearer {plain['access_token']}"}
    assert api.get("/things", None, headers=bearer).status_code == 200
    assert holder.call(plain["access_token"]).status_code == 401
    if tokens == "opaque":
        kept = post(api, "introspect", {**JOB, "token": text}).json()
        assert (kept["token_type"], [*kept["cnf"]]) == ("DPoP", ["jkt"])


WRONG_PROOFS: Any = [
    {"htm": "GET"},
    {"htu": f"{ISSUER}/oauth/revoke"},
    {"htu": "https://testserver/small/oauth/token"},
    {"htu": "http://testserver:port/"},
    {"htu": 7},
    {"iat": 10},
    {"iat": None},
    {"jti": None},
    {"jti": ["a"]},
    {"header": {"typ": "jwt"}},
    {"header": {"jwk": None}},
    {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
    {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "A", "y": "B"}}},
    {"header": {"jwk": {"kty": "RSA", "n": "A" * 5_000, "e": "AQAB"}}},
    {"header": {"jwk": {"kty": ["EC"]}}},
]


def test_a_proof_says_what_it_must(tmp_path: Path) -> None:
    """RFC 9449, 4.3."""
    api = bound(tmp_path)

    for changes in WRONG_PROOFS:
        text = Holder(api).proof(**changes)
        reply = post(api, "token", {**JOB, **OWN}, DPoP=text)
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_proof_is_good_once_and_may_need_a_nonce(tmp_path: Path) -> None:
    """RFC 9449, 8, 9 and 11.1."""
    api = bound(tmp_path, dpop_nonce_for="5m")
    holder = Holder(api)
    assert holder.token() == (400, "use_dpop_nonce")
    status, told = holder.token()
    assert status == 200
    text = holder.proof()
    form = {**JOB, **OWN}
    assert post(api, "token", form, DPoP=text).status_code == 200
    assert post(api, "token", form, DPoP=text).json()["error"] == "invalid_dpop_proof"

    assert holder.call(told["access_token"]).status_code == 200
    api.clock.set(api.clock.now() + HOUR // 10)
    again = holder.call(told["access_token"])
    assert (again.status_code, again.json()["error"]) == (401, "nonce")
    assert holder.call(told["access_token"]).status_code == 200
    forced = {"X-Emulator-Refuse": "use_dpop_nonce"}
    assert "dpop-nonce" in post(api, "token", form, **forced).headers


def test_codes_and_refresh_tokens_of_public_clients_are_bound(tmp_path: Path) -> None:
    """RFC 9449, 5 and 10."""
    api = bound(tmp_path, consent="auto")
    holder, thief = Holder(api), Holder(api, 1)
    thumb = jwt.encode({}, holder.key, "ES256")  # any text that is no thumbprint
    form = {
        **APP, "grant_type": "authorization_code", "redirect_uri": "https://app.example/cb",
        "code_verifier": VERIFIER,
    }  # fmt: skip
    text = code(api, dpop_jkt=thumb[:43])
    assert holder.token(**form, code=text) == (400, "invalid_grant")

    tokens = holder.token(**form, code=code(api))[1]
    again = {
        **APP, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"],
    }  # fmt: skip
    assert thief.token(**again) == (400, "invalid_grant")
    assert token(api, **again) == (400, "invalid_grant")
    assert holder.token(**again)[1]["token_type"] == "DPoP"


def test_proofs_can_be_required(tmp_path: Path) -> None:
    unproved = {"credential_unproved": {"status": 401, "code": "unproved"}}
    api = server(tmp_path, dpop="required", more={"codes": unproved})

    assert token(api, **JOB, **OWN) == (400, "invalid_dpop_proof")
    assert Holder(api).token()[0] == 200


# Parameters that nobody knows.


def test_a_strict_server_ignores_parameters_that_it_does_not_know(
    tmp_path: Path,
) -> None:
    """RFC 6749, 3.1 and 3.2: an authorization server ignores them."""
    api = server(tmp_path, consent="auto", strict=True)

    assert "code" in answer(ask(api, audience="x", device_name="y"))
    assert token(api, **JOB, **OWN, device_name="y")[0] == 200


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ({"par": "optional", "grants": ["client_credentials"]}, "missing-key"),
        ({"response_types": ["id_token"], "keys": None}, "missing-key"),
        ({"dpop": "required", "response_types": ["token"]}, "wrong-form"),
        ({"client_auth": ["client_secret_basic"]}, "fixture-credential"),
    ],
)
def test_options_that_cannot_be_are_told(
    tmp_path: Path, word: dict[str, Any], code: str
) -> None:
    with pytest.raises(SpecError) as caught:
        server(tmp_path, **word)

    assert code in [each.code for each in caught.value.diagnostics]


def test_an_operation_id_that_is_none_is_told(tmp_path: Path) -> None:
    """The endpoints are added beside the document's own operations, whatever they are."""
    paths = {"/odd": {"get": {"operationId": {"a": 1}, "responses": {}}}}

    with pytest.raises(SpecError) as told:
        server(tmp_path, more={"paths": paths})

    assert "operationId" in str(told.value)
