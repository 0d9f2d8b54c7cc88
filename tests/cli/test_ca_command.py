"""`emulator ca`: whom clients are to trust, and how each is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from command import emulator, serving

from emulator.cli.ca import CLIENTS


def test_it_says_how_each_client_is_told(tmp_path: Path) -> None:
    said = emulator("ca", "--tls-dir", str(tmp_path), "--port", "9000")

    lines = said.stdout.splitlines()
    assert said.returncode == 0
    assert lines[0] == f"The certificate to trust is {tmp_path}/ca.pem"
    assert [line[:-1] for line in lines if line.endswith(":")] == [*CLIENTS]
    assert f"  curl --cacert {tmp_path}/ca.pem --proxy http://127.0.0.1:9000" in (
        said.stdout
    )
    only = emulator("ca", "go", "--tls-dir", str(tmp_path)).stdout.splitlines()
    assert only[2:] == [
        "go:",
        f"  SSL_CERT_FILE={tmp_path}/ca.pem HTTPS_PROXY=http://127.0.0.1:8080 go run .",
    ]


def test_it_prints_the_certificate(tmp_path: Path) -> None:
    pem = emulator("ca", "--pem", "--tls-dir", str(tmp_path)).stdout
    as_json = json.loads(emulator("ca", "--json", "--tls-dir", str(tmp_path)).stdout)

    assert pem == (tmp_path / "ca.pem").read_text()
    assert as_json == {"file": f"{tmp_path}/ca.pem", "pem": pem}


def test_a_folder_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    named = emulator("ca", "--tls-dir", str(tmp_path / "file"))
    users = emulator("ca", XDG_DATA_HOME=str(tmp_path / "file"))

    assert (named.returncode, users.returncode) == (1, 1)
    assert "cannot keep a CA in" in named.stderr
    assert "give one by --tls-dir" in users.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--tls-key", "k.pem"), "--tls-key: there is no certificate for it"),
        (("--tls-dir", "d", "--tls-cert", "c.pem"), "--tls-dir: there is no CA where"),
        (("--tls-cert", "nothing.pem"), "nothing.pem: No such file or directory"),
    ],
)
def test_settings_that_do_not_go_together(words: tuple[str, ...], says: str) -> None:
    said = emulator("serve", "--port", "0", *words)

    assert said.returncode in (1, 2)
    assert says in said.stderr


def test_the_server_says_that_it_speaks_https(tmp_path: Path) -> None:
    """And the command and the server are of one mind about the CA."""
    folder = str(tmp_path / "ca")
    pem = emulator("ca", "--pem", "--tls-dir", folder).stdout
    with serving(tmp_path, "jobriver", "--tls", "--tls-dir", folder) as server:
        first, second = server.printed().splitlines()[:2]
        secure = server.url.replace("http", "https")
        got = requests.get(f"{secure}/_emulator/ca.pem", verify=f"{folder}/ca.pem")

    assert first == (
        f"HTTPS is spoken too, at {secure} and as a proxy: HTTPS_PROXY={server.url}"
    )
    assert second == (
        f"how clients trust it: emulator ca, or {server.url}/_emulator/ca.pem"
    )
    assert got.text == pem


def test_a_stub_answers_for_a_host_through_the_proxy(tmp_path: Path) -> None:
    """`emulator stub --host`: from then on, and no longer than the stub is there."""
    folder = str(tmp_path / "ca")
    address = "https://api.partner.example/status"
    with (
        serving(tmp_path, "jobriver", "--tls", "--tls-dir", folder) as server,
        requests.Session() as session,
    ):
        session.trust_env = False
        session.proxies = {"https": server.url}
        session.verify = f"{folder}/ca.pem"
        with pytest.raises(requests.exceptions.ProxyError, match="is not emulated"):
            session.get(address)

        stub = (
            "GET",
            "/status",
            "--host",
            "api.partner.example",
            "--reply-json",
            '{"up": true}',
        )
        said = emulator("stub", "add", *stub, "--url", server.url)
        assert said.returncode == 0, said.stderr

        assert session.get(address).json() == {"up": True}


def test_a_certificate_of_ones_own_is_issued(tmp_path: Path) -> None:
    """For each name; a name that no host can have is told of."""
    folder = ("--tls-dir", str(tmp_path))
    pem = emulator("ca", "--issue", "localhost", "--issue", "127.0.0.1", *folder).stdout
    (tmp_path / "receiver.pem").write_text(pem)
    refused = emulator("ca", "--issue", "a b", *folder)
    both = emulator("ca", "java", "--issue", "localhost", *folder)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "receiver.pem")
    assert pem.count("PRIVATE KEY") == 2
    assert (refused.returncode, both.returncode) == (1, 2)
    assert "--issue: Codepoint U+0020" in refused.stderr
    assert "--issue prints PEM, and nothing beside it" in both.stderr


JOB = {
    "title": "Frontend Engineer",
    "company": "JobSphere Inc.",
    "location": "San Francisco, CA",
    "description": "Build the pages that people look for work on.",
}
Webhook = tuple[str, bytes]
"""The signature of what a receiver was sent, and the body."""


@contextmanager
def receiver(pem: Path) -> Iterator[tuple[str, list[Webhook]]]:
    """One that speaks TLS with the key and the certificate in *pem*."""
    received: list[Webhook] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers["X-JobSphere-Signature"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Secure(HTTPServer):
        def handle_error(self, *_: Any) -> None:  # whoever does not trust it leaves
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Secure(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"https://localhost:{server.server_port}/hook", received
        finally:
            server.shutdown()
            thread.join()


def test_a_webhook_reaches_a_receiver_with_a_certificate_of_the_ca(
    tmp_path: Path,
) -> None:
    """As docs/how-to/receive-webhooks.md says; another's certificate is not trusted."""
    folder = ("--tls-dir", str(tmp_path / "ca"))
    ours, other = tmp_path / "ours.pem", tmp_path / "other.pem"
    ours.write_text(emulator("ca", "--issue", "localhost", *folder).stdout)
    foreign = trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem
    other.write_bytes(foreign.bytes())
    hooks = "/_emulator/worlds/default/webhooks/jobsphere"
    with (
        receiver(ours) as (url, received),
        receiver(other) as (doubtful, nothing),
        serving(tmp_path, "jobsphere", "--frozen", "--tls", *folder) as server,
    ):
        for each in (url, doubtful):
            made = requests.post(
                f"{server.url}{hooks}", json={"url": each, "secret": "s"}
            )
            assert made.status_code == 201
        keys = f"{server.url}/_emulator/worlds/default/credentials/jobsphere"
        key = requests.get(f"{keys}/full").json()["headers"]
        job = requests.post(f"{server.url}/jobsphere/v1/jobs", json=JOB, headers=key)
        requests.patch(
            f"{server.url}/_emulator/worlds/default/clock", json={"advance": "0s"}
        )
        deliveries = requests.get(f"{server.url}{hooks}").json()["deliveries"]

    assert job.status_code == 201, job.text
    ((signature, body),) = received
    assert signature == hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert json.loads(body)["data"]["id"] == job.json()["data"]["id"]
    assert nothing == []
    assert [delivery["state"] for delivery in deliveries] == ["delivered", "pending"]
    (attempt,) = deliveries[1]["attempts"]
    assert attempt["error"].startswith("not trusted: ")
    assert "emulator ca --issue NAME" in attempt["error"]
