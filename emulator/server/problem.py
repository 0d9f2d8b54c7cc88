"""Problem: a reply as the bytes of a connection that has no better way to get it."""

from __future__ import annotations

from http import HTTPStatus

from emulator.call import Reply


def wire_bytes(reply: Reply) -> bytes:
    """*reply* as HTTP/1.1 writes it, on a connection that ends with it."""
    head = [status_line(reply.status)]
    head += [f"{name}: {value}" for name, value in reply.headers]
    head += [f"Content-Length: {len(reply.body)}", "Connection: close", "", ""]
    return "\r\n".join(head).encode("latin-1") + reply.body


def status_line(status: int) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}"
