"""Bodies that nobody should send: each is refused in Jobriver's own words."""

from __future__ import annotations

import pytest
from door import BAD_BODY, JOBS, JSON, NO_MEDIA, TOO_LARGE, Door, request

MEGABYTES = 10 * 1_048_576


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"title": "a"',
        b'{"title": }',
        b"{'title': 'a'}",
        b"{title: 1}",
        b"[]",
        b"null",
        b"12",
        b'"title"',
        b"{} {}",
        b"{} x",
        b"\x00" * 10,
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\x1f\x8b\x08\x00",
        b"title=a&location=b",
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=range(21),
)
@pytest.mark.parametrize(
    ("method", "path"), [(b"POST", JOBS), (b"PUT", JOBS + b"/123")]
)
def test_what_is_no_json_object_is_refused(
    door: Door, method: bytes, path: bytes, body: bytes
) -> None:
    """One answer to every body that cannot be read as an object."""
    assert door.ask(method, path, [JSON], body).said == BAD_BODY


@pytest.mark.parametrize(
    "members",
    [
        b'"salary_min": NaN',
        b'"salary_min": Infinity',
        b'"salary_min": -Infinity',
        b'"salary_min": 1e400',
        b'"salary_min": -1e400',
        b'"salary_min": 01',
        b'"salary_min": 0x10',
        b'"salary_max": ' + b"9" * 5_000,
        b'"benefits": "a\\": ", "salary_max": ' + b"9" * 5_000,
        b'"title": "Another title"',
        b'"extra": {"a": 1, "a": 2}',
        b'"extra": [[{"a": 1, "\\u0061": 2}]]',
        b'"benefits": "\\ud800"',
        b'"benefits": "\\udc00\\ud800"',
        b'"benefits": "\xed\xa0\x80"',
        b'"benefits": "\xff"',
        b'"benefits": "\xc3"',
        b'"\xc0\xaf": 1',
        b'"\\ud800": 1',
        b'"benefits": "a\x00b"',
        b'"benefits": "a\nb"',
        b'"extra": ' + b"[" * 100 + b"]" * 100,
        b'"extra": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=range(23),
)
def test_json_that_means_nothing_certain_is_refused(door: Door, members: bytes) -> None:
    """Names that come twice, numbers without an end and text that is no text."""
    assert door.post(door.job_and(members)).said == BAD_BODY


@pytest.mark.parametrize("field", ["category_id", "salary_min", "salary_max"])
@pytest.mark.parametrize(
    "number",
    [b"9223372036854775808", b"-9223372036854775809", b"9" * 30, b"9" * 300, b"1e300"],
)
def test_a_number_beyond_64_bits_is_a_number(
    door: Door, field: str, number: bytes
) -> None:
    """It is judged by the rules of its field."""
    answer = door.post(door.job_and(b'"%s": %s' % (field.encode(), number)))

    assert answer.status == 422
    assert set(answer.json["error"]["details"]["errors"]) == {field}


@pytest.mark.parametrize("number", [b"9" * 30, b"1e300", b"-1", b"1.5", b"true"])
def test_a_list_of_absurd_ids_is_refused(door: Door, number: bytes) -> None:
    """Each of them is looked up, and none is found."""
    answer = door.post(door.job_and(b'"technologies": [%s]' % number))

    message = {"technologies": "technologies contains invalid IDs"}
    assert answer.status == 422
    assert answer.json["error"]["details"] == {"errors": message}


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "\x7f\x1b[31m", "\u202eabc", "\ufffe", "\U0010ffff", "\r\nX-A: 1"],
)
def test_odd_characters_are_kept_as_they_came(door: Door, text: str) -> None:
    """JSON may write them, so they are data, and come back as they were sent."""
    answer = door.post(door.job_with(title=f"Odd {text}", soft_skills=[text]))

    assert answer.status == 201
    assert answer.json["data"]["title"] == f"Odd {text}"
    assert answer.json["data"]["soft_skills"] == [text]
    assert "x-a" not in answer.headers


@pytest.mark.parametrize("value", [{}, [], [[]], {"a": {}}, True, 1.5, None, "", "0"])
def test_a_value_of_another_kind_is_no_500(door: Door, value: object) -> None:
    """Every field of a job gets it; what breaks a rule is named, all at once."""
    fields = door.program.openapi["components"]["schemas"]["JobInput"]["properties"]
    answer = door.post(door.job_with(**dict.fromkeys(fields, value)))

    assert answer.status == 422
    assert answer.json["error"]["code"] == "VALIDATION_ERROR"
    assert {"title", "description"} <= set(answer.json["error"]["details"]["errors"])


@pytest.mark.parametrize("size", [1_048_577, MEGABYTES])
def test_a_body_over_the_limit_is_too_large(door: Door, size: int) -> None:
    """Said in the provider's envelope, before any of it was read."""
    answer = door.post(b"x" * size)

    assert answer.said == TOO_LARGE
    assert answer.headers["connection"] == "close"


def test_a_body_over_the_limit_is_too_large_without_a_length(door: Door) -> None:
    """A chunked body has its limit too."""
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    head = request(
        b"POST",
        JOBS,
        [JSON, b"Transfer-Encoding: chunked"],
        key=door.keys["full"],
    )

    assert door.knock(head + chunk * 160 + b"0\r\n\r\n").said == TOO_LARGE


def test_a_length_without_measure_is_too_large(door: Door) -> None:
    """It is believed, and not waited for."""
    length = b"Content-Length: " + b"9" * 18
    head = request(b"POST", JOBS, [JSON, length], key=door.keys["full"])

    assert door.knock(head).said == TOO_LARGE


def test_a_body_at_the_limit_is_read(door: Door) -> None:
    """The limit is the first size that is not refused for its size."""
    body = door.job_with()

    assert door.post(body + b" " * (1_048_576 - len(body))).status == 201


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [b"Content-Type:"],
        [b"Content-Type: text/plain"],
        [b"Content-Type: application/x-www-form-urlencoded"],
        [b"Content-Type: multipart/form-data; boundary=x"],
        [b"Content-Type: multipart/form-data"],
        [b"Content-Type: application/json, text/plain"],
        [b"Content-Type: application/jsonp"],
        [b"Content-Type: json"],
        [b"Content-Type: \xff"],
        [b"Content-Type: " + b"a" * 10_000],
        [b"Content-Type: ;charset=utf-8"],
        [b"Content-Type: text/plain", JSON],
    ],
    ids=range(13),
)
def test_another_type_is_refused(door: Door, headers: list[bytes]) -> None:
    """Jobriver reads JSON only, and only what says that it is."""
    assert door.post(door.job_with(), headers).said == NO_MEDIA
