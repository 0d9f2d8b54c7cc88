"""A day of Jobriver's traffic, held against a second account of the rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson
from jobriver_replies import JOB, START
from replies import another

from emulator.exchange.call import Call, Reply
from emulator.times import micros

if TYPE_CHECKING:
    from tests.conftest import Api

MIDNIGHT = START - 11 * 3_600
"""Where the provider is: in Berlin, an hour before midnight in UTC."""
NAMES = ("full", "read_only", "tiny", "extended", "at_job_limit", "wrong", "")
OFFICE, ATTACKER = "198.51.100.1", "203.0.113.66"


@dataclass(frozen=True)
class Arrival:
    """One call of the day: when it comes, from where, with which key, and what it asks."""

    at: float
    client: str
    key: str
    method: str = "GET"
    path: str = "/status"
    body: bytes = b""


def day() -> Iterator[Arrival]:
    """Some 5 000 calls: a steady client, bursts on the hour, and an attacker."""
    draft = orjson.dumps({**JOB, "is_active": False})
    calls: list[Arrival] = []
    for number in range(3_000):
        at = MIDNIGHT + number * 28.8
        key = NAMES[number % 3]
        if number % 100 == 0:
            calls.append(Arrival(at, OFFICE, "full", "POST", "/jobs", draft))
        elif number % 50 == 0:
            calls.append(Arrival(at, OFFICE, "full", "PATCH", "/jobs/123", b"{}"))
        elif number % 10 == 0:
            calls.append(Arrival(at, OFFICE, key, path="/jobs?per_page=5"))
        else:
            calls.append(Arrival(at, OFFICE, key))
    for hour in range(24):
        at = MIDNIGHT + hour * 3_600 + 7 * 60
        calls += (Arrival(at + n * 0.7, OFFICE, "full") for n in range(70))
        knocks = MIDNIGHT + hour * 3_600 + 30 * 60
        calls += (Arrival(knocks + n * 20, ATTACKER, "wrong") for n in range(7))
        # After four failures comes a success, so the next hour starts from none.
        calls += (
            Arrival(knocks + 600 + n, ATTACKER, "tiny" if n == 4 else "wrong")
            for n in range(5)
        )
    return iter(sorted(calls, key=lambda one: one.at))


@dataclass
class Rules:
    """What the documentation says of keys, locks and quotas, as plain as can be."""

    quotas: dict[str, int]
    failures: Counter[str] = field(default_factory=Counter)
    locked_until: dict[str, float] = field(default_factory=dict)
    calls: Counter[tuple[str, int]] = field(default_factory=Counter)
    identified: Counter[str] = field(default_factory=Counter)

    def expect(self, call: Arrival) -> str:
        """The code that the call gets, or `ok`."""
        if self.locked_until.get(call.client, 0) > call.at:
            return "API_KEY_BLOCKED"
        if call.key not in self.quotas:
            self.failures[call.client] += 1
            if self.failures[call.client] == 5:
                self.locked_until[call.client] = call.at + 60
                self.failures[call.client] = 0
            return "INVALID_API_KEY"
        self.failures[call.client] = 0
        self.identified[call.key] += 1
        minute = (call.key, int(call.at // 60))
        if self.calls[minute] == self.quotas[call.key]:
            return "RATE_LIMIT_EXCEEDED"
        self.calls[minute] += 1
        return "ok"

    def left(self, call: Arrival) -> str:
        return str(self.quotas[call.key] - self.calls[call.key, int(call.at // 60)])


def answered(api: Api, call: Arrival) -> Reply:
    """The reply of the core, without a server in between."""
    found = api.credentials.get(call.key)
    key = found["value"] if found else "jrv_wrong"
    headers = [(b"x-api-key", key.encode()), (b"content-type", b"application/json")]
    path, _, query = call.path.partition("?")
    api.clock.set(micros(call.at))
    return api.board.answer(
        Call(
            method=call.method,
            path=api.root + path,
            query=query.encode(),
            raw_headers=headers,
            body=call.body,
            client=call.client,
        )
    )


def code(reply: Reply) -> str:
    body: dict[str, Any] = orjson.loads(reply.body)
    return "ok" if body["success"] else str(body["error"]["code"])


def test_a_day_of_traffic_keeps_every_limit(jobriver: Api) -> None:
    """[primary] §2, §3, §4.1: locks, quotas and usage agree with the rules at every call."""
    rules = Rules({"full": 60, "read_only": 60, "tiny": 3})
    codes: dict[str, Counter[str]] = defaultdict(Counter)

    for number, call in zip(count(1), day(), strict=False):
        expected = rules.expect(call)
        reply = answered(jobriver, call)
        headers = dict(reply.headers)
        codes[call.client][expected] += 1
        assert code(reply) == expected, (number, call)
        if expected in ("ok", "RATE_LIMIT_EXCEEDED"):
            assert headers["X-RateLimit-Remaining"] == rules.left(call)
        assert ("Retry-After" in headers) == (expected == "RATE_LIMIT_EXCEEDED")

    assert sum(codes[OFFICE].values()) + sum(codes[ATTACKER].values()) == 4_968
    assert codes == {
        OFFICE: {"ok": 4_424, "RATE_LIMIT_EXCEEDED": 256},
        ATTACKER: {"INVALID_API_KEY": 216, "API_KEY_BLOCKED": 48, "ok": 24},
    }
    records = jobriver.world.collections(jobriver.program)["api_keys"]
    for id, name, before in (
        (1, "full", 4_523),
        (2, "read_only", 18_344),
        (12, "tiny", 0),
    ):
        record = records.get(id)
        assert record is not None
        assert record["requests_total"] == before + rules.identified[name]
        assert record["requests_today"] == rules.identified[name]


def test_the_same_day_is_answered_with_the_same_bytes(
    jobriver: Api,
) -> None:
    """Same spec, same seed, same calls: same bytes, request ids included."""
    hour = [call for call in day() if call.at < MIDNIGHT + 3_600]
    worlds = another(jobriver), another(jobriver)

    first, second = ([answered(api, call) for call in hour] for api in worlds)

    assert first == second
