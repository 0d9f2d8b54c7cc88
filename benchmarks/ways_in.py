"""Ways in: intercepted calls against peers, a world per test, and what the plugin costs.

    python benchmarks/ways_in.py [--rounds 5] [--json]

Needs what the extra `test` has, and the peers: responses, respx and pytest-httpserver.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from internals import dispatcher
from paired import Row, Run, paired, paired_within
from worlds import FEW, KEYS, ledger, main

import emulator

URL = "https://ledger.example/entries"
HEADERS = {"X-Key": KEYS["records"][0]["key"]}


def interceptions(specs: Path, rounds: int) -> Iterator[Row]:
    """A call answered by the emulator against a body that a peer hands out."""
    import httpx
    import requests

    @contextmanager
    def met(session: Callable[[], Any]) -> Iterator[Run]:
        with emulator.intercept("ledger", specs=[specs]), session() as client:
            yield lambda: _content(client)

    with met(requests.Session) as call:
        body = bytes(call())  # type: ignore[call-overload]
    handed = {
        "responses": (requests.Session, lambda: _responses(body)),
        "respx": (httpx.Client, lambda: _respx(body)),
    }
    for peer, (session, block) in handed.items():
        what = f"a call of {session.__module__.partition('.')[0]}, intercepted"
        against = f"{peer} handing out the same {len(body)} bytes"
        yield paired_within(
            what,
            lambda session=session: met(session),  # type: ignore[misc]
            against,
            block,
            number=400,
            rounds=rounds,
        )


@contextmanager
def _responses(body: bytes) -> Iterator[Run]:
    import requests
    import responses

    with responses.RequestsMock() as peer, requests.Session() as client:
        peer.get(URL, body=body, content_type="application/json")
        yield lambda: _content(client)


@contextmanager
def _respx(body: bytes) -> Iterator[Run]:
    import httpx
    import respx

    kind = {"Content-Type": "application/json"}
    with respx.mock() as peer, httpx.Client() as client:
        peer.get(URL).respond(content=body, headers=kind)
        yield lambda: _content(client)


def _content(client: Any) -> bytes:
    """What a call is answered with, its JSON read as a client would."""
    answer = client.get(URL, headers=HEADERS)
    if answer.status_code != 200 or not answer.json()["items"]:
        raise SystemExit(f"{URL} answered {answer.status_code}: {answer.text[:200]}")
    content: bytes = answer.content
    return content


def worlds(rounds: int) -> Iterator[Row]:
    """A fresh world with the credentials of all providers, as each test gets one."""
    from pytest_httpserver import HTTPServer

    from emulator.client.emulator import over

    board = dispatcher()

    def bare() -> None:
        world = board.worlds.create()
        for provider in board.programs:
            board.worlds.credentials(world, provider)
        board.worlds.delete(world)

    def handled(server: emulator.Emulator) -> Run:
        def run() -> None:
            with server.world() as world:
                world.provider("jobriver").credentials["full"]

        return run

    def intercepted() -> None:
        with emulator.intercept() as world:
            world.provider("jobriver").credentials["full"]

    against = "clear() of pytest-httpserver"
    with HTTPServer(port=0) as peer, emulator.start(log_format="none") as started:
        cases: dict[str, Run] = {
            "a world with every credential, made and deleted": bare,
            "a test's world, asked for in process": handled(over(board)),
            "a test's world, asked for over a socket": handled(started),
            "a block of intercept(), with every provider": intercepted,
        }
        for what, run in cases.items():
            yield paired(what, run, against, peer.clear, number=100, rounds=rounds)


def collection(rounds: int) -> Iterator[Row]:
    """Whole processes that collect one empty test, with the plugin and without any."""
    with TemporaryDirectory() as name:
        (Path(name) / "test_nothing.py").write_text("def test_nothing(): pass\n")
        bare = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
        bare += ["-p", "no:cacheprovider", "--rootdir", name, name]
        command = [*bare, "-p", "emulator.pytest_plugin"]
        costs = []
        for _ in range(rounds):
            pairs = [(_cpu(command), _cpu(bare)) for _ in range(3)]
            costs.append([statistics.median(one) for one in zip(*pairs, strict=True)])
    yield Row(
        "pytest --collect-only with the plugin",
        "the same with no plugin",
        [ours / theirs for ours, theirs in costs],
        statistics.median(ours for ours, _ in costs) * 1e6,
        statistics.median(theirs for _, theirs in costs) * 1e6,
    )


def _cpu(command: list[str]) -> float:
    """Seconds of CPU time of a pytest that runs *command*, and loads what it names."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=alone, cwd="/")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(rounds: int) -> Iterator[Row]:
    with TemporaryDirectory() as name:
        ledger(Path(name) / "ledger", FEW)
        yield from interceptions(Path(name), rounds)
    yield from worlds(rounds)
    yield from collection(rounds)


if __name__ == "__main__":
    sys.exit(main(rows, __doc__ or ""))
