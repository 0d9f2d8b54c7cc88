"""OAuth 2: what `oauth2` does by options, against a naive model, over any run of calls.

Pushed requests (RFC 9126), PKCE (RFC 7636), tokens at once, resources (RFC 8707), clients
that sign (RFC 7523), bound tokens (RFC 9449), devices (RFC 8628), exchanged tokens (RFC
8693), revocation (RFC 7009), introspection (RFC 7662).
"""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

sys.path.append(str(Path(__file__).parent.parent / "oauth2"))

from runs import Run
from servers import ALL, CLIENTS, server
from test_endpoints import CHALLENGE, VERIFIER
from test_extensions import ASSERTED, EXCHANGE, KINDS, TYPE, ec_key, public

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
ISSUER = "http://testserver/small"
WINDOW = 300
HOUR, MONTH = 3_600, 30 * 86_400
JOBS, MAIL = "https://jobs.example/", "https://mail.example/"
RESOURCES = st.sampled_from([None] * 4 + [JOBS, MAIL, "https://x.example/"])
MAY = {
    "web": {"openid", "profile", "read", "write"},
    "app": {"openid", "profile", "email", "read"},
    "signer": {"read"},
}
ADDRESSES = {"web": "https://app.example/cb?a=1", "app": "https://app.example/cb"}
SCOPES = st.sampled_from([None, None, "read", "openid read", "email", "write read"])
HOLDERS = st.sampled_from([None, None, 0, 0, 1])
USERS_OF_GRANTS = st.sampled_from(["web", "app"])
SLIPS = st.sampled_from([""] * 6 + ["old", "edge", "new", "no nonce", "replay"])
_SERVERS: list[Any] = []


def _api() -> Any:
    """One server for all runs: each has a world of its own."""
    if not _SERVERS:
        import tempfile

        signer = {
            "client_id": "signer", "token_endpoint_auth_method": "private_key_jwt",
            "scope": "read", "jwks": {"keys": [public(ec_key(2))]},
        }  # fmt: skip
        nonce = {"status": 401, "code": "n", "headers": {"DPoP-Nonce": "${nonce}"}}
        made = server(
            Path(tempfile.mkdtemp()),
            consent="ask",
            grants=[*ALL, "token_exchange"],
            par="optional",
            dpop="optional",
            dpop_nonce_for="5m",
            client_auth=["none", "client_secret_post", "private_key_jwt"],
            response_types=KINDS,
            resources=[JOBS, MAIL],
            more={
                "clients": [*CLIENTS, signer],
                "codes": {
                    "credential_unproved": {"status": 401, "code": "u"},
                    "nonce_stale": nonce,
                },
            },
        )
        _SERVERS.append(made)
    return _SERVERS[0]


def hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def thumbprint(number: int) -> str:
    """RFC 7638, 3: the members of an EC key in their order, without white space."""
    key = public(ec_key(number))
    members = ",".join(f'"{name}":"{key[name]}"' for name in ("crv", "kty", "x", "y"))
    return hashed("{" + members + "}")


class Proofs(Run):
    """Clients that do anything with whatever they come by, and what each is to be told."""

    @initialize()
    def begin(self) -> None:
        self.enter(_api(), MAY)
        users = self.world.collections(self.api.program)["users"]
        self.ada = {"username": "ada", "password": users.get("u1")["password"]}
        self.made = 0
        self.nonces: dict[str, int] = {}
        self.used: list[tuple[int, str, str, int, str | None]] = []
        self.requests: list[dict[str, Any]] = []
        self.codes: list[dict[str, Any]] = []
        self.tokens: list[dict[str, Any]] = []
        self.devices: list[dict[str, Any]] = []
        self.assertions: list[str] = []
        for client, holder in (("app", 0), ("web", None)):
            self._log_in(client, holder)

    def _log_in(self, client: str, holder: int | None) -> None:
        """A client that does as it should, so that there is something to do wrong with."""
        asked = {
            "response_type": "code",
            "redirect_uri": ADDRESSES[client],
            "client_id": client,
        }
        request = {"client": client, "scope": MAY[client], "resource": None, "kinds": ["code"],
                   "bound": None, "pkce": False}  # fmt: skip
        self._decide(asked, request, "")
        code = self.codes[-1]
        form = {"grant_type": "authorization_code", "code": code["text"],
                "redirect_uri": ADDRESSES[client]}  # fmt: skip
        while (body := self._token(client, form, holder, "", "")) is None:
            pass  # the first proof has no nonce yet
        code["used"] = True
        self._keep(body, client=client, scope=code["scope"], jkt=holder, resource=None,
                   family=code["family"], sub="u1")  # fmt: skip

    # What the clients send.

    def _post(self, path: str, client: str | None, form: Any, **headers: str) -> Any:
        sent = {name: text for name, text in form.items() if text is not None}
        if client is not None:
            sent |= {"client_id": client}
        if self.secrets.get(client or ""):
            sent["client_secret"] = self.secrets[client or ""]
        if client == "signer" and "client_assertion" not in sent:
            sent |= self._assertion()
        reply = self.api.client.post(
            f"{self.api.root}/oauth/{path}",
            data=sent,
            headers={**self.own, **headers},
            follow_redirects=False,
        )
        self._learn(reply)
        return reply

    def _learn(self, reply: Any) -> None:
        if "dpop-nonce" in reply.headers:
            self.nonces[reply.headers["dpop-nonce"]] = self.now

    def _time(self) -> int:
        return self.world.clock.now() // 1_000_000

    def _assertion(self, **changes: Any) -> dict[str, str]:
        self.made += 1
        said = {
            "iss": "signer", "sub": "signer", "aud": ISSUER, "jti": f"a{self.made}",
            "exp": self._time() + 60, **changes,
        }  # fmt: skip
        text = jwt.encode(said, ec_key(changes.pop("key", 2)), "ES256")
        self.assertions.append(text)
        return {"client_assertion_type": ASSERTED, "client_assertion": text}

    def _proof(
        self, holder: int | None, slip: str, method: str, url: str, token: str = ""
    ) -> tuple[dict[str, str], str]:
        """The header of a proof, and what is wrong with it."""
        if holder is None:
            return {}, ""
        old = [proof[2:] for proof in self.used if proof[:2] == (holder, url)]
        if slip == "replay" and old:
            text, at, nonce = old[-1]
            wrong = "invalid_dpop_proof"
            if abs(self._time() - at) <= WINDOW and not self._is_good(nonce):
                wrong = "use_dpop_nonce"
            return {"DPoP": text}, wrong
        self.made += 1
        shift = {"old": -WINDOW - 1, "edge": -WINDOW, "new": WINDOW + 1}.get(slip, 0)
        newest = [*self.nonces][-1] if self.nonces else None
        nonce = None if slip == "no nonce" else newest
        said = {
            "jti": f"p{self.made}", "htm": method, "htu": url, "iat": self._time() + shift,
            "nonce": nonce, "ath": hashed(token) if token else None,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        text = jwt.encode(
            said,
            ec_key(holder),
            "ES256",
            headers={"typ": "dpop+jwt", "jwk": public(ec_key(holder))},
        )
        if abs(shift) > WINDOW:
            return {"DPoP": text}, "invalid_dpop_proof"
        if not self._is_good(nonce):
            return {"DPoP": text}, "use_dpop_nonce"
        self.used.append((holder, url, text, self._time() + shift, nonce))
        return {"DPoP": text}, ""

    def _is_good(self, nonce: str | None) -> bool:
        return nonce in self.nonces and self.now - self.nonces[nonce] <= WINDOW

    # What they are told.

    def _error(self, reply: Any, expected: str, status: int = 200) -> Any:
        body = reply.json()
        assert body.get("error", "") == expected, (body, expected)
        wrong = 401 if expected == "invalid_client" else 400
        assert reply.status_code == (wrong if expected else status)
        return body

    def _keep(self, body: Any, **known: Any) -> None:
        jkt = known["jkt"]
        assert body["token_type"] == ("Bearer" if jkt is None else "DPoP")
        assert {*body["scope"].split()} == known["scope"]
        token = {
            "access": body["access_token"], "refresh": body.get("refresh_token"),
            "whole": known["scope"], "until": self.now + HOUR, "revoked": False,
            "refresh_until": self.now + MONTH, "refresh_state": "active", **known,
        }  # fmt: skip
        self.tokens.append(token)

    def _end(self, family: object) -> None:
        for token in self.tokens:
            if token["family"] is family:
                token |= {"revoked": True, "refresh_state": "revoked"}

    def _resource(
        self, sent: str | None, granted: str | None
    ) -> tuple[str | None, bool]:
        """The resource of a token, and whether it may be asked for."""
        wanted = sent or granted
        known = [granted] if granted else [JOBS, MAIL]
        return wanted, wanted is None or wanted in known

    @rule(
        data=st.data(),
        client=USERS_OF_GRANTS,
        scope=SCOPES,
        resource=RESOURCES,
        kinds=st.sampled_from(["code", "code", *KINDS[3:]]),
        bound=HOLDERS,
        pkce=st.booleans(),
        push=st.booleans(),
    )
    def ask(
        self,
        data: st.DataObject,
        client: str,
        scope: str | None,
        resource: str | None,
        kinds: str,
        bound: int | None,
        pkce: bool,
        push: bool,
    ) -> None:
        asked = {
            "response_type": kinds, "redirect_uri": ADDRESSES[client], "scope": scope,
            "resource": resource, "nonce": "n", "state": "s",
            "dpop_jkt": None if bound is None else thumbprint(bound),
            "code_challenge": CHALLENGE if pkce else None,
            "code_challenge_method": "S256" if pkce else None,
        }  # fmt: skip
        wanted = {*scope.split()} if scope else MAY[client]
        named, is_known = self._resource(resource, None)
        expected = ""
        if not wanted <= MAY[client]:
            expected = "invalid_scope"
        elif not is_known:
            expected = "invalid_target"
        elif "id_token" in kinds and "openid" not in wanted:
            expected = "invalid_request"
        request = {
            "client": client, "scope": wanted, "resource": named, "kinds": kinds.split(),
            "bound": bound, "pkce": pkce, "used": False, "until": self.now + 60,
        }  # fmt: skip
        if push:
            body = self._error(self._post("par", client, asked), expected, 201)
            if not expected:
                self.requests.append({**request, "uri": body["request_uri"]})
            return
        self._decide({**asked, "client_id": client}, request, expected)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), other=USERS_OF_GRANTS)
    def use_pushed(self, data: st.DataObject, other: str) -> None:
        request = data.draw(st.sampled_from(self.requests))
        client = data.draw(st.sampled_from([request["client"]] * 3 + [other]))
        refused = (
            client != request["client"]
            or request["used"]
            or self.now >= request["until"]
        )
        asked = {"client_id": client, "request_uri": request["uri"], "scope": "write"}
        self._decide(asked, request, "refused" if refused else "")
        request["used"] |= not refused

    def _decide(self, asked: Any, request: Any, expected: str) -> None:
        """The user allows it: the client is told at its address, or nobody is."""
        reply = self._post(
            "authorize", None, {**asked, **self.ada, "decision": "allow"}
        )
        if expected == "refused":
            assert reply.status_code == 400
            return
        parts = urlsplit(reply.headers["location"])
        at_once = request["kinds"] != ["code"]
        told = parse_qs(parts.fragment if at_once else parts.query)
        if expected:
            assert told["error"] == [expected]
            return
        family = object()
        about = {"client": request["client"], "scope": request["scope"],
                 "resource": request["resource"], "family": family, "sub": "u1"}  # fmt: skip
        present = {"code": "code", "token": "access_token", "id_token": "id_token"}
        for kind, name in present.items():
            assert (name in told) == (kind in request["kinds"])
        if "code" in told:
            self.codes.append(
                {**request, **about, "text": told["code"][0], "used": False,
                 "until": self.now + 600}
            )  # fmt: skip
        if "access_token" in told:
            body = {name: texts[0] for name, texts in told.items()}
            self._keep(body, **about, jkt=None)

    def _token(
        self, client: str, form: Any, holder: int | None, slip: str, expected: str
    ) -> Any:
        """Ask for a token; a proof that is no good counts before what is asked."""
        proof, wrong = self._proof(holder, slip, "POST", f"{ISSUER}/oauth/token")
        reply = self._post("token", client, form, **proof)
        assert ("dpop-nonce" in reply.headers) == (wrong == "use_dpop_nonce")
        body = self._error(reply, wrong or expected)
        return None if wrong else body

    @precondition(lambda self: self.codes)
    @rule(
        data=st.data(),
        holder=HOLDERS,
        slip=SLIPS,
        resource=RESOURCES,
        verifier=st.sampled_from([True, True, True, False, None]),
    )
    def exchange(
        self,
        data: st.DataObject,
        holder: int | None,
        slip: str,
        resource: str | None,
        verifier: bool | None,
    ) -> None:
        code = data.draw(st.sampled_from(self.codes))
        holder = data.draw(st.sampled_from([code["bound"], holder]))
        resource = data.draw(st.sampled_from([None, resource]))
        named, is_known = self._resource(resource, code["resource"])
        right = bool(verifier) if code["pkce"] else verifier is None
        replayed = code["used"]
        expected = ""
        is_bound = code["bound"] not in (None, holder)
        if replayed or self.now >= code["until"] or not right or is_bound:
            expected = "invalid_grant"
        elif not is_known:
            expected = "invalid_target"
        sent = {True: VERIFIER, False: "x" * 43, None: None}[verifier]
        form = {"grant_type": "authorization_code", "code": code["text"],
                "redirect_uri": ADDRESSES[code["client"]], "code_verifier": sent,
                "resource": resource}  # fmt: skip
        body = self._token(code["client"], form, holder, slip, expected)
        if body is None:
            return
        if replayed:
            self._end(code["family"])
        if not expected:
            code["used"] = True
            self._keep(body, client=code["client"], scope=code["scope"], jkt=holder,
                       resource=named, family=code["family"], sub="u1")  # fmt: skip

    @precondition(lambda self: any(token["refresh"] for token in self.tokens))
    @rule(data=st.data(), holder=HOLDERS, slip=SLIPS, scope=SCOPES, resource=RESOURCES)
    def refresh(
        self,
        data: st.DataObject,
        holder: int | None,
        slip: str,
        scope: str | None,
        resource: str | None,
    ) -> None:
        held = [token for token in self.tokens if token["refresh"]]
        old = data.draw(st.sampled_from(held))
        holder = data.draw(st.sampled_from([old["jkt"], holder]))
        named, is_known = self._resource(resource, old["resource"])
        wanted = {*scope.split()} if scope else old["whole"]
        expected = ""
        is_over = self.now >= old["refresh_until"]
        is_bound = old["client"] == "app" and old["jkt"] not in (None, holder)
        if old["refresh_state"] != "active" or is_over or is_bound:
            expected = "invalid_grant"
        elif not is_known:
            expected = "invalid_target"
        elif not wanted <= old["whole"]:
            expected = "invalid_scope"
        form = {"grant_type": "refresh_token", "refresh_token": old["refresh"],
                "scope": scope, "resource": resource}  # fmt: skip
        body = self._token(old["client"], form, holder, slip, expected)
        if body is None:
            return
        if old["refresh_state"] == "used":
            self._end(old["family"])
        if not expected:
            old["refresh_state"] = "used"
            known = {name: old[name] for name in ("client", "family", "sub", "whole")}
            self._keep(body, **{**known, "scope": wanted, "jkt": holder, "resource": named})  # fmt: skip

    @rule(
        holder=HOLDERS,
        slip=SLIPS,
        wrong=st.sampled_from(
            ["", "", "", "again", "key", "over", "later", "elsewhere", "iss"]
        ),
    )
    def sign(self, holder: int | None, slip: str, wrong: str) -> None:
        """Client credentials of a client that signs: RFC 7523, 3."""
        now, good = self._time(), {}
        changes: dict[str, dict[str, Any]] = {
            "over": {"exp": now},
            "later": {"nbf": now + 61},
            "elsewhere": {"aud": "https://x.example/"},
            "iss": {"iss": "web"},
        }
        if wrong == "again" and self.assertions:
            last = self.assertions[-1]
            good = {"client_assertion_type": ASSERTED, "client_assertion": last}
        elif wrong == "key":
            made = jwt.encode({"sub": "signer", "iss": "signer", "jti": "k", "aud": ISSUER,
                               "exp": now + 60}, ec_key(3), "ES256")  # fmt: skip
            good = {"client_assertion_type": ASSERTED, "client_assertion": made}
        elif wrong in changes:
            good = self._assertion(**changes[wrong])
            self.assertions.pop()
        else:
            wrong = ""
        form = {"grant_type": "client_credentials", **good}
        if wrong:
            self._error(self._post("token", "signer", form), "invalid_client")
            return
        body = self._token("signer", form, holder, slip, "")
        if body is not None:
            self._keep(body, client="signer", scope={"read"}, jkt=holder, resource=None,
                       family=object(), sub="signer")  # fmt: skip

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), scope=SCOPES, resource=RESOURCES)
    def trade(
        self, data: st.DataObject, scope: str | None, resource: str | None
    ) -> None:
        """A token for another one, which no proof is asked for: RFC 8693, 2."""
        old = data.draw(st.sampled_from(self.tokens))
        named, is_known = self._resource(resource, None)
        wanted = {*scope.split()} if scope else old["scope"]
        expected = ""
        if not self._is_active(old):
            expected = "invalid_request"
        elif not wanted <= old["scope"]:
            expected = "invalid_scope"
        elif not is_known:
            expected = "invalid_target"
        form = {"grant_type": EXCHANGE, "subject_token": old["access"],
                "subject_token_type": TYPE, "scope": scope, "resource": resource}  # fmt: skip
        body = self._error(self._post("token", "web", form), expected)
        if not expected:
            assert "refresh_token" not in body
            sub = "web" if old["sub"] == "signer" else old["sub"]
            self._keep(body, client="web", scope=wanted, jkt=None, resource=named,
                       family=object(), sub=sub)  # fmt: skip

    # Devices.

    @rule(client=USERS_OF_GRANTS, scope=SCOPES)
    def begin_device(self, client: str, scope: str | None) -> None:
        wanted = {*scope.split()} if scope else MAY[client]
        expected = "" if wanted <= MAY[client] else "invalid_scope"
        reply = self._post("device_authorization", client, {"scope": scope})
        body = self._error(reply, expected)
        if not expected:
            self.devices.append(
                {"client": client, "scope": wanted, "code": body["device_code"],
                 "user_code": body["user_code"], "state": "active", "polled": None,
                 "interval": body["interval"], "until": self.now + body["expires_in"]}
            )  # fmt: skip

    @precondition(lambda self: self.devices)
    @rule(data=st.data(), decision=st.sampled_from(["allow", "allow", "deny"]))
    def decide_device(self, data: st.DataObject, decision: str) -> None:
        device = data.draw(st.sampled_from(self.devices))
        form = {"user_code": device["user_code"], "decision": decision, **self.ada}
        page = self._post("device", None, form).text
        open_to_all = device["state"] == "active" and self.now < device["until"]
        assert ("There is no device" in page) is not open_to_all
        if open_to_all:
            device["state"] = "allowed" if decision == "allow" else "denied"

    @precondition(lambda self: self.devices)
    @rule(data=st.data(), holder=HOLDERS, slip=SLIPS, other=st.booleans())
    def poll(
        self, data: st.DataObject, holder: int | None, slip: str, other: bool
    ) -> None:
        device = data.draw(st.sampled_from(self.devices))
        client = device["client"]
        if other:
            client = "web" if client == "app" else "app"
        is_early = (
            device["polled"] is not None
            and self.now < device["polled"] + device["interval"]
        )
        if other or device["state"] == "used":
            expected = "invalid_grant"
        elif self.now >= device["until"]:
            expected = "expired_token"
        else:
            waits = "slow_down" if is_early else "authorization_pending"
            expected = {"denied": "access_denied", "allowed": ""}.get(
                device["state"], waits
            )
        form = {"grant_type": DEVICE, "device_code": device["code"]}
        body = self._token(client, form, holder, slip, expected)
        if body is None:
            return
        if expected in ("slow_down", "authorization_pending"):
            device["polled"] = self.now
            device["interval"] += 5 if is_early else 0
        if not expected:
            device["state"] = "used"
            self._keep(body, client=client, scope=device["scope"], jkt=holder,
                       resource=None, family=object(), sub="u1")  # fmt: skip

    # What tokens are good for.

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), kind=st.sampled_from(["access", "refresh"]))
    def revoke(self, data: st.DataObject, kind: str) -> None:
        held = [token for token in self.tokens if token[kind]]
        if not held:
            return
        token = data.draw(st.sampled_from(held))
        reply = self._post("revoke", token["client"], {"token": token[kind]})
        assert reply.status_code == 200
        if kind == "access":
            token["revoked"] = True
        else:
            self._end(token["family"])

    @rule(seconds=st.sampled_from([1, 5, 59, 240, 301, 1_800, 3_600, MONTH - 5]))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.world.clock.set(self.world.clock.now() + seconds * 1_000_000)

    def _is_active(self, token: Any) -> bool:
        return not token["revoked"] and self.now < token["until"]

    @precondition(lambda self: self.tokens)
    @rule(
        data=st.data(),
        holder=HOLDERS,
        slip=SLIPS,
        bearer=st.booleans(),
        ath=st.sampled_from([True, True, True, False]),
    )
    def call(
        self,
        data: st.DataObject,
        holder: int | None,
        slip: str,
        bearer: bool,
        ath: bool,
    ) -> None:
        """RFC 9449, 7: a bound token with its key alone, any other without one."""
        token = data.draw(st.sampled_from(self.tokens[-6:]))
        holder = data.draw(st.sampled_from([token["jkt"], holder]))
        bearer = data.draw(st.sampled_from([token["jkt"] is None, bearer]))
        is_good = self._is_active(token) and bearer is (token["jkt"] is None)
        sent = {"Authorization": f"{'Bearer' if bearer else 'DPoP'} {token['access']}"}
        wrong = ""
        if is_good and not bearer:
            url = f"{ISSUER}/things"
            about = token["access"] if ath else token["access"][:-1]
            if slip == "replay":
                slip = ""
            before = len(self.used)
            proof, wrong = self._proof(holder, slip, "GET", url, about)
            if not ath and not wrong:  # it is refused before it counts as used
                del self.used[before:]
            sent |= proof
            is_good = not wrong and ath and holder == token["jkt"]
        reply = self.api.get("/things", None, headers={**sent, **self.own})
        self._learn(reply)
        assert (reply.status_code == 200) is (is_good and "read" in token["scope"])

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(self.tokens))
        told = self._post("introspect", "web", {"token": token["access"]}).json()
        if not self._is_active(token):
            assert told == {"active": False}
        else:
            jkt = token["jkt"]
            assert {*told["scope"].split()} == token["scope"]
            assert told["client_id"] == token["client"]
            assert told["sub"] == token["sub"]
            assert told.get("aud") == token["resource"]
            bound = None if jkt is None else {"jkt": thumbprint(jkt)}
            assert told.get("cnf") == bound
        if token["refresh"]:
            told = self._post("introspect", "web", {"token": token["refresh"]}).json()
            is_active = token["refresh_state"] == "active"
            assert told["active"] is (is_active and self.now < token["refresh_until"])


Proofs.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None
)
test_any_run_of_calls = Proofs.TestCase
