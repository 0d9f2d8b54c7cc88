"""Large replies of the emulator's own addresses are compressed for who takes gzip."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest
from asking import board_of

from emulator.server.run import running

LARGE = "/_emulator/openapi.json"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    board = board_of()
    with running(board, board.settings) as server:
        yield int(server.url.rpartition(":")[2])


def ask(
    port: int, method: str, path: str, accepted: str
) -> tuple[bytes, dict[str, str]]:
    """The body as it came, and the headers."""
    headers = {"Accept-Encoding": accepted} if accepted else {}
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        return reply.read(), {
            name.lower(): value for name, value in reply.getheaders() if name != "Date"
        }


def get(
    port: int, path: str, accepted: str = ""
) -> tuple[bytes, str | None, str | None]:
    """The body as it came, its coding, and what it varies by."""
    body, headers = ask(port, "GET", path, accepted)
    assert headers["content-length"] == str(len(body))
    return body, headers.get("content-encoding"), headers.get("vary")


@pytest.mark.parametrize(
    "accepted", ["gzip", "deflate, GZIP;q=0.5", "gzip; q=1.0, br", "x-gzip"]
)
def test_who_takes_gzip_is_sent_a_tenth(port: int, accepted: str) -> None:
    plain, _, _ = get(port, LARGE)

    body, coding, vary = get(port, LARGE, accepted)

    assert (coding, vary) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(body) == plain
    assert len(body) * 5 < len(plain)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0"])
def test_who_does_not_is_sent_it_as_it_is(port: int, accepted: str) -> None:
    body, coding, vary = get(port, LARGE, accepted)

    assert (body[:1], coding, vary) == (b"{", None, "Accept-Encoding")


def test_little_is_sent_as_it_is(port: int) -> None:
    """What two programs on one machine say to each other most of the time."""
    body, coding, vary = get(port, "/_emulator/worlds", "gzip")

    assert (body[:1], coding, vary) == (b"{", None, None)


@pytest.mark.parametrize("accepted", ["", "gzip"])
@pytest.mark.parametrize("path", [LARGE, "/_emulator/", "/_emulator/worlds"])
def test_a_head_is_told_the_headers_of_a_get(
    port: int, path: str, accepted: str
) -> None:
    """Whatever the coding (RFC 9110, 9.3.2)."""
    _, headers = ask(port, "GET", path, accepted)

    assert ask(port, "HEAD", path, accepted) == (b"", headers)
