"""A receiver of webhooks on loopback, which answers what a test wants it to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code: int, *headers: str) -> bytes:
    """The bytes of an answer with nothing in it."""
    lines = [f"HTTP/1.1 {code} X", *headers, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


@dataclass
class Received:
    """One request, as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


Answer = bytes | Callable[[socket.socket], None]
"""What is sent back, or what is done with the connection."""


class Receiver:
    """Gives its *answers* in turn, and the last of them from then on."""

    def __init__(
        self,
        *answers: Answer,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, 0), family=family)
        self._answers: Iterable[Answer] = answers or (OK,)
        self._tls = tls
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self.received: list[Received] = []
        self._arrived = threading.Condition()
        self.ended = threading.Event()
        """The last of the connections so far has been let go."""
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):  # closing alone does not wake who accepts
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def wait(self, number: int) -> None:
        """Until so many requests have come."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.received) >= number, 10):
                raise AssertionError(f"{len(self.received)} came, not {number}")

    def _live(self) -> None:
        waiting = list(self._answers)
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            threading.Thread(
                target=self._serve, args=(connection, answer), daemon=True
            ).start()

    def _serve(self, connection: socket.socket, answer: Answer) -> None:
        self.ended.clear()
        with suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as file:
                request = _read(file)
                with self._arrived:
                    self.received.append(request)
                    self._arrived.notify_all()
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)
        self.ended.set()


def _read(file: object) -> Received:
    readline, read = file.readline, file.read  # type: ignore[attr-defined]
    line = readline().decode("latin-1").rstrip()
    headers = {}
    while text := readline().decode("latin-1").rstrip():
        name, _, value = text.partition(": ")
        headers[name.lower()] = value
    return Received(line, headers, read(int(headers.get("content-length", 0))))


def never(connection: socket.socket) -> None:
    """Answer nothing until the other side has had enough."""
    while connection.recv(1_024):
        pass


def endless(connection: socket.socket) -> None:
    """Begin an answer, and go on for as long as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"400\r\n" + b"x" * 1_024 + b"\r\n")


def endless_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"x" * 1_024 + b"\r\n")


def trickle(connection: socket.socket) -> None:
    """An answer that comes, byte by byte, but never to its end."""
    connection.settimeout(0.02)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        with suppress(TimeoutError):
            if not connection.recv(1):
                return
