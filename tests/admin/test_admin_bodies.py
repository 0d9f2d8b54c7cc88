"""Bodies of the admin API as they come over a socket: long, without end, unannounced."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from asking import HOOKS, ask, board_of

from emulator.admin.admin import Admin
from emulator.server.run import running

ADDRESS = f"/_emulator{HOOKS}"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    board = board_of()
    with (
        running(board, board.settings) as server,
        httpx.Client(base_url=server.url, timeout=10) as client,
    ):
        yield client


def pieces(size: int) -> Iterator[bytes]:
    """A body whose length nobody is told."""
    for _ in range(size // 1_000):
        yield b"x" * 1_000


@pytest.mark.parametrize("size", [70_000, 5_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_long_is_told_so(
    client: httpx.Client, size: int, chunked: bool
) -> None:
    """The client gets to read the answer, whatever it has still to send."""
    content = pieces(size) if chunked else b"x" * size

    reply = client.post(ADDRESS, content=content, headers=JSON)

    assert (reply.status_code, reply.json()["title"]) == (413, "too large")
    assert client.get("/_emulator/health").status_code == 200


def test_a_body_in_pieces_is_one_body(client: httpx.Client) -> None:
    text = json.dumps({"url": "http://127.0.0.1/"}).encode()

    reply = client.post(ADDRESS, content=iter([text[:5], text[5:]]), headers=JSON)

    assert reply.status_code == 201


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_body_where_none_is_taken_is_told_so(client: httpx.Client, size: int) -> None:
    reply = client.request("DELETE", ADDRESS, content=b"x" * size)

    assert reply.status_code == 422
    assert reply.json()["detail"] == "the body: unsubscribe takes no body"


def test_a_clock_goes_back_as_it_was_shown(admin: Admin) -> None:
    """A client that keeps what it was told need not spell it anew."""
    request = {"id": "ada", "clock": "frozen 2026-03-02T10:00:00Z"}
    _, made = ask(admin, "POST", "/worlds", request)

    status, again = ask(admin, "POST", "/worlds", {"clock": made["clock"]})

    shown = ("now", "at", "frozen")
    assert status == 201
    assert [again["clock"][name] for name in shown] == [
        made["clock"][name] for name in shown
    ]


def test_a_clock_is_not_set_twice(admin: Admin) -> None:
    """Of two times, neither would be right."""
    clock = {"set": "2026-03-02T10:00:00Z", "now": "2026-03-03T10:00:00Z"}

    status, problem = ask(admin, "POST", "/worlds", {"clock": clock})

    assert status == 422
    assert problem["errors"] == [
        {"pointer": "/clock/now", "detail": "it has set and now"}
    ]
