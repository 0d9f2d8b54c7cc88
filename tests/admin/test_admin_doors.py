"""Who may use /_emulator: the same rule for every address and every method."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from asking import board_of

from emulator.admin.admin import Admin
from emulator.server.app import Application, create_app

ROWS = Admin(board_of()).operations
ADDRESSES = [*sorted({one.path for one in ROWS}), "", "/", "/nothing/here"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OPEN = {
    "/ca.pem",
    "/health",
    "/llms.txt",
    "/ready",
    "/schemas/{schema}",
    "/version",
    "/docs/{provider}",
    "/docs/{provider}/{file}",
}
PAGE = {"": 303, "/": 200}
"""The console, which holds no secret: it asks for the token itself."""
TOKEN = {"Authorization": "Bearer t0ken"}


def request(app: Application, headers: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """The answers to every method at every address."""

    async def all_of_them() -> list[tuple[str, httpx.Response]]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        ) as client:
            return [
                (f"{method} {path}", await client.request(method, f"/_emulator{path}"))
                for path in ADDRESSES
                for method in METHODS
            ]

    yield from asyncio.run(all_of_them())


def app_of(**settings: Any) -> Application:
    board = board_of(**settings)
    return create_app(board, board.settings)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_are_refused_everywhere(headers: dict[str, str]) -> None:
    """With the token as well: a browser may have been told it."""
    app = app_of(admin_token="t0ken")

    answers = {name: one.status_code for name, one in request(app, TOKEN | headers)}

    assert answers == dict.fromkeys(answers, 403)


def test_a_page_of_our_own_may_ask() -> None:
    """And so may somebody who types the address."""
    for headers in (
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        answers = dict(request(app_of(), headers))
        assert answers["GET /providers"].status_code == 200


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        ({"host": "0.0.0.0", "admin_token": "t0ken"}, {}),
        ({"host": "192.0.2.1", "admin_token": "t0ken"}, {"Authorization": "t0ken"}),
        ({"host": "::", "admin_token": "t0ken"}, {"Authorization": "Basic t0ken"}),
        ({"host": "0.0.0.0", "admin_token": "t0ken"}, {"Authorization": "Bearer x"}),
        ({"host": "0.0.0.0"}, {"Authorization": "Bearer "}),
        ({"host": "0.0.0.0"}, {}),
        ({"host": "127.0.0.1", "admin_token": "t0ken"}, {}),
    ],
)
def test_without_the_token_nothing_is_told(
    settings: dict[str, Any], headers: dict[str, str]
) -> None:
    """Not even what there is; but whether the server lives is nobody's secret.

    A token that was given is asked for on loopback as well.
    """
    answers = dict(request(app_of(**settings), headers))

    for name, reply in answers.items():
        method, _, path = name.partition(" ")
        if path in OPEN and method in ("GET", "HEAD"):
            assert reply.status_code in (200, 404, 503), name
        elif path in PAGE and method in ("GET", "HEAD"):
            assert reply.status_code == PAGE[path], name
        else:
            assert reply.status_code == 401, name
            assert reply.headers["www-authenticate"].startswith("Bearer realm="), name
            assert reply.headers["content-type"] == "application/problem+json"


def test_a_wrong_token_is_told_so() -> None:
    """RFC 6750, 3.1: invalid_token is for one that was sent."""
    app = app_of(host="0.0.0.0", admin_token="t0ken")

    for sent, error in (({"Authorization": "Bearer x"}, True), ({}, False)):
        reply = dict(request(app, sent))["GET /metrics"]
        assert ('error="invalid_token"' in reply.headers["www-authenticate"]) is error


@pytest.mark.parametrize("authorization", ["Bearer t0ken", "bearer  t0ken"])
def test_with_the_token_everything_is_answered(authorization: str) -> None:
    app = app_of(host="0.0.0.0", admin_token="t0ken")

    answers = dict(request(app, {"Authorization": authorization}))

    assert not {answer.status_code for answer in answers.values()} & {401, 403}
    assert answers["GET /metrics"].status_code == 200


def test_on_loopback_no_token_is_needed() -> None:
    answers = dict(request(app_of(), {}))

    assert not {answer.status_code for answer in answers.values()} & {401, 403}


def test_a_token_may_be_anything_that_a_header_carries() -> None:
    """Compared as bytes, and in constant time."""
    app = app_of(host="0.0.0.0", admin_token="tök€n")
    sent = {b"Authorization": b"Bearer " + "tök€n".encode()}

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost"
        ) as client:
            return await client.get("/_emulator/metrics", headers=sent)

    assert asyncio.run(ask()).status_code == 200
