"""Clients that nobody has changed reach a provider's host through the proxy.

Each is told by its environment what everybody's is told: where the proxy is, and whom to
trust. What it sends is answered by the emulator, and nothing goes anywhere else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import jdk
import pytest
import requests

import emulator

HERE = Path(__file__).parent
URL = "https://dev.jobriver.de/api/v1/jobs?per_page=1"
OTHER = "https://api.example.org/api/v1/jobs"

REQUESTS = """
import sys, requests
url, key = sys.argv[1:]
try:
    reply = requests.get(url, headers={"X-API-Key": key})
    print(reply.status_code, str(reply.json()["success"]).lower())
except requests.RequestException as error:
    print(error)
"""
HTTPX = """
import sys, httpx
url, key = sys.argv[1:]
try:
    reply = httpx.get(url, headers={"X-API-Key": key})
    print(reply.status_code, str(reply.json()["success"]).lower())
except httpx.HTTPError as error:
    print(error)
"""
AIOHTTP = """
import asyncio, sys, aiohttp
url, key = sys.argv[1:]
async def main():
    async with aiohttp.ClientSession(trust_env=True) as session:
        async with session.get(url, headers={"X-API-Key": key}) as reply:
            print(reply.status, str((await reply.json())["success"]).lower())
try:
    asyncio.run(main())
except aiohttp.ClientError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ca")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[emulator.Emulator]:
    with emulator.start(
        ["jobriver", "jobsphere"], tls=True, tls_dir=str(folder), strict_https=True
    ) as server:
        yield server


Run = Callable[..., str]


@pytest.fixture
def run(server: emulator.Emulator, folder: Path) -> Run:
    """Run a client with an environment that it says what it needs of; what it prints."""

    def run_it(words: list[str], environment: Mapping[str, str], url: str = URL) -> str:
        proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
        plain = {
            name: text
            for name, text in os.environ.items()
            if name.lower() not in proxies
        }
        key = server.default.provider("jobriver").credentials["full"].value
        done = subprocess.run(
            [*words, url, key],
            env={**plain, "HTTPS_PROXY": server.url, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.stderr == ""
        return done.stdout.strip()

    return run_it


@pytest.mark.parametrize(
    ("program", "trusts"),
    [
        pytest.param(REQUESTS, "REQUESTS_CA_BUNDLE", id="requests"),
        pytest.param(HTTPX, "SSL_CERT_FILE", id="httpx"),
        pytest.param(AIOHTTP, "SSL_CERT_FILE", id="aiohttp"),
    ],
)
def test_python(run: Run, folder: Path, program: str, trusts: str) -> None:
    words, environment = [sys.executable, "-c", program], {trusts: f"{folder}/ca.pem"}

    assert run(words, environment) == "200 true"
    assert "api.example.org:443 is not emulated" in run(words, environment, OTHER)
    assert "certificate" in run(words, {}).lower()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl(run: Run, folder: Path) -> None:
    shows = "%{http_code} %{http_version}"
    line = f'curl -s -o {os.devnull} -w "{shows}" -H "X-API-Key: $1" "$0"'
    environment = {"CURL_CA_BUNDLE": f"{folder}/ca.pem"}

    assert run(["sh", "-c", line], environment) == "200 1.1"
    assert run(["sh", "-c", f"{line}; true"], environment, OTHER) == "000 0"


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_node(run: Run, folder: Path) -> None:
    node = HERE / "node"
    words = ["node", "--require", str(node / "tunnel.cjs"), str(node / "client.cjs")]
    environment = {"NODE_EXTRA_CA_CERTS": f"{folder}/ca.pem"}

    assert run(words, environment) == "200 true"
    assert run(words, environment, OTHER) == "api.example.org:443 is not emulated"
    assert "certificate" in run(words, {})


@pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go here")
def test_go(run: Run, folder: Path) -> None:
    client = str(folder / "client")
    source = str(HERE / "go" / "client.go")
    subprocess.run(["go", "build", "-o", client, source], check=True)
    environment = {"SSL_CERT_FILE": f"{folder}/ca.pem"}

    assert run([client], environment) == "200 true"
    assert "api.example.org:443 is not emulated" in run([client], environment, OTHER)
    assert "certificate" in run([client], {})


@pytest.mark.skipif(shutil.which("keytool") is None, reason="there is no JDK here")
def test_java(run: Run, server: emulator.Emulator, folder: Path) -> None:
    store = folder / "trusted.p12"
    subprocess.run(
        [
            *(*jdk.KEYTOOL, "-importcert", "-noprompt", "-alias", "emulator"),
            *("-file", str(folder / "ca.pem"), "-keystore", str(store)),
            *("-storepass", "emulator"),
        ],
        check=True,
        capture_output=True,
    )
    words = [
        *jdk.JAVA,
        f"-Djavax.net.ssl.trustStore={store}",
        "-Djavax.net.ssl.trustStorePassword=emulator",
        "-Dhttps.proxyHost=127.0.0.1",
        f"-Dhttps.proxyPort={server.url.rpartition(':')[2]}",
        str(HERE / "java" / "Proxied.java"),
    ]

    assert run(words, {}) == "200 true"
    assert "403" in run(words, {}, OTHER)


def test_a_providers_rule_sees_what_was_spoken(
    server: emulator.Emulator, folder: Path
) -> None:
    """The journal has the addresses as the client knows them."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(folder / "ca.pem")
        session.proxies = {"http": server.url, "https": server.url}

        plain = session.get("http://api.jobsphere.io/v1/jobs")
        secure = session.get("https://api.jobsphere.io/v1/jobs")

    assert (plain.status_code, "HTTPS" in plain.text) == (403, True)
    assert secure.status_code == 401
    assert [call.request.url for call in server.default.journal][-2:] == [
        "http://api.jobsphere.io/v1/jobs",
        "https://api.jobsphere.io/v1/jobs",
    ]
