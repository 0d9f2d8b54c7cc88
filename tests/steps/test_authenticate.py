"""Can the caller prove its claim, and may it do what it asks for?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small
from tiny import Tiny

from emulator.program.authentication import allows


@pytest.fixture
def doors() -> Tiny:
    return Tiny("doors")


@pytest.mark.parametrize(
    ("key", "status", "error", "more"),
    [
        ("k-nobody", 401, "unknown", None),
        ("K-ADA", 401, "unknown", None),
        ("k-cy", 403, "suspended", "suspended"),
        ("k-dee", 402, "plan_lapsed", None),
    ],
)
def test_a_credential_is_judged_by_its_record(
    doors: Tiny, key: str, status: int, error: str | None, more: str | None
) -> None:
    """State and `requires` of a scheme each have a refusal of their own."""
    got, body = doors.answer("/header", headers={"X-Key": key})

    assert (got, body.get("error"), body.get("more")) == (status, error, more)


def test_every_state_that_is_called_active_passes(doors: Tiny) -> None:
    """A provider may let through more states than one."""
    answer = doors.answer("/header", headers={"X-Key": "k-bob"})

    assert answer == (200, {"caller": "bob"})


def test_a_scheme_without_a_word_about_state_asks_for_none(doors: Tiny) -> None:
    """The same record proves a caller by one scheme and not by another."""
    assert doors.answer("/query", params={"api_key": "k-cy"}) == (200, {"caller": "cy"})


@pytest.mark.parametrize("secret", ["hush-2", "hush-1x", "HUSH-1"])
def test_headers_that_prove_together_must_be_of_one_record(
    doors: Tiny, secret: str
) -> None:
    """The id of one application and the secret of another prove nothing."""
    sent = {"X-App-Id": "a-1", "X-App-Secret": secret}

    answer = doors.answer("/pair", headers=sent)

    assert answer == (401, {"error": "unknown", "more": None})


@pytest.mark.parametrize(("user", "password"), [("eve", ""), ("eve", "o"), ("x", "o")])
def test_a_password_must_be_the_users_own(
    doors: Tiny, user: str, password: str
) -> None:
    """A wrong password and an unknown user are not told apart."""
    answer = doors.answer("/password", auth=(user, password))

    assert answer == (401, {"error": "unknown", "more": None})


def test_a_credential_expires_at_the_second(doors: Tiny) -> None:
    """The last moment of a credential is the one before its time is over."""
    token = {"Authorization": "Bearer t-hal"}

    doors.clock.advance(3_599)
    before = doors.answer("/token", headers=token)
    doors.clock.advance(1)
    after = doors.answer("/token", headers=token)

    assert before == (200, {"caller": "hal"})
    assert after == (401, {"error": "expired", "more": None})


def test_an_operation_may_require_more_of_the_caller(doors: Tiny) -> None:
    """A requirement that fails refuses, and tells the facts that it names."""
    refused = doors.answer("/paid", headers={"X-Key": "k-bob"})
    let_in = doors.answer("/paid", headers={"X-Key": "k-ada"})

    assert refused == (402, {"error": "plan_too_small", "more": "small"})
    assert let_in == (200, {"caller": "ada"})


def test_scopes_of_the_openapi_document_are_asked_for(doors: Tiny) -> None:
    """`security` names the scopes of an operation where behavior.yaml names none."""
    lacking = doors.answer("/scoped", headers={"Authorization": "Bearer t-ida"})
    holding = doors.answer("/scoped", headers={"Authorization": "Bearer t-hal"})

    assert lacking == (403, {"error": "scope_missing", "more": "letters"})
    assert holding == (200, {"caller": "hal"})


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ([], "203.0.113.9", True),
        (None, "203.0.113.9", True),
        (["203.0.113.9"], "203.0.113.9", True),
        (["203.0.113.8/31"], "203.0.113.9", True),
        (["203.0.113.9/31"], "203.0.113.8", True),
        (["203.0.113.0/29"], "203.0.113.9", False),
        (["203.0.113.9"], "::ffff:203.0.113.9", True),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "2001:db8::1%eth0", True),
        (["2001:db8::/32"], "203.0.113.9", False),
        (["203.0.113.9"], "testclient", False),
    ],
)
def test_networks_hold_addresses_of_both_families(
    networks: list[str] | None, address: str, allowed: bool
) -> None:
    """An empty list allows everyone; a mapped IPv4 address is an IPv4 address."""
    assert allows(networks, address) is allowed


@pytest.mark.parametrize(
    ("state", "fixture", "made"),
    [
        ("state or 'active'", {}, {"state": "revoked"}),
        ("'revoked' if revoked else 'active'", {"revoked": False}, {"revoked": True}),
    ],
)
def test_a_state_may_be_concluded_and_has_its_own_words(
    tmp_path: Path, state: str, fixture: dict[str, Any], made: dict[str, Any]
) -> None:
    """Also a state that no record is in before a call brings it about."""
    reply = {"200": {"description": "It works"}}
    api = small(
        tmp_path,
        {
            "/me": {"get": {"operationId": "me", "responses": reply}},
            "/revoke": {"post": {"operationId": "revoke", "responses": reply}},
        },
        {
            "me": {"reply": {"status": 200}},
            "revoke": {
                "effects": [{"update": "keys", "key": "caller.id", "set": made}],
                "reply": {"status": 200},
            },
        },
        openapi={
            "security": [{"Key": []}],
            "components": {
                "securitySchemes": {
                    "Key": {"type": "apiKey", "in": "header", "name": "X-Key"}
                }
            },
        },
        table={
            "credential_missing": {"status": 401},
            "credential_unknown": {"status": 401},
            "credential_revoked": {"status": 403, "code": "revoked"},
        },
        fixtures={"keys": [{"id": 1, "name": "ann", "key": "key-of-ann", **fixture}]},
        collections={"keys": {"fields": ["state"]}},
        authentication={"schemes": {"Key": {"credentials": "keys", "state": state}}},
    )
    key = {"X-Key": "key-of-ann"}

    assert api.get("/me", None, headers=key).status_code == 200
    assert api.post("/revoke", None, headers=key).status_code == 200
    reply = api.get("/me", None, headers=key)
    assert (reply.status_code, reply.json()) == (403, {"error": "revoked"})
