"""Endpoints: each rule of the RFCs that `oauth2` follows, by a call that meets it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from servers import CLIENTS, USERS, server
from small import small

from emulator.diagnostics import SpecError
from emulator.world.world import World

WEB = {"client_id": "web", "client_secret": "web-secret-0001"}
JOB = {"client_id": "job", "client_secret": "job-secret-0001"}
APP = {"client_id": "app"}
ADA = {"username": "ada", "password": "Countess-1815"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""
ASK = {
    "response_type": "code",
    "client_id": "app",
    "redirect_uri": "https://app.example/cb",
    "state": "a b&c=d%",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
MINUTE = 60_000_000


def post(api: Any, path: str, form: Any, **headers: str) -> Any:
    return api.client.post(
        f"{api.root}/oauth/{path}", data=form, headers=headers, follow_redirects=False
    )


def token(api: Any, **form: str) -> tuple[int, Any]:
    reply = post(api, "token", form)
    body = reply.json()
    assert reply.headers["cache-control"] == "no-store"
    return reply.status_code, body.get("error", body)


def ask(api: Any, **changes: str | None) -> Any:
    query = {k: v for k, v in {**ASK, **changes}.items() if v is not None}
    return api.client.get(
        f"{api.root}/oauth/authorize", params=query, follow_redirects=False
    )


def answer(reply: Any) -> dict[str, str]:
    """What the client is told at its address."""
    assert reply.status_code == 302, reply.text
    return {
        k: v[0] for k, v in parse_qs(urlsplit(reply.headers["location"]).query).items()
    }


def code(api: Any, **changes: str | None) -> str:
    return answer(ask(api, **changes))["code"]


def exchanged(api: Any, text: str, **changes: str | None) -> tuple[int, Any]:
    form = {
        **APP, "grant_type": "authorization_code", "code": text,
        "redirect_uri": ASK["redirect_uri"], "code_verifier": VERIFIER, **changes,
    }  # fmt: skip
    return token(api, **{k: v for k, v in form.items() if v is not None})


@pytest.fixture
def api(tmp_path: Path) -> Any:
    return server(tmp_path, consent="auto")


@pytest.fixture
def asking(tmp_path: Path) -> Any:
    return server(tmp_path, consent="ask")


def test_a_code_gives_tokens_once(api: Any) -> None:
    """RFC 6749, 4.1; RFC 7636, appendix B; RFC 9207."""
    told = answer(ask(api))
    assert told["state"] == "a b&c=d%"
    assert told["iss"] == "http://testserver/small"

    status, tokens = exchanged(api, told["code"])

    assert status == 200
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3_600
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert api.get("/things", None, headers=headers).json() == []

    assert exchanged(api, told["code"]) == (400, "invalid_grant")
    assert api.get("/things", None, headers=headers).status_code == 401
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert token(api, **APP, **refresh) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "no-such-code"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1/cb"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        (WEB, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_for_what_it_was_asked_for(
    api: Any, changes: dict[str, str | None], error: str
) -> None:
    """RFC 6749, 4.1.3 and 5.2."""
    text = code(api)

    status, body = exchanged(api, text, **changes)

    assert (status, body) == (401 if error == "invalid_client" else 400, error)


def test_a_code_expires_on_the_worlds_clock(api: Any) -> None:
    text = code(api)
    api.clock.set(api.clock.now() + 10 * MINUTE)

    assert exchanged(api, text) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "write"}, "invalid_scope"),
        ({"scope": "read  read"}, "invalid_scope"),
        ({"scope": 'a"b'}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"login_hint": "eve"}, "access_denied"),
        ({"login_hint": "nobody"}, "access_denied"),
    ],
)
def test_the_client_is_told_what_is_wrong(
    api: Any, changes: dict[str, str | None], error: str
) -> None:
    """RFC 6749, 4.1.2.1: at its address, with its state."""
    told = answer(ask(api, **changes))

    assert (told["error"], told["state"]) == (error, "a b&c=d%")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"redirect_uri": None},
        {"redirect_uri": "https://app.example/cb/"},
        {"redirect_uri": "https://app.example/cb?x=1"},
        {"redirect_uri": "https://app.example/cb#x"},
        {"redirect_uri": "https://APP.example/cb"},
        {"redirect_uri": "https://evil.example/cb"},
        {"redirect_uri": "http://127.0.0.1@evil.example/cb"},
        {"redirect_uri": "http://127.0.0.1:port/cb"},
        {"redirect_uri": "http://localhost/cb"},
        {"redirect_uri": "https://app.example/cb\r\nX: 1"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_nobody_is_sent_to_another_address(
    api: Any, changes: dict[str, str | None]
) -> None:
    """RFC 6749, 3.1.2.4; RFC 9700, 2.1."""
    reply = ask(api, **changes)

    assert reply.status_code == 400
    assert "location" not in reply.headers
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "evil" not in reply.text


def test_the_port_of_the_loopback_is_free(api: Any) -> None:
    """RFC 8252, 7.3: a program listens where it can."""
    address = "http://127.0.0.1:51004/cb"

    reply = ask(api, redirect_uri=address)

    assert reply.headers["location"].startswith(address + "?")
    assert exchanged(api, answer(reply)["code"], redirect_uri=address)[0] == 200


def test_an_address_keeps_its_query(api: Any) -> None:
    """RFC 6749, 3.1.2; and it need not be sent where there is one."""
    told = ask(api, client_id="web", redirect_uri=None, code_challenge=None)
    assert told.headers["location"].startswith("https://app.example/cb?a=1&code=")

    text = answer(told)["code"]
    form = {**WEB, "grant_type": "authorization_code", "code": text}
    assert token(api, **form)[0] == 200


def test_pkce_is_required_where_it_is(tmp_path: Path) -> None:
    """And a verifier that nobody asked for is refused (RFC 9700, 2.1.1)."""
    strict = server(tmp_path / "a", consent="auto", pkce="required")
    free = server(tmp_path / "b", consent="auto")
    none = {"code_challenge": None, "code_challenge_method": None}

    assert answer(ask(strict, **none))["error"] == "invalid_request"
    assert exchanged(free, code(free, **none)) == (400, "invalid_grant")
    assert exchanged(free, code(free, **none), code_verifier=None)[0] == 200
    plain = server(tmp_path / "c", consent="auto", pkce_methods=["plain"])
    text = code(plain, code_challenge=VERIFIER, code_challenge_method=None)
    assert exchanged(plain, text)[0] == 200


@pytest.mark.parametrize(
    ("form", "headers", "error"),
    [
        ({**JOB}, {}, None),
        ({}, {"Authorization": "Basic " + base64.b64encode(b"job:job-secret-0001").decode()}, None),
        ({}, {"Authorization": "Basic " + base64.b64encode(b"job:job%2Dsecret-0001").decode()}, None),
        ({**JOB, "client_secret": "wrong"}, {}, "invalid_client"),
        ({"client_id": "job"}, {}, "invalid_client"),
        ({}, {"Authorization": "Basic " + base64.b64encode(b"odd:a+b%c%").decode()}, None),
        ({}, {"Authorization": "Basic " + base64.b64encode(b"odd:a%2Bb%25c%25").decode()}, None),
        ({}, {"Authorization": "Basic ?"}, "invalid_client"),
        ({}, {"Authorization": "Bearer abc"}, "invalid_client"),
        (JOB, {"Authorization": "Basic " + base64.b64encode(b"job:job-secret-0001").decode()}, "invalid_request"),
        ({"client_id": "web"}, {"Authorization": "Basic " + base64.b64encode(b"job:job-secret-0001").decode()}, "invalid_request"),
        (APP, {}, "unauthorized_client"),
        ({**JOB, "scope": "openid"}, {}, "invalid_scope"),
        ([("grant_type", "client_credentials"), ("scope", "a"), ("scope", "b")], {}, "invalid_request"),
    ],
)  # fmt: skip
def test_a_client_proves_who_it_is(
    api: Any, form: Any, headers: dict[str, str], error: str | None
) -> None:
    """RFC 6749, 2.3 and 3.2."""
    if isinstance(form, Mapping):
        form = [("grant_type", "client_credentials"), *form.items()]
    body = "&".join(f"{name}={text}" for name, text in form)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    reply = api.client.post(
        f"{api.root}/oauth/token", content=body, headers={**kind, **headers}
    )

    assert reply.json().get("error") == error
    assert "refresh_token" not in reply.json()
    if error == "invalid_client":
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"] == 'Basic realm="oauth"'


def test_a_client_has_the_grants_that_it_registered(api: Any) -> None:
    """RFC 7591, 2."""
    assert token(api, **JOB, **ADA, grant_type="password") == (
        400,
        "unauthorized_client",
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password": "guess"}, "invalid_grant"),
        ({"username": "eve", "password": "Garden-0001"}, "invalid_grant"),
        ({"username": "nobody"}, "invalid_grant"),
        ({"password": ""}, "invalid_request"),
    ],
)
def test_a_password_is_the_users(api: Any, changes: dict[str, str], error: str) -> None:
    """RFC 6749, 4.3."""
    form = {**WEB, **ADA, "grant_type": "password", **changes}

    assert token(api, **form) == (400, error)


def test_a_refresh_token_is_good_once(api: Any) -> None:
    """RFC 6749, 6 and 10.4: of a second use, all that came of it ends."""
    _, first = token(api, **WEB, **ADA, grant_type="password", scope="read write")

    def refresh(text: str, **more: str) -> Any:
        form = {**WEB, "grant_type": "refresh_token", "refresh_token": text, **more}
        return token(api, **form)

    assert refresh(first["refresh_token"], scope="read openid")[1] == "invalid_scope"
    _, second = refresh(first["refresh_token"], scope="read")
    assert second["scope"] == "read"
    _, third = refresh(second["refresh_token"])
    assert third["scope"] == "read write"
    assert refresh(first["refresh_token"]) == (400, "invalid_grant")
    assert refresh(third["refresh_token"]) == (400, "invalid_grant")
    for tokens in (first, second, third):
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert api.get("/things", None, headers=headers).status_code == 401


def test_a_refresh_token_may_stay(tmp_path: Path) -> None:
    api = server(tmp_path, refresh="keep")
    _, first = token(api, **WEB, **ADA, grant_type="password")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    for _ in range(3):
        status, again = token(api, **WEB, **form)
        assert (status, again["refresh_token"]) == (200, first["refresh_token"])
        assert again["access_token"] != first["access_token"]


def test_a_refresh_token_ends_with_its_user(api: Any) -> None:
    """A locked account gets no new tokens, and an old token expires."""
    _, first = token(api, **WEB, **ADA, grant_type="password")
    users = api.world.collections(api.program)["users"]
    users.put({**users.get("u1"), "state": "locked"})
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    assert token(api, **WEB, **form) == (400, "invalid_grant")
    api.clock.set(api.clock.now() + 60 * MINUTE)
    reply = api.get(
        "/things", None, headers={"Authorization": f"Bearer {first['access_token']}"}
    )
    assert reply.json() == {"error": "credential_expired"}


def test_a_token_is_told_of_and_revoked(api: Any) -> None:
    """RFC 7662, 2.2; RFC 7009, 2."""
    _, made = token(api, **WEB, **ADA, grant_type="password", scope="read")

    def told(text: str) -> Any:
        return post(api, "introspect", {**JOB, "token": text}).json()

    now = api.clock.now() // 1_000_000
    about = told(made["access_token"])
    assert about | {"jti": ""} == {
        "active": True, "scope": "read", "client_id": "web", "username": "ada",
        "token_type": "Bearer", "exp": now + 3_600, "iat": now, "sub": "u1",
        "iss": "http://testserver/small", "jti": "",
    }  # fmt: skip
    assert told(made["refresh_token"])["exp"] == now + 30 * 86_400
    assert told("no such token") == {"active": False}
    assert post(api, "introspect", {"token": "x"}).json()["error"] == "invalid_client"
    assert post(api, "introspect", JOB).json()["error"] == "invalid_request"

    other = post(api, "revoke", {**JOB, "token": made["access_token"]})
    assert (other.status_code, other.json()["error"]) == (400, "invalid_grant")
    done = post(api, "revoke", {**WEB, "token": made["access_token"]})
    assert (done.status_code, done.content) == (200, b"")
    assert told(made["access_token"]) == {"active": False}
    assert told(made["refresh_token"])["active"]
    post(api, "revoke", {**WEB, "token": made["refresh_token"]})
    assert told(made["refresh_token"]) == {"active": False}
    assert post(api, "revoke", {**WEB, "token": "no such token"}).status_code == 200


def test_a_device_is_allowed_elsewhere(asking: Any) -> None:
    """RFC 8628, 3: pending, slow down, allowed, once."""
    api = asking
    made = post(api, "device_authorization", {**APP, "scope": "read"}).json()
    poll = {
        **APP,
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": made["device_code"],
    }
    assert re.fullmatch("[B-Z]{4}-[B-Z]{4}", made["user_code"])
    assert (made["expires_in"], made["interval"]) == (1_800, 5)
    assert made["verification_uri"] == "http://testserver/small/oauth/device"

    assert token(api, **poll) == (400, "authorization_pending")
    assert token(api, **poll) == (400, "slow_down")
    api.clock.set(api.clock.now() + 5_000_000)
    assert token(api, **poll) == (400, "slow_down")  # every 10 seconds, and then 15
    api.clock.set(api.clock.now() + 15_000_000)
    assert token(api, **poll) == (400, "authorization_pending")

    page = api.client.get(made["verification_uri_complete"])
    assert made["user_code"] in page.text
    wrong = {"user_code": made["user_code"], "decision": "allow", "username": "ada"}
    assert "is wrong" in post(api, "device", {**wrong, "password": "guess"}).text
    right = {**ADA, "decision": "allow", "user_code": made["user_code"].lower()}
    assert "Connected" in post(api, "device", right).text
    assert "no device" in post(api, "device", right).text
    status, tokens = token(api, **poll)
    assert (status, tokens["scope"]) == (200, "read")
    assert token(api, **poll) == (400, "invalid_grant")


def test_a_device_may_be_denied_or_forgotten(asking: Any) -> None:
    polls = []
    for _ in range(2):
        made = post(asking, "device_authorization", APP).json()
        polls.append(
            {
                **APP,
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                "device_code": made["device_code"],
            }
        )
    post(asking, "device", {"user_code": made["user_code"], "decision": "deny"})

    assert token(asking, **polls[1]) == (400, "access_denied")
    asking.clock.set(asking.clock.now() + 30 * MINUTE)
    assert token(asking, **polls[0]) == (400, "expired_token")


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: unescape(text) for name, text in found}


def test_a_user_logs_in_and_allows_it(asking: Any) -> None:
    """By a form without scripts, whose fields say what was asked."""
    page = ask(asking)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in page.text

    form = fields_of(page.text)
    assert form["state"] == "a b&c=d%"
    wrong = post(
        asking, "authorize", {**form, **ADA, "password": "x", "decision": "allow"}
    )
    assert "is wrong" in wrong.text
    assert fields_of(wrong.text) == form
    told = answer(post(asking, "authorize", {**form, **ADA, "decision": "allow"}))
    assert exchanged(asking, told["code"])[0] == 200
    denied = answer(post(asking, "authorize", {**form, "decision": "deny"}))
    assert (denied["error"], denied["state"]) == ("access_denied", "a b&c=d%")
    assert answer(ask(asking, prompt="none"))["error"] == "login_required"


def test_what_is_sent_is_escaped(asking: Any) -> None:
    """In the page, in attributes and in the address."""
    state = "\"><script>alert(1)</script>&'"

    page = ask(asking, state=state, login_hint=state)

    assert "<script" not in page.text
    assert fields_of(page.text)["state"] == state
    form = fields_of(page.text) | {"username": state, "decision": "allow"}
    assert "<script" not in post(asking, "authorize", form).text
    told = post(asking, "authorize", {**form, "decision": "deny"})
    assert answer(told)["state"] == state
    assert "<" not in told.headers["location"]


def test_an_id_token_is_for_its_client(api: Any) -> None:
    """OpenID Connect Core 1.0, 2 and 3.1.3.6."""
    text = code(api, scope="openid email", nonce="n-1")
    _, tokens = exchanged(api, text)
    keys = api.client.get(f"{api.root}/oauth/jwks").json()
    now = api.clock.now() // 1_000_000

    claims = jwt.decode(
        tokens["id_token"],
        jwt.PyJWKSet.from_dict(keys).keys[0].key,
        algorithms=["ES256"],
        audience="app",
        issuer="http://testserver/small",
        options={"verify_exp": False, "verify_iat": False},
    )

    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims.pop("jti")
    assert claims == {
        "iss": "http://testserver/small", "sub": "u1", "aud": "app", "iat": now,
        "exp": now + 3_600, "auth_time": now, "nonce": "n-1", "email": "ada@app.example",
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    about = api.client.get(f"{api.root}/oauth/userinfo", headers=headers).json()
    assert about == {"sub": "u1", "email": "ada@app.example"}
    posted = api.client.post(f"{api.root}/oauth/userinfo", headers=headers)
    assert posted.json() == about
    plain = api.client.get(f"{api.root}/oauth/userinfo")
    assert (plain.status_code, plain.headers["www-authenticate"]) == (401, "Bearer")


def test_access_tokens_may_be_json_web_tokens(tmp_path: Path) -> None:
    """RFC 9068; the provider's own operations take them."""
    api = server(
        tmp_path, tokens="jwt", audience="https://api.example", claims={"org": "acme"}
    )
    _, made = token(api, **WEB, **ADA, grant_type="password", scope="read")
    header = jwt.get_unverified_header(made["access_token"])
    claims = jwt.decode(made["access_token"], options={"verify_signature": False})

    assert header["typ"] == "at+jwt"
    assert claims["aud"] == "https://api.example"
    assert (claims["sub"], claims["scope"], claims["org"]) == ("u1", "read", "acme")
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    assert api.get("/things", None, headers=headers).json() == []
    _, narrow = token(api, **WEB, **ADA, grant_type="password", scope="openid write")
    headers = {"Authorization": f"Bearer {narrow['access_token']}"}
    assert api.get("/things", None, headers=headers).json()["error"] == "scope_missing"
    about = api.client.get(f"{api.root}/oauth/userinfo", headers=headers).json()
    assert about == {"sub": "u1", "org": "acme"}


def test_worlds_are_found_by_what_they_gave_out(asking: Any) -> None:
    """A code, a refresh token, a device: at the address of the default world."""
    world = asking.board.worlds.create("one")
    own = {"X-Emulator-World": world.id}
    made = post(asking, "device_authorization", APP, **own).json()
    secret = world.collections(asking.program)["clients"].get("web")["client_secret"]
    password = world.collections(asking.program)["users"].get("u1")["password"]
    assert secret != WEB["client_secret"]

    form = {
        "grant_type": "password", "client_id": "web", "client_secret": secret,
        "username": "ada", "password": password,
    }  # fmt: skip
    status, tokens = token(asking, **form)
    assert status == 200
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert asking.get("/things", None, headers=headers).status_code == 200
    poll = {
        **APP,
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": made["device_code"],
    }
    assert token(asking, **poll) == (400, "authorization_pending")
    asking.board.worlds.delete(world)
    assert token(asking, **poll) == (400, "invalid_grant")


def test_the_journal_masks_what_is_given_out(api: Any) -> None:
    """Codes and tokens, in addresses, forms and replies."""
    text = code(api)
    _, tokens = exchanged(api, text)
    post(api, "introspect", {**JOB, "token": tokens["access_token"]})

    path = "/_emulator/worlds/default/journal"
    entries = api.client.get(path).json()
    told = "".join(api.client.get(f"{path}/{entry['id']}").text for entry in entries)

    assert "issues token 1 for the scope" in told
    for name in ("access_token", "refresh_token", "id_token"):
        assert tokens.get(name, "absent") not in told
    for hidden in (text, JOB["client_secret"], VERIFIER):
        assert hidden not in told


def test_a_fork_and_a_restored_world_know_the_tokens(api: Any) -> None:
    worlds = api.board.worlds
    world = worlds.create("one", seed=3)
    own = {"X-Emulator-World": "one"}
    reply = api.client.get(
        f"{api.root}/oauth/authorize", params=ASK, headers=own, follow_redirects=False
    )
    text = answer(reply)["code"]
    form = {
        **APP, "grant_type": "authorization_code", "code": text,
        "redirect_uri": ASK["redirect_uri"], "code_verifier": VERIFIER,
    }  # fmt: skip
    kept = worlds.snapshot(world)
    worlds.fork(world, "two")
    assert isinstance(world, World)

    for name in ("one", "two"):
        done = post(api, "token", form, **{"X-Emulator-World": name})
        assert done.status_code == 200, name
    worlds.restore(world, kept)
    assert post(api, "token", form, **own).status_code == 200
    assert post(api, "token", form, **own).status_code == 400


@pytest.mark.parametrize("endpoint", ["authorize", "token"])
def test_what_is_forced_is_what_is_natural(api: Any, endpoint: str) -> None:
    """Byte for byte, at the client's address too."""
    if endpoint == "token":
        natural = post(
            api, "token", {**WEB, **ADA, "grant_type": "password", "password": "x"}
        )
        forced = post(
            api, "token", {**WEB, **ADA, "grant_type": "password"},
            **{"X-Emulator-Refuse": "invalid_grant"},
        )  # fmt: skip
    else:
        natural = ask(api, login_hint="nobody")
        forced = api.client.get(
            f"{api.root}/oauth/authorize",
            params=ASK,
            headers={"X-Emulator-Refuse": "access_denied"},
            follow_redirects=False,
        )
        assert natural.headers["location"] == forced.headers["location"]

    assert natural.content == forced.content
    assert natural.status_code == forced.status_code


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe=1",
        b"a=" + b"x" * 60_000,
        b"&".join(b"p%d=1" % n for n in range(10_000)),
        b"grant_type=%zz&client_id=%00",
        b"=" * 10_000,
        b"[" * 10_000,
        b"",
    ],
)
def test_a_hostile_form_is_the_providers_own_4xx(api: Any, body: bytes) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("token", "revoke", "introspect", "device_authorization", "device"):
        reply = api.client.post(f"{api.root}/oauth/{path}", content=body, headers=kind)
        assert reply.status_code in (200, 400, 401, 413), (path, reply.text)
        assert "error" in reply.text or path == "device"
    reply = api.client.post(f"{api.root}/oauth/token", json={"grant_type": "x"})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


def test_an_operation_of_the_specs_own_may_be_an_endpoint(tmp_path: Path) -> None:
    """At its own path, in its own words, with what the word's would do."""
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    login = {
        "operationId": "logIn",
        "security": [],
        "requestBody": {"content": form},
        "responses": {"200": {"description": "."}},
    }
    body = {"token": "${record.access_token}", "for": "${record.sub}"}
    said = {"status": 403, "body": "no"}
    api = server(
        tmp_path,
        more={
            "paths": {"/login": {"post": login}},
            "operations": {
                "logIn": {
                    "grant": "token",
                    "reply": {"body": body},
                    "errors": {"invalid_grant": said, "invalid_client": said},
                }
            },
        },
    )
    url = f"{api.root}/login"

    good = api.client.post(url, data={**WEB, **ADA, "grant_type": "password"})
    bad = api.client.post(
        url, data={**WEB, "client_secret": "x", "grant_type": "password"}
    )

    assert good.json()["for"] == "u1"
    assert (bad.status_code, bad.json()) == (403, "no")


def test_a_server_is_a_few_lines(tmp_path: Path) -> None:
    """Without an operation, a collection or an error of its own."""
    api = small(
        tmp_path,
        {},
        {},
        fixtures={"clients": CLIENTS, "users": USERS},
        errors={},
        keys={"signing": {"kind": "ec"}},
        oauth2={"grants": ["password", "refresh_token"], "keys": "signing"},
    )

    status, tokens = token(api, **WEB, **ADA, grant_type="password", scope="openid")

    assert status == 200
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert api.get("/oauth/userinfo", None, headers=headers).json() == {"sub": "u1"}
    revoked = post(api, "revoke", {**WEB, "token": tokens["access_token"]})
    assert revoked.status_code == 200
    assert api.get("/oauth/userinfo", None, headers=headers).status_code == 401


def test_a_session_of_the_fixtures_need_not_say_all(tmp_path: Path) -> None:
    """A refresh token, whose it is, and for what; it is as good as one that was given out."""
    session = {
        "id": "s", "refresh_token": "rt_0123456789abcdef", "client_id": "web",
        "sub": "u1", "scope": "read write",
    }  # fmt: skip
    api = server(tmp_path, more={"sessions": [session]})
    form = {
        **WEB,
        "grant_type": "refresh_token",
        "refresh_token": "rt_0123456789abcdef",
    }
    about = post(api, "introspect", {**WEB, "token": form["refresh_token"]}).json()

    assert (about["active"], about["scope"]) == (True, "read write")
    assert token(api, **form, scope="read")[1]["scope"] == "read"
    assert token(api, **form) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("client", "says"),
    [
        (
            {"redirect_uris": "https://app.example/cb"},
            "redirect_uris of 'x' in clients",
        ),
        ({"client_secret": 1234}, "client_secret of 'x' in clients.yaml is not a text"),
    ],
)
def test_a_client_of_the_fixtures_is_whole(
    tmp_path: Path, client: dict[str, Any], says: str
) -> None:
    with pytest.raises(SpecError, match=says):
        small(
            tmp_path, {}, {}, errors={}, oauth2={"grants": ["client_credentials"]},
            fixtures={"clients": [{"client_id": "x", **client}]},
        )  # fmt: skip


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, True, "1-1-1", [1]])
def test_what_is_put_into_records_stops_nobody(api: Any, value: Any) -> None:
    """By the admin API, into any field: calls are refused, and nothing breaks."""
    _, made = token(api, **WEB, **ADA, grant_type="password")
    text = code(api)
    device = post(api, "device_authorization", APP).json()
    held = api.world.collections(api.program)
    for name in ("tokens", "codes", "devices", "clients", "users"):
        collection = held[name]
        for record in [*collection]:
            kept = {
                collection.key,
                "access_token",
                "refresh_token",
                "code",
                "device_code",
            }
            kept |= {"client_id", "client_secret", "username", "password"}
            changes = {field: value for field in record if field not in kept}
            collection.put({**record, **changes})

    answers = [
        post(api, "token", {**WEB, "grant_type": "refresh_token", "refresh_token": made["refresh_token"]}),
        post(api, "introspect", {**WEB, "token": made["access_token"]}),
        post(api, "introspect", {**WEB, "token": made["refresh_token"]}),
        post(api, "token", {**APP, "grant_type": "authorization_code", "code": text}),
        post(api, "token", {**APP, "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device["device_code"]}),
        post(api, "revoke", {**WEB, "token": made["access_token"]}),
        post(api, "token", {**WEB, **ADA, "grant_type": "password"}),
        ask(api),
        ask(api, client_id="web", redirect_uri=None),
    ]  # fmt: skip

    assert {answer.status_code for answer in answers} <= {200, 302, 400, 401}


def test_an_endpoint_may_be_the_specs_own(tmp_path: Path) -> None:
    """By the same path, or by the same operationId; the rest of the word stays."""
    description = {"responses": {"200": {"description": "."}}, "security": []}
    api = server(
        tmp_path,
        more={
            "paths": {
                "/oauth/userinfo": {"get": {"operationId": "mine", **description}}
            },
            "operations": {
                "mine": {"reply": {"body": {"mine": True}}},
                "oauthKeys": {"reply": {"body": {"keys": []}}},
            },
        },
    )

    assert api.get("/oauth/userinfo", None).json() == {"mine": True}
    assert api.get("/oauth/jwks", None).json() == {"keys": []}


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ({"keys": "other"}, "there is no signing key 'other'"),
        ({"grants": ["implicit"]}, "implicit"),
        ({"grants": ["refresh_token"]}, "no grant that gives one"),
        ({"pkce": "always"}, "pkce"),
        ({"code_for": "soon"}, "code_for"),
        ({"paths": {"token": "token"}}, "token"),
        ({"claims": {"org": "${organisation}"}}, "there is no 'organisation' here"),
    ],
)
def test_a_mistake_is_told_at_load(
    tmp_path: Path, word: dict[str, Any], says: str
) -> None:
    with pytest.raises(SpecError, match=says):
        server(tmp_path, **word)
