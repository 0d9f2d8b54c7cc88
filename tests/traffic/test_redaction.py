"""Secrets and personal details: planted everywhere, and found nowhere."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from command import emulator
from traffic_archives import archive, call

from emulator.diagnostics import Report
from emulator.traffic.har import read_archive
from emulator.traffic.redaction import Redactor
from emulator.traffic.sensitive import iban_remainder, luhn, matches

Json = Any


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CLAIMS = {"sub": "jane.roe@corp.test", "iban": "DE89370400440532013000"}
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (
        b'{"alg":"HS256"}',
        json.dumps(CLAIMS).encode(),
        b"\x01\x02sig-nature!",
    )
)
SECRETS = {
    "a key in a header": "8f14e45fceea167a5a36dedd4bea2543",
    "a key with a prefix": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "a key of a cloud": "AKIAQ3EGR7XMPLT5D2ZW",
    "its secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY".replace(
        "EXAMPLE", "Q7rT2m"
    ),
    "a token of a code host": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "a signed token": JWT,
    "a password": "hunter2-Blue!",
    "a user": "svc-importer-77",
    "a cookie": "s%3Aq8Zk3mPw5Rt7Yv1Xb9Nd",
    "a mail address": "jane.roe@corp.test",
    "another mail address": "max+news@mail.corp.test",
    "an IBAN": "DE89370400440532013000",
    "an IBAN with spaces": "GB29 NWBK 6016 1331 9268 19",
    "a card": "4242424242424242",
    "a card with spaces": "5555 5555 5555 4444",
    "a phone number": "+49 30 90182345",
    "a phone number of the US": "(415) 555-2671",
    "an address of a client": "203.0.113.77",
    "an address of version 6": "2001:db8:85a3:8d3:1319:8a2e:370:7348",
    "a name": "Roswitha Quandt",
}
S = SECRETS
ERROR = f"The password {S['a password']} of {S['a mail address']} is wrong"
ENTRIES = [
    call(
        "POST",
        f"https://api.corp.test/v1/users/{quote(S['a mail address'])}/logins"
        f"?api_key={S['a key with a prefix']}&next={quote('/x?mail=' + quote(S['another mail address']))}",
        headers={
            "Authorization": f"Bearer {S['a signed token']}",
            "X-Api-Key": S["a key in a header"],
            "Cookie": f"session={S['a cookie']}; theme=dark",
            "Referer": f"https://app.corp.test/?token={S['a key in a header']}&to={S['a mail address']}",
            "X-Forwarded-For": S["an address of a client"],
        },
        json={
            "user": S["a user"],
            "password": S["a password"],
            "phone": S["a phone number"],
            "contact_name": S["a name"],
            S["another mail address"]: True,
            "nested": [{"iban": S["an IBAN"], "card": {"number": S["a card"]}}],
            "note": f"call {S['a phone number of the US']} or pay {S['an IBAN with spaces']}",
        },
        status=400,
        reply={"error": ERROR, "ip": S["an address of version 6"]},
        comment=f"made by {S['a mail address']} with {S['a key of a cloud']}",
    ),
    call(
        "GET",
        f"https://api.corp.test/v1/keys/{S['a key of a cloud']}",
        headers={"Authorization": "Basic " + base64_of(f"{S['a user']}:{S['a password']}")},
        reply={
            "id": 7,
            "secret_access_key": S["its secret"],
            "payload": base64_of(json.dumps({"mail": S["a mail address"]})),
            "embedded": json.dumps({"password": S["a password"], "to": S["a name"]}),
            "url": f"https://x.test/?sig={S['a key in a header']}&m={quote(S['a mail address'])}",
            "text": f"Dear {S['a name']}, your token is {S['a token of a code host']}.",
            "cards": [S["a card with spaces"], int(S["a card"])],
            "by": {S["a token of a code host"]: S["an address of a client"]},
        },
        reply_headers={"Set-Cookie": f"session={S['a cookie']}; Path=/; HttpOnly"},
    ),
    call(
        "POST",
        "https://api.corp.test/v1/forms",
        form={"client_secret": S["a key with a prefix"], "email": S["a mail address"]},
        reply_text=f"<r><password>{S['a password']}</password>{S['an IBAN']}</r>",
    ),
    call(
        "POST",
        "https://api.corp.test/v1/files",
        media="multipart/form-data; boundary=x",
        text=f'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n{S["a key in a header"]}'
        f'\r\n--x\r\nContent-Disposition: form-data; name="a"; filename="{S["a name"]}.txt"'
        f"\r\n\r\n{S['a mail address']}\r\n--x--\r\n",
        reply_base64=base64_of(json.dumps({"owner": {"email": S["a mail address"], "name": S["a name"]}})),
    ),
]  # fmt: skip


def forms(secret: str) -> set[str]:
    """*secret* as it may be written: plain, encoded for an address, in base64."""
    bare = base64_of(secret).rstrip("=")
    inner = base64_of("xx" + secret)[4:-4], base64_of("x" + secret)[4:-4]
    return {secret, quote(secret, safe=""), bare, *inner} | {quote(quote(secret))}


def assert_without(text: str, secrets: dict[str, str]) -> None:
    lines = text.splitlines()
    for what, secret in secrets.items():
        for form in forms(secret):
            found = [line for line in lines if form in line]
            assert not found, f"{what}: {found[:3]}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All that the command writes and prints, by where."""
    folder = tmp_path_factory.mktemp("planted")
    (folder / "a.har").write_bytes(archive(*ENTRIES))

    ran = emulator("init", "corp", "--har", "a.har", cwd=folder)
    shown = emulator("init", "corp2", "--har", "a.har", "--json", cwd=folder)

    assert (ran.returncode, shown.returncode) == (0, 0), ran.stderr + shown.stderr
    files = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in Path(folder).rglob("*")
        if path.is_file() and path.suffix != ".har"
    }
    printed = {"printed": ran.stdout + ran.stderr, "as JSON": shown.stdout}
    return files | printed


def test_no_secret_is_written_or_printed(written: dict[str, str]) -> None:
    assert {"corp/openapi.yaml", "corp/behavior.yaml"} <= {*written}
    for text in written.values():
        assert_without(text, SECRETS)
        assert_without(text, {"a first name": "Roswitha", "a last name": "Quandt"})


def test_what_was_replaced_is_listed(written: dict[str, str]) -> None:
    """By kind, number and place."""
    replaced = json.loads(written["as JSON"])["replaced"]

    kinds = {each["kind"] for each in replaced}
    assert {
        "IBAN", "IP address", "card number", "cookie", "key", "mail address", "name",
        "phone number", "secret", "signed token",
    } <= kinds  # fmt: skip
    assert {
        "kind": "mail address",
        "place": "body of replies.owner.email",
        "values": 1,
        "times": 1,
    } in replaced


def redacted(*entries: Json) -> tuple[Redactor, list[Any]]:
    report, redactor = Report(), Redactor()
    calls = read_archive(archive(*entries), "a.har", report).entries
    assert report.diagnostics == []
    return redactor, redactor.redact(calls)


def test_no_secret_is_left_in_what_is_learnt_from() -> None:
    """Not even in what is not written in the end."""
    _, calls = redacted(*ENTRIES)

    assert_without("\n".join(map(repr, calls)), SECRETS)


def test_the_same_secret_is_replaced_by_the_same_everywhere() -> None:
    """In a path, a query, a member and encoded: what referred to it still does."""
    mail = "jane.roe@corp.test"
    _, (first, second) = redacted(
        call("GET", f"https://a.test/users/{quote(mail)}?q={quote(mail)}", reply={"email": mail}),
        call("POST", "https://a.test/users", json={"email": mail}, reply={"says": f"<{mail}>"}),
    )  # fmt: skip

    stand_in = first.reply.value["email"]
    assert stand_in == "user1@example.com"
    assert first.path == "/users/user1@example.com"
    assert first.query == (("q", stand_in),)
    assert second.body.value == {"email": stand_in}
    assert second.reply.value == {"says": f"<{stand_in}>"}


def test_stand_ins_have_the_form_of_what_they_stand_for() -> None:
    """Checksums included."""
    _, (only,) = redacted(
        call("GET", "https://a.test/x", reply={
            "iban": "GB29 NWBK 6016 1331 9268 19",
            "card_number": "4242 4242 4242 4242",
            "key": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "pin": 4711,
            "token": JWT,
        })
    )  # fmt: skip

    made = only.reply.value
    assert iban_remainder(made["iban"].replace(" ", "")) == 1
    assert [len(part) for part in made["iban"].split()] == [4, 4, 4, 4, 4, 2]
    assert made["iban"].startswith("GB")
    assert luhn(made["card_number"].replace(" ", ""))
    assert made["key"].startswith("sk_live_")
    assert len(made["key"]) == 32
    assert isinstance(made["pin"], int)
    header, claims, _ = made["token"].split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {
        "alg": "HS256",
        "typ": "JWT",
    }
    assert "sub" in json.loads(base64.urlsafe_b64decode(claims + "=="))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T10:00:00Z",
        "550e8400-e29b-41d4-a716-446655440000",
        "/api/v1/jobs/12345/applications",
        "backend-developer-in-berlin-2",
        "SENIOR_DEVELOPER_LEVEL_2",
        "application/vnd.example.v2+json",
        "10:20:30",
        "127.0.0.1",
        "Ein Satz mit Umlauten, 12 Wörtern und 3 Zahlen.",
        "1772445600000",
        "01.02.03.04.05.06",
        "01-02-2026 10:20",
        "03-1234",
    ],
)
def test_ordinary_texts_stay(text: str) -> None:
    assert matches(text) == []
    assert Redactor().text(text) == text


ORDINARY = {
    "apply": {"email": "apply_email", "fields": ["apply_email", "contact_phone"]},
    "facets": [{"key": "location", "auth": "basic", "session": "open"}],
    "usage": {"prompt_tokens": 7, "total_tokens": 99, "max_tokens": 256},
    "token_type": "Bearer",
    "next_page_token": "b2Zmc2V0OjIw",
    "url": "https://jobs.test/senior-backend-developer-m-w-d-berlin-48213?utm_source=news",
    "isbn": "978-3-16-148410-0",
    "text": "Password: optional. A token is required.",
}
REMARKS = {
    "email": ["is not a valid address"],
    "password": ["must have at least 8 characters"],
    "first_name": ["can't be blank"],
}


def test_the_name_of_a_field_and_what_is_said_of_it_stay() -> None:
    """A name is not an address, a count no token, and a complaint no password."""
    redactor, (only, refused) = redacted(
        call("GET", "https://a.test/x", reply=ORDINARY),
        call("POST", "https://a.test/x", json={}, status=422, reply=REMARKS),
    )

    assert only.reply.value == ORDINARY
    assert refused.reply.value == REMARKS
    assert redactor.replaced() == []
