"""--admin-port: what stands under /_emulator at a port of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from asking import board_of

from emulator.server.listen import PortTaken
from emulator.server.run import Running, running


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def served(stack: ExitStack, **settings: Any) -> Running:
    board = board_of(admin_port=0, **settings)
    return stack.enter_context(running(board, board.settings))


def test_each_port_answers_its_own(stack: ExitStack) -> None:
    """Health and readiness are for both: each is looked at by somebody."""
    server = served(stack)

    def status(url: str, path: str) -> int:
        return requests.get(url + path).status_code

    assert server.url != server.admin_url
    for path in ("/_emulator/health", "/_emulator/ready"):
        assert status(server.url, path) == status(server.admin_url, path) == 200
    for path in ("/_emulator/version", "/_emulator/providers", "/_emulator/nothing"):
        assert status(server.url, path) == 404
    assert status(server.admin_url, "/_emulator/providers") == 200
    assert status(server.url, "/press/v1/articles") != 404
    assert status(server.admin_url, "/press/v1/articles") == 404


def test_what_is_elsewhere_is_told_as_a_problem(stack: ExitStack) -> None:
    server = served(stack)

    admin = requests.get(f"{server.url}/_emulator/providers")
    provider = requests.get(f"{server.admin_url}/press/v1/articles")

    for reply in (admin, provider):
        assert reply.headers["content-type"] == "application/problem+json"
        assert (reply.status_code, reply.json()["title"]) == (404, "not found")
    assert "--admin-port" in admin.json()["fix"]


def test_the_socket_decides_and_not_the_host_header(stack: ExitStack) -> None:
    """Whoever reaches one port only cannot talk himself to the other."""
    server = served(stack)
    admin = server.admin_url.removeprefix("http://")
    ours = server.url.removeprefix("http://")

    def status(url: str, path: str, host: str) -> int:
        return requests.get(url + path, headers={"Host": host}).status_code

    assert status(server.url, "/_emulator/providers", admin) == 404
    assert status(server.admin_url, "/press/v1/articles", ours) == 404
    assert status(server.admin_url, "/_emulator/providers", ours) == 200


def test_providers_are_shown_at_their_own_port(stack: ExitStack) -> None:
    server = served(stack)

    shown = requests.get(f"{server.admin_url}/_emulator/providers/press").json()
    document = requests.get(f"{server.admin_url}/_emulator/openapi.json").json()

    assert shown["base_url"].startswith(f"{server.url}/press/")
    assert shown["openapi_url"].startswith(f"{server.admin_url}/_emulator/providers/")
    assert document["servers"] == [{"url": f"{server.admin_url}/_emulator"}]


def test_the_port_file_has_both(stack: ExitStack, tmp_path: Path) -> None:
    """The providers' first: who reads one line reads what it has always been."""
    file = tmp_path / "port"

    server = served(stack, port_file=str(file))

    ports = [url.rpartition(":")[2] for url in (server.url, server.admin_url)]
    assert file.read_text() == f"{ports[0]}\n{ports[1]}\n"


def test_a_port_that_is_taken_is_told_with_its_flag() -> None:
    """And the other one is let go."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        board = board_of(admin_port=taken.getsockname()[1])

        with pytest.raises(PortTaken, match="--admin-port"):
            running(board, board.settings).__enter__()


def test_webhooks_never_reach_the_admin_port(stack: ExitStack) -> None:
    """A provider's event must not be able to change the emulator."""
    server = served(stack)
    address = f"{server.admin_url}/_emulator/worlds/default/webhooks/hooks"
    url = f"{server.admin_url}/_emulator/worlds"

    problem_error = requests.post(address, json={"url": url})

    assert problem_error.status_code == 422
    (error,) = problem_error.json()["errors"]
    assert error["detail"].endswith("is the emulator's own")
