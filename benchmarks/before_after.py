"""Before and after: two installed versions of the emulator, by turns in one run.

    python benchmarks/before_after.py --before PYTHON --after PYTHON [--seconds 1]
        [--rounds 5] [--records 300000] [--json]

PYTHON is an interpreter with that version installed (with uvicorn's extras, for both the
same). What is compared with bare ASGI or Starlette is run by the interpreter of *after*.
The last column is how much better *after* is: rates divided as after by before, costs
as before by after, so that more than 1 is always better.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pages
from measuring import (
    HERE,
    ROOT,
    ClientConnection,
    bare_command,
    emulator_command,
    environment,
    full_key,
    memory_mib,
    rate,
    request,
    running,
    write_fixtures,
)
from run import bare_requests, cases, first_reply, reads_in_worlds

SIDES = ("before", "after")
CROWD = 1_000
Pythons = Mapping[str, str]


@dataclass
class Row:
    """What was measured of both sides, round by round."""

    what: str
    unit: str = ""
    less_is_better: bool = False
    values: dict[str, list[float]] = field(
        default_factory=lambda: {side: [] for side in SIDES}
    )

    def median(self, side: str) -> float:
        return statistics.median(self.values[side])

    def better(self) -> list[float]:
        """How many times as good *after* is, in each round."""
        pairs = zip(self.values["before"], self.values["after"], strict=True)
        return [
            before / after if self.less_is_better else after / before
            for before, after in pairs
        ]

    def as_json(self) -> dict[str, Any]:
        better = self.better()
        return {
            "what": self.what,
            "unit": self.unit,
            **{side: round(self.median(side), 3) for side in SIDES},
            "better": round(statistics.median(better), 3),
            "low": round(min(better), 3),
            "high": round(max(better), 3),
        }


def over_http(pythons: Pythons, seconds: float, rounds: int) -> Iterator[Row]:
    """Replies a second of CPU time, as ratios to bare ASGI in the same round."""
    measured = cases(full_key(pythons["after"]))
    rows = {case: Row(f"{case}, of bare ASGI") for case in measured}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        fixtures = str(write_fixtures(folder))
        bare = stack.enter_context(running(bare_command(python=pythons["after"])))
        servers = {
            side: stack.enter_context(
                running(
                    *emulator_command(
                        folder, "--fixtures", fixtures, python=pythons[side]
                    )
                )
            )
            for side in SIDES
        }

        def one(server: tuple[int, int], requests: list[bytes], status: int) -> float:
            port, pid = server
            with ClientConnection(port) as connection:
                return rate(pid, connection, requests, seconds, status)

        for turn in range(-1, rounds):  # the first warms up, and does not count
            for case, (requests, status) in measured.items():
                reference = one(bare, bare_requests(requests), 200)
                for side in SIDES:
                    reached = one(servers[side], requests, status) / reference
                    if turn >= 0:
                        rows[case].values[side].append(reached)
    yield from rows.values()


class Worker:
    """A process of one side that makes calls without a server, as it is told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def microseconds(self, case: str, number: int) -> float:
        """The CPU time of one of *number* calls."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(case, number, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"it ended: {self._process.args!r}")
        return float(line) / number * 1e6


@contextmanager
def worker(python: str) -> Iterator[Worker]:
    with subprocess.Popen(
        [python, str(HERE / "in_process.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        yield Worker(process)
        assert process.stdin is not None
        process.stdin.close()


def in_process(pythons: Pythons, rounds: int) -> Iterator[Row]:
    rows = [Row(f"{case}, in process", "µs", less_is_better=True) for case in cases("")]
    with worker(pythons["before"]) as before, worker(pythons["after"]) as after:
        workers = dict(zip(SIDES, (before, after), strict=True))
        for turn in range(-1, rounds):
            for row, case in zip(rows, cases(""), strict=True):
                for side in SIDES:
                    cost = workers[side].microseconds(case, 1_000)
                    if turn >= 0:
                        row.values[side].append(cost)
    yield from rows


def starts(pythons: Pythons, rounds: int) -> Iterator[Row]:
    """Cold starts with all bundled providers, and the memory after the first reply."""
    cold = Row("cold start, of bare Starlette", less_is_better=True)
    memory = Row("memory after start", "MiB", less_is_better=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = f"{ROOT}/jobs"

        def bare() -> float:
            command = bare_command("starlette_app:app", python=pythons["after"])
            return first_reply(command, None, "/api/v1/jobs")

        def ours(side: str) -> float:
            return first_reply(*emulator_command(folder, python=pythons[side]), path)

        for turn in range(-1, rounds):
            reference = bare()
            for side in SIDES:
                took = ours(side) / reference
                if turn >= 0:
                    cold.values[side].append(took)
        for side in SIDES:
            command = emulator_command(folder, python=pythons[side])
            with running(*command) as (port, pid), ClientConnection(port) as connection:
                connection.exchange(request("GET", path))
                memory.values[side].append(memory_mib(pid, "VmRSS") or float("nan"))
    yield from (cold, memory)


def crowd(pythons: Pythons, seconds: float, rounds: int) -> Iterator[Row]:
    """Reads spread over many worlds, as a ratio to reads in one."""
    row = Row("a read in 1 000 worlds by turns, of one in 1 world")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        more = ("--fixtures", str(write_fixtures(folder)), "--worlds", str(CROWD + 1))
        servers, reads = {}, {}
        for side in SIDES:
            command = emulator_command(folder, *more, python=pythons[side])
            servers[side] = stack.enter_context(running(*command))
            reads[side] = reads_in_worlds(servers[side][0], CROWD)
        for turn in range(-1, rounds):
            for side, (port, pid) in servers.items():
                with ClientConnection(port) as connection:
                    if turn < 0:
                        for each in reads[side]:
                            connection.exchange(each)
                    alone = rate(pid, connection, reads[side][:1], seconds, 200)
                    spread_out = rate(pid, connection, reads[side], seconds, 200)
                if turn >= 0:
                    row.values[side].append(spread_out / alone)
    yield row


def large(pythons: Pythons, records: int) -> Iterator[Row]:
    """Pages of many records against pages of few, and what a record holds."""
    many = f"{records:,}".replace(",", " ")
    after = Row(f"page after a write, {many} records, of 1 000", less_is_better=True)
    first = Row(f"first page, {many} records, of 1 000", less_is_better=True)
    held = Row("a record of three fields, in memory", "bytes", less_is_better=True)
    objects = Row("a record of three fields, as objects", "bytes", less_is_better=True)
    for side in SIDES:
        command = [pythons[side], str(HERE / "large.py"), "--json"]
        told = subprocess.run(
            [*command, "--records", str(records)],
            check=True,
            capture_output=True,
            env=environment(),
        )
        found = json.loads(told.stdout)
        for row, name in ((after, "page_after_a_write"), (first, "first_page")):
            row.values[side].append(found[name]["many"] / found[name]["few"])
        held.values[side].append(found["resident_bytes_per_record"])
        objects.values[side].append(found["object_bytes_per_record"])
    yield from (after, first, held, objects)


def insist_on_two(pythons: Pythons) -> None:
    """End where both interpreters have the same files of the emulator."""
    code = "import emulator; print(emulator.__file__)"
    files = {
        subprocess.run(
            [python, "-c", code],
            check=True,
            capture_output=True,
            env=environment(),
            text=True,
        ).stdout
        for python in pythons.values()
    }
    if len(files) < len(pythons):
        raise SystemExit(f"both have the emulator of {files.pop().strip()}")


def rows(pythons: Pythons, seconds: float, rounds: int, records: int) -> Iterator[Row]:
    parts: Sequence[Callable[[], Iterator[Row]]] = (
        lambda: over_http(pythons, seconds, rounds),
        lambda: in_process(pythons, rounds),
        lambda: starts(pythons, rounds),
        lambda: crowd(pythons, seconds, rounds),
        lambda: large(pythons, records),
    )
    for part in parts:
        yield from part()


def table(measured: Sequence[Row]) -> str:
    def cell(row: Row, side: str) -> str:
        value = row.median(side)
        return f"{value:,.2f}" if not row.unit else f"{value:,.0f} {row.unit}"

    return pages.table(
        ["what", *SIDES, "times as good"],
        [
            (
                row.what,
                *(cell(row, side).replace(",", " ") for side in SIDES),
                (
                    f"{statistics.median(row.better()):.2f}"
                    f" ({min(row.better()):.2f} to {max(row.better()):.2f})"
                ),
            )
            for row in measured
        ],
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for side in SIDES:
        parser.add_argument(f"--{side}", required=True, metavar="PYTHON")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pythons = {side: getattr(options, side) for side in SIDES}
    insist_on_two(pythons)
    measured = []
    for row in rows(pythons, options.seconds, options.rounds, options.records):
        measured.append(row)
        print(
            json.dumps(row.as_json(), ensure_ascii=False), file=sys.stderr, flush=True
        )
    if options.json:
        print(json.dumps([row.as_json() for row in measured], ensure_ascii=False))
    else:
        print(table(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
