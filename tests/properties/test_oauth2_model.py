"""OAuth 2: the token endpoint against a naive model of RFC 6749, over any run of calls.

The model knows of every code and token who has it, until when, and what it came of; it is
written from the tables of the RFCs, and shares nothing with what it judges.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

sys.path.append(str(Path(__file__).parent.parent / "oauth2"))

from runs import Run
from servers import server

CLIENTS = {"web": "web-secret-0001", "app": None, "job": "job-secret-0001"}
MAY = {
    "web": {"openid", "profile", "read", "write"},
    "app": {"openid", "profile", "email", "read"},
    "job": {"read", "write"},
}
ADDRESSES = {"web": "https://app.example/cb?a=1", "app": "https://app.example/cb"}
CODE, ACCESS, REFRESH = 600, 3_600, 30 * 86_400
SCOPES = st.sampled_from(
    [None, "read", "write", "openid read", "email", "write read", "x"]
)
_SERVERS: list[Any] = []


def _api() -> Any:
    """One server for all runs: each has a world of its own."""
    if not _SERVERS:
        import tempfile

        folder = Path(tempfile.mkdtemp())
        _SERVERS.append(server(folder, consent="auto", keys="signing"))
    return _SERVERS[0]


class Tokens(Run):
    """Clients that do anything with the codes and tokens that they come by."""

    @initialize()
    def begin(self) -> None:
        self.enter(_api(), CLIENTS)
        self.codes: list[dict[str, Any]] = []
        self.tokens: list[dict[str, Any]] = []

    def _post(self, path: str, client: str, **form: str | None) -> tuple[int, Any]:
        sent = {k: v for k, v in form.items() if v is not None}
        sent["client_id"] = client
        if self.secrets.get(client):
            sent["client_secret"] = self.secrets[client]
        reply = self.api.client.post(
            f"{self.api.root}/oauth/{path}", data=sent, headers=self.own
        )
        return reply.status_code, reply.json() if reply.content else None

    def _told(self, answer: tuple[int, Any]) -> str:
        status, body = answer
        if status == 200:
            return "ok"
        assert status == (401 if body["error"] == "invalid_client" else 400)
        return str(body["error"])

    def _keep(self, body: Any, client: str, family: object, whole: set[str]) -> None:
        assert body["token_type"] == "Bearer"
        assert body["expires_in"] == ACCESS
        self.tokens.append(
            {
                "access": body["access_token"],
                "refresh": body.get("refresh_token"),
                "client": client,
                "family": family,
                "scope": {*body["scope"].split()},
                "whole": whole,
                "until": self.now + ACCESS,
                "refresh_until": self.now + REFRESH,
                "state": "active",
                "used": False,
            }
        )

    def _end(self, family: object) -> None:
        for token in self.tokens:
            if token["family"] is family:
                token["state"] = "revoked"
                told = self._post("introspect", "web", token=token["access"])[1]
                assert told == {"active": False}

    @rule(client=st.sampled_from(["web", "app"]))
    def log_in(self, client: str) -> None:
        """Ask for all there is, and exchange the code at once."""
        self._ask(client, None)
        code = self.codes[-1]
        answer = self._post(
            "token",
            client,
            grant_type="authorization_code",
            code=code["text"],
            redirect_uri=ADDRESSES[client],
        )
        assert self._told(answer) == "ok"
        code["used"] = True
        self._keep(answer[1], client, code["family"], code["scope"])

    @rule(client=st.sampled_from(["web", "app"]), scope=SCOPES)
    def ask(self, client: str, scope: str | None) -> None:
        self._ask(client, scope)

    def _ask(self, client: str, scope: str | None) -> None:
        query = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": ADDRESSES[client],
        }
        query |= {"scope": scope} if scope else {}
        reply = self.api.client.get(
            f"{self.api.root}/oauth/authorize",
            params=query,
            headers=self.own,
            follow_redirects=False,
        )
        wanted = {*scope.split()} if scope else MAY[client]
        told = parse_qs(urlsplit(reply.headers["location"]).query)
        if not wanted <= MAY[client]:
            assert told["error"] == ["invalid_scope"]
            return
        self.codes.append(
            {
                "text": told["code"][0],
                "client": client,
                "scope": wanted,
                "until": self.now + CODE,
                "used": False,
                "family": object(),
            }
        )

    @rule(data=st.data(), client=st.sampled_from([*CLIENTS, "nobody"]))
    def exchange(self, data: st.DataObject, client: str) -> None:
        if not self.codes:
            return
        used = [code for code in self.codes if code["used"]]
        code = data.draw(
            st.sampled_from(used or self.codes) | st.sampled_from(self.codes)
        )
        right = ADDRESSES[code["client"]]
        client = data.draw(st.sampled_from([code["client"], code["client"], client]))
        address = data.draw(st.sampled_from([right, right, right, None, "x"]))
        answer = self._post(
            "token",
            client,
            grant_type="authorization_code",
            code=code["text"],
            redirect_uri=address,
        )
        expected = "ok"
        if client == "nobody":
            expected = "invalid_client"
        elif client == "job":
            expected = "unauthorized_client"
        elif client != code["client"]:
            expected = "invalid_grant"
        elif code["used"]:
            expected = "invalid_grant"
            self._end(code["family"])
        elif self.now >= code["until"] or address != ADDRESSES[code["client"]]:
            expected = "invalid_grant"
        assert self._told(answer) == expected
        if expected == "ok":
            code["used"] = True
            assert {*answer[1]["scope"].split()} == code["scope"]
            self._keep(answer[1], client, code["family"], code["scope"])

    @rule(client=st.sampled_from([*CLIENTS]), scope=SCOPES)
    def own_token(self, client: str, scope: str | None) -> None:
        answer = self._post(
            "token", client, grant_type="client_credentials", scope=scope
        )
        wanted = {*scope.split()} if scope else MAY[client]
        if client == "app":
            assert self._told(answer) == "unauthorized_client"
        elif not wanted <= MAY[client]:
            assert self._told(answer) == "invalid_scope"
        else:
            assert self._told(answer) == "ok"
            assert "refresh_token" not in answer[1]
            self._keep(answer[1], client, object(), wanted)

    @rule(data=st.data(), other=st.sampled_from([*CLIENTS]), scope=SCOPES)
    def refresh(self, data: st.DataObject, other: str, scope: str | None) -> None:
        held = [token for token in self.tokens if token["refresh"]]
        if not held:
            return
        used = [token for token in held if token["used"]]
        token = data.draw(st.sampled_from(used or held) | st.sampled_from(held))
        client = data.draw(st.sampled_from([token["client"], token["client"], other]))
        answer = self._post(
            "token",
            client,
            grant_type="refresh_token",
            refresh_token=token["refresh"],
            scope=scope,
        )
        expected, replayed = "ok", False
        wanted = {*scope.split()} if scope else token["whole"]
        if client == "job":
            expected = "unauthorized_client"
        elif client != token["client"] or token["state"] == "revoked":
            expected = "invalid_grant"
        elif token["used"]:
            expected, replayed = "invalid_grant", True
        elif self.now >= token["refresh_until"]:
            expected = "invalid_grant"
        elif not wanted <= token["whole"]:
            expected = "invalid_scope"
        assert self._told(answer) == expected
        if replayed:
            self._end(token["family"])
        if expected == "ok":
            token["used"] = True
            assert {*answer[1]["scope"].split()} == wanted
            self._keep(answer[1], client, token["family"], token["whole"])

    @rule(data=st.data(), kind=st.sampled_from(["access", "refresh"]))
    def revoke(self, data: st.DataObject, kind: str) -> None:
        held = [token for token in self.tokens if token[kind]]
        if not held:
            return
        token = data.draw(st.sampled_from(held))
        answer = self._post("revoke", token["client"], token=token[kind])
        assert answer == (200, None)
        if kind == "access":
            token["access_revoked"] = True
        else:
            self._end(token["family"])

    @rule(seconds=st.sampled_from([1, 599, 600, 3_600, 30 * 86_400 - 1]))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.world.clock.set(self.world.clock.now() + seconds * 1_000_000)

    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        """A token is good for what it is good for, and everybody is told the same."""
        if not self.tokens:
            return
        token = data.draw(st.sampled_from(self.tokens))
        good = (
            token["state"] == "active"
            and not token.get("access_revoked")
            and self.now < token["until"]
        )
        told = self._post("introspect", "web", token=token["access"])[1]
        assert told["active"] is good
        reply = self.api.get(
            "/things",
            None,
            headers={"Authorization": f"Bearer {token['access']}", **self.own},
        )
        if good:
            assert {*told["scope"].split()} == token["scope"]
            assert (reply.status_code == 200) is ("read" in token["scope"])
        else:
            assert reply.status_code == 401
        if token["refresh"]:
            told = self._post("introspect", "web", token=token["refresh"])[1]
            assert told["active"] is (
                token["state"] == "active"
                and not token["used"]
                and self.now < token["refresh_until"]
            )


Tokens.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None
)
test_any_run_of_calls = Tokens.TestCase
