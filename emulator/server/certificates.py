"""Certificates: what the server shows to a client that speaks TLS, one for each name.

A certificate is made at the first handshake that names its host, and only for names
that the server goes by. HTTP/1.1 is all that is spoken, and ALPN says so.
"""

from __future__ import annotations

import os
import ssl
from collections import OrderedDict
from collections.abc import Callable
from tempfile import NamedTemporaryFile

from emulator.http.authority import is_loopback
from emulator.http.url import host_name
from emulator.server.local_ca import LocalCa, NoCa, local_ca
from emulator.settings import Settings

_REMEMBERED = 512
"""Names whose certificate is remembered; a sender of ever new ones fills no memory."""
_HERE = ("localhost", "127.0.0.1", "::1")

Knows = Callable[[str], bool]


class Certificates:
    """The TLS contexts of a server, by the name that a client asks for."""

    ca_pem = ""
    """The certificate of who has issued them, in PEM; none: they are the user's own."""
    lasting = True
    """Whether it is the same at the next start."""

    def context(self, name: str) -> ssl.SSLContext:
        """How to speak TLS as *name*, unless the client names another one."""
        raise NotImplementedError


class Issued(Certificates):
    """Certificates that *ca* issues for the names that somebody *knows*."""

    def __init__(
        self, ca: LocalCa, knows: Knows, refusing: Callable[[str], None]
    ) -> None:
        self.ca_pem = ca.pem.decode()
        self.lasting = ca.folder is not None
        self._issue = ca.issue
        self._knows = knows
        self._refusing = refusing
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()

    def context(self, name: str) -> ssl.SSLContext:
        made = self._contexts.get(name)
        if made is not None:
            self._contexts.move_to_end(name)
            return made
        if len(self._contexts) >= _REMEMBERED:
            self._contexts.popitem(last=False)
        made = _context()
        _use(made, self._pem(name))
        made.sni_callback = self._named
        self._contexts[name] = made
        return made

    def _pem(self, name: str) -> bytes:
        names = _HERE if name in _HERE else (name,)
        try:
            return self._issue(*names)
        except ValueError:  # `_` is in the name, as some have it
            return self._issue("*." + name.partition(".")[2])

    def _named(
        self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        """Go by *name*, which the client asks for (RFC 6066, 3)."""
        if name is None:
            return None
        name = host_name(name)
        if not (is_loopback(name) or self._knows(name)):
            self._refusing(name)
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self.context(name)
        return None


class Own(Certificates):
    """The user's own certificate, whatever name the client asks for."""

    def __init__(self, certificate: str, key: str) -> None:
        self._context = _context()
        try:
            self._context.load_cert_chain(
                certificate, key or None, password=_no_password
            )
        except (OSError, ssl.SSLError) as error:
            files = " and ".join(file for file in (certificate, key) if file)
            raise NoCa(
                f"{files}: {error.strerror or error}: give a certificate and its key in"
                " PEM, without a password, by --tls-cert and --tls-key"
            ) from None

    def context(self, name: str) -> ssl.SSLContext:  # noqa: ARG002
        return self._context


def certificates(
    settings: Settings, knows: Knows, refusing: Callable[[str], None]
) -> Certificates:
    """Those of a server: for the names that it *knows*; *refusing* is told of others.

    Raises `NoCa`.
    """
    if settings.tls_cert:
        return Own(settings.tls_cert, settings.tls_key)
    return Issued(local_ca(settings.tls_dir), knows, refusing)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0  # a handshake costs little, and a ticket is in the way
    context.set_alpn_protocols(["http/1.1"])
    return context


def _use(context: ssl.SSLContext, pem: bytes) -> None:
    """Have *context* show what is in *pem*: Python takes it from files only."""
    if hasattr(os, "memfd_create"):  # which a read-only container can have
        number = os.memfd_create("certificate")
        try:
            os.write(number, pem)
            context.load_cert_chain(f"/proc/self/fd/{number}")
        finally:
            os.close(number)
        return
    file = NamedTemporaryFile(delete=False)  # noqa: SIM115 - Windows opens none twice
    try:
        file.write(pem)
        file.close()
        context.load_cert_chain(file.name)
    finally:
        os.unlink(file.name)


def _no_password() -> str:
    return ""
