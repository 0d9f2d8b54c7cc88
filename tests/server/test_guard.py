"""Which names are served, and which pages may use /_emulator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
from echo_board import QUIET, Dial, EchoBoard, Serve

from emulator.server.guard import Guard


@pytest.mark.parametrize("path", ["/echo/api/v1", "/_emulator/health"])
def test_a_rebound_name_is_misdirected(serve: Serve, path: str) -> None:
    """DNS rebinding: a page whose name resolves to loopback reads nothing here."""
    reply = requests.get(serve().url + path, headers={"Host": "evil.example"})

    assert reply.status_code == 421
    assert reply.headers["content-type"] == "application/problem+json"
    assert "--allowed-hosts evil.example" in reply.json()["fix"]
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost:8080", "[::1]:80", "API.echo.example:443"],
)
def test_our_own_names_are_served(serve: Serve, host: str) -> None:
    """Loopback and the providers' hosts."""
    reply = requests.get(f"{serve().url}/x", headers={"Host": host})

    assert reply.status_code == 200


@pytest.mark.parametrize("allowed", ["emulator", "Emulator.", "*"])
def test_further_names_can_be_allowed(board: EchoBoard, allowed: str) -> None:
    """A service container is called by its name."""
    guard = Guard(board, replace(QUIET, allowed_hosts=(allowed,)))

    assert guard.refuse_host("emulator:8080") is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_any_name_is_served_where_anyone_may_call(board: EchoBoard, host: str) -> None:
    """Rebinding gives nothing that the network does not give already."""
    guard = Guard(board, replace(QUIET, host=host))

    assert guard.refuse_host("emulator.internal") is None


@pytest.mark.parametrize("host", ['x"><script>', "a b", "a/b", "a@b"])
def test_what_is_no_host_is_malformed(board: EchoBoard, host: str) -> None:
    """RFC 9112, 3.2: an invalid Host is a 400, wherever the server listens."""
    guard = Guard(board, replace(QUIET, host="0.0.0.0"))

    refused = guard.refuse_host(host)

    assert refused is not None
    assert refused.status == 400


def test_ever_new_hosts_fill_no_memory(board: EchoBoard) -> None:
    """What is remembered is bounded."""
    guard = Guard(board, QUIET)

    for number in range(2_000):
        guard.refuse_host(f"host{number}.example")

    assert len(guard._verdicts) <= 256


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1"],
)
def test_another_sites_page_may_not_use_the_admin_api(
    serve: Serve, origin: str
) -> None:
    """A browser sends the Origin; a program does not."""
    reply = requests.get(
        f"{serve().url}/_emulator/providers", headers={"Origin": origin}
    )

    assert reply.status_code == 403
    assert "access-control-allow-origin" not in reply.headers


def test_our_own_page_may_use_the_admin_api(serve: Serve) -> None:
    """Same origin, or the origin of the configured base URL."""
    url = serve(base_url="https://emulator.example/x").url

    for origin in (url, "https://emulator.example"):
        reply = requests.get(f"{url}/_emulator/providers", headers={"Origin": origin})
        assert reply.status_code == 200


def test_a_provider_decides_itself_about_origins(serve: Serve) -> None:
    """The Origin rule is the admin API's alone."""
    reply = requests.get(f"{serve().url}/x", headers={"Origin": "https://evil.example"})

    assert reply.status_code == 200


def test_the_authority_of_an_absolute_target_is_judged(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """It wins over Host (RFC 9112, 3.2.2), so it is what has to be a name of ours."""
    client = dial(serve(http=parser))

    client.send(
        b"GET http://evil.example/_emulator/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )

    assert client.reply()[0] == 421


@pytest.mark.parametrize(
    "name", ["api.echo.example", "API.Echo.Example.", "localhost."]
)
def test_a_final_dot_names_the_same_host(serve: Serve, name: str) -> None:
    """RFC 1034, 3.1: the dot is the root of all names."""
    reply = requests.get(f"{serve().url}/x", headers={"Host": f"{name}:80"})

    assert reply.status_code == 200


@pytest.mark.parametrize("path", ["worlds", "health", "nothing"])
def test_a_provider_s_own_name_does_not_lead_to_the_admin_api(
    serve: Serve, path: str
) -> None:
    """Whoever owns it could have it resolve to loopback, for a page that drives us."""
    host = "api.echo.example:8080"
    headers = {
        "Host": host,
        "Origin": f"http://{host}",
        "Sec-Fetch-Site": "same-origin",
    }

    reply = requests.post(f"{serve().url}/_emulator/{path}", headers=headers, json={})

    assert (reply.status_code, reply.json()["title"]) == (421, "a provider's Host")


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({"allowed_hosts": ("api.echo.example",)}, "api.echo.example"),
        ({"base_url": "https://emulator.internal:8443/x"}, "emulator.internal"),
        ({"allowed_hosts": ("emulator.internal",)}, "Emulator.Internal.:80"),
    ],
    ids=range(3),
)
def test_names_that_somebody_has_set_lead_to_the_admin_api(
    serve: Serve, settings: dict[str, Any], host: str
) -> None:
    """And to the providers, of course."""
    url = serve(**settings).url

    for path in ("/_emulator/providers", "/x"):
        assert requests.get(f"{url}{path}", headers={"Host": host}).status_code == 200


def test_the_test_client_s_name_is_no_name_of_a_server(serve: Serve) -> None:
    reply = requests.get(f"{serve().url}/x", headers={"Host": "testserver"})

    assert reply.status_code == 421
