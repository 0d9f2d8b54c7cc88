"""Paths and queries that nobody should send."""

from __future__ import annotations

import pytest
from door import BAD_ID, BAD_QUERY, JOBS, JSON, NO_JOB, NO_ROUTE, Door


@pytest.mark.parametrize("method", [b"GET", b"PATCH", b"DELETE"])
@pytest.mark.parametrize(
    "id",
    [
        b"0",
        b"-1",
        b"9223372036854775808",
        b"9" * 5_000,
        b"1.0",
        b"1e3",
        b"true",
        b"NaN",
        b"%00",
        b"123%00",
        b"%ff",
        b"%c0%af",
        b"%ed%a0%80",
        b"%EF%BC%91",
        b"%F0%9F%98%80",
        b"%",
        b"%zz",
        b"%2",
        b"%252e",
        b"%0d%0aX-A:%201",
        b"..",
        b"%2e%2e",
        b"123%2f",
        b"123%2f..",
        b"..%2f..%2fetc%2fpasswd",
        b"..%5c..%5cetc",
        b"123;a=b",
        b"123,124",
        b"$%7Bcaller.key%7D",
        b"{{7*7}}",
        b"'%20OR%201=1",
    ],
)
def test_what_is_no_id_is_refused(door: Door, method: bytes, id: bytes) -> None:
    """A path is taken apart before it is decoded, and nothing in it leads elsewhere."""
    body = None if method != b"PATCH" else b"{}"

    assert door.ask(method, JOBS + b"/" + id, [JSON], body).said == BAD_ID


def test_the_greatest_id_is_an_id(door: Door) -> None:
    """Nobody has such a job."""
    assert door.ask(path=JOBS + b"/" + b"9" * 18).said == NO_JOB


@pytest.mark.parametrize(
    "path",
    [
        b"/../jobs",
        b"/%2e%2e/jobs",
        b"/123/..",
        b"/123/../../status",
        b"//",
        b"//123",
        b"/123//",
        b"/./123",
        b"/123/applications",
        b"/123/%00",
        b"/" * 5_000,
        b"/a" * 5_000,
        b"%00",
        b"%ff",
        b";a=b",
        b"%2f123",
        b"%2F..%2Fstatus",
    ],
    ids=range(17),
)
def test_a_path_that_leads_nowhere_is_not_found(door: Door, path: bytes) -> None:
    """Dots and empty segments are segments like others: nothing is resolved."""
    assert door.ask(path=JOBS + path).said == NO_ROUTE


@pytest.mark.parametrize(
    "path",
    [
        b"/",
        b"//",
        b"/jobriver%2fapi/v1/jobs",
        b"//jobriver/api/v1/jobs",
        b"/./jobriver/api/v1/jobs",
        b"/%6aobriver/api/v1/jobs",
        b"/JOBRIVER/api/v1/jobs",
        b"/../../etc/passwd",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/%00",
        b"/%ff",
        b"/%0d%0aX-A:%201",
    ],
)
def test_where_no_provider_is_the_emulator_says_so(door: Door, path: bytes) -> None:
    """In its own voice: there is no provider to speak for."""
    assert door.ask(path=path).title == (404, "no provider has this address")


@pytest.mark.parametrize(
    "path",
    [
        b"/_emulator/providers/..%2f..",
        b"/_emulator/providers/../../jobriver",
        b"/_emulator/../jobriver/api/v1/jobs",
        b"/_emulator/providers/%00",
        b"/_emulator/providers/%ff/openapi.json",
        b"/_emulator/" + b"a" * 5_000,
        b"/_emulator//health",
        b"/_emulator/health/",
    ],
    ids=range(8),
)
def test_the_emulators_own_addresses_are_as_strict(door: Door, path: bytes) -> None:
    """What is under the reserved prefix never leaves it."""
    told = door.ask(path=path).title

    assert told in {(404, "not found"), (404, "no such provider")}


@pytest.mark.parametrize(
    "query",
    [
        b"search=%ff",
        b"search=%c0%af",
        b"search=%ed%a0%80",
        b"%ff=1",
        b"nobody=%ff",
        b"&".join([b"a=1"] * 1_001),
        b"&" * 60_000,
    ],
    ids=range(7),
)
@pytest.mark.parametrize("path", [JOBS, JOBS + b"/123", b"/jobriver/api/v1/status"])
def test_a_query_that_cannot_be_read_is_refused(
    door: Door, path: bytes, query: bytes
) -> None:
    """Whatever the operation: it is the query that is broken, and not a value in it."""
    assert door.ask(path=path + b"?" + query).said == BAD_QUERY


def test_100_000_parameters_are_too_long_a_head(door: Door) -> None:
    """The head has its limit before the query has."""
    answer = door.ask(path=JOBS + b"?" + b"&".join([b"a=1"] * 100_000))

    assert answer.title == (431, "request head too long")


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        (b"page=%00&per_page=%00", 1, 20),
        (b"page=&per_page=", 1, 20),
        (b"page&per_page", 1, 20),
        (b"&&&=&=1&", 1, 20),
        (b"page=-1&per_page=-1", 1, 1),
        (b"page=0&per_page=0", 1, 1),
        (b"page=NaN&per_page=inf", 1, 20),
        (b"page=1.5&per_page=1e3", 1, 20),
        (b"page=" + b"9" * 5_000 + b"&per_page=" + b"9" * 5_000, 1, 20),
        (b"page=9223372036854775808", 1, 20),
        (b"page=%d&per_page=100" % (10**18 - 1), 10**18 - 1, 100),
        (b"page=-%d" % (10**18 - 1), 1, 20),
        (b"page=2&page=3", 3, 20),
        (b"page[]=2&page[a]=2", 1, 20),
        (b"page=1&" + b"&".join([b"a=1"] * 999), 1, 20),
    ],
    ids=range(15),
)
def test_an_absurd_page_is_a_page(
    door: Door, query: bytes, page: int, size: int
) -> None:
    """Jobriver mends the bounds of a page and refuses none."""
    answer = door.ask(path=JOBS + b"?" + query)

    assert answer.status == 200
    found = answer.json["data"]["pagination"]
    assert (found["current_page"], found["per_page"]) == (page, size)


@pytest.mark.parametrize(
    "query",
    [
        b"search=%00",
        b"search=" + b"a" * 50_000,
        b"search=%0d%0aX-A:%201",
        b"search=(a%2B)%2B%24",
        b"search=${caller.key}",
        b"search=a&search=%00",
        b"is_active=true&category_id=" + b"9" * 18,
    ],
    ids=range(7),
)
def test_an_absurd_filter_finds_nothing(door: Door, query: bytes) -> None:
    """It is a text to look for, and never a pattern or a template."""
    answer = door.ask(path=JOBS + b"?" + query)

    assert answer.status == 200
    assert answer.json["data"]["jobs"] == []
    assert "x-a" not in answer.headers
