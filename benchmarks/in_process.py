"""The calls of `run.py` without a server: what they cost in this process.

Its own command measures for a process that compares versions of the emulator: it reads
a line "CASE NUMBER", makes so many of those calls, and prints the CPU seconds of all.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from internals import Call, dispatcher
from measuring import JOB, PROVIDER, ROOT, write_fixtures

Calls = dict[str, Callable[[], object]]


def calls() -> Calls:
    """A function for each case, which makes one call that is answered as expected."""
    with TemporaryDirectory() as name:
        fixtures = write_fixtures(Path(name))
        board = dispatcher(PROVIDER, fixtures=str(fixtures))
    credentials = board.worlds.credentials(board.worlds.default, PROVIDER)
    key = next(each["value"] for each in credentials if each["name"] == "full")
    plain = [(b"host", b"localhost"), (b"accept", b"application/json")]
    typed = [
        *plain,
        (b"x-api-key", key.encode()),
        (b"content-type", b"application/json"),
    ]

    def call(
        method: str,
        path: str,
        status: int,
        headers: list[tuple[bytes, bytes]] = typed,
        body: bytes = b"",
    ) -> object:
        reply = board.answer(
            Call(method=method, path=ROOT + path, raw_headers=headers, body=body)
        )
        if reply.status != status:
            raise SystemExit(f"{method} {path} answered {reply.status}: {reply.body!r}")
        return reply

    numbers = count()

    def create() -> object:
        body = json.dumps({**JOB, "title": f"{JOB['title']} {next(numbers)}"})
        return call("POST", "/jobs", 201, body=body.encode())

    return {
        "list of 20": lambda: call("GET", "/jobs", 200),
        "read": lambda: call("GET", "/jobs/123", 200),
        "create": create,
        "validation failure": lambda: call(
            "POST", "/jobs", 422, body=b'{"title": "x"}'
        ),
        "401": lambda: call("GET", "/jobs", 401, plain),
    }


def cpu_seconds(run: Callable[[], object], number: int) -> float:
    """What *number* calls cost, without what was loaded before being walked by the gc."""
    gc.collect()
    gc.freeze()
    started = time.process_time()
    for _ in range(number):
        run()
    spent = time.process_time() - started
    gc.unfreeze()
    return spent


def serve(runs: Calls) -> None:
    for line in sys.stdin:
        case, _, number = line.strip().rpartition(" ")
        print(cpu_seconds(runs[case], int(number)), flush=True)


if __name__ == "__main__":
    serve(calls())
