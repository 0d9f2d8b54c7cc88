"""TLS at the server's own port, beside plain HTTP."""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest
import requests
import trustme
from echo_board import Dial, Serve
from shaking import Secure, Shake

from emulator.server.local_ca import NoCa, local_ca
from emulator.server.run import CannotListen

GET = b"GET /x?%b HTTP/1.1\r\nHost: api.echo.example\r\n\r\n"


@pytest.mark.parametrize("host", ["localhost", "api.echo.example", "w1.localhost"])
def test_both_are_spoken_at_one_port(
    secure: Secure, shake: Shake, dial: Dial, host: str
) -> None:
    server = secure()

    plain = json.loads(dial(server).send(GET % b"").reply()[2])
    over_tls = json.loads(shake(server, host).send(GET % b"").reply()[2])

    assert (plain["scheme"], plain["base_url"]) == (
        "http",
        "http://api.echo.example",
    )
    assert (over_tls["scheme"], over_tls["secure"], over_tls["base_url"]) == (
        "https",
        True,
        "https://api.echo.example",
    )


def test_http_1_1_is_all_that_is_spoken(secure: Secure, shake: Shake) -> None:
    """RFC 7301: of what a client offers, the server takes what it speaks."""
    server = secure()

    assert shake(
        server, "localhost", "h2", "http/1.1"
    ).tls.selected_alpn_protocol() == ("http/1.1")
    assert shake(server, "localhost").tls.version() == "TLSv1.3"


def test_an_address_is_a_name_too(secure: Secure, ca_folder: Path) -> None:
    """A client that calls an address names no host in its handshake (RFC 6066, 3)."""
    server = secure()

    url = f"https://127.0.0.1:{server.port}/_emulator/version"

    assert requests.get(url, verify=str(ca_folder / "ca.pem")).status_code == 200


@pytest.mark.parametrize(
    "host", ["api.other.example", "echo.example", "x.api.echo.example"]
)
def test_no_certificate_is_made_for_names_that_nobody_has(
    secure: Secure, shake: Shake, host: str
) -> None:
    server = secure()

    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        shake(server, host)


def test_names_that_are_allowed_have_certificates(secure: Secure, shake: Shake) -> None:
    server = secure(allowed_hosts=("emulator",))

    assert shake(server, "emulator").send(GET % b"").reply()[0] == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_faults_break_what_is_inside(
    secure: Secure, shake: Shake, version: ssl.TLSVersion
) -> None:
    server = secure()
    body = b"0123456789" * 100

    def ask(fault: bytes) -> bytes:
        query = b"body=%b&fault=%b" % (body, fault)
        got = shake(server, version=version).send(GET % query).read()
        head, _, content = got.partition(b"\r\n\r\n")
        return content if head.startswith(b"HTTP") else got

    assert ask(b"empty") == b""
    assert ask(b"truncate:0.5") == body[:500]
    assert ask(b"garbage").startswith(b"\xff\xfe")
    started = monotonic()
    dribbled = shake(server, version=version).send(GET % b"body=hi&fault=dribble:0.3")
    assert dribbled.reply()[2] == b"hi"
    assert monotonic() - started >= 0.25


def test_a_reset_resets_the_connection_below(secure: Secure, shake: Shake) -> None:
    """What Python's TLS makes of it is an end without a word."""
    server = secure()
    below = socket.create_connection(("127.0.0.1", server.port), 5)
    watched = socket.socket(fileno=os.dup(below.fileno()))

    with watched:
        shake(server, over=below).send(GET % b"fault=reset")
        poll = select.poll()
        poll.register(watched, 0)  # errors alone
        poll.poll(5_000)

        assert (
            watched.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET
        )


def test_a_refused_body_is_answered_before_the_client_has_sent_all(
    secure: Secure, shake: Shake
) -> None:
    """What still comes after the reply is not read, and does not overtake it."""
    server = secure(max_body=1_000)
    client = shake(server)

    head = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n"
    client.send(head)
    client.send(b"x" * 1_000_000)

    assert client.reply()[0] == 413


def test_large_replies_and_many_requests_arrive(secure: Secure, shake: Shake) -> None:
    client = shake(secure())
    body = b"y" * 60_000

    for _ in range(20):
        assert client.send(GET % (b"body=" + body)).reply()[2] == body
    client.send((GET % b"body=1") * 50)
    assert [client.reply()[2] for _ in range(50)] == [b"1"] * 50


def test_a_handshake_that_does_not_end_is_given_up(secure: Secure, dial: Dial) -> None:
    server = secure(request_timeout=0.3)

    silent, slow = dial(server), dial(server).send(b"\x16\x03\x01\x02\x00\x01")

    assert (silent.read(), slow.read()) == (b"", b"")


@pytest.mark.parametrize(
    "hello",
    [
        b"\x16\x03\x01\x00\x05hello" + b"x" * 100,
        b"\x16\xff\xff\xff\xff" * 1_000,
        bytes(range(0x16, 256)) * 300,
    ],
)
def test_what_is_no_handshake_ends_it(secure: Secure, dial: Dial, hello: bytes) -> None:
    server = secure()

    client = dial(server).send(hello)

    assert client.read()[:1] in (b"\x15", b"")  # an alert (RFC 8446, 6), or nothing
    assert dial(server).send(GET % b"body=hi").reply()[2] == b"hi"


def test_without_tls_it_is_no_http(serve: Serve, dial: Dial) -> None:
    assert dial(serve()).send(b"\x16\x03\x01\x00\x05hello\r\n\r\n").reply()[0] == 400


def test_ones_own_certificate(serve: Serve, tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = ca.issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")

    server = serve(tls_cert=f"{tmp_path}/cert.pem", tls_key=f"{tmp_path}/key.pem")
    url = f"https://localhost:{server.port}/_emulator"

    assert (
        requests.get(f"{url}/version", verify=f"{tmp_path}/ca.pem").status_code == 200
    )
    refused = requests.get(f"{url}/ca.pem", verify=f"{tmp_path}/ca.pem")
    assert (refused.status_code, refused.json()["title"]) == (404, "no CA")


@pytest.mark.parametrize("content", [None, "nonsense"])
def test_a_certificate_that_cannot_be_used_is_said_at_the_start(
    serve: Serve, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "cert.pem"
    if content:
        file.write_text(content)

    with pytest.raises(
        CannotListen, match=r"cert\.pem: .* by --tls-cert and --tls-key"
    ):
        serve(tls_cert=str(file))


# the CA


def test_the_ca_is_made_once_and_its_key_is_nobody_elses(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "ca"

    with ThreadPoolExecutor(8) as pool:  # as tests that run in parallel start servers
        pems = {ca.pem for ca in pool.map(local_ca, [str(folder)] * 16)}

    assert pems == {(folder / "ca.pem").read_bytes()}
    assert sorted(path.name for path in folder.iterdir()) == ["ca-key.pem", "ca.pem"]
    if os.name == "posix":
        assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_certificate_that_is_lost_is_written_anew(tmp_path: Path) -> None:
    pem = local_ca(str(tmp_path)).pem
    (tmp_path / "ca.pem").write_text("something else")

    assert local_ca(str(tmp_path)).pem == pem == (tmp_path / "ca.pem").read_bytes()


def test_a_key_that_is_none_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "ca-key.pem").write_text("my notes")

    with pytest.raises(NoCa, match=r"ca-key\.pem is not a key and a certificate"):
        local_ca(str(tmp_path))
    assert (tmp_path / "ca-key.pem").read_text() == "my notes"


def test_a_folder_that_cannot_be_had_is_said(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotListen, match="cannot keep a CA in"):
        serve(tls=True, tls_dir=str(tmp_path / "file"))


def test_without_a_users_folder_the_ca_lives_as_long_as_the_server(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that may write nothing: clients ask the server for it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    server = serve(tls=True)

    pem = requests.get(f"{server.url}/_emulator/ca.pem")
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(pem.content)

    assert pem.headers["Content-Type"] == "application/pem-certificate-chain"
    secure = server.url.replace("http://127.0.0.1", "https://localhost")
    got = requests.get(f"{secure}/_emulator/version", verify=str(trusted))
    assert got.status_code == 200


def test_certificates_are_valid_for_less_than_825_days(
    secure: Secure, shake: Shake
) -> None:
    """Apple's platforms refuse others: https://support.apple.com/en-us/103769."""
    shown = shake(secure(), "api.echo.example").tls.getpeercert()

    assert shown is not None
    assert shown["subjectAltName"] == (("DNS", "api.echo.example"),)
    begins, ends = (
        ssl.cert_time_to_seconds(str(shown[name])) for name in ("notBefore", "notAfter")
    )
    assert ends - begins < 825 * 86_400


def test_ever_new_names_fill_no_memory(secure: Secure, shake: Shake) -> None:
    server = secure()

    for number in range(600):
        shake(server, f"w{number}.localhost").close()

    assert shake(server, "w0.localhost").send(GET % b"body=hi").reply()[2] == b"hi"


def test_a_socket_that_is_gone_is_no_concern(secure: Secure, shake: Shake) -> None:
    server = secure()
    client = shake(server).send(GET % b"fault=delay:0.2")
    client.socket.shutdown(socket.SHUT_RDWR)

    assert shake(server).send(GET % b"body=hi").reply()[2] == b"hi"
