"""Egress: which addresses webhooks may be sent to.

A URL is judged by the addresses that its host resolves to, and one of those very
addresses is connected to: a name that resolves to something else a moment later gains
nothing. Without settings, only this machine is allowed, except for the emulator's own ports; a
name that is allowed may lead to public addresses, and a network to those in it.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from emulator.http.url import Denied, Target, host_name, read_target

__all__ = ["Denied", "EgressPolicy", "Target", "read_target"]


_LOOK_UP = 2.0
"""Seconds that a name server has to answer while a client waits to subscribe."""
_INSIDE = [
    ip_network(text)
    for text in (
        *("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16"),
        *("64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16"),
    )
]
"""Networks of IANA's registries of special addresses that no Python knows all of."""


class NoAddress(Denied):
    """The target's name has no address now."""


class EgressPolicy:
    """Judges targets; *allowed* are host names and networks besides this machine.

    *base_url* is where the emulator is known to be, besides its ports.
    """

    def __init__(self, allowed: Iterable[str] = (), base_url: str = "") -> None:
        self.own_port = 0
        """The port that the emulator listens on, which it never sends to."""
        self.admin_port = 0
        """The same of /_emulator, where that has a port of its own."""
        self._known_as = _host_and_port(base_url)
        self._networks = []
        self._names = set()
        for entry in allowed:
            try:
                self._networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                self._names.add(host_name(entry))

    async def addresses(self, target: Target) -> list[str]:
        """The addresses of *target* that may be connected to. Raises `Denied`."""
        resolved = await _resolve(target.host, target.port)
        reasons = {address: self._reason(address, target) for address in resolved}
        allowed = [address for address, reason in reasons.items() if not reason]
        if not allowed:
            raise Denied("; ".join(dict.fromkeys(reasons.values())))
        return allowed

    async def refusal(self, target: Target) -> str:
        """Why nothing would be sent to *target* now; empty where it may be sent.

        A name that has no address, or that is not resolved in time, is not refused:
        it may have one when the webhook is sent.
        """
        try:
            async with asyncio.timeout(_LOOK_UP):
                await self.addresses(target)
        except (NoAddress, TimeoutError):
            return ""
        except Denied as error:
            return str(error)
        return ""

    def _reason(self, text: str, target: Target) -> str:
        """Why nothing may be sent to this address; empty where it may."""
        given = ip_address(text)
        address = getattr(given, "ipv4_mapped", None) or given
        if target.port in (self.own_port, self.admin_port) and _is_ours(address):
            return f"port {target.port} of {address} is the emulator's own"
        if (host_name(target.host), target.port) == self._known_as:
            return f"{target.authority} is the emulator's own address (--base-url)"
        if address.is_loopback or any(address in network for network in self._networks):
            return ""
        if host_name(target.host) not in self._names:
            wanted = target.host if is_public(address) else address
            return (
                f"{address} is not on this machine: --webhook-hosts {wanted} allows it"
            )
        # A name leads wherever its owner says: into no network that nobody has named,
        # and so not to where a cloud keeps its credentials.
        if not is_public(address):
            return (
                f"{address} is not a public address, and a name allows no other:"
                f" --webhook-hosts {address} allows it"
            )
        return ""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether *address* is of the internet at large.

    Those that lead to another address inside them (6to4, Teredo, NAT64) are not.
    """
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    inside = any(address in network for network in _INSIDE)
    return address.is_global and not special and not inside


async def _resolve(host: str, port: int) -> list[str]:
    """The addresses of *host*. Raises `Denied` where it has none."""
    with suppress(socket.gaierror, UnicodeError):
        # 127.0.0.1, and all other ways to write it: no name server is asked.
        return _look_up(host, port, socket.AI_NUMERICHOST)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str] | Exception] = loop.create_future()

    def set_answer(result: list[str] | Exception) -> None:
        if not answer.done():
            answer.set_result(result)

    def resolve() -> None:
        result: list[str] | Exception
        try:
            result = _look_up(host, port)
        except (OSError, UnicodeError) as error:
            result = error
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(set_answer, result)

    # A thread of the loop's own pool would keep the server from ending.
    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    result = await answer
    if isinstance(result, Exception):
        raise NoAddress(f"{host} has no address: {result}")
    return result


def _look_up(host: str, port: int, flags: int = 0) -> list[str]:
    entries: list[Any] = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=flags
    )
    return [*dict.fromkeys(str(entry[4][0]) for entry in entries)]


def _is_ours(address: IPv4Address | IPv6Address) -> bool:
    """Whether *address* is one of this machine's: those can be bound to."""
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def _host_and_port(url: str) -> tuple[str, int] | None:
    """The name and the port of *url*."""
    try:
        target = read_target(url)
    except Denied:
        return None
    return host_name(target.host), target.port
