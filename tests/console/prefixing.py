"""A reverse proxy as people put one before the emulator: under a prefix, streams as they come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

_HOPS = frozenset(("connection", "transfer-encoding", "keep-alive"))
"""Headers that are about one connection (RFC 9110, 7.6.1)."""


@contextmanager
def prefixing(prefix: str) -> Iterator[Any]:
    """A proxy that leads `PREFIX/...` to `/...` of its *target*; gives it, with its *url*."""
    server = _Proxy(("127.0.0.1", 0), _handler(prefix))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        for socket in [*server.open]:
            with suppress(OSError):
                socket.shutdown(SHUT_RDWR)
        server.server_close()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = False
    target = ""
    """The address of who answers."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.open: set[Any] = set()
        """The sockets of replies that go on."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def _handler(prefix: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server: _Proxy

        def do_GET(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                self.send_error(404)
                return
            name = urlsplit(self.server.target).netloc
            with (
                suppress(OSError),  # one of the two has left
                closing(HTTPConnection(name, timeout=30)) as upstream,
            ):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                path = self.path.removeprefix(prefix)
                headers = {
                    k: v for k, v in self.headers.items() if k.lower() not in _HOPS
                }
                upstream.request(self.command, path, body or None, headers)
                socket = upstream.sock
                self.server.open.add(socket)
                try:
                    self._pass_on(upstream.getresponse())
                finally:
                    self.server.open.discard(socket)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server's

        def _pass_on(self, reply: Any) -> None:
            self.send_response(reply.status)
            for header, value in reply.getheaders():
                if header.lower() not in (*_HOPS, "date", "server"):
                    self.send_header(header, value)
            self.send_header("Connection", "close")
            self.end_headers()
            while piece := reply.read1(65_536):
                self.wfile.write(piece)
                self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
