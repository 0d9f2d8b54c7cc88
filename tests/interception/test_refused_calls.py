"""What may not be called is refused, by whatever means, and what cannot be answered."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import requests
from library import HOST, URL, answer
from pytest_httpserver import HTTPServer

import emulator
from emulator.interception import ForeignHost, UnknownVersion, intercept

ELSEWHERE = "api.elsewhere.test"


def by_http_client(host: str) -> None:
    http.client.HTTPSConnection(host).request("GET", "/")


def by_tunnel(host: str) -> None:
    connection = http.client.HTTPSConnection("proxy.test", 3128)
    connection.set_tunnel(host)
    connection.request("GET", "/")


def by_urlopen(host: str) -> None:
    urllib.request.urlopen(f"https://{host}/")


def by_socket(host: str) -> None:
    socket.create_connection((host, 443))


MEANS = [by_http_client, by_tunnel, by_urlopen, by_socket]


@pytest.mark.parametrize("means", MEANS)
def test_the_standard_library_calls_no_other_host(means: Callable[[str], None]) -> None:
    """Nor does what connects by it: mail, drivers, other clients."""
    with (
        intercept(answer, [HOST], on_other="refuse"),
        pytest.raises(ForeignHost) as refused,
    ):
        means(ELSEWHERE)

    assert refused.value.host == ELSEWHERE


def test_what_connects_past_http_to_an_intercepted_host_is_refused() -> None:
    """Whether others are or not: it cannot be answered, and must not get through."""
    with intercept(answer, [HOST]), pytest.raises(ForeignHost) as refused:
        by_socket(HOST)

    assert str(refused.value) == (
        "this connection goes to 'api.library.test', which is intercepted, over a plain"
        " socket: only calls of requests, urllib3, httpx, aiohttp and http.client are"
        " answered\n"
        "  fix: call a running server (`emulator serve`)"
    )


def test_allowed_hosts_are_connected_to(httpserver: HTTPServer) -> None:
    with intercept(answer, [HOST], on_other="refuse", allow=[httpserver.host]):
        socket.create_connection((httpserver.host, httpserver.port)).close()


def test_a_proxy_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that the environment names, for plain HTTP and for HTTPS."""
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler())

    with intercept(answer, [HOST], on_other="refuse"):
        for scheme in ("http", "https"):
            with opener.open(f"{scheme}://{HOST}/nothing") as reply:
                assert reply.status == 204


def test_servers_of_this_process_are_nobody_elses() -> None:
    """Until they are stopped."""
    with intercept(answer, [HOST], on_other="refuse"):
        with emulator.start(["jobriver"]) as server:
            url = server.default.provider("jobriver").url + "/status"
            assert requests.get(url, timeout=10).status_code == 401
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(url, timeout=10)
        with pytest.raises(ForeignHost):
            requests.get(url, timeout=10)


def test_a_refused_call_is_an_alarm_of_its_world() -> None:
    """Once for each host, whatever the client makes of it."""
    with emulator.intercept("jobriver", on_other="refuse") as world:
        for _ in range(3):
            with contextlib.suppress(AssertionError):
                requests.get(f"https://{ELSEWHERE}/")
        alarms = world.alarms

    assert [(alarm["kind"], alarm["call"]) for alarm in alarms] == [
        ("refused call", "a call to 'api.elsewhere.test'")
    ]
    assert "; fix: intercept(..., allow=['api.elsewhere.test'])" in alarms[0]["detail"]


def test_a_library_in_the_place_of_urllib3_is_refused_where_it_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has the names of urllib3 and means others by them; other libraries go on."""

    class HTTPConnection:
        host, port = HOST, 443

        def _new_conn(self) -> str:
            return "the network"

    module: Any = ModuleType("urllib3_future.connection")
    HTTPConnection.__module__ = module.__name__
    module.HTTPConnection, module.HttpVersion = HTTPConnection, object()
    monkeypatch.setitem(sys.modules, module.__name__, module)

    with intercept(answer, [HOST]):
        assert requests.get(f"{URL}/nothing").status_code == 204
        with pytest.raises(UnknownVersion, match="urllib3-future"):
            HTTPConnection()._new_conn()
        HTTPConnection.host = ELSEWHERE
        assert HTTPConnection()._new_conn() == "the network"
