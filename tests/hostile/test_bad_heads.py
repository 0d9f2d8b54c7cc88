"""Request lines and headers that nobody should send, and requests that never end."""

from __future__ import annotations

import pytest
from door import JOBS, JSON, NO_METHOD, Door, OpenDoor, request

MALFORMED = 400, "malformed request"


@pytest.mark.parametrize(
    "method", [b"TRACE", b"PROPFIND", b"PURGE", b"LINK", b"QUERY", b"PUT"]
)
def test_another_method_is_not_allowed(door: Door, method: bytes) -> None:
    """The provider says so, and which there are."""
    answer = door.ask(method, b"/jobriver/api/v1/categories")

    assert answer.said == NO_METHOD
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", [b"BREW", b"get", b"A" * 5_000, b"PRI"])
def test_a_method_of_no_registry_is_refused(door: Door, method: bytes) -> None:
    """One parser knows a list of methods and calls the others malformed."""
    answer = door.ask(method)

    assert answer.said == NO_METHOD or answer.title == MALFORMED


def test_a_method_that_asks_for_a_tunnel_gets_none(door: Door) -> None:
    """The one refusal above 499, since HTTP has it for just this."""
    assert door.ask(b"CONNECT").title == (501, "no tunnels")


def test_a_head_of_a_failure_has_no_body(door: Door) -> None:
    """HEAD is answered as GET is, and ends where the body would begin."""
    answer = door.ask(b"HEAD", JOBS + b"/%00")

    assert (answer.status, answer.body) == (400, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"evil.example:99999",
        b"dev.jobriver.de.evil.example",
        b"localhost.evil.example",
        b"a" * 5_000,
        b"%00",
        b"..",
        b"0x7f000001",
        b"2130706433",
        b"169.254.169.254",
        b"[::ffff:169.254.169.254]",
    ],
    ids=range(11),
)
def test_a_host_that_is_not_ours_is_misdirected(door: Door, host: bytes) -> None:
    """A page whose name resolves to loopback gets nothing from here."""
    assert door.ask(host=host).title == (421, "unknown Host")


@pytest.mark.parametrize(
    "host",
    [
        b"localhost:abc",
        b"localhost:999999",
        b"local host",
        b"localhost, evil.example",
        b"http://localhost",
        b"user@localhost",
        b"localhost/jobriver",
        b"[::1",
        b"\xff",
        b"localhost\\@evil.example",
    ],
    ids=range(10),
)
def test_what_is_no_host_is_malformed(door: Door, host: bytes) -> None:
    """Neither a name nor an address, with or without a port."""
    assert door.ask(host=host).title == (400, "malformed Host")


@pytest.mark.parametrize(
    "target",
    [
        b"http://localhost/jobriver/api/v1/jobs",
        b"HTTP://dev.jobriver.de/api/v1/jobs",
        b"http://user:password@127.0.0.1/jobriver/api/v1/jobs",
    ],
)
def test_an_absolute_target_is_followed(door: Door, target: bytes) -> None:
    """As a forward proxy would; it outranks the Host header (RFC 9112, 3.2.2)."""
    assert door.ask(path=target).status == 200


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (b"http://evil.example/jobriver/api/v1/jobs", (421, "unknown Host")),
        (b"http://localhost@evil.example/api", (421, "unknown Host")),
        (b"http://[::1/jobs", (400, "malformed Host")),
        (b"http://localhost:99999999/jobs", (400, "malformed Host")),
        (b"http://", (404, "no provider has this address")),
        (b"http:///jobriver/api/v1/jobs", (404, "no provider has this address")),
        (b"ftp://localhost/jobs", (404, "no provider has this address")),
        (b"file:///etc/passwd", (404, "no provider has this address")),
        (b"*", (404, "no provider has this address")),
    ],
    ids=range(9),
)
def test_an_absurd_target_is_refused(
    door: Door, target: bytes, answer: tuple[int, str]
) -> None:
    """None of them leads out of this server, and none to a provider."""
    assert door.ask(path=target).title == answer


@pytest.mark.parametrize(
    "header",
    [
        b"X-A: a\x00b",
        b"X-A: a\rX-B: b",
        b"X-A : a",
        b"X-A",
        b": a",
        b"\xff: a",
        b"Content-Length: -1",
        b"Content-Length: 1_0",
        b"Content-Length: 0x10",
        b"Content-Length: 1\r\nContent-Length: 2",
        b"Content-Length: 1, 2",
        b"Content-Length: " + b"9" * 5_000,
        b"Transfer-Encoding: chunked\r\nContent-Length: 3",
        b"Transfer-Encoding: chunked, chunked",
    ],
    ids=range(14),
)
def test_a_malformed_header_is_refused(door: Door, header: bytes) -> None:
    """What two servers could read in two ways is read in none."""
    head = request(b"POST", JOBS, [header], key=door.keys["full"])
    answer = door.knock(head + b"{}")

    assert answer.title == MALFORMED


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b" ",
        b"\xff\xfe",
        b"jrv_" + b"a" * 50_000,
        b"${caller.key}",
        b"' OR 1=1 --",
        b"jrv_abc, jrv_def",
    ],
    ids=range(7),
)
def test_an_absurd_key_is_unknown(open_door: OpenDoor, key: bytes) -> None:
    """A key is a text to look up, and an empty one is one that was not sent."""
    door = open_door()
    answer = door.knock(request(key=key))

    code = "INVALID_API_KEY" if key.strip() else "MISSING_API_KEY"
    assert answer.json["error"]["code"] == code


@pytest.mark.parametrize(
    "header",
    [
        b"X-Emulator-Refuse: nonsense",
        b"X-Emulator-Refuse:",
        b"X-Emulator-Refuse: \xff\xfe",
        b"X-Emulator-Refuse: " + b"a" * 10_000,
        b"X-Emulator-Fault: nonsense",
        b"X-Emulator-Fault: delay=nan",
        b"X-Emulator-Fault: delay=1e999s",
        b"X-Emulator-Fault: delay=-1s",
        b"X-Emulator-Fault: delay=\xb2s",
        b"X-Emulator-Fault: status=1e999",
        b"X-Emulator-Fault: status=nan",
        b"X-Emulator-Fault: truncate=inf",
        b"X-Emulator-Fault: reset=1",
    ],
    ids=range(13),
)
def test_a_trigger_that_says_nothing_is_refused(door: Door, header: bytes) -> None:
    """The emulator says what it would have understood."""
    assert door.ask(headers=[header]).title == (400, "this cannot be triggered")


@pytest.mark.parametrize(
    "part",
    [
        b"GET ",
        b"GET /jobriver/api/v1/jobs HTTP/1.1\r\nHost: local",
        b"GET /jobriver/api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n",
    ],
)
def test_half_a_head_is_given_up(open_door: OpenDoor, part: bytes) -> None:
    """The connection is not held for ever, and others are served."""
    assert open_door(request_timeout=0.2).knock(part).status == 408


def test_empty_lines_are_no_request(open_door: OpenDoor) -> None:
    """One parser waits for what may follow them (RFC 9112, 2.2), the other does not."""
    answer = open_door(request_timeout=0.2).knock(b"\r\n\r\n")

    assert answer.title in (MALFORMED, (408, "request timeout"))


def test_half_a_body_is_given_up(open_door: OpenDoor) -> None:
    """The first half of a job creates none."""
    door = open_door(request_timeout=0.2)
    whole = request(b"POST", JOBS, [JSON], door.job_with(), key=door.keys["full"])

    assert door.knock(whole[:-1]).status == 408
    assert door.ask(path=JOBS + b"?per_page=1&search=Stra").status == 200
    assert door.ask(b"POST", JOBS, [JSON], door.job_with()).json["data"]["id"] == 456
