"""The emulator's own addresses, under /_emulator."""

from __future__ import annotations

import httpx
import pytest
import requests
from echo_board import EchoBoard, Serve, in_process

import emulator
from emulator.server.app import create_app


def test_health_and_readiness(serve: Serve) -> None:
    """A server that announces itself is ready."""
    url = serve().url

    assert requests.get(f"{url}/_emulator/health").json() == {"status": "ok"}
    assert requests.get(f"{url}/_emulator/ready").json() == {"status": "ready"}


def test_not_ready_before_the_lifespan_has_begun(board: EchoBoard) -> None:
    """Nobody is told that the server is ready before it is."""
    reply = in_process(create_app(board), "GET", "/_emulator/ready")

    assert reply.status_code == 503
    assert reply.json()["title"] == "not ready"


def test_version(serve: Serve) -> None:
    """The version is the package's."""
    reply = requests.get(f"{serve().url}/_emulator/version")

    assert reply.json()["version"] == emulator.__version__


def test_providers_are_listed_with_their_addresses(serve: Serve) -> None:
    """A client learns from here where to send its calls."""
    url = serve().url

    listed = requests.get(f"{url}/_emulator/providers").json()["providers"]

    assert listed == [
        {
            "name": "echo",
            "title": "Echo",
            "hosts": ["api.echo.example"],
            "base_url": f"{url}/echo/api/v1",
            "openapi_url": f"{url}/_emulator/providers/echo/openapi.json",
        }
    ]


def test_openapi_document_names_this_server(serve: Serve) -> None:
    """A client that is generated from the document calls the emulator."""
    url = serve().url

    document = requests.get(f"{url}/_emulator/providers/echo/openapi.json").json()

    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": f"{url}/echo/api/v1"}]


def test_addresses_follow_the_configured_base_url(serve: Serve) -> None:
    """Behind a proxy, the server cannot know what it is called."""
    url = serve(base_url="https://emulator.example/x/").url

    reply = requests.get(f"{url}/_emulator/providers")

    assert (
        reply.json()["providers"][0]["base_url"]
        == "https://emulator.example/x/echo/api/v1"
    )


@pytest.mark.parametrize(
    ("path", "title", "says"),
    [
        (
            "/_emulator/health/",
            "not found",
            {
                "detail": "nothing is at /_emulator/health/",
                "fix": "did you mean '/_emulator/health'?",
            },
        ),
        (
            "/_emulator/a/b/c",
            "not found",
            {
                "detail": "nothing is at /_emulator/a/b/c",
                "fix": "/_emulator/openapi.json describes what there is",
            },
        ),
        (
            "/_emulator/providers/eco",
            "no such provider",
            {"detail": "there is no provider 'eco': did you mean 'echo'?"},
        ),
    ],
)
def test_unknown_addresses_are_problems(
    serve: Serve, path: str, title: str, says: dict[str, str]
) -> None:
    """RFC 9457, and what was probably meant."""
    reply = requests.get(serve().url + path)

    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json() == {
        "type": "about:blank",
        "title": title,
        "status": 404,
        **says,
    }


def test_wrong_method_names_the_right_ones_in_order(serve: Serve) -> None:
    """Allow does not change with the hash seed."""
    reply = requests.delete(f"{serve().url}/_emulator/health")

    assert reply.status_code == 405
    assert reply.headers["allow"] == "GET, HEAD"


def test_head_is_answered_without_a_body(serve: Serve) -> None:
    """A health check may be a HEAD."""
    assert httpx.head(f"{serve().url}/_emulator/health").status_code == 200


@pytest.mark.parametrize(
    "path", ["/_emulators", "/_emulatorx/health", "/x/_emulator/health"]
)
def test_only_the_prefix_is_reserved(serve: Serve, path: str) -> None:
    """What merely looks like the prefix is a provider's."""
    assert requests.get(serve().url + path).json()["path"] == path
