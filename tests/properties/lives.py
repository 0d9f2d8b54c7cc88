"""Lives: what worlds are put through, on a server that many share or on a private one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from front_door import JOB, START

from emulator.admin.admin import Admin
from emulator.admin.journal.entry import shown
from emulator.admin.request import AdminRequest
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.events import pending
from emulator.exchange.call import Call
from emulator.program.program import Program
from emulator.times import micros
from emulator.world.outbox import Outcome
from emulator.world.world import Beginning, World

Json = Any
Step = tuple[Any, ...]
BEGINNING = Beginning(micros(START), True)
_MASKED = re.compile("\\w+…\\(#\\w+\\)".encode())
"""How a journal shows a secret: by some of its letters."""
FOREIGN = "foreign"
"""A world that is always there, whose credentials others are called with."""
CALLS: Mapping[str, Sequence[tuple[str, str, Json]]] = {
    "jobriver": [
        ("GET", "/jobs?per_page=2", None),
        ("POST", "/jobs", JOB),
        ("PATCH", "/jobs/123", {"title": "Somebody changed this one"}),
        ("DELETE", "/jobs/123", None),
        ("DELETE", "/jobs/251", None),
    ],
    "jobspace": [("GET", "/api/job", None), ("GET", "/api/job/type", None)],
    "jobsphere": [
        ("GET", "/jobs?per_page=2", None),
        (
            "POST",
            "/jobs",
            {
                "title": "Senior Frontend Engineer",
                "company": "JobSphere Inc.",
                "location": "Remote",
                "description": "Build the pages that people look for work on.",
            },
        ),
    ],
    "doors": [("GET", "/header", None), ("GET", "/any", None)],
    "meters": [("GET", "/sliding", None), ("GET", "/bucket", None)],
    "hooks": [("POST", "/parcels", {"to": "Ann", "express": True})],
    "shelf": [
        ("POST", "/notes", {"text": "x"}),
        ("DELETE", "/authors/1", None),
        ("POST", "/sales", {"books": [1, 2, 3]}),
    ],
}
NAMES: Mapping[str, Sequence[str]] = {
    "jobriver": ("full", "read_only", "expiring", "unknown"),
    "jobspace": ("full", "expired", "basic", "unknown"),
    "jobsphere": ("full", "read_only", "unknown"),
    "doors": ("ada", "cy", "unknown"),
    "meters": ("free", "unknown"),
    "hooks": (),
    "shelf": ("ada", "bob", "unknown"),
}


class Server:
    """A dispatcher, asked as its clients and its testers ask it."""

    def __init__(
        self, programs: Mapping[str, Program], default: Beginning = BEGINNING
    ) -> None:
        self.programs = programs
        self.board = Dispatcher(programs, default)
        self.worlds = self.board.worlds
        self.admin = Admin(self.board)
        self._known: dict[str, dict[str, dict[str, Json]]] = {}

    def begin(self, id: str, beginning: Beginning) -> World:
        """The world of that id, which has just begun."""
        if id == "default":
            self.worlds.arrange(self.worlds.default)
            return self.worlds.default
        at, frozen, scenarios = beginning
        world = self.worlds.create(id, at=at, frozen=frozen, scenarios=scenarios)
        self.credentials(id)
        return world

    def credentials(self, id: str) -> dict[str, dict[str, Json]]:
        """What is known of a world's credentials since it was made."""
        if id not in self._known:
            self._known[id] = {
                provider: {
                    credential["name"]: credential
                    for credential in self.worlds.credentials(self.worlds[id], provider)
                }
                for provider in self.programs
            }
        return self._known[id]

    def forget(self, id: str) -> None:
        self._known.pop(id, None)

    def do(self, id: str, step: Step, tokens: list[dict[str, str]]) -> Json:
        """Do *step* to a world, and give what came of it; *tokens* are those it has."""
        kind, *rest = step
        return getattr(self, f"_{kind}")(id, tokens, *rest)

    def _call(
        self,
        id: str,
        tokens: list[dict[str, str]],
        provider: str,
        number: int,
        who: Json,
        how: str,
    ) -> Json:
        method, target, body = CALLS[provider][number]
        headers = {"content-type": "application/json"}
        if isinstance(who, int):
            headers["authorization"] = f"Bearer {tokens[who]['access_token']}"
        elif isinstance(who, dict):
            headers.update(who)
        elif who:
            headers.update(self.credentials(id)[provider][who]["headers"])
        sent = b"" if body is None else orjson.dumps(body)
        return self._send(id, provider, method, target, headers, sent, how)

    def _token(
        self, id: str, tokens: list[dict[str, str]], refreshed: int | None, how: str
    ) -> Json:
        """Have a token given out, for a password or for another one."""
        known = self.credentials(id)["jobspace"]["full"]
        names = ["client_id", "client_secret", "username", "password"]
        form = {"grant_type": "password", **{name: known[name] for name in names}}
        if refreshed is not None:
            form = {name: form[name] for name in names[:2]}
            form["grant_type"] = "refresh_token"
            form["refresh_token"] = tokens[refreshed]["refresh_token"]
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        reply = self._send(id, "jobspace", "POST", "/oauth/token", headers, body, how)
        if reply[0] == 200:
            tokens.append(orjson.loads(reply[2]))
        return reply

    def _send(
        self,
        id: str,
        provider: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        how: str,
    ) -> Json:
        path, _, query = target.partition("?")
        prefix = f"/@{id}" if how == "prefix" else ""
        named = {"x-emulator-world": id} if how == "header" else {}
        reply = self.board.answer(
            Call(
                method=method,
                path=f"{prefix}/{provider}{self.programs[provider].base_path}{path}",
                query=query.encode(),
                body=body,
                base_url="http://emulator.test",
                raw_headers=[
                    (name.lower().encode(), value.encode())
                    for name, value in {**headers, **named}.items()
                ],
            )
        )
        faults = [fault.text for fault in reply.faults]
        return reply.status, reply.headers, reply.body, faults

    def _admin(
        self,
        id: str,
        tokens: list[dict[str, str]],
        method: str,
        path: str,
        sent: Json,
    ) -> Json:
        reply = self.ask(method, f"/worlds/{id}{path}", sent)
        if path == "/clock":
            return reply[0]  # a clock shows real time as well
        return reply

    def ask(self, method: str, path: str, sent: Json = None) -> tuple[int, bytes]:
        """Ask the admin API."""
        is_bytes = isinstance(sent, bytes)
        snapshot = "application/vnd.emulator.snapshot+json"
        reply = self.admin.answer(
            AdminRequest(
                method=method,
                path=f"/_emulator{path}",
                headers={"content-type": snapshot if is_bytes else "application/json"},
                body=sent if is_bytes else b"" if sent is None else orjson.dumps(sent),
                base_url="http://emulator.test",
            )
        )
        return reply.status, reply.body

    def _forked(self, id: str, tokens: list[dict[str, str]]) -> None:
        """What is on its way has arrived: a fork leaves it behind."""
        world = self.worlds[id]
        for one in world.outbox.pending():
            world.outbox.settle(one, Outcome(200), world.clock.now())

    def journal(self, id: str) -> list[bytes]:
        """What a world has written down, but for real time and running numbers."""
        return [
            _MASKED.sub(
                b"***",
                orjson.dumps(
                    {**shown(one, self.programs[one.provider]), "real": "", "id": 0}
                ),
            )
            for one in self.worlds[id].journal
        ]

    def state(self, id: str, tokens: list[dict[str, str]]) -> Json:
        """A world's snapshot and its pending events, with tokens by their numbers."""
        world = self.worlds[id]
        kept = orjson.loads(named(self.worlds.snapshot(world), tokens))["state"]
        # What no other world may draw again is not what another one has drawn.
        del kept["secrets"]
        for one in (
            kept["providers"].get("jobspace", {}).get("tokens", {}).get("added", ())
        ):
            one["username"] = None  # as the client of the world it is from has sent it
        kept["providers"] = {
            provider: {
                name: {
                    **changes,
                    "replaced": sorted(changes["replaced"], key=str),
                    "deleted": sorted(changes["deleted"], key=str),
                }
                for name, changes in collections.items()
            }
            for provider, collections in kept["providers"].items()
            if collections
        }
        return kept, pending(world, self.programs)


def named(text: bytes, tokens: Sequence[Mapping[str, str]]) -> bytes:
    """*text* with the number of each token in the place of its secret."""
    for number, one in enumerate(tokens):
        for kind in ("access_token", "refresh_token"):
            text = text.replace(one[kind].encode(), f"{kind} {number}".encode())
    return text


def plain(result: Json, tokens: Sequence[Mapping[str, str]]) -> bytes:
    """What came of a step as bytes that two servers share."""
    if isinstance(result, tuple):
        result = [one.decode() if isinstance(one, bytes) else one for one in result]
    return named(orjson.dumps(result), tokens)


@dataclass(kw_only=True)
class Life:
    """What a world has been through since it began, and its twin on a private server."""

    id: str
    again: Beginning
    """How it begins when it is reset."""
    begun: Beginning
    """How what has become of it began."""
    steps: list[Step] = field(default_factory=list)
    tokens: list[dict[str, str]] = field(default_factory=list)
    """Those that were given out, as the shared server gave them."""
    own: set[int] = field(default_factory=set)
    """The numbers of those that this very world gave out."""
    written: list[bytes] = field(default_factory=list)
    """The journal up to where the private server took over."""

    def start(self, programs: Mapping[str, Program], journal: list[bytes]) -> None:
        """Put a new private server through all of it; *journal* is what is left of it."""
        default = self.begun if self.id == "default" else BEGINNING
        self.private = Server(programs, default)
        self.private.begin(self.id, self.begun)
        self.theirs: list[dict[str, str]] = []
        for step in self.steps:
            self.private.do(self.id, step, self.theirs)
        self.written = journal
        self.skip = len(self.private.journal(self.id))

    def step(self, step: Step) -> Json:
        """The next one; what came of it on the private server."""
        self.steps.append(step)
        return self.private.do(self.id, step, self.theirs)

    def journal(self) -> list[bytes]:
        return [*self.written, *self.private.journal(self.id)[self.skip :]]
