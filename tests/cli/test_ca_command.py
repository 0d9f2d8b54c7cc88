"""`emulator ca`: whom clients are to trust, and how each is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
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
