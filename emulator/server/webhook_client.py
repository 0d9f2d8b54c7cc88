"""Webhook client: one POST over one connection, and the status of what comes back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable

import h11

from emulator.server.egress import Target
from emulator.version import __version__

_LONGEST_ANSWER = 65_536
"""Bytes of an answer that are read."""
_FRAMING = {"host", "content-length", "transfer-encoding", "connection"}
"""Headers that say how a request is framed and where it goes."""


class NoAnswer(Exception):
    """No answer could be read; the message says why."""


async def post(
    target: Target,
    addresses: Iterable[str],
    headers: Iterable[tuple[str, str]],
    body: bytes,
    tls: ssl.SSLContext | None = None,
) -> int:
    """The status of the answer; *addresses* are tried in turn.

    Redirects are not followed, and no more than the first part of an answer is read. Raises `NoAnswer`,
    and `OSError` where no address lets itself be connected to.
    """
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_ANSWER)
    try:
        sent = http.send(_request(target, headers, body)) or b""
        sent += http.send(h11.Data(data=body)) or b""
        sent += http.send(h11.EndOfMessage()) or b""
    except h11.LocalProtocolError as error:
        raise NoAnswer(f"it cannot be sent: {error}") from None
    reader, writer = await _connected(target, addresses, tls)
    try:
        writer.write(sent)
        return await _status(http, reader)
    except h11.RemoteProtocolError as error:
        raise NoAnswer(f"the answer is not HTTP: {error}") from None
    finally:
        # A receiver that never stops sending is not waited for.
        writer.transport.abort()


def _request(
    target: Target, headers: Iterable[tuple[str, str]], body: bytes
) -> h11.Request:
    usual = {
        "User-Agent": f"provider-emulator/{__version__}",
        "Accept": "*/*",
        "Content-Type": "application/json",
    }
    given = [(name, text) for name, text in headers if name.lower() not in _FRAMING]
    names = {name.lower() for name, _ in given}
    lines = [
        ("Host", target.authority),
        *((name, text) for name, text in usual.items() if name.lower() not in names),
        *given,
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    return h11.Request(
        method="POST",
        target=target.path,
        headers=[(name.encode(), text.encode()) for name, text in lines],
    )


async def _connected(
    target: Target, addresses: Iterable[str], tls: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    failure: OSError | None = None
    secure = target.scheme == "https"
    context = (tls or ssl.create_default_context()) if secure else None
    for address in addresses:
        try:
            return await asyncio.open_connection(
                address,
                target.port,
                ssl=context,
                server_hostname=target.host if secure else None,
            )
        except OSError as error:
            failure = failure or error
    raise failure or OSError("there is no address")


async def _status(http: h11.Connection, reader: asyncio.StreamReader) -> int:
    status, size = 0, 0
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            if size >= _LONGEST_ANSWER:
                break
            data = await reader.read(_LONGEST_ANSWER - size)
            size += len(data)
            http.receive_data(data)
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            break
    if not status:
        raise NoAnswer("the answer ends, or goes on, without a status")
    return status
