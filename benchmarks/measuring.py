"""What the benchmarks share: a client connection, servers of their own, and rates.

A rate is replies a second of the server's own CPU time, so what the client costs and
what else runs on the machine do not count. Servers that are compared are measured by
turns in one run: a machine that slows down slows all of them, and the ratio stays.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
PROVIDER = "jobriver"
ROOT = f"/{PROVIDER}/api/v1"
KEY_HEADER = "X-API-Key"
JOB = {
    "title": "Backend Developer",
    "description": "Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.",
    "location": "Berlin, Germany",
    "salary_min": 50_000,
    "salary_max": 70_000,
    "category_id": 5,
    "technologies": [1, 2, 3],
    "is_active": False,
}


class Reply(NamedTuple):
    status: int
    head: bytes
    body: bytes


class ClientConnection:
    """A keep-alive connection that sends one request and reads one reply at a time.

    It is opened again for a server that closes it after a reply, and says so.
    """

    def __init__(self, port: int) -> None:
        self.closed_by_server = False
        self.begun = False
        """Something of the reply that is waited for has come."""
        self._port = port
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()

    def __enter__(self) -> ClientConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def exchange(self, request_bytes: bytes) -> Reply:
        """Send a request; its reply, with the body read to its end."""
        self.send(request_bytes)
        return self.reply()

    def send(self, request_bytes: bytes) -> None:
        """Send a request, or several in one piece: so many times there is a `reply`."""
        if self.closed_by_server:
            self._socket.close()
            self._open()
        self.begun = False
        self._socket.sendall(request_bytes)

    def reply(self) -> Reply:
        head = self._until(b"\r\n\r\n")
        status = int(head[9:12])
        length, chunked, self.closed_by_server = 0, False, False
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            name = name.lower()
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                chunked = b"chunked" in value.lower()
            elif name == b"connection":
                self.closed_by_server = b"close" in value.lower()
        body = self._chunks() if chunked else self._exactly(length)
        return Reply(status, head, body)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n").partition(b";")[0], 16):
            body += self._exactly(size + 2)[:-2]
        self._exactly(2)
        return body

    def _until(self, end: bytes) -> bytes:
        """What comes before *end*, which is taken too."""
        while (position := self._received.find(end)) < 0:
            self._receive()
        part = bytes(self._received[:position])
        del self._received[: position + len(end)]
        return part

    def _exactly(self, length: int) -> bytes:
        while len(self._received) < length:
            self._receive()
        part = bytes(self._received[:length])
        del self._received[:length]
        return part

    def _receive(self) -> None:
        part = self._socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.begun = True
        self._received += part


def request(
    method: str,
    path: str,
    key: str | None = None,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """One HTTP/1.1 request as bytes; *headers* replace those of the same name."""
    content = b"" if body is None else json.dumps(body).encode()
    fields = {
        "Host": "127.0.0.1",
        "Accept": "application/json",
        "User-Agent": "benchmark",
    }
    if key:
        fields[KEY_HEADER] = key
    if body is not None:
        fields["Content-Type"] = "application/json"
        fields["Content-Length"] = str(len(content))
    fields.update(headers or {})
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


@contextmanager
def running(
    command: Sequence[str],
    port_file: Path | None = None,
    *,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> Iterator[tuple[int, int]]:
    """Run *command* until the block ends; gives its port and process id once it listens.

    Without a *port_file* that it writes, and without a *port* that it has been told, a
    free one is added to its arguments.
    """
    if port is None and port_file is None:
        port = free_port()
        command = [*command, "--port", str(port)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment(), **(env or {})},
    )
    try:
        yield _wait_until_open(process, port, port_file, timeout), process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_until_open(
    process: subprocess.Popen[bytes],
    port: int | None,
    port_file: Path | None,
    timeout: float,
) -> int:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"it ended with {process.returncode}: {process.args!r}")
        if port_file is not None and port_file.exists():
            port = int(port_file.read_text().split()[0])
        if port is not None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                pass
            else:
                return port
        time.sleep(0.002)
    raise SystemExit(f"it does not listen after {timeout:.0f} s: {process.args!r}")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def environment() -> dict[str, str]:
    """The environment of servers, which run from byte code as installed ones do.

    pip writes that of packages; a checkout has none until a start writes it. Where that
    is forbidden, a cold start would mostly tell what compiling our sources costs.
    What is installed is what runs, even where the current folder is a checkout.
    """
    given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**given, "PYTHONPATH": str(HERE), "PYTHONSAFEPATH": "1"}


def bare_command(app: str = "bare:app", python: str = sys.executable) -> list[str]:
    options = ["--no-access-log", "--log-level", "error", "--no-server-header"]
    return [python, "-m", "uvicorn", app, *options]


def emulator_command(
    folder: Path, *more: str, python: str = sys.executable
) -> tuple[list[str], Path]:
    """A command that serves the emulator, and the file that it tells its port in."""
    port_file = folder / f"port-{time.monotonic_ns()}"
    command = [python, "-m", "emulator", "serve", "--port", "0"]
    command += ["--port-file", str(port_file), "--log-format", "none", *more]
    return command, port_file


def write_fixtures(folder: Path) -> Path:
    """The bundled fixtures, with quotas that a benchmark does not spend."""
    for source in FIXTURES.rglob("*.yaml"):
        target = folder / "fixtures" / source.relative_to(FIXTURES)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        roomy = "requests_per_minute: 100000000"
        target.write_text(
            text.replace("requests_per_minute: 60\n", roomy + "\n"), encoding="utf-8"
        )
    return folder / "fixtures"


def full_key(python: str = sys.executable) -> str:
    """The key of the benchmarked provider that may do everything."""
    command = [python, "-m", "emulator", "credentials", PROVIDER, "--json"]
    told = subprocess.run(command, check=True, capture_output=True, env=environment())
    credentials = json.loads(told.stdout)
    return str(next(each["value"] for each in credentials if each["name"] == "full"))


def rate(
    pid: int,
    connection: ClientConnection,
    requests: Sequence[bytes],
    seconds: float,
    status: int,
) -> float:
    """Replies a second of the server's own CPU time, each of which has *status*.

    It is the rate of a server whose one core is busy. Where no CPU time is to be had
    (there is none outside Linux) it is replies a second of real time.
    """
    exchange, clock = connection.exchange, time.perf_counter
    started, spent = clock(), cpu_seconds(pid)
    deadline, done = started + seconds, 0
    while clock() < deadline:
        for _ in range(20):
            reply = exchange(requests[done % len(requests)])
            if reply.status != status:
                sent = requests[done % len(requests)][:80]
                raise SystemExit(
                    f"expected {status}, got {reply.status} to {sent!r}:"
                    f" {reply.body[:300]!r}"
                )
            done += 1
    return done / ((cpu_seconds(pid) - spent) or (clock() - started))


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, all its threads together; 0.0 if not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int, field: str = "VmHWM") -> float | None:
    """The most memory that a process has held (or holds: VmRSS); None if not told."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith(field):
            return round(int(line.split()[1]) / 1024, 1)
    return None


def spread(values: Sequence[float], digits: int = 3) -> dict[str, float]:
    """The median of *values*, with the lowest and the highest."""
    return {
        "median": round(statistics.median(values), digits),
        "low": round(min(values), digits),
        "high": round(max(values), digits),
    }
