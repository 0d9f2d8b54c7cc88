"""Proofs: a caller shows that it has a secret by what it signs with it."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from front_door import Api
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small import BODIES, small

from emulator.diagnostics import SpecError
from emulator.program.example import example
from emulator.strategies import calls

KEYS = {
    "records": [
        {"id": 1, "name": "full", "key": "ak-1", "secret": "hush", "state": "active"},
        {"id": 2, "name": "off", "key": "ak-2", "secret": "quiet", "state": "revoked"},
    ]
}
REFUSED = {
    "credential_missing": {"status": 401},
    "credential_unknown": {"status": 403, "code": "unknown"},
    "credential_unproved": {"status": 403, "code": "unproved"},
    "credential_revoked": {"status": 403, "code": "revoked"},
    "too_old": {"status": 400, "code": "too_old"},
    **BODIES,
}
SIGNED = "header_lines['x-signature'] == hmac(secret, raw_query + raw_body)"
IN_TIME = "epoch(now) - integer(header_lines['x-time'] or '0') <= 30"


def api(folder: Path, proves: Any = SIGNED, **more: Any) -> Api:
    """A provider whose calls are signed: the query and the body, after one another."""
    security = [{"Signed": []}]
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    reply = {"reply": {"body": {"caller": "${caller.name}"}}}
    listed = isinstance(proves, list)
    table = (
        {**REFUSED} if listed else {k: v for k, v in REFUSED.items() if k != "too_old"}
    )
    return small(
        folder,
        {
            "/me": {
                "get": {"operationId": "me", "security": security},
                "post": {
                    "operationId": "say",
                    "security": security,
                    "requestBody": body,
                },
            }
        },
        {"me": reply, "say": reply},
        openapi={
            "components": {
                "securitySchemes": {
                    "Signed": {"type": "apiKey", "in": "header", "name": "X-Key"}
                }
            }
        },
        table=table,
        fixtures={"keys": KEYS},
        collections={"keys": {}},
        authentication={
            "schemes": {
                "Signed": {
                    "credentials": "keys",
                    "state": "state",
                    "proves": proves,
                }
            },
        },
        **more,
    )


def signature(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    value=st.text(max_size=20),
    flip=st.booleans(),
)
def test_a_signature_over_query_and_body_is_checked_byte_for_byte(
    proved: Api, query: str, value: str, flip: bool
) -> None:
    body = json.dumps({"a": value}).encode()
    raw = f"q={quote(query)}&e=%2f+x"
    made = signature("hush", raw.encode() + body + (b" " if flip else b""))

    reply = proved.call(
        "POST",
        f"/me?{raw}",
        None,
        content=body,
        headers={
            "X-Key": "ak-1",
            "X-Signature": made,
            "Content-Type": "application/json",
        },
    )

    assert reply.status_code == (403 if flip else 200)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Api:
    return api(tmp_path_factory.mktemp("proved"))


def test_who_does_not_sign_is_refused_before_anything_is_said_of_its_state(
    proved: Api,
) -> None:
    def code(key: str, **headers: str) -> str:
        reply = proved.get("/me", None, headers={"X-Key": key, **headers})
        return str(reply.json().get("error") or reply.json()["caller"])

    good = signature("quiet", b"")
    assert code("ak-1") == "unproved"
    assert code("ak-2") == "unproved"
    assert code("ak-2", **{"X-Signature": good}) == "revoked"
    assert code("ak-1", **{"X-Signature": good}) == "unproved"
    assert code("other", **{"X-Signature": good}) == "unknown"
    assert code("ak-1", **{"X-Signature": signature("hush", b"")}) == "full"


def test_every_condition_may_have_its_own_refusal(tmp_path: Path) -> None:
    """In their order: a call that is too old is told so, however it is signed."""
    proves = [{"check": IN_TIME, "refuse": "too_old"}, {"check": SIGNED}]
    provider = api(tmp_path, proves)
    now = provider.clock.now() // 1_000_000

    def code(time: int, sign: str) -> str:
        sent = {"X-Key": "ak-1", "X-Time": str(time), "X-Signature": sign}
        reply = provider.get("/me", None, headers=sent)
        return str(reply.json().get("error") or reply.json()["caller"])

    assert code(now - 60, "") == "too_old"
    assert code(now, "") == "unproved"
    assert code(now, signature("hush", b"")) == "full"


@pytest.mark.parametrize("code", ["credential_unproved", "credential_revoked"])
def test_a_refusal_of_a_proof_can_be_forced(proved: Api, code: str) -> None:
    """With the bytes of the natural one."""
    sent = {"X-Key": "ak-1", "X-Signature": signature("hush", b"")}

    forced = proved.get("/me", None, headers={**sent, "X-Emulator-Refuse": code})

    assert forced.json() == {"error": code.removeprefix("credential_")}


def test_a_world_has_a_secret_of_its_own_to_sign_with(tmp_path: Path) -> None:
    provider = api(tmp_path)
    world = provider.board.worlds.create("w1")
    minted = provider.board.worlds.credentials(world, "small")[0]
    sent = {"X-Key": minted["value"]}

    for secret, status in ((minted["secret"], 200), ("hush", 403)):
        signed = {**sent, "X-Signature": signature(secret, b"")}
        assert provider.get("/me", None, headers=signed).status_code == status
    assert minted["secret"] != "hush"
    assert len(world.journal) == 2


def test_the_journal_says_which_condition_does_not_hold(tmp_path: Path) -> None:
    """With what its names stood for, but no secret."""
    provider = api(tmp_path)
    provider.get("/me", None, headers={"X-Key": "ak-1", "X-Signature": "no"})

    journal = provider.client.get("/_emulator/worlds/default/journal").json()
    entry = journal[0] if isinstance(journal, list) else journal["entries"][0]
    shown = provider.client.get(f"/_emulator/worlds/default/journal/{entry['id']}").text

    assert "is not proved" in shown
    assert "raw_body" in shown
    assert "hush" not in shown


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_listings_say_that_calls_have_to_be_signed(
    proved: Api, data: st.DataObject
) -> None:
    """There is no line to paste that would work, and drawn calls are not signed yet."""
    assert proved.credentials["full"]["needs_proof"] is True
    assert example(proved.program) is None
    drawn = data.draw(calls(proved.program, "say"))
    assert drawn.needs_proof
    assert drawn.headers["X-Key"] == "ak-1"


@pytest.mark.parametrize(
    ("proves", "told"),
    [
        ("hmac(secrte, raw_query) == ''", "there is no 'secrte' here"),
        ([{"refuse": "too_old"}], "check"),
        ([], "proves"),
        ("quota.limit > 1", "'quota'"),
    ],
)
def test_a_mistake_in_a_proof_is_told_at_load(
    tmp_path: Path, proves: Any, told: str
) -> None:
    with pytest.raises(SpecError, match=told):
        api(tmp_path, proves)


@pytest.mark.parametrize(
    "key",
    ["secret", "caller.secret", "this.secret", "'v1' + secret", "hmac(secret, 'day')"],
)
def test_what_an_hmac_has_its_key_from_is_a_secret(tmp_path: Path, key: str) -> None:
    """Each world has its own, listings show it, and nothing has to say so."""
    provider = api(tmp_path, f"header_lines['x-signature'] == hmac({key}, raw_query)")
    world = provider.board.worlds.create("w1")

    listed = provider.board.worlds.credentials(world, "small")[0]

    assert provider.credentials["full"]["secret"] == "hush"
    assert listed["secret"] != "hush"
