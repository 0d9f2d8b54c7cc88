"""Identity: an OpenID provider and its API, with Authlib and PyJWT as their users have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("authlib")
pytest.importorskip("jwt")

import jwt
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.errors import MissingCodeException
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response

import emulator

CALLBACK = "https://notes.example.com/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-1"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def world(server: Any) -> Iterator[Any]:
    with server.world() as made:
        yield made


@pytest.fixture
def identity(world: Any) -> Any:
    return world.provider("identity")


class Client:
    """A program of somebody's, that knows the address and what it registered."""

    def __init__(self, provider: Any, name: str = "web", scope: str | None = None):
        record = provider.records("clients")[name]
        self.url = provider.url
        self.discovered = requests.get(
            f"{self.url}/.well-known/openid-configuration", timeout=10
        ).json()
        self.session = OAuth2Session(
            name,
            record.get("client_secret"),
            scope=scope,
            redirect_uri=CALLBACK if name == "web" else None,
            code_challenge_method="S256",
            token_endpoint=self.discovered["token_endpoint"],
            token_endpoint_auth_method="client_secret_basic"
            if "client_secret" in record
            else "none",
        )

    def asked(self, **more: str) -> str:
        """Where the user is sent."""
        url, self.state = self.session.create_authorization_url(
            self.discovered["authorization_endpoint"], code_verifier=VERIFIER, **more
        )
        return str(url)

    def log_in(self, **more: str) -> Any:
        """Tokens for the user that is hinted at."""
        reply = requests.get(
            self.asked(login_hint="ada", **more), allow_redirects=False, timeout=10
        )
        return self.fetch(reply.headers["Location"])

    def fetch(self, location: str) -> Any:
        return self.session.fetch_token(
            authorization_response=location, state=self.state, code_verifier=VERIFIER
        )

    def get(self, path: str) -> Any:
        return self.session.get(f"{self.url}{path}", timeout=10)


class Resource:
    """Somebody's API that takes the tokens, and reads the keys when it has to."""

    def __init__(self, client: Client) -> None:
        self.issuer = client.discovered["issuer"]
        self.keys = jwt.PyJWKClient(client.discovered["jwks_uri"])

    def read(self, token: str) -> dict[str, Any]:
        key = self.keys.get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience="https://api.example.com",
            issuer=self.issuer,
        )
        return claims


def test_a_day_of_a_program(identity: Any, world: Any) -> None:
    """Discovery, a code with PKCE, the API, the profile, refreshes, and the end of it."""
    client = Client(identity, scope="openid profile email notes:read notes:write")
    tokens = client.log_in(nonce="n-0S6")

    assert client.get("/api/notes").json()["notes"][0]["text"].startswith("Weave")
    note = {"text": "Write the first program"}
    made = client.session.post(f"{client.url}/api/notes", json=note, timeout=10)
    assert (made.status_code, made.json()["owner"]) == (201, "ada")
    about = client.session.get(client.discovered["userinfo_endpoint"], timeout=10)
    assert about.json()["email"] == "ada@example.com"
    claims = Resource(client).read(tokens["access_token"])
    assert (claims["sub"], claims["client_id"]) == ("ada", "web")
    told = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (told["nonce"], told["name"]) == ("n-0S6", "Ada Lovelace")

    before = tokens["refresh_token"]
    world.clock.advance(minutes=61)
    client.session.refresh_token(
        client.discovered["token_endpoint"], refresh_token=before
    )
    assert client.session.token["refresh_token"] != before
    introspected = client.session.introspect_token(
        client.discovered["introspection_endpoint"],
        token=client.session.token["access_token"],
    )
    assert introspected.json()["active"]
    client.session.revoke_token(
        client.discovered["revocation_endpoint"],
        token=client.session.token["refresh_token"],
    )
    with pytest.raises(AuthlibBaseError, match="invalid_grant"):
        client.session.refresh_token(client.discovered["token_endpoint"])


def test_a_user_fills_in_the_form(identity: Any) -> None:
    """As a browser would: a page, a password, and back to the client."""
    client = Client(identity, scope="openid notes:read")
    page = requests.get(client.asked(), timeout=10)
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    form = {name: unescape(text) for name, text in found}
    password = identity.records("users")["grace"]["password"]
    form |= {"username": "grace", "password": password, "decision": "allow"}
    action = re.search(r'action="([^"]*)"', page.text)
    assert action is not None

    gone = requests.post(action[1], data=form, allow_redirects=False, timeout=10)
    client.fetch(gone.headers["Location"])

    assert [note["id"] for note in client.get("/api/notes").json()["notes"]] == [2]


def test_a_robot_has_a_token_of_its_own(identity: Any) -> None:
    client = Client(identity, "robot")

    client.session.fetch_token(grant_type="client_credentials")

    me = client.get("/api/me").json()
    assert me == {"subject": "robot", "client": "robot", "scope": "notes:read"}
    denied = client.session.post(
        f"{client.url}/api/notes", json={"text": "x"}, timeout=10
    )
    assert denied.status_code == 403
    assert "insufficient_scope" in denied.headers["WWW-Authenticate"]


def test_a_device_waits_for_its_user(identity: Any, world: Any) -> None:
    """RFC 8628: it polls, is told to wait and to slow down, and gets its token."""
    client = Client(identity, "cli")
    asked = requests.post(
        client.discovered["device_authorization_endpoint"],
        data={"client_id": "cli", "scope": "openid notes:read"},
        timeout=10,
    ).json()

    def poll() -> Any:
        return client.session.fetch_token(
            grant_type=DEVICE, device_code=asked["device_code"]
        )

    for error in ("authorization_pending", "slow_down"):
        with pytest.raises(AuthlibBaseError, match=error):
            poll()
    password = identity.records("users")["ada"]["password"]
    form = {"user_code": asked["user_code"], "username": "ada", "password": password}
    page = requests.post(
        asked["verification_uri"], data={**form, "decision": "allow"}, timeout=10
    )
    assert "Connected" in page.text
    world.clock.advance(seconds=30)
    poll()
    assert client.get("/api/me").json()["subject"] == "ada"


def test_a_resource_server_survives_a_rotation(identity: Any) -> None:
    """The next key is published before it signs, so that nobody meets a strange one."""
    client = Client(identity, scope="openid notes:read")
    resource = Resource(client)
    old = client.log_in()["access_token"]
    assert resource.read(old)["sub"] == "ada"

    identity.rotate_keys("signing")

    new = client.log_in()["access_token"]
    assert (
        jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
    )
    assert resource.read(new)["sub"] == resource.read(old)["sub"] == "ada"
    assert client.get("/api/me").status_code == 200
    identity.rotate_keys("signing")
    with pytest.raises(jwt.PyJWKClientError):
        Resource(client).read(old)


def test_a_user_who_says_no(world: Any, identity: Any) -> None:
    """The client is told at its address; there is no code for Authlib to find."""
    world.apply_scenario("identity/consent_denied")
    client = Client(identity, scope="openid")
    gone = requests.get(
        client.asked(login_hint="ada"), allow_redirects=False, timeout=10
    )
    address = gone.headers["Location"]

    assert parse_qs(urlsplit(address).query)["error"] == ["access_denied"]
    with pytest.raises(MissingCodeException):
        parse_authorization_code_response(address, client.state)


def test_a_code_that_comes_too_late(world: Any, identity: Any) -> None:
    """By a scenario, and by the clock."""
    world.apply_scenario("identity/code_expired")
    client = Client(identity, scope="openid")

    with pytest.raises(AuthlibBaseError, match="invalid_grant"):
        client.log_in()
    assert client.log_in()["token_type"] == "Bearer"

    url = client.asked(login_hint="ada")
    late = requests.get(url, allow_redirects=False, timeout=10).headers["Location"]
    world.clock.advance(minutes=10)
    with pytest.raises(AuthlibBaseError, match="invalid_grant"):
        client.fetch(late)


def test_a_locked_account(world: Any, identity: Any) -> None:
    world.apply_scenario("identity/locked_account")
    client = Client(identity, "trusted")
    password = identity.records("users")["ada"]["password"]

    with pytest.raises(AuthlibBaseError, match="invalid_grant"):
        client.session.fetch_token(username="ada", password=password)


def test_a_refresh_token_that_somebody_else_has_used(world: Any, identity: Any) -> None:
    client = Client(identity)
    text = identity.records("tokens")[1]["refresh_token"]
    fresh = client.session.refresh_token(
        client.discovered["token_endpoint"], refresh_token=text
    )
    assert fresh["scope"] == "openid profile notes:read"

    with pytest.raises(AuthlibBaseError, match="invalid_grant"):
        client.session.refresh_token(
            client.discovered["token_endpoint"], refresh_token=text
        )
    with pytest.raises(AuthlibBaseError, match="invalid_grant"):
        client.session.refresh_token(
            client.discovered["token_endpoint"], refresh_token=fresh["refresh_token"]
        )


def test_a_wrong_secret_and_a_wrong_scope(identity: Any) -> None:
    client = Client(identity, "robot")
    with pytest.raises(AuthlibBaseError, match="invalid_scope"):
        client.session.fetch_token(grant_type="client_credentials", scope="notes:write")
    client.session.client_secret = "guess"
    with pytest.raises(AuthlibBaseError, match="invalid_client"):
        client.session.fetch_token(grant_type="client_credentials")


def test_a_provider_whose_clock_is_ahead(world: Any, identity: Any) -> None:
    """PyJWT reads its own clock, and finds that the token is not valid yet."""
    world.apply_scenario("identity/clock_skew")
    client = Client(identity, scope="openid")
    token = client.log_in()["access_token"]

    with pytest.raises(jwt.ImmatureSignatureError):
        Resource(client).read(token)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("expired", jwt.ExpiredSignatureError),
        ("not_yet_valid", jwt.ImmatureSignatureError),
        ("wrong_issuer", jwt.InvalidIssuerError),
        ("wrong_audience", jwt.InvalidAudienceError),
        ("unknown", jwt.PyJWKClientError),
    ],
)
def test_what_is_listed_is_what_it_is_called(
    identity: Any, name: str, error: type[Exception]
) -> None:
    """For the provider's own API, and for PyJWT."""
    client, bad = Client(identity), identity.credentials[name]
    resource = Resource(client)
    resource.issuer = "https://id.example.com"

    reply = requests.get(f"{client.url}/api/me", headers=bad.headers, timeout=10)

    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_token")
    with pytest.raises(error):
        resource.read(bad.value)


def test_an_outage_of_two_calls(world: Any, identity: Any) -> None:
    world.apply_scenario("identity/unavailable")
    client = Client(identity, "robot")

    for _ in range(2):
        with pytest.raises((AuthlibBaseError, requests.HTTPError)):
            client.session.fetch_token(grant_type="client_credentials")
    assert client.session.fetch_token(grant_type="client_credentials")


def test_the_same_by_interception() -> None:
    """At the host that its clients know, without a socket; PyJWT's own reader too."""
    with emulator.intercept("identity") as world:
        identity = world.provider("identity")
        record = identity.records("clients")["web"]
        base = "https://id.example.com"
        session = OAuth2Session(
            "web",
            record["client_secret"],
            scope="openid",
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
        )
        url, state = session.create_authorization_url(
            f"{base}/oauth/authorize", code_verifier=VERIFIER, login_hint="ada"
        )
        gone = requests.get(url, allow_redirects=False, timeout=10)
        answer = parse_qs(urlsplit(gone.headers["Location"]).query)
        assert answer["iss"] == [base]
        tokens = session.fetch_token(
            f"{base}/oauth/token",
            authorization_response=gone.headers["Location"],
            state=state,
            code_verifier=VERIFIER,
        )
        keys = jwt.PyJWKClient(f"{base}/oauth/jwks")
        key = keys.get_signing_key_from_jwt(tokens["id_token"])
        claims = jwt.decode(
            tokens["id_token"],
            key.key,
            algorithms=["RS256"],
            audience="web",
            issuer=base,
        )
        assert claims["sub"] == "ada"
        assert session.get(f"{base}/api/me", timeout=10).json()["subject"] == "ada"


def test_the_page_does_what_it_says() -> None:
    page = Path(__file__).parents[2] / "docs" / "gallery" / "identity.md"
    (program,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)

    exec(compile(program, str(page), "exec"), {"__name__": "identity"})
