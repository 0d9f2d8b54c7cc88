"""Traps of the parts that the server is built of: none of them is fallen into.

Each made a server of this kind answer 500, drop the connection, or answer for another.
"""

from __future__ import annotations

import pytest
from door import BAD_BODY, BAD_ID, JOBS, JSON, NO_METHOD, Door, OpenDoor, request


@pytest.mark.parametrize("id", [b"9" * 5_000, b"-" + b"9" * 5_000, b"9" * 400 + b".5"])
def test_an_id_of_thousands_of_digits_is_no_id(door: Door, id: bytes) -> None:
    """Trap 1: Python refuses to read an integer of more than 4,300 digits."""
    assert door.ask(path=JOBS + b"/" + id).said == BAD_ID


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": ' + b"9" * 5_000 + b"}",
        b"[" * 990 + b"]" * 990,
        b"[" * 100_000,
        b'{"title": "\xff"}',
    ],
    ids=["a long integer", "deep", "deeper", "no UTF-8"],
)
def test_not_every_failure_to_read_json_is_a_decode_error(
    door: Door, body: bytes
) -> None:
    """Trap 2: the standard library fails with ValueError, RecursionError and others."""
    assert door.post(body).said == BAD_BODY


@pytest.mark.parametrize(
    "value", [b"NaN", b"-Infinity", b"1e400", b'"\\ud800"', b'["\\udfff"]']
)
def test_what_cannot_be_sent_back_is_not_taken(door: Door, value: bytes) -> None:
    """Trap 3: a number without an end and half a character break the reply."""
    assert door.post(door.job_and(b'"benefits": ' + value)).said == BAD_BODY
    assert door.ask().status == 200


@pytest.mark.parametrize(
    "text", ["\r\nSet-Cookie: a=b", "a\x00b", "\N{SNOWMAN}", "ä\x80", "\x7f"]
)
def test_nothing_that_is_sent_breaks_the_reply(door: Door, text: str) -> None:
    """Trap 4: a header that cannot be sent makes the connection end without an answer."""
    bytes_ = text.encode()
    escaped = b"".join(b"%%%02x" % one for one in bytes_)
    plain = [one for one in bytes_ if one >= 32 and one != 127]
    sent = [b"%s: %s" % (name, bytes(plain)) for name in (b"X-Request-Id", b"Origin")]
    usual = set(door.ask().headers)

    assert set(door.ask(headers=sent).headers) == usual
    assert set(door.ask(path=JOBS + b"?search=" + escaped).headers) == usual
    created = door.post(door.job_with(title=f"Job {text}"))
    assert created.json["data"]["title"] == f"Job {text}"
    assert set(created.headers) == usual
    refused = door.ask(path=b"/" + escaped, headers=sent)
    assert refused.status == 404
    assert "set-cookie" not in refused.headers


def test_the_methods_of_a_path_have_one_order(door: Door) -> None:
    """Trap 5: the text of a set differs from process to process."""
    answer = door.ask(b"TRACE", JOBS + b"/123")

    assert answer.said == NO_METHOD
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"


def test_links_do_not_lead_to_the_host_that_a_client_names(open_door: OpenDoor) -> None:
    """Trap 6: an address in a reply is ours, or the one that was configured."""
    path = b"/_emulator/providers/jobriver"
    door, behind = open_door(), open_door(base_url="https://emulator.test/")

    assert door.ask(path=path, host=b"evil.example").title == (421, "unknown Host")
    answer = behind.ask(path=path, host=b"127.0.0.1", headers=[b"X-Forwarded-Host: a"])
    assert answer.json["base_url"] == "https://emulator.test/jobriver/api/v1"


@pytest.mark.parametrize("id", [b"123%2fx", b"123%00", b"%ff", b"123%2F"])
def test_a_path_is_taken_apart_before_it_is_decoded(door: Door, id: bytes) -> None:
    """Trap 7: an encoded slash separates nothing, and an encoded NUL ends nothing."""
    assert door.ask(path=JOBS + b"/" + id).said == BAD_ID


@pytest.mark.parametrize(
    "text", ["${caller.key}", "${now}", "{{ 7 * 7 }}", "{% raw %}", "$${id}", "%(id)s"]
)
def test_what_a_request_says_is_never_a_template(door: Door, text: str) -> None:
    """Trap 8: templates are the spec's; a stored value is data wherever it is shown."""
    created = door.post(door.job_with(title=f"About {text}", benefits=text))
    shown = door.ask(path=JOBS + b"/%d" % created.json["data"]["id"])

    assert shown.json["data"]["title"] == f"About {text}"
    assert shown.json["data"]["benefits"] == text


def test_a_request_has_a_time_to_arrive_in(open_door: OpenDoor) -> None:
    """Trap 9: the server underneath waits for the rest of a request without end."""
    door = open_door(request_timeout=0.2)
    whole = request(b"POST", JOBS, [JSON], door.job_with(), key=door.keys["full"])

    assert door.knock(whole[:-1]).title == (408, "request timeout")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET %s HTTP/1.1\r\n\r\n" % JOBS, 400),
        (
            b"GET %s HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n" % JOBS,
            400,
        ),
        (
            b"GET %s HTTP/1.1\r\nHost: a\r\nX-A: %s\r\n\r\n" % (JOBS, b"a" * 100_000),
            431,
        ),
    ],
    ids=["no host", "two hosts", "a long head"],
)
def test_both_parsers_refuse_the_same_heads(
    door: Door, head: bytes, status: int
) -> None:
    """Trap 10: one takes 8 MiB of headers, no Host and two of them."""
    assert door.knock(head).status == status
