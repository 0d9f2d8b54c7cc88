"""Listen: the socket, opened by us so that what goes wrong is said in one line."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

from emulator.settings import Settings

BACKLOG = 512


class CannotListen(Exception):
    """The address of the settings cannot be listened on; says why and what to do."""


class PortTaken(CannotListen):
    """Another process listens there."""


def listen(settings: Settings) -> socket.socket:
    """A bound and listening socket; raises `CannotListen`."""
    return _listen(settings, settings.port, "--port")


def listen_all(settings: Settings) -> list[socket.socket]:
    """The providers' socket, and that of /_emulator where it has one of its own.

    Raises `CannotListen`.
    """
    opened = [listen(settings)]
    if settings.admin_port >= 0:
        try:
            opened.append(_listen(settings, settings.admin_port, "--admin-port"))
        except BaseException:
            opened[0].close()
            raise
    return opened


def _listen(settings: Settings, port: int, flag: str) -> socket.socket:
    host = settings.host.strip("[]")
    try:
        addresses = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, OverflowError, UnicodeError) as error:
        raise CannotListen(f"cannot listen on {host}: {error}") from None
    # A name such as localhost may mean several addresses: IPv4 first, the first that works.
    addresses.sort(key=lambda entry: entry[0] != socket.AF_INET)
    failure: Exception | None = None
    for family, _, _, _, address in addresses:
        try:
            return _open(family, address)
        except (OSError, OverflowError) as error:
            failure = failure or error
    if getattr(failure, "errno", None) == errno.EADDRINUSE:
        raise PortTaken(
            f"port {port} of {host} is in use: stop what listens there, or choose"
            f" another with {flag} (0 picks a free one)"
        )
    raise CannotListen(f"cannot listen on {host} port {port}: {failure}")


def _open(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except BaseException:
        opened.close()
        raise
    opened.setblocking(False)
    return opened


def port_of(opened: socket.socket) -> int:
    port: int = opened.getsockname()[1]
    return port


def url_of(settings: Settings, port: int) -> str:
    """An address that a client on this machine reaches the server by."""
    host = settings.host.strip("[]")
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
