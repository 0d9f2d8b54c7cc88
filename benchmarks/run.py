"""Benchmarks: one command that prints ratios to bare ASGI under the same server.

    python benchmarks/run.py [--seconds 3] [--rounds 5] [--json]

What worlds cost is measured by `worlds.py`, calls in process and the pytest plugin by
`ways_in.py`, and whether memory stays flat by `soak.py`.

Every case is measured in turn with bare ASGI, round after round, with the same client
on a keep-alive connection, and its ratio is the median over the rounds: a machine that
slows down slows both. The server runs in a process of its own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
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


def request(
    method: str, path: str, key: str | None = None, body: object = None
) -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    lines += ["User-Agent: benchmark"]
    if key:
        lines.append(f"{KEY_HEADER}: {key}")
    content = b""
    if body is not None:
        content = json.dumps(body).encode()
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


class Line:
    """A keep-alive connection that sends one request and reads one reply at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._socket.close()

    def exchange(self, wire: bytes) -> int:
        """Send *wire*; the status of the reply, whose body is read to its end."""
        self._socket.sendall(wire)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        missing = length - len(rest)
        while missing > 0:
            missing -= len(self._more())
        return int(head[9:12])

    def _more(self) -> bytes:
        part = self._socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part


@contextmanager
def server(
    command: list[str], port_file: Path | None = None
) -> Iterator[tuple[int, int]]:
    """Run *command* until it listens; gives its port and its process id."""
    port = 0
    if port_file is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [*command, "--port", str(port)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if port_file is not None and port_file.exists():
                port = int(port_file.read_text())
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.002)
                continue
            break
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def _environment() -> dict[str, str]:
    """Everything runs from byte code, as it does once it is installed.

    pip writes that of packages; a checkout has none until a start writes it. Where that
    is forbidden, a cold start would mostly tell what compiling our sources costs.
    """
    given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**given, "PYTHONPATH": str(HERE)}


def bare_command(app: str = "bare:app") -> list[str]:
    options = ["--no-access-log", "--log-level", "error", "--no-server-header"]
    return [sys.executable, "-m", "uvicorn", app, *options]


def emulator_command(folder: Path, *more: str) -> tuple[list[str], Path]:
    port_file = folder / f"port-{time.monotonic_ns()}"
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0"]
    command += ["--port-file", str(port_file), "--log-format", "none", *more]
    return command, port_file


def rate(
    pid: int, line: Line, wires: list[bytes], seconds: float, status: int
) -> float:
    """Replies a second of the server's own CPU time, each of which has *status*.

    What the client costs, and what else runs on the machine, does not count: it is
    the rate of a server whose one core is busy. Where no CPU time is to be had (there
    is none outside Linux) it is replies a second of real time.
    """
    exchange, clock = line.exchange, time.perf_counter
    started, spent = clock(), _cpu_seconds(pid)
    deadline, done = started + seconds, 0
    while clock() < deadline:
        for _ in range(20):
            found = exchange(wires[done % len(wires)])
            if found != status:
                raise SystemExit(f"expected {status}, got {found}: {wires[0][:80]!r}")
            done += 1
    return done / ((_cpu_seconds(pid) - spent) or (clock() - started))


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write_fixtures(folder: Path) -> Path:
    """The bundled fixtures, with quotas that a benchmark does not spend."""
    from emulator.compile.load import bundled

    _, fixtures = bundled()
    for source in fixtures.rglob("*.yaml"):
        target = folder / "fixtures" / source.relative_to(fixtures)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        roomy = "requests_per_minute: 100000000"
        target.write_text(
            text.replace("requests_per_minute: 60\n", roomy + "\n"), encoding="utf-8"
        )
    return folder / "fixtures"


def keys() -> dict[str, str]:
    """The values of the benchmarked provider's credentials, by name."""
    from emulator.compile.credentials import credentials
    from emulator.compile.load import load_all

    program = load_all([], only=["jobriver"])["jobriver"]
    return {one["name"]: one["value"] for one in credentials(program)}


def over_http(seconds: float, rounds: int) -> dict[str, Any]:
    """Requests a second as ratios to bare ASGI, and the server's peak memory."""
    full = keys()["full"]
    root = "/jobriver/api/v1"
    jobs = [{**JOB, "title": f"{JOB['title']} {n}"} for n in range(2_000)]
    cases: dict[str, tuple[list[bytes], int]] = {
        "list of 20": ([request("GET", f"{root}/jobs", full)], 200),
        "read": ([request("GET", f"{root}/jobs/123", full)], 200),
        "create": ([request("POST", f"{root}/jobs", full, one) for one in jobs], 201),
        "validation failure": (
            [request("POST", f"{root}/jobs", full, {"title": "x"})],
            422,
        ),
        "401": ([request("GET", f"{root}/jobs")], 401),
    }
    bare = {"GET": [request("GET", "/")], "POST": [request("POST", "/", None, JOB)]}
    ratios: dict[str, list[float]] = {name: [] for name in cases}
    rates: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fixtures = write_fixtures(folder)
        command, port_file = emulator_command(folder, "--fixtures", str(fixtures))
        with (
            server(bare_command()) as (bare_port, bare_pid),
            server(command, port_file) as (port, pid),
        ):
            bare_line, line = Line(bare_port), Line(port)
            for wire, status in cases.values():
                rate(pid, line, wire, 0.2, status)
            for _ in range(rounds):
                for case, (wire, status) in cases.items():
                    plain = bare["POST" if wire[0].startswith(b"POST") else "GET"]
                    reference = rate(bare_pid, bare_line, plain, seconds, 200)
                    found = rate(pid, line, wire, seconds, status)
                    ratios[case].append(found / reference)
                    rates.append(reference)
            peak = _peak_memory(pid)
            bare_line.close()
            line.close()
    return {
        "ratios": {
            name: {
                "median": round(statistics.median(found), 3),
                "low": round(min(found), 3),
                "high": round(max(found), 3),
            }
            for name, found in ratios.items()
        },
        "bare_per_second": round(statistics.median(rates)),
        "peak_memory_mib": peak,
    }


def _peak_memory(pid: int) -> float | None:
    """The most memory that a process has held, in MiB; None where nobody says."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("VmHWM"):
            return round(int(line.split()[1]) / 1024, 1)
    return None


def cold_start(rounds: int) -> dict[str, Any]:
    """From the command to the first reply, as a ratio to a bare Starlette application."""
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The first start of each writes byte code, and ours fills the cache.
        _once(bare_command("starlette_app:app"), None, "/api/v1/jobs")
        _once(*emulator_command(folder), "/jobriver/api/v1/jobs")
        for _ in range(rounds):
            reference = _once(bare_command("starlette_app:app"), None, "/api/v1/jobs")
            ours = _once(*emulator_command(folder), "/jobriver/api/v1/jobs")
            ratios.append(ours / reference)
    return {
        "median": round(statistics.median(ratios), 2),
        "low": round(min(ratios), 2),
        "high": round(max(ratios), 2),
    }


def _once(command: list[str], port_file: Path | None, path: str) -> float:
    started = time.perf_counter()
    with server(command, port_file) as (port, _):
        line = Line(port)
        line.exchange(request("GET", path))
        line.close()
        return time.perf_counter() - started


def crowd(seconds: float, rounds: int, number: int = 1_000) -> dict[str, Any]:
    """Calls spread over many worlds, found by credential, as a ratio to those in one."""
    path = "/jobriver/api/v1/jobs/123"
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        more = ("--fixtures", str(write_fixtures(folder)), "--worlds", str(number + 1))
        with server(*emulator_command(folder, *more)) as (port, pid):
            wires = [
                request("GET", path, _full_key_of_a_new_world(port))
                for _ in range(number)
            ]
            line = Line(port)
            rate(pid, line, wires, 0.2, 200)
            for wire in wires:
                line.exchange(wire)
            for _ in range(rounds):
                alone = rate(pid, line, wires[:1], seconds, 200)
                ratios.append(rate(pid, line, wires, seconds, 200) / alone)
            line.close()
    return {
        "median": round(statistics.median(ratios), 3),
        "low": round(min(ratios), 3),
        "high": round(max(ratios), 3),
    }


def _full_key_of_a_new_world(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wanted = json.dumps({"providers": ["jobriver"]})
    kind = {"Content-Type": "application/json"}
    connection.request("POST", "/_emulator/worlds", wanted, kind)
    made = json.load(connection.getresponse())
    connection.close()
    return str(made["providers"]["jobriver"]["credentials"]["full"]["value"])


def in_process(calls: int) -> dict[str, float]:
    """Microseconds of one call without a server, by case."""
    from emulator.compile.load import load_all
    from emulator.engine.dispatcher import Dispatcher
    from emulator.exchange import Call

    with tempfile.TemporaryDirectory() as name:
        fixtures = write_fixtures(Path(name))
        programs = load_all([], fixtures, only=["jobriver"])
    board = Dispatcher(programs)
    key = keys()["full"].encode()
    plain = [(b"host", b"localhost"), (b"accept", b"application/json")]
    typed = [*plain, (b"x-api-key", key), (b"content-type", b"application/json")]
    root = "/jobriver/api/v1"

    def call(
        method: str, path: str, headers: Any, content: bytes = b""
    ) -> Callable[[], Any]:
        return lambda: board.answer(
            Call(method=method, path=root + path, raw_headers=headers, body=content)
        )

    numbers = count()

    def create() -> object:
        body = json.dumps({**JOB, "title": f"{JOB['title']} {next(numbers)}"})
        return call("POST", "/jobs", typed, body.encode())()

    cases = {
        "list of 20": call("GET", "/jobs", typed),
        "read": call("GET", "/jobs/123", typed),
        "create": create,
        "validation failure": call("POST", "/jobs", typed, b'{"title": "x"}'),
        "401": call("GET", "/jobs", plain),
    }
    costs = {}
    for case, run in cases.items():
        for _ in range(200):
            run()
        started = time.perf_counter()
        for _ in range(calls):
            run()
        costs[case] = round((time.perf_counter() - started) / calls * 1e6, 1)
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = over_http(options.seconds, options.rounds)
    found["thousand_worlds"] = crowd(options.seconds, options.rounds)
    found["cold_start"] = cold_start(options.rounds)
    found["in_process_microseconds"] = in_process(2_000)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(f"bare ASGI: {found['bare_per_second']} replies a second of CPU = 1.00")
    for name, row in found["ratios"].items():
        print(
            f"  {name:20} {row['median']:.2f}  ({row['low']:.2f} to {row['high']:.2f})"
        )
    many = found["thousand_worlds"]
    print(
        "a read in 1,000 worlds by turns, replies a second against 1 world = 1.00:"
        f" {many['median']:.2f}  ({many['low']:.2f} to {many['high']:.2f})"
    )
    cold = found["cold_start"]
    print(f"cold start, against bare Starlette = 1.00: {cold['median']:.2f}")
    print(f"peak memory of the server: {found['peak_memory_mib']} MiB")
    print("one call in process, microseconds:")
    for name, cost in found["in_process_microseconds"].items():
        print(f"  {name:20} {cost}")


if __name__ == "__main__":
    main()
