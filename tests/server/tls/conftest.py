"""Fixtures of the tests of TLS: a CA in a folder of its own, and who trusts it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from echo_board import Serve
from shaking import Secure, Shake, Shaken

from emulator.server.run import Running


@pytest.fixture(scope="session")
def ca_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ca")


@pytest.fixture
def secure(serve: Serve, ca_folder: Path) -> Secure:
    def start(**settings: object) -> Running:
        return serve(tls=True, tls_dir=str(ca_folder), **settings)

    return start


@pytest.fixture
def trusting(secure: Secure, ca_folder: Path) -> Callable[..., ssl.SSLContext]:
    """What a client says TLS with that trusts the CA; made once a server has made it."""

    def make(*protocols: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(ca_folder / "ca.pem"))
        if protocols:
            context.set_alpn_protocols([*protocols])
        return context

    return make


@pytest.fixture
def shake(trusting: Callable[..., ssl.SSLContext]) -> Iterator[Shake]:
    with ExitStack() as stack:

        def open_one(
            server: Running,
            host: str = "localhost",
            *protocols: str,
            over: socket.socket | None = None,
            version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
        ) -> Shaken:
            opened = over or socket.create_connection(("127.0.0.1", server.port), 5)
            stack.callback(opened.close)
            context = trusting(*protocols)
            context.maximum_version = version
            client = Shaken(opened, context, host)
            stack.callback(client.close)
            return client

        yield open_one
