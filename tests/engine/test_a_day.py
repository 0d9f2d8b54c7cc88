"""Time of a world moves everything in it, and moves it as real time would."""

from __future__ import annotations

import time
from typing import Any

import orjson
from front_door import START
from many import Server
from tiny import Tiny

from emulator.admin.admin import Admin
from emulator.admin.request import AdminRequest
from emulator.exchange.call import Call
from emulator.program.program import Program
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.outbox import Outcome
from emulator.world.world import World

HOUR = 3_600
FAILS_FIRST = 2
"""So many attempts of a delivery fail before one succeeds."""


POST = {
    "title": "Senior Frontend Engineer",
    "company": "Acme",
    "location": "Berlin, Germany",
    "description": "You build what people see, and see to it that it stays quick.",
}


class Day:
    """A world whose clock is moved by the admin API, and that answers in between."""

    def __init__(self, programs: dict[str, Program]) -> None:
        self.server = Server(programs)
        self.world = self.server.create("day")
        self.admin = Admin(self.server.board)
        self.keys = {
            (provider, credential["name"]): credential
            for provider in programs
            for credential in self.server.worlds.credentials(self.world, provider)
        }
        self.delivered: list[tuple[int, str]] = []
        """When each attempt of a webhook was made, and its outcome."""

    def advance(self, seconds: float) -> None:
        """Move on; whatever falls due is tried when it is due, and fails at first."""
        body = orjson.dumps({"advance": seconds})
        work = self.admin.work(
            AdminRequest(
                method="PATCH",
                path="/_emulator/worlds/day/clock",
                headers={"content-type": "application/json"},
                body=body,
            )
        )
        for world in work:
            now = world.clock.now()
            for one in world.outbox.due(now):
                error = "no answer" if one.tries < FAILS_FIRST else ""
                world.outbox.settle(one, Outcome(None if error else 200, error), now)
                self.delivered.append((now - micros(START), one.state))

    def call(self, provider: str, path: str, name: str = "full", **rest: Any) -> int:
        return self.server.call(
            provider, path, self.keys[provider, name], **rest
        ).status

    def token(self) -> dict[str, str]:
        full = self.keys["jobspace", "full"]
        names = ("client_id", "client_secret", "username", "password")
        path = self.server.programs["jobspace"].operations["createToken"].path
        reply = self.server.call(
            "jobspace",
            path,
            method="POST",
            form={**{name: full[name] for name in names}, "grant_type": "password"},
        )
        token = orjson.loads(reply.body)["access_token"]
        return {"headers": {"Authorization": f"Bearer {token}"}}  # type: ignore[dict-item]


def test_a_day_passes_without_waiting(programs: dict[str, Program]) -> None:
    """Limits, lockouts, a token of 24 hours and retries of a webhook, in their order."""
    day = Day(programs)
    server, world = day.server, day.world
    world.outbox.subscribe("jobsphere", "http://127.0.0.1:9/hook", "s3cret")
    token = day.token()
    listing = server.programs["jobspace"].operations["listJobs"].path

    for hour in range(24):
        statuses = [day.call("jobriver", "/jobs") for _ in range(61)]
        assert statuses == [200] * 60 + [429]
        fails = [day.call("jobriver", "/jobs", "unknown") for _ in range(6)]
        assert fails == [403] * 6
        assert world.journal.last(1)[0].refusal == "locked_out"
        if hour == 0:
            posted = server.call(
                "jobsphere",
                "/jobs",
                day.keys["jobsphere", "full"],
                method="POST",
                json=POST,
            )
            assert posted.status == 201
        assert server.call("jobspace", listing, token).status == 200
        day.advance(59.0)
        assert day.call("jobriver", "/status") == 403  # locked for a minute
        day.advance(1.0)
        assert day.call("jobriver", "/status") == 200  # and the quota is whole again
        day.advance(HOUR - 60.0)

    assert server.call("jobspace", listing, token).status == 401
    assert world.journal.last(1)[0].refusal == "credential_expired"
    webhooks = server.programs["jobsphere"].webhooks
    assert webhooks is not None
    first, second = webhooks.delays[:2]
    due = [0, first, first + second]
    states = ["pending", "pending", "delivered"]
    assert day.delivered == [*zip(due, states, strict=True)]


def test_real_time_gives_what_moved_time_gives() -> None:
    """The same calls at the same times of a world: one clock runs, the other is set."""
    quick = {
        "rate_limits.0.window": "100ms",
        "rate_limits.1.window": "70ms",
        "rate_limits.2.window": "90ms",
        "rate_limits.3.window": "6s",
    }
    short = {"authentication.lockout.for": "80ms"}
    running = [
        Tiny("meters", quick, world=World(clock=Clock())),
        Tiny("doors", short, world=World(clock=Clock())),
    ]
    traffic = [
        (meters, path, key)
        for _ in range(40)
        for meters, path, key in (
            (0, "/clock", ""),
            (0, "/first", ""),
            (0, "/sliding", ""),
            (0, "/bucket", ""),
            (1, "/header", "k-nobody"),
            (1, "/header", ""),
        )
    ]
    real = []
    for which, path, key in traffic:
        api = running[which]
        real.append(_seen(api, path, key))
        # A journey of half a second: the pause is what real time is made of.
        time.sleep(0.002)
    times = [[entry.at for entry in api.world.journal] for api in running]
    assert times[0][-1] - times[0][0] > 0.4

    moved = [
        Tiny("meters", quick, world=World(clock=Clock(times[0][0], frozen=True))),
        Tiny("doors", short, world=World(clock=Clock(times[1][0], frozen=True))),
    ]
    at = [iter(one) for one in times]
    again = []
    for which, path, key in traffic:
        moved[which].clock.set(next(at[which]))
        again.append(_seen(moved[which], path, key))
    assert again == real
    assert {status for status, _, _ in real} >= {200, 401, 423, 429, 503}


def _seen(api: Tiny, path: str, key: str) -> tuple[int, Any, bytes]:
    sent = [(b"x-key", key.encode())] if key else []
    name = api.program.name
    reply = api.board.answer(
        Call(method="GET", path=f"/{name}{path}", raw_headers=sent)
    )
    return reply.status, reply.headers, reply.body
