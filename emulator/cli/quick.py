"""Quick: `emulator doctor --ready`, which a container asks for every few seconds.

A look at one address needs neither a command line nor an HTTP client. Whatever is out of
the ordinary is left to the command, which knows what to say of it.
"""

from __future__ import annotations

import os
import socket

_PATIENCE = 2.0
_USUAL = ("", "127.0.0.1", "localhost", "0.0.0.0")  # noqa: S104 - where it may listen
_REQUEST = b"GET /_emulator/ready HTTP/1.0\r\nHost: localhost\r\n\r\n"


def ready() -> str:
    """What to say of the server that the variables lead to, if it is ready; else ""."""
    port = os.environ.get("EMULATOR_PORT", "").strip() or "8080"
    named = os.environ.get("EMULATOR_URL", "").strip()
    host = os.environ.get("EMULATOR_HOST", "").strip()
    if named or host not in _USUAL or not port.isdecimal() or int(port) > 65_535:
        return ""
    reply = b""
    try:
        with socket.create_connection(("127.0.0.1", int(port)), _PATIENCE) as opened:
            opened.sendall(_REQUEST)
            while part := opened.recv(4_096):
                reply += part
                if len(reply) > 4_096:
                    return ""
    except OSError:
        return ""
    good = reply.startswith(b"HTTP/1.1 200 ") and b'"ready"' in reply
    return f"http://127.0.0.1:{port} is ready" if good else ""
