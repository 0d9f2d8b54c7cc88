"""Where a credential stands: in headers after a word or within a text, and in bodies."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from hypothesis import given
from hypothesis import strategies as st
from small import BODIES, small

from emulator.cli.serve import curl
from emulator.diagnostics import SpecError
from emulator.program.example import example
from emulator.program.patterns import HOLE, pattern

KEYS = {"records": [{"id": 1, "name": "full", "key": "ghp_16C7e42F292c6912E7710c83"}]}
KEY = KEYS["records"][0]["key"]
REFUSED = {
    "credential_missing": {"status": 401},
    "credential_unknown": {"status": 403},
    **BODIES,
}
BODY = {
    "content": {
        media: {"schema": {"type": "object", "properties": {"a": {}}}}
        for media in ("application/json", "application/x-www-form-urlencoded")
    }
}


def api(folder: Path, schemes: Any, described: Any, security: Any = None) -> Api:
    """A provider that says who calls; *described* are the schemes of its document."""
    security = security or [{name: []} for name in schemes]
    operation = {"operationId": "me", "security": security}
    post = {**operation, "operationId": "say", "requestBody": BODY}
    bodies = any("in" in scheme for scheme in schemes.values())
    methods = {"post": post} if bodies else {"post": post, "get": operation}
    reply = {"reply": {"body": {"caller": "${caller.name}"}}}
    ids = ("say",) if bodies else ("me", "say")
    return small(
        folder,
        {"/me": methods},
        dict.fromkeys(ids, reply),
        openapi={"components": {"securitySchemes": described}},
        table=REFUSED
        if bodies
        else {**REFUSED, "credential_malformed": {"status": 400}},
        fixtures={"keys": KEYS},
        collections={"keys": {}},
        authentication={
            "schemes": {
                name: {"credentials": "keys", **scheme}
                for name, scheme in schemes.items()
            }
        },
    )


AUTHORIZATION = {"type": "apiKey", "in": "header", "name": "Authorization"}


@pytest.mark.parametrize(
    "described",
    [
        {"type": "http", "scheme": "bearer"},
        AUTHORIZATION,
        {"type": "http", "scheme": "token"},
    ],
)
def test_a_credential_has_one_of_several_words_before_it(
    tmp_path: Path, described: Any
) -> None:
    """In any case (RFC 9110, 11.1), and whatever the document calls the scheme."""
    scheme = {"prefixes": ["Bearer", "token"]}
    provider = api(tmp_path, {"Token": scheme}, {"Token": described})

    def status(text: str) -> int:
        sent = {"Authorization": text}
        return int(provider.get("/me", None, headers=sent).status_code)

    for word in ("Bearer", "token", "TOKEN", "bEARER"):
        assert status(f"{word} {KEY}") == 200
    assert status(f"Basic {KEY}") == 400
    assert status(KEY) == 400
    assert status("token ") == 400
    assert status("token other") == 403
    assert provider.credentials["full"]["headers"] == {"Authorization": f"Bearer {KEY}"}


def test_every_word_leads_to_the_world_of_its_credential(tmp_path: Path) -> None:
    """One secret is minted, and all spellings of it are as good."""
    scheme = {"prefixes": ["Bearer", "token"]}
    provider = api(tmp_path, {"Token": scheme}, {"Token": AUTHORIZATION})
    world = provider.board.worlds.create("w1")
    minted = provider.board.worlds.credentials(world, "small")[0]

    assert minted["value"] != KEY
    for word in ("Bearer", "token"):
        sent = {"Authorization": f"{word} {minted['value']}"}
        assert provider.get("/me", None, headers=sent).status_code == 200
    assert len(world.journal) == 2


def test_a_key_in_the_same_header_leaves_a_word_to_its_own_scheme(
    tmp_path: Path,
) -> None:
    """Whichever of the alternatives stands first."""
    schemes = {"Plain": {}, "Word": {"prefixes": ["token"]}}
    described = {"Plain": AUTHORIZATION, "Word": AUTHORIZATION}
    provider = api(tmp_path, schemes, described)

    for text in (KEY, f"token {KEY}"):
        sent = {"Authorization": text}
        assert provider.get("/me", None, headers=sent).status_code == 200


@pytest.mark.parametrize("member", ["token", "auth.token"])
def test_a_credential_stands_in_a_body(tmp_path: Path, member: str) -> None:
    """Of a form as of JSON; it need not be declared, and finds its world."""
    described = {"Token": {"type": "apiKey", "in": "query", "name": "token"}}
    scheme = {"in": "body", "member": member}
    provider = api(tmp_path, {"Token": scheme}, described)
    world = provider.board.worlds.create("w1")
    minted = provider.board.worlds.credentials(world, "small")[0]
    body = {"a": 1, **minted["body"]}
    field = "auth[token]" if "." in member else "token"

    replies = [
        provider.post("/me", None, json=body),
        provider.post("/me", None, data={"a": "1", field: minted["value"]}),
    ]

    assert [reply.json() for reply in replies] == [{"caller": "full"}] * 2
    assert [entry.credential for entry in [*world.journal]] == ["full"] * 2
    assert not any(_unknown(entry) for entry in world.journal)
    for bad, expected in (({"a": 1}, 401), ({**body, "x": 1}, 200)):
        assert provider.post("/me", None, json=bad).status_code == expected
    assert [fact[2]["asked"] for fact in _unknown([*world.journal][-1])] == ["x"]
    assert provider.post("/me", None, json=_with(member, [1])).status_code == 401
    assert provider.post("/me", None, json=_with(member, "no")).status_code == 403


def _unknown(entry: Any) -> list[Any]:
    return [step for step in entry.steps if step[1] == "not emulated"]


def _with(member: str, value: Any) -> Any:
    for name in reversed(member.split(".")):
        value = {name: value}
    return value


def test_a_secret_in_a_body_is_masked_in_the_journal(tmp_path: Path) -> None:
    described = {"Token": {"type": "apiKey", "in": "query", "name": "pass"}}
    provider = api(tmp_path, {"Token": {"in": "body"}}, described)
    for text in (KEY, "another-secret-of-somebody"):
        provider.post("/me", None, json={"pass": text})
        provider.post("/me", None, data={"pass": text})

    shown = provider.client.get("/_emulator/worlds/default/journal").text

    assert KEY not in shown
    assert "another-secret-of-somebody" not in shown


def test_the_line_to_paste_sends_the_credential_where_it_belongs(
    tmp_path: Path,
) -> None:
    described = {"Token": {"type": "apiKey", "in": "query", "name": "token"}}
    provider = api(tmp_path, {"Token": {"in": "body"}}, described)
    shown = example(provider.program)
    assert shown is not None

    words = shlex.split(
        curl("URL", shown.credential or {}, shown.body, form=shown.form)
    )

    assert words[-2:] == ["-d", json.dumps({"token": KEY}, separators=(",", ":"))]


def test_a_credential_is_a_part_of_a_header(tmp_path: Path) -> None:
    described = {"Signed": AUTHORIZATION}
    scheme = {"prefixes": ["AWS4-HMAC-SHA256"], "pattern": f"Credential={HOLE}/"}
    provider = api(tmp_path, {"Signed": scheme}, described)
    world = provider.board.worlds.create("w1")
    minted = provider.board.worlds.credentials(world, "small")[0]["value"]
    rest = "/20260302/eu/s3/aws4_request, SignedHeaders=host, Signature=00"

    def status(credential: str, word: str = "AWS4-HMAC-SHA256") -> int:
        sent = {"Authorization": f"{word} Credential={credential}{rest}"}
        return int(provider.get("/me", None, headers=sent).status_code)

    assert (status(KEY), status(minted), status("AKID")) == (200, 200, 403)
    assert len(world.journal) == 1
    assert status("") == 400
    assert status(KEY, "Bearer") == 400


def test_a_proxy_names_the_certificate_of_a_client(tmp_path: Path) -> None:
    """OpenAPI's mutualTLS, as it arrives behind a proxy that has checked it."""
    scheme = {"certificate_header": "X-SSL-Client-S-DN", "pattern": f"CN={HOLE},"}
    provider = api(tmp_path, {"Client": scheme}, {"Client": {"type": "mutualTLS"}})

    assert provider.get("/me").json() == {"caller": "full"}
    for name, status in ((f"O=Acme,CN={KEY}", 200), ("CN=eve,O=Acme", 403)):
        sent = {"x-ssl-client-s-dn": name}
        assert provider.get("/me", None, headers=sent).status_code == status
    assert provider.get("/me", None).status_code == 401


@pytest.mark.parametrize(
    ("scheme", "described", "told"),
    [
        ({}, {"type": "mutualTLS"}, "certificate_header: X-SSL-Client-S-DN"),
        ({"in": "body"}, {"type": "http", "scheme": "bearer"}, "as an apiKey"),
        ({"pattern": "x"}, AUTHORIZATION, f"'x' has not one {HOLE}"),
        ({}, {"type": "http", "scheme": "negotiate"}, "of the kind http negotiate"),
        ({"in": "query"}, AUTHORIZATION, "use one of: body"),
        ({"prefixes": ["a b"]}, AUTHORIZATION, "prefixes"),
    ],
)
def test_a_place_that_cannot_be_is_reported(
    tmp_path: Path, scheme: Any, described: Any, told: str
) -> None:
    with pytest.raises(SpecError) as caught:
        api(tmp_path, {"Key": scheme}, {"Key": described})

    assert told in str(caught.value)


def test_an_operation_that_nobody_could_call_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="me takes no body, and the credential of"):
        small(
            tmp_path,
            {"/me": {"get": {"operationId": "me", "security": [{"Token": []}]}}},
            {"me": {"reply": {"body": "x"}}},
            openapi={"components": {"securitySchemes": {"Token": AUTHORIZATION}}},
            table=REFUSED,
            fixtures={"keys": KEYS},
            collections={"keys": {}},
            authentication={
                "schemes": {"Token": {"credentials": "keys", "in": "body"}}
            },
        )


@given(st.text(), st.text(), st.text(min_size=1), st.text())
def test_a_pattern_reads_what_it_writes(
    before: str, after: str, credential: str, rest: str
) -> None:
    """Whatever stands around it: but no text of the pattern is in the credential."""
    template = f"{before}{HOLE}{after}"
    if template.count(HOLE) != 1 or not credential.strip():
        return
    made = pattern(template)
    written = made.write(credential)

    read = made.read(written + (rest if after else ""))

    if not after or after not in credential + after[:-1]:
        assert read == credential.strip()
    assert credential.startswith(read) or read in written


@given(st.text(max_size=200))
def test_no_text_takes_long_or_fails(text: str) -> None:
    """A megabyte of beginnings is looked through once."""
    made = pattern(f"a{HOLE}b")

    assert isinstance(made.read(text), str)
    assert made.read("a" * 1_000_000) == "a" * 999_999
