"""Shaking: a client that speaks TLS as bytes, and what makes it and its server."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

from echo_board import Client

from emulator.server.run import Running

Secure = Callable[..., Running]
"""Starts a server that speaks TLS, with the settings that a test names."""
Shake = Callable[..., Client]
"""Opens a connection over TLS as a client that asks for a host's name."""


class Shaken(Client):
    """A client over TLS; *host* is the name that it asks for."""

    def __init__(
        self, opened: socket.socket, context: ssl.SSLContext, host: str
    ) -> None:
        self.socket = self.tls = context.wrap_socket(opened, server_hostname=host)
        self._file = self.tls.makefile("rb")
