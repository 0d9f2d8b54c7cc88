"""Tiny: the invented providers of `tests/specs`, each for one theme, as clients see them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from front_door import client_of, served
from starlette.testclient import TestClient

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Location, Report
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.spec.files import read_document
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

SPECS = Path(__file__).parent / "specs"
START = 1_772_445_600.0
"""2026-03-02T10:00:00Z, when the clock of every tiny provider's world stands still."""


def program(name: str, changes: Mapping[str, Any] | None = None) -> Program:
    """The program of `tests/specs/<name>`, with parts of its behavior replaced.

    *changes* are dotted paths of `behavior.yaml` and what stands there instead; null
    takes the part away: `{"authentication.lockout.per": "ip"}`.
    """
    return _program(name, json.dumps(changes or {}))


@cache
def _program(name: str, changes: str) -> Program:
    spec = SPECS / name
    if changes == "{}":
        return load(Place(spec, spec / "fixtures"))
    behavior = read_document("behavior.yaml", spec, Report(), Location(name))
    assert behavior is not None
    data = json.loads(json.dumps(behavior.data))
    for path, part in json.loads(changes).items():
        *parents, last = path.split(".")
        place = data
        for parent in parents:
            place = place[int(parent)] if isinstance(place, list) else place[parent]
        if part is None:
            del place[last]
        else:
            place[last] = part
    with TemporaryDirectory() as folder:
        changed = Path(shutil.copytree(spec, Path(folder) / name))
        (changed / "behavior.yaml").write_text(json.dumps(data), encoding="utf-8")
        return load(Place(changed, changed / "fixtures"))


class Tiny:
    """One tiny provider in a world of its own, reached by the front door."""

    def __init__(
        self,
        name: str,
        changes: Mapping[str, Any] | None = None,
        *,
        ip: str = "192.0.2.1",
        world: World | None = None,
        **settings: Any,
    ) -> None:
        self.program = program(name, changes)
        self.world = world or World(clock=Clock(micros(START), frozen=True))
        self.clock = self.world.clock
        self.settings = Settings(**{"log_format": "none", **settings})
        self.board = Dispatcher({name: self.program}, self.world, self.settings)
        self._app = served(self.board)
        self._root = f"/{name}{self.program.base_path}"
        self._client = self._from(ip)

    def call(self, method: str, path: str, *, ip: str = "", **rest: Any) -> Any:
        """Send one request, as from *ip*, and give the answer."""
        client = self._from(ip) if ip else self._client
        return client.request(method, self._root + path, **rest)

    def get(self, path: str, **rest: Any) -> Any:
        return self.call("GET", path, **rest)

    def post(self, path: str, **rest: Any) -> Any:
        return self.call("POST", path, **rest)

    def status(self, path: str, **rest: Any) -> int:
        """The status that a GET of *path* is answered with."""
        answered: int = self.get(path, **rest).status_code
        return answered

    def json(self, path: str, **rest: Any) -> Any:
        """The JSON that a GET of *path* is answered with."""
        return self.get(path, **rest).json()

    def answer(self, path: str, *, method: str = "GET", **rest: Any) -> tuple[int, Any]:
        """Status and JSON of an answer; None for a body that is empty."""
        reply = self.call(method, path, **rest)
        return reply.status_code, reply.json() if reply.content else None

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, Any]:
        """The same without a server between, many times as fast."""
        path, _, query = path.partition("?")
        reply = self.board.answer(
            Call(
                method=method,
                path=self._root + path,
                query=query.encode(),
                raw_headers=[
                    (name.replace("_", "-").encode(), value.encode())
                    for name, value in headers.items()
                ],
                base_url="http://testserver",
            )
        )
        return reply.status, json.loads(reply.body) if reply.body else None

    def _from(self, ip: str) -> TestClient:
        return client_of(self._app, client=(ip, 50_000), follow_redirects=False)
