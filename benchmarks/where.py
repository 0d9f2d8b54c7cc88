"""Where a call's time goes: its parts, in microseconds of CPU and in percent.

    python benchmarks/where.py [--seconds 3] [--json] [--write]

What a call costs over a socket is the server's CPU time, as in `run.py`. Of that, what
an event loop takes that reads and writes as many bytes and does nothing else (`raw.py`)
is "socket and event loop". What the same call costs without a server is divided by
looking, two thousand times a second, which step it is in: nothing is wrapped, so nothing
gets slower by being measured. What is left is "HTTP protocol, and the rest": the parser,
the request and the response as the server passes them on, and by how much all of it is
slower in a server that waits between calls than in a process that makes them in a row.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from opcode import opmap
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import pages
from in_process import calls, cpu_seconds
from measuring import (
    HERE,
    ClientConnection,
    emulator_command,
    full_key,
    rate,
    running,
    write_fixtures,
)
from run import cases

import emulator

INTERVAL = 0.0005
PACKAGE = str(Path(emulator.__file__).parent)
STEPS = f"{PACKAGE}/steps/"
AROUND_A_STEP = "decide_and_bring_about"
"""What has another step decide, and brings about its effects: it is not that step."""
PIPELINE = f"{PACKAGE}/pipeline.py"
SOCKET, PROTOCOL = "socket and event loop", "HTTP protocol, and the rest"
ADDRESS, AROUND = "address the call", "pipeline itself"
ORDER = (SOCKET, PROTOCOL, ADDRESS, AROUND, "route", "transport", "identify")
ORDER += ("lockout", "authenticate", "rate limit", "authorize", "parameters")
ORDER += ("negotiate", "body", "find", "validate", "act", "paginate", "effects")
ORDER += ("settle", "render", "notify", "headers", "spoil", "journal")


def part(frame: FrameType | None) -> str | None:
    """The part of a call that *frame* works for; None outside of a call.

    It is the step that was entered first, whatever that has called; what comes between
    the two in `effects` counts as the step that it has decide.
    """
    if frame is not None and _has_only_begun(frame):
        # A signal that comes in the end of a function is noticed in the next one.
        frame = frame.f_back
    found = None
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(STEPS) and (
            found is None or frame.f_code.co_name != AROUND_A_STEP
        ):
            found = Path(file).stem.replace("_", " ")
        elif file == PIPELINE:
            return found or AROUND
        elif file.startswith(PACKAGE):
            found = found or ADDRESS
        frame = frame.f_back
    return found


def _has_only_begun(frame: FrameType) -> bool:
    position = frame.f_lasti
    return position >= 0 and frame.f_code.co_code[position] == opmap["RESUME"]


def shares(run: Callable[[], object], seconds: float) -> dict[str, float]:
    """The share of each part in what *run* costs."""
    seen: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        name = part(frame)
        if name is not None:
            seen[name] += 1

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for _ in range(50):
                run()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return {name: number / seen.total() for name, number in seen.items()}


def over_a_socket(seconds: float) -> dict[str, tuple[float, float]]:
    """What each case costs over a socket, and what the socket alone costs, in µs."""
    costs = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        fixtures = write_fixtures(folder)
        with running(*emulator_command(folder, "--fixtures", str(fixtures))) as (
            port,
            pid,
        ):
            for case, (requests, status) in cases(full_key()).items():
                with ClientConnection(port) as connection:
                    rate(pid, connection, requests, 0.5, status)
                    cost = 1e6 / rate(pid, connection, requests, seconds, status)
                    reply = connection.exchange(requests[0])
                length = len(reply.head) + len(reply.body)
                costs[case] = cost, _socket_alone(requests, length, seconds)
    return costs


def _socket_alone(requests: list[bytes], length: int, seconds: float) -> float:
    command = [sys.executable, str(HERE / "raw.py"), "--bytes", str(length)]
    with running(command) as (port, pid), ClientConnection(port) as connection:
        rate(pid, connection, requests, 0.2, 200)
        return 1e6 / rate(pid, connection, requests, seconds, 200)


def where(seconds: float) -> dict[str, dict[str, float]]:
    """The microseconds of each part, by case."""
    outside = over_a_socket(seconds)
    found = {}
    for case, run in calls().items():
        total, alone = outside[case]
        cpu_seconds(run, 500)
        inside = cpu_seconds(run, 4_000) / 4_000 * 1e6
        parts = {SOCKET: alone, PROTOCOL: max(0.0, total - alone - inside)}
        for name, share in shares(run, seconds).items():
            parts[name] = share * inside
        found[case] = {name: round(cost, 2) for name, cost in parts.items()}
    return found


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each part, as a call meets them, with what it takes of each case."""
    every = {name for parts in found.values() for name in parts}
    names = [name for name in ORDER if name in every] + sorted(every - {*ORDER})
    totals = {case: sum(parts.values()) for case, parts in found.items()}

    def cell(case: str, cost: float) -> str:
        return f"{cost:.1f} ({cost / totals[case]:.0%})" if cost >= 0.05 else ""

    rows = [
        [name, *(cell(case, parts.get(name, 0.0)) for case, parts in found.items())]
        for name in names
    ]
    rows.append(["all", *(f"{total:.1f}" for total in totals.values())])
    return pages.table(["part", *found], rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one run")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    options = parser.parse_args()
    found = where(options.seconds)
    print(json.dumps(found, indent=2) if options.json else table(found))
    if options.write:
        told = f"{pages.measured_on()} Microseconds of CPU, and their share:"
        pages.write("where", f"{told}\n\n{table(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
