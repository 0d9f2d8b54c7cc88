"""Benchmarks: one command that prints ratios to bare ASGI under the same server.

    python benchmarks/run.py [--seconds 1] [--rounds 5] [--json] [--write]

What worlds cost is measured by `worlds.py`, intercepted calls and the pytest plugin by
`ways_in.py`, where the time of a call goes by `where.py`, other programs of this kind
by `peers.py`, two versions of this one by `before_after.py`, and whether memory stays
flat by `soak.py`.

Every case is measured in turn with bare ASGI, round after round, with the same client
on a keep-alive connection, and its ratio is the median over the rounds: a machine that
slows down slows both. The server runs in a process of its own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pages
from in_process import calls, cpu_seconds
from measuring import (
    JOB,
    PROVIDER,
    ROOT,
    ClientConnection,
    bare_command,
    emulator_command,
    full_key,
    memory_mib,
    rate,
    request,
    running,
    spread,
    write_fixtures,
)


def cases(key: str) -> dict[str, tuple[list[bytes], int]]:
    """The calls that are measured, and the status of their replies, by name."""
    jobs = [{**JOB, "title": f"{JOB['title']} {n}"} for n in range(2_000)]
    return {
        "list of 20": ([request("GET", f"{ROOT}/jobs", key)], 200),
        "read": ([request("GET", f"{ROOT}/jobs/123", key)], 200),
        "create": ([request("POST", f"{ROOT}/jobs", key, job) for job in jobs], 201),
        "validation failure": (
            [request("POST", f"{ROOT}/jobs", key, {"title": "x"})],
            422,
        ),
        "401": ([request("GET", f"{ROOT}/jobs")], 401),
    }


BARE = {"GET": [request("GET", "/")], "POST": [request("POST", "/", None, JOB)]}


def bare_requests(requests: list[bytes]) -> list[bytes]:
    """What bare ASGI is sent in the place of *requests*: a body where they have one."""
    return BARE["POST" if requests[0].startswith(b"POST") else "GET"]


def over_http(seconds: float, rounds: int) -> dict[str, Any]:
    """Requests a second as ratios to bare ASGI, and the server's peak memory."""
    measured = cases(full_key())
    ratios: dict[str, list[float]] = {name: [] for name in measured}
    rates: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fixtures = write_fixtures(folder)
        command, port_file = emulator_command(folder, "--fixtures", str(fixtures))
        with (
            running(bare_command()) as (bare_port, bare_pid),
            running(command, port_file) as (port, pid),
            ClientConnection(bare_port) as bare,
            ClientConnection(port) as connection,
        ):
            for requests, status in measured.values():
                rate(pid, connection, requests, 0.2, status)
            for _ in range(rounds):
                for case, (requests, status) in measured.items():
                    plain = bare_requests(requests)
                    reference = rate(bare_pid, bare, plain, seconds, 200)
                    ours = rate(pid, connection, requests, seconds, status)
                    ratios[case].append(ours / reference)
                    rates.append(reference)
            peak = memory_mib(pid)
    return {
        "ratios": {case: spread(values) for case, values in ratios.items()},
        "bare_per_second": spread(rates, 0)["median"],
        "peak_memory_mib": peak,
    }


def cold_start(rounds: int) -> dict[str, Any]:
    """From the command to the first reply, as a ratio to a bare Starlette application."""
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def bare() -> float:
            return first_reply(bare_command("starlette_app:app"), None, "/api/v1/jobs")

        def ours() -> float:
            return first_reply(*emulator_command(folder), f"{ROOT}/jobs")

        # The first start of each writes byte code, and ours fills the cache.
        bare()
        ours()
        for _ in range(rounds):
            reference = bare()
            ratios.append(ours() / reference)
    return spread(ratios, 2)


def first_reply(command: list[str], port_file: Path | None, path: str) -> float:
    """Seconds from starting *command* until it has answered a call."""
    started = time.perf_counter()
    with (
        running(command, port_file) as (port, _),
        ClientConnection(port) as connection,
    ):
        connection.exchange(request("GET", path))
        return time.perf_counter() - started


def crowd(seconds: float, rounds: int, number: int = 1_000) -> dict[str, Any]:
    """Calls spread over many worlds, found by credential, as a ratio to those in one."""
    ratios: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        more = ("--fixtures", str(write_fixtures(folder)), "--worlds", str(number + 1))
        with (
            running(*emulator_command(folder, *more)) as (port, pid),
            ClientConnection(port) as connection,
        ):
            requests = reads_in_worlds(port, number)
            for each in requests:
                connection.exchange(each)
            rate(pid, connection, requests, 0.2, 200)
            for _ in range(rounds):
                alone = rate(pid, connection, requests[:1], seconds, 200)
                ratios.append(rate(pid, connection, requests, seconds, 200) / alone)
    return spread(ratios)


def reads_in_worlds(port: int, number: int) -> list[bytes]:
    """A read in each of so many new worlds, which are known by their credentials."""
    return [
        request("GET", f"{ROOT}/jobs/123", _full_key_of_a_new_world(port))
        for _ in range(number)
    ]


def _full_key_of_a_new_world(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wanted = json.dumps({"providers": [PROVIDER]})
    kind = {"Content-Type": "application/json"}
    connection.request("POST", "/_emulator/worlds", wanted, kind)
    made = json.load(connection.getresponse())
    connection.close()
    return str(made["providers"][PROVIDER]["credentials"]["full"]["value"])


def in_process(number: int) -> dict[str, float]:
    """Microseconds of CPU of one call without a server, by case."""
    costs = {}
    for case, run in calls().items():
        cpu_seconds(run, 200)
        costs[case] = round(cpu_seconds(run, number) / number * 1e6, 1)
    return costs


def markdown(results: dict[str, Any]) -> str:
    """The results as a table of the documentation."""
    bare = 1e6 / results["bare_per_second"]
    inside = results["in_process_microseconds"]

    def spread_of(row: dict[str, float]) -> str:
        return f"{row['median']:.2f} ({row['low']:.2f} to {row['high']:.2f})"

    calls = [
        (case, spread_of(row), f"{inside[case] / bare:.2f} ({inside[case]:.0f} µs)")
        for case, row in results["ratios"].items()
    ]
    table = pages.table(
        ["call", "replies a second, of bare ASGI", "cost in process, of bare ASGI"],
        calls,
    )
    return (
        f"{pages.measured_on()} Bare ASGI takes {bare:.0f} µs of CPU a call.\n\n{table}"
        "\n\nA read in 1 000 worlds by turns reaches"
        f" {spread_of(results['thousand_worlds'])} of the rate in one world."
        f" A cold start with all bundled providers takes"
        f" {spread_of(results['cold_start'])} times that of a bare Starlette"
        f" application. At its peak the server has held"
        f" {results['peak_memory_mib']:.0f} MiB."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    options = parser.parse_args()
    results = over_http(options.seconds, options.rounds)
    results["thousand_worlds"] = crowd(options.seconds, options.rounds)
    results["cold_start"] = cold_start(options.rounds)
    results["in_process_microseconds"] = in_process(2_000)
    if options.write:
        pages.write("run", markdown(results))
    if options.json:
        print(json.dumps(results, indent=2))
        return
    print(f"bare ASGI: {results['bare_per_second']:.0f} replies a second of CPU = 1.00")
    for name, row in results["ratios"].items():
        print(
            f"  {name:20} {row['median']:.2f}  ({row['low']:.2f} to {row['high']:.2f})"
        )
    many = results["thousand_worlds"]
    print(
        "a read in 1,000 worlds by turns, replies a second against 1 world = 1.00:"
        f" {many['median']:.2f}  ({many['low']:.2f} to {many['high']:.2f})"
    )
    cold = results["cold_start"]
    print(f"cold start, against bare Starlette = 1.00: {cold['median']:.2f}")
    print(f"peak memory of the server: {results['peak_memory_mib']} MiB")
    bare = 1e6 / results["bare_per_second"]
    print(f"one call in process, of the {bare:.1f} us of bare ASGI over a socket:")
    for name, cost in results["in_process_microseconds"].items():
        print(f"  {name:20} {cost / bare:.2f}  [{cost} us]")


if __name__ == "__main__":
    main()
