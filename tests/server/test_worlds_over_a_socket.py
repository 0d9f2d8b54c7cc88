"""Worlds over a real socket, called by many threads at the same time."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from front_door import JOB

from emulator.admin.admin import Admin
from emulator.admin.table import LARGEST
from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.server.run import Running, running
from emulator.settings import Settings
from emulator.world.chance import Chance

THREADS = 16
CALLS = 40


class Client:
    """One client of one world, on a connection of its own that it keeps."""

    def __init__(self, server: Running, world: str) -> None:
        self._open = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        made = self.admin(
            "POST",
            "/worlds",
            {"id": world, "clock": {"set": "2026-03-02T10:00:00Z", "freeze": True}},
        )
        self.world = world
        provider = made["providers"]["jobriver"]
        self.keys = {
            name: one["value"] for name, one in provider["credentials"].items()
        }

    def close(self) -> None:
        self._open.close()

    def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        sent = None if body is None else json.dumps(body)
        if sent is not None:
            headers["Content-Type"] = "application/json"
        self._open.request(method, path, sent, headers)
        reply = self._open.getresponse()
        return reply.status, reply.read(), dict(reply.getheaders())

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        status, data, _ = self.send(method, f"/_emulator{path}", body)
        assert status < 300, data
        return json.loads(data) if data else None

    def journey(self) -> list[Any]:
        """The same calls in the same order for every client with the same chance."""
        chance = Chance(int(self.world.partition("-")[2]) % 4)
        seen = []
        for _ in range(CALLS):
            key = {"X-API-Key": self.keys[chance.pick(["full", *["unknown"] * 3])]}
            what = chance.number(0, 3)
            if what == 0:
                seen.append(self.send("POST", "/jobriver/api/v1/jobs", JOB, **key))
            elif what == 1:
                path = f"/worlds/{self.world}/clock"
                seen.append(self.admin("PATCH", path, {"advance": "13s"})["now"])
            else:
                seen.append(self.send("GET", "/jobriver/api/v1/jobs", None, **key))
        return seen

    def journal(self) -> list[Any]:
        entries = self.admin("GET", f"/worlds/{self.world}/journal")
        return [
            (entry["id"], entry["operation"], entry["refusal"], entry["at"])
            for entry in entries
        ]


@pytest.fixture
def server(programs: dict[str, Program]) -> Any:
    settings = Settings(port=0, log_format="none")
    with running(Dispatcher(programs, settings=settings), settings) as up:
        yield up


def test_threads_do_not_disturb_each_other(server: Running) -> None:
    """Four journeys, each in four worlds, by sixteen threads at once."""

    def travel(number: int) -> tuple[int, list[Any], list[Any]]:
        with closing(Client(server, f"world-{number}")) as client:
            return number % 4, client.journey(), client.journal()

    with ThreadPoolExecutor(THREADS) as threads:
        told = list(threads.map(travel, range(THREADS)))

    for which in range(4):
        same = [(seen, journal) for number, seen, journal in told if number == which]
        assert len(same) == 4
        assert all(one == same[0] for one in same)
    refusals = {row[2] for _, _, journal in told for row in journal}
    assert refusals == {None, "credential_unknown", "locked_out"}


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_snapshot_goes_back_whatever_its_size(
    programs: dict[str, Program], parser: str
) -> None:
    """Also above the size that a provider's body may have, eight times over."""
    settings = Settings(port=0, log_format="none", http=parser, max_body=65_536)
    board = Dispatcher(programs, settings=settings)
    board.world.clock.freeze()
    jobs = board.world.collections(programs["jobriver"])["jobs"]
    first = next(iter(jobs))
    for key in range(90_000, 90_010):
        jobs.put({**first, "id": key, "description": "x" * 900_000})
    path = "/_emulator/worlds/default/snapshot"
    with running(board, settings) as server:
        opened = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        with closing(opened) as connection:
            connection.request("GET", path)
            got = connection.getresponse()
            media, kept = got.headers["Content-Type"], got.read()
            assert len(kept) > 9_000_000
            board.world.reset()
            connection.request("PUT", path, kept, {"Content-Type": media})
            reply = connection.getresponse()
            assert (reply.status, json.loads(reply.read())["id"]) == (200, "default")
            connection.request("GET", path)
            assert connection.getresponse().read() == kept

            connection.request(
                "PUT", path, b"x" * (LARGEST + 1), {"Content-Type": media}
            )
            reply = connection.getresponse()
            assert reply.status == 413
            assert json.loads(reply.read())["title"] == "too large"


def test_no_operation_takes_more_than_a_connection_lets_through(
    programs: dict[str, Program],
) -> None:
    rows = Admin(Dispatcher(programs)).operations

    assert max(row.body.most for row in rows if row.body) == LARGEST
