"""HTTP Digest (RFC 7616): challenges, nonces that grow old, and counts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from front_door import Api
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth
from small import small

import emulator
from emulator.cli.serve import curl
from emulator.diagnostics import SpecError
from emulator.http.digest import ALGORITHMS, read_answer, response
from emulator.program.example import example
from emulator.times import SECOND
from emulator.world.nonces import KEPT, Nonces

PEOPLE = {
    "records": [{"id": 1, "name": "full", "username": "Mufasa", "password": "pw"}]
}
TABLE = {
    "credential_missing": {"status": 401},
    "credential_malformed": {"status": 400},
    "credential_unknown": {"status": 401},
    "credential_unproved": {"status": 401, "code": "unproved"},
    "nonce_stale": {"status": 401, "code": "stale"},
}


def api(folder: Path, digest: Any = None, **more: Any) -> Api:
    scheme: dict[str, Any] = {"credentials": "people"}
    if digest is not None:
        scheme["digest"] = digest
    me = {"operationId": "me", "security": [{"Digest": []}]}
    return small(
        folder,
        {"/me": {"get": me}},
        {"me": {"reply": {"body": {"caller": "${caller.name}"}}}},
        openapi={
            "components": {
                "securitySchemes": {"Digest": {"type": "http", "scheme": "digest"}}
            }
        },
        table=TABLE,
        fixtures={"people": PEOPLE},
        collections={"people": {}},
        authentication={"schemes": {"Digest": scheme}},
        **more,
    )


# RFC 7616, 3.9.1
ANSWER = (
    'username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html",'
    ' algorithm={}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,'
    ' cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth,'
    ' response="{}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_the_rfc_are_worked_out(algorithm: str, expected: str) -> None:
    answer = read_answer(ANSWER.format(algorithm, expected))
    assert answer is not None

    assert response(answer, "Circle of Life", "GET", algorithm) == expected
    assert response(answer, "Circle of Live", "GET", algorithm) != expected
    assert response(answer, "Circle of Life", "POST", algorithm) != expected


def test_the_example_with_a_name_that_is_not_ascii(tmp_path: Path) -> None:
    """RFC 7616, 3.9.2 (erratum 4897): SHA-512-256, and a name by RFC 5987."""
    text = ANSWER.format("SHA-512-256", "-").replace(
        'username="Mufasa"', "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe"
    )

    answer = read_answer(text)

    assert answer is not None
    assert answer["username"] == "Jäsøn Doe"
    assert len(response(answer, "Secret, or not?", "GET", "SHA-512-256")) == 64


TEXTS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20
)


@given(
    algorithm=st.sampled_from([*ALGORITHMS]),
    user=TEXTS,
    realm=TEXTS,
    password=TEXTS,
    nonce=TEXTS,
)
def test_an_answer_is_that_of_the_formula(
    algorithm: str, user: str, realm: str, password: str, nonce: str
) -> None:
    """RFC 7616, 3.4.1, written down here once more."""

    def h(text: str) -> str:
        return hashlib.new(ALGORITHMS[algorithm], text.encode()).hexdigest()

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    a1 = h(f"{user}:{realm}:{password}")
    if algorithm.endswith("-sess"):
        a1 = h(f"{a1}:{nonce}:0a")
    expected = h(f"{a1}:{nonce}:0000000f:0a:auth:{h('GET:/x?y=1')}")
    answer = read_answer(
        f"username={quoted(user)},realm={quoted(realm)} , nonce={quoted(nonce)},"
        f'uri="/x?y=1", nc=0000000f, cnonce="0a", qop="auth", response={expected}'
    )

    assert answer is not None
    assert (answer["username"], answer["realm"]) == (user, realm)
    assert response(answer, password, "GET", algorithm) == expected


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
def test_the_digest_of_httpx_is_accepted(tmp_path: Path, algorithm: str) -> None:
    """Its own code, over ASGI: one challenge, and the nonce counted from then on."""
    provider = api(tmp_path, {"algorithm": algorithm})
    auth = httpx.DigestAuth("Mufasa", "pw")
    statuses = []
    with _client(provider) as client:
        for query in ("", "?a=1&b=%20x"):
            reply = client.get(f"/small/me{query}", auth=auth)
            statuses.append((reply.status_code, len(reply.history)))

    assert [status for status, _ in statuses] == [200, 200]
    assert [entry.status for entry in provider.world.journal] == [401, 200, 200]


class _Through(httpx.BaseTransport):
    """httpx's own code, above the application."""

    def __init__(self, provider: Api) -> None:
        self.provider = provider

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = self.provider.client.request(
            request.method, str(request.url), headers=dict(request.headers)
        )
        return httpx.Response(reply.status_code, headers=reply.headers)


def _client(provider: Api) -> httpx.Client:
    return httpx.Client(transport=_Through(provider), base_url="http://testserver")


def test_a_challenge_says_what_is_asked_for(tmp_path: Path) -> None:
    provider = api(tmp_path, {"realm": 'a "quoted" realm', "algorithm": "SHA-256"})

    reply = provider.get("/me", None)

    assert reply.status_code == 401
    told = reply.headers["www-authenticate"]
    assert told.startswith(
        'Digest realm="a \\"quoted\\" realm", qop="auth", algorithm=SHA-256, nonce="'
    )
    assert "stale" not in told
    assert provider.get("/me", None).headers["www-authenticate"] != told


def test_the_digest_of_requests_is_accepted_over_a_socket(tmp_path: Path) -> None:
    api(tmp_path, {"algorithm": "SHA-256"})
    with emulator.start(["small"], specs=[tmp_path]) as server:
        url = f"{server.default.provider('small').url}/me"
        with requests.Session() as session:
            session.trust_env = False
            session.auth = HTTPDigestAuth("Mufasa", "pw")
            replies = [session.get(url, timeout=20) for _ in range(3)]
            session.auth = HTTPDigestAuth("Mufasa", "other")
            wrong = session.get(url, timeout=20)
        sent = [entry.status for entry in server.default.journal]

    assert [reply.json() for reply in replies] == [{"caller": "full"}] * 3
    assert (wrong.status_code, sent.count(401)) == (401, 3)


class Caller:
    """Answers challenges by hand, to answer wrongly."""

    def __init__(self, provider: Api) -> None:
        self.provider = provider
        self.nonce = self.asked(provider.get("/me", None))

    def asked(self, reply: Any) -> str:
        return str(reply.headers["www-authenticate"]).split('nonce="')[1].split('"')[0]

    def call(self, count: int = 1, password: str = "pw", **changes: str) -> Any:
        answer = {
            "username": "Mufasa",
            "realm": "small",
            "nonce": self.nonce,
            "uri": "/small/me",
            "nc": f"{count:08x}",
            "cnonce": "c",
            "qop": "auth",
            "response": "",
            **changes,
        }
        answer["response"] = response(answer, password, "GET", "MD5")
        text = ", ".join(f'{name}="{value}"' for name, value in answer.items())
        sent = {"Authorization": f"Digest {text}"}
        return self.provider.get("/me", None, headers=sent)


def test_a_nonce_is_counted_and_grows_old(tmp_path: Path) -> None:
    """Each count once, in their order; a right answer to an old nonce is told `stale`."""
    provider = api(tmp_path, {"lifetime": "1m"})
    provider.clock.freeze()
    caller = Caller(provider)

    assert caller.call(1).status_code == 200
    assert caller.call(3).status_code == 200
    for count in (3, 2):
        reply = caller.call(count)
        assert (reply.status_code, reply.json()) == (401, {"error": "stale"})
        assert ", stale=true" in reply.headers["www-authenticate"]
    assert caller.call(4, "other").json() == {"error": "unproved"}
    assert "stale" not in caller.call(5, "other").headers["www-authenticate"]
    provider.clock.advance(61 * SECOND)
    reply = caller.call(6)
    assert reply.json() == {"error": "stale"}
    caller.nonce = caller.asked(reply)
    assert caller.call(1).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"uri": "/small/other"},
        {"uri": "/small/me?a=1"},
        {"realm": "other"},
        {"algorithm": "SHA-256"},
    ],
)
def test_an_answer_to_something_else_proves_nothing(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    caller = Caller(api(tmp_path))

    assert caller.call(1, **changes).json() == {"error": "unproved"}


def test_a_nonce_that_nobody_gave_out_is_stale(tmp_path: Path) -> None:
    caller = Caller(api(tmp_path))

    for nonce in ("made-up", "0" * 32, caller.nonce[:-1]):
        assert caller.call(1, nonce=nonce).json() == {"error": "stale"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "username",
        'username="a',
        "a=1," * 50,
        'username="\\',
        "username=a" * 9_000,
    ],
)
def test_what_is_no_answer_is_malformed(tmp_path: Path, text: str) -> None:
    provider = api(tmp_path)

    reply = provider.get("/me", None, headers={"Authorization": f"Digest {text}"})

    assert reply.status_code == 400


@given(st.text(max_size=100))
def test_no_text_fails(text: str) -> None:
    read_answer(text)


@pytest.mark.parametrize("code", ["credential_unproved", "nonce_stale"])
def test_a_refusal_of_digest_can_be_forced(tmp_path: Path, code: str) -> None:
    provider = api(tmp_path)
    caller = Caller(provider)
    natural = caller.call(1, "x") if code == "credential_unproved" else caller.call(0)

    provider.client.headers["X-Emulator-Refuse"] = code
    forced = caller.call(1)

    assert (forced.status_code, forced.content) == (401, natural.content)
    stale = "stale=true" in natural.headers["www-authenticate"]
    assert ("stale=true" in forced.headers["www-authenticate"]) is stale


def test_a_world_is_found_although_another_gave_the_nonce(tmp_path: Path) -> None:
    """The first call says nothing of who makes it: its nonce is good elsewhere too."""
    provider = api(tmp_path)
    world = provider.board.worlds.create("w1")
    minted = provider.board.worlds.credentials(world, "small")[0]["digest"]
    auth = httpx.DigestAuth(minted["username"], minted["password"])

    with _client(provider) as client:
        for _ in range(2):
            assert client.get("/small/me", auth=auth).status_code == 200
    assert [entry.status for entry in world.journal] == [200, 200]


def test_nonces_are_part_of_what_a_world_is(tmp_path: Path) -> None:
    """A fork, a snapshot and what is restored of it go on counting; a reset forgets."""
    provider = api(tmp_path)
    worlds, world = provider.board.worlds, provider.world
    caller = Caller(provider)
    assert caller.call(1).status_code == 200
    kept = worlds.snapshot(world)

    worlds.reset(world)
    assert caller.call(2).json() == {"error": "stale"}
    worlds.restore(world, kept)
    assert caller.call(1).json() == {"error": "stale"}
    assert caller.call(2).status_code == 200


def test_a_flood_of_challenges_keeps_few_nonces() -> None:
    nonces = Nonces()
    first = nonces.give("w", "f" * 16, 0)
    for number in range(KEPT):
        nonces.give("w", f"{number:016x}", 0)

    assert len(nonces.dump()) == KEPT
    assert not nonces.use("w", first, 1, 0, 10)


def test_the_line_to_paste_uses_digest(tmp_path: Path) -> None:
    provider = api(tmp_path)
    shown = example(provider.program)
    assert shown is not None

    assert curl("URL", shown.credential or {}) == "curl --digest -u Mufasa:pw URL"


@pytest.mark.parametrize(
    ("digest", "told"),
    [
        ({"algorithm": "SHA256"}, "SHA-256"),
        ({"lifetime": "soon"}, "lifetime"),
        ({"realms": "x"}, "did you mean 'realm'?"),
    ],
)
def test_a_mistake_is_told_at_load(tmp_path: Path, digest: Any, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        api(tmp_path, digest)
