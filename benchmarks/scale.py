"""Scale: what several processes behind nginx answer, next to one (docs/how-to/scale-out.md).

    python benchmarks/scale.py [--worlds 200] [--calls 10000]

It needs nginx, as tests/deploy does. Calls of all worlds are sent over 16 connections.
A world answers 60 calls a minute. Capacity is calls by the CPU seconds of the busiest process: what a machine with a
processor for each could answer. It does not depend on what else this machine is doing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "deploy"))

from behind import NGINX, Behind, behind_nginx

import emulator

_CONNECTIONS = 16


def cpu_seconds(process: int) -> float:
    """What a process has spent, as Linux counts it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def requests_of(behind: Behind, worlds: int) -> list[bytes]:
    """A call of each world: a page of twenty records, by its own credential."""
    server = emulator.connect(behind.url)
    host = urlsplit(behind.url).netloc
    made = []
    for number in range(worlds):
        jobriver = server.world(f"scale-{number}").provider("jobriver")
        (name, key), *_ = jobriver.credentials["full"].headers.items()
        made.append(
            f"GET /jobriver/api/v1/jobs HTTP/1.1\r\nHost: {host}\r\n{name}: {key}\r\n\r\n".encode()
        )
    return made


async def _send(host: str, port: int, calls: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection(host, port, limit=1_048_576)
    for call in calls:
        writer.write(call)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head[:16], head
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()


async def _load(url: str, requests: list[bytes], calls: int) -> None:
    parts = urlsplit(url)
    all_calls = [requests[number % len(requests)] for number in range(calls)]
    await asyncio.gather(
        *(
            _send(parts.hostname or "", parts.port or 0, all_calls[at::_CONNECTIONS])
            for at in range(_CONNECTIONS)
        )
    )


def measure(number: int, worlds: int, calls: int) -> tuple[float, list[float], float]:
    """The seconds of *calls*, the CPU seconds of each process, and the capacity."""
    with (
        tempfile.TemporaryDirectory() as folder,
        behind_nginx(Path(folder), number, "jobriver") as behind,
    ):
        requests = requests_of(behind, worlds)
        asyncio.run(_load(behind.url, requests, len(requests)))
        before = [*map(cpu_seconds, behind.ids)]
        started = perf_counter()
        asyncio.run(_load(behind.url, requests, calls))
        seconds = perf_counter() - started
        spent = [
            after - then
            for after, then in zip(map(cpu_seconds, behind.ids), before, strict=True)
        ]
    return seconds, spent, calls / max(spent)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--calls", type=int, default=10_000)
    given = parser.parse_args()
    if not NGINX:
        sys.exit("there is no nginx here")
    alone = 0.0
    for number in (1, 2, 3):
        seconds, spent, capacity = measure(number, given.worlds, given.calls)
        alone = alone or capacity
        cpu = ", ".join(f"{one:.2f}" for one in spent)
        print(
            f"{number} processes: {given.calls / seconds:,.0f} calls a second here;"
            f" CPU seconds {cpu}; capacity {capacity:,.0f} a second,"
            f" {capacity / alone:.2f} times that of one"
        )


if __name__ == "__main__":
    main()
