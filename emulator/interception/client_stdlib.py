"""Client stdlib: `http.client` and what is built on it (`urllib.request`, `xmlrpc`).

Plain sockets are looked at for their host alone: what connects by
`socket.create_connection` (`smtplib`, `ftplib`, many drivers) goes to a host that may be
called, or is refused; it cannot be answered.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from emulator.interception.client_stream import End
from emulator.interception.client_urllib3 import Socket
from emulator.interception.patch_point import Seam, offered, seams
from emulator.interception.registry import answering, intercepts, passes


def connections(module: Any) -> list[Seam]:
    """The seams of `http.client`."""
    return [
        *seams(module, "HTTPConnection", connect=_connect("http")),
        *offered(module, "HTTPSConnection", connect=_connect("https")),  # with TLS
    ]


def proxies(module: Any) -> list[Seam]:
    """The seams of `urllib.request`."""

    def set_proxy(original: Any) -> Any:
        def set_proxy(self: Any, host: Any, type: Any) -> None:
            if answering(urlsplit(self.full_url).hostname or "") is None:
                original(self, host, type)

        return set_proxy

    return seams(module, "Request", set_proxy=set_proxy)


def sockets(module: Any) -> list[Seam]:
    """The seams of `socket`."""

    def create_connection(original: Any) -> Any:
        def create_connection(address: Any, *rest: Any, **more: Any) -> Any:
            host, port = address[:2]
            passes(_text(host), port)
            return original(address, *rest, **more)

        return create_connection

    return [Seam(module, "create_connection", create_connection)]


def _text(host: Any) -> str:
    if isinstance(host, bytes | bytearray):
        return host.decode("ascii")
    return host or "localhost"


def _connect(scheme: str) -> Any:
    def replace(original: Any) -> Any:
        def connect(self: Any) -> None:
            host, port = self.host, self.port
            if self._tunnel_host:
                host, port = self._tunnel_host, self._tunnel_port
            if intercepts(host, port):
                self.sock = Socket(End(host, scheme), self.timeout)
            else:
                original(self)

        return connect

    return replace
