"""No secret leaves a journal: not by any way of sending, and not by any way of showing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from front_door import Api
from tiny import Tiny

from emulator.admin.journal.entry import shown
from emulator.admin.journal.har import har
from emulator.admin.journal.mask import Mask, masked
from emulator.admin.journal.text import explained, line
from emulator.admin.journal.verify import verify
from emulator.compile.places import bundled, places
from emulator.http.secret_places import is_secret
from emulator.program.authentication import Alternative

PROVIDERS = [place.name for place in places(*bundled())]


def everything(api: Tiny | Api) -> str:
    """All that can be shown of a journal, in one text."""
    program, journal = api.program, api.world.journal
    programs = {program.name: program}
    told: list[Any] = [har(journal, programs, "http://127.0.0.1:1")]
    for one in journal:
        texts = [line(one, program), explained(one, program)]
        told += [shown(one, program), *texts]
    # A question with a wrong answer tells what came instead.
    for asked in ({"headers": {"x": "y"}}, {"query": {"x": "y"}}, {"body": {"x": "y"}}):
        told.append(verify(journal, programs, {**asked, "method": "GET"}))
    return json.dumps(told, ensure_ascii=False)


def sent_with(alternative: Alternative, record: dict[str, Any]) -> dict[str, Any]:
    """What a call with this credential carries: headers, query and cookies."""
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    for scheme in alternative:
        value = str(record.get(scheme.field))
        if scheme.kind == "header":
            headers[scheme.parameter] = value
        elif scheme.kind == "query":
            query[scheme.parameter] = value
        elif scheme.kind == "cookie":
            headers["cookie"] = f"theme=dark; {scheme.parameter}={value}"
        elif scheme.kind == "bearer":
            headers["authorization"] = f"Bearer {value}"
        else:
            pair = f"{value}:{record.get(scheme.password)}".encode()
            headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return {"headers": headers, "params": query}


def secrets_of(alternative: Alternative, record: dict[str, Any]) -> Iterator[str]:
    """What must not be seen: all that proves something, but for the names of users."""
    for scheme in alternative:
        basic = scheme.kind == "basic"
        value = str(record.get(scheme.password if basic else scheme.field))
        if len(value) >= 5:
            yield value
            yield base64.b64encode(value.encode()).decode()


def ways(api: Tiny | Api) -> Iterator[tuple[str, Alternative, dict[str, Any]]]:
    """Every operation's path, with every way to prove who calls, for every credential."""
    seen = set[tuple[str, ...]]()
    for operation in api.program.operations.values():
        for alternative in operation.security:
            names = tuple(one.name for one in alternative)
            if names in seen:
                continue
            seen.add(names)
            base = api.program.bases[alternative[0].collection]
            for record in base.records.values():
                yield operation.path, alternative, record


def call_all_ways(api: Tiny | Api) -> set[str]:
    """Send every credential in every way; the secrets that were sent."""
    sent: set[str] = set()
    for path, alternative, record in ways(api):
        api.call(
            "GET",
            path.replace("{", "").replace("}", ""),
            **_quietly(api),
            **(sent_with(alternative, record)),
        )
        sent.update(secrets_of(alternative, record))
    return sent


def _quietly(api: Tiny | Api) -> dict[str, Any]:
    return {} if isinstance(api, Tiny) else {"key": None}


@pytest.mark.parametrize("name", PROVIDERS)
def test_no_credential_of_a_provider_is_shown(
    name: str, api_of: Callable[..., Api]
) -> None:
    """Every credential of its fixtures, sent in every way that it takes."""
    api = api_of(name)
    sent = call_all_ways(api)
    told = everything(api)

    assert len(api.world.journal) >= 2
    assert [one for one in sent if one in told] == []
    assert sent


def test_no_credential_in_a_header_query_or_cookie_is_shown() -> None:
    """The tiny provider takes credentials in every place there is."""
    doors = Tiny("doors")
    sent = call_all_ways(doors)
    told = everything(doors)

    assert {"k-ada", "s-ada", "hush-1", "t-hal", "pässword"} <= sent
    assert [one for one in sent if one in told] == []


def test_two_secrets_can_be_told_apart() -> None:
    """A beginning to recognise one by, never more than a third, and a digest."""
    first = masked("jrv_abc1a18b869b2e81c0c529552a3c4fa5c92ed08b")
    second = masked("jrv_2ead9c586a9bf638ee5c1c7522510e4fffd4b912")

    assert (first, second) == ("jrv_…(#9fe8)", "jrv_…(#08e1)")
    assert masked("hunter2") == "hu…(#db81)"
    assert masked("k") == masked("k") != masked("l")
    assert len(masked("k")) == 8


@pytest.mark.parametrize(
    "name",
    ["password", "clientSecret", "X-Api-Key", "refresh_token", "user[password]", "pwd"],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    """However it is spelled."""
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["token_type", "next_page_token", "tokens", "key", "passwords_changed"]
)
def test_what_only_sounds_secret_is_shown(name: str) -> None:
    """A cursor is no credential, and a count no password."""
    assert not is_secret(name)


def grant(api: Api, **changes: str) -> Any:
    full = api.credentials["full"]
    names = ("client_id", "client_secret", "username", "password")
    form = {"grant_type": "password", **{name: full[name] for name in names}, **changes}
    return api.post("/oauth/token", key=None, data=form)


def test_what_a_token_is_given_for_and_the_token_itself_are_masked(
    api_of: Callable[..., Api],
) -> None:
    """In the form that asks, in the JSON that answers, and wherever the token goes."""
    api = api_of("jobspace")
    given = grant(api).json()
    token = given["access_token"]
    api.get("/api/job", key=None, headers={"Authorization": f"Bearer {token}"})
    full = api.credentials["full"]
    hidden = [token, given["refresh_token"], full["client_secret"], full["password"]]
    told = everything(api)
    (form, _) = api.world.journal
    reply = shown(form, api.program)["reply"]["body"]

    assert [one for one in hidden if one in told] == []
    assert reply == {
        "token_type": "Bearer",
        "expires_in": given["expires_in"],
        "access_token": masked(token),
        "refresh_token": masked(given["refresh_token"]),
    }


def test_a_wrong_password_is_masked_as_a_right_one_is(
    api_of: Callable[..., Api],
) -> None:
    """What was nearly right is as good as the secret."""
    api = api_of("jobspace")
    grant(api, password="nearly-the-right-one")

    assert "nearly-the-right-one" not in everything(api)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"password": "hunter2hunter2"'),
        ("application/json", b'{"a": [{"apiKey": "hunter2hunter2"}], "b": 1}'),
        ("text/plain", b"password=hunter2hunter2; and so on"),
        ("application/xml", b"<x><client_secret>hunter2hunter2</client_secret></x>"),
        (
            "multipart/form-data; boundary=b",
            (
                b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n'
                b"hunter2hunter2\r\n--b--\r\n"
            ),
        ),
        ("application/x-www-form-urlencoded", b"a=1&password=hunter2%68unter2"),
    ],
)
def test_a_secret_in_a_body_is_masked_in_every_format(
    content_type: str, body: bytes, jobriver: Api
) -> None:
    """Also in a body that cannot be read."""
    jobriver.post("/jobs", content=body, headers={"content-type": content_type})
    told = everything(jobriver)

    assert "hunter2" not in told.replace(masked("hunter2hunter2"), "")


def test_a_secret_is_masked_wherever_it_comes_back(jobriver: Api) -> None:
    """In the words of a violation, in the path, in another header."""
    key = jobriver.credentials["full"]["value"]
    jobriver.post("/jobs", json={"title": "x", "location": key})
    jobriver.get(f"/jobs/{key}", headers={"X-Note": f"my key is {key}."})
    jobriver.get(f"/jobs?search=%22{key}%22")

    assert key not in everything(jobriver)


def test_cookies_are_masked_by_value_and_shown_by_name() -> None:
    """Every cookie may hold a session."""
    doors = Tiny("doors")
    doors.get("/cookie", headers={"cookie": "session=s-ada; theme=dark"})
    (entry,) = doors.world.journal
    headers = dict(shown(entry, doors.program)["request"]["headers"])

    assert headers["cookie"] == (f"session={masked('s-ada')}; theme={masked('dark')}")


def test_a_terminal_is_told_nothing_that_it_obeys(jobriver: Api) -> None:
    """What a caller sends cannot write over the line that shows it."""
    jobriver.post("/jobs", json={"title": "\x1b[2Jx"}, headers={"X-A": b"\x9b2J"})
    (entry,) = jobriver.world.journal
    text = explained(entry, jobriver.program) + line(entry, jobriver.program)

    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\\x9b2J" in text


def test_a_claim_that_is_part_of_a_secret_hides_all_of_the_secret(
    jobriver: Api,
) -> None:
    """Whichever of the two is longer, nothing of it is left over."""
    secret = next(iter(jobriver.credentials["full"]["headers"].values()))
    for claimed in (secret[:14], secret + "-and-more", secret[-14:]):
        jobriver.get("/jobs", key=None, headers={"X-API-Key": claimed})
        [entry] = jobriver.world.journal.last(1)
        mask = Mask(entry, jobriver.program)

        for text in (secret, claimed):
            assert mask.text(f"<{text}>") == f"<{masked(text)}>"


def test_the_secrets_of_a_provider_are_put_into_one_pattern(jobriver: Api) -> None:
    """A thousand calls with keys of their own are shown as quickly as others."""
    masks = []
    for claimed in ("made-up-key-one", "made-up-key-two"):
        jobriver.get("/jobs", key=None, headers={"X-API-Key": claimed})
        [entry] = jobriver.world.journal.last(1)
        masks.append(Mask(entry, jobriver.program))

    one, two = (mask._patterns for mask in masks)
    assert one[0] is two[0]
    assert masks[0].text("<made-up-key-one>") == f"<{masked('made-up-key-one')}>"


SECRET = "s3cr3t-s3cr3t"


@pytest.mark.parametrize(
    "address",
    [
        f"http://u:{SECRET}@h.test/",
        f"http://{SECRET}@h.test/",
        f"https://h.test/x?a=1&token={SECRET}&b=2",
        f"https://h.test/x?sig={SECRET}",
        f"https://h.test/x?se=1&X-Amz-Signature={SECRET}#top",
        f"/x?signature={SECRET}",
        f"https://h.test/x#access_token={SECRET}",
        f"https://h.test/x?api%5Fkey={SECRET}",
        f"https://h.test/x?%74oken={SECRET}",
    ],
)
def test_a_secret_in_an_address_is_masked_wherever_it_stands(
    address: str, jobriver: Api
) -> None:
    """In a header, a body, the query, and the reply that shows it again."""
    jobriver.get("/jobs", headers={"Referer": address, "X-Note": f"see <{address}>"})
    jobriver.post("/jobs", json={"title": address, "location": [{"at": address}]})
    jobriver.get("/jobs", params={"search": address})
    jobriver.post("/jobs", content=address, headers={"content-type": "text/plain"})
    told = everything(jobriver)

    assert SECRET not in told.replace(masked(SECRET), "")
    assert "h.test" in told or address.startswith("/")


@pytest.mark.parametrize("name", ["sig", "signature", "X-Amz-Signature", "token"])
def test_what_signs_an_address_is_masked_in_the_query(name: str, jobriver: Api) -> None:
    """Of presigned addresses; the rest of the query stays to be read."""
    jobriver.get(f"/jobs?page=1&{name}={SECRET}&design=x&per_page=2")
    (entry,) = jobriver.world.journal
    query = shown(entry, jobriver.program)["request"]["query"]

    assert query == {"page": "1", name: masked(SECRET), "design": "x", "per_page": "2"}


def test_an_address_without_secrets_is_shown_as_it_is(jobriver: Api) -> None:
    """A port is no password, and an address of mail no user."""
    plain = "http://h.test:80/a@b?page_token=x&next=2 mailto:a@b.test"
    jobriver.get("/jobs", headers={"Referer": plain})
    (entry,) = jobriver.world.journal

    assert (
        dict(shown(entry, jobriver.program)["request"]["headers"])["referer"] == plain
    )
