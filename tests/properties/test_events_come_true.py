"""What is pending in a world comes true at its time, and not before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from front_door import START
from tiny import program

from emulator.admin.admin import Admin
from emulator.admin.request import AdminRequest
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.events import Event, pending
from emulator.exchange.call import Call
from emulator.exchange.entry import Entry
from emulator.program.program import Program
from emulator.times import iso, micros
from emulator.world.outbox import Outcome
from emulator.world.world import Beginning

Json = Any
AT = START + 7
"""Between two seconds at which windows that lie on the clock begin."""
SEARCH = {"search_query_json": {"query_string": {"query": "*"}}}
PROBES: Mapping[str, tuple[str, str, Json]] = {
    "jobriver": ("GET", "/jobs", None),
    "jobspace": ("GET", "/api/job", None),
    "jobsphere": ("GET", "/jobs", None),
    "jobspikr": ("POST", "/data", SEARCH),
    "recruitsome": ("GET", "/vacancies", None),
}


class Called:
    """One provider in the default world, called by its credentials' names."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.board = Dispatcher({program.name: program}, Beginning(micros(AT), True))
        self.world = self.board.world
        self.credentials = {
            credential["name"]: credential
            for credential in self.board.worlds.credentials(self.world, program.name)
        }

    def call(
        self, key: str = "full", probe: tuple[str, str, Json] | None = None
    ) -> Entry:
        """Call with a credential, and give what was written down."""
        method, target, body = probe or PROBES[self.program.name]
        path, _, query = target.partition("?")
        sent = {"content-type": "application/json"}
        sent |= self.credentials[key]["headers"] if key else {}
        self.board.answer(
            Call(
                method=method,
                path=f"/{self.program.name}{self.program.base_path}{path}",
                query=query.encode(),
                body=b"" if body is None else orjson.dumps(body),
                raw_headers=[(n.lower().encode(), v.encode()) for n, v in sent.items()],
            )
        )
        return self.world.journal.last(1)[0]

    def events(self, kind: str) -> list[Event]:
        found = pending(self.world, self.board.programs)
        assert found == sorted(found)
        return [one for one in found if one.kind == kind]

    def around(self, event: Event) -> Iterator[str]:
        """Just before *event*, and at its time, from here each time."""
        kept = self.board.worlds.snapshot(self.world)
        for when, at in (("before", event.at - 1), ("then", event.at)):
            self.board.worlds.restore(self.world, kept)
            self.world.clock.set(at)
            yield when

    def ask(self, method: str, path: str, sent: Json) -> int:
        request = AdminRequest(
            method=method,
            path=f"/_emulator/worlds/default{path}",
            headers={"content-type": "application/json"},
            body=orjson.dumps(sent),
        )
        return Admin(self.board).answer(request).status


@pytest.fixture(params=sorted(PROBES))
def called(request: pytest.FixtureRequest, programs: dict[str, Program]) -> Called:
    return Called(programs[request.param])


def test_every_bundled_provider_is_asked(programs: dict[str, Program]) -> None:
    assert PROBES.keys() == programs.keys()


def test_a_quota_is_whole_again_when_its_window_ends(called: Called) -> None:
    """Every fixed window of the provider, and none before its time."""
    left = {one.name: reading.remaining for one, reading in _readings(called.call())}
    for _ in range(2):
        called.call()
    windows = called.events("window_reset")
    assert {window.what.split()[0] for window in windows} == left.keys()

    for event in windows:
        name = event.what.split()[0]
        found = {}
        for when in called.around(event):
            entry = called.call()
            found[when] = next(
                reading.remaining
                for one, reading in _readings(entry)
                if one.name == name
            )
        assert found["then"] == left[name]
        assert found["before"] < left[name]


def test_a_credential_is_over_when_it_expires(called: Called) -> None:
    """It is refused from then on, and not for that before."""
    expiries = called.events("expiry")
    assert bool(expiries) == any(
        scheme.expires for scheme in called.program.schemes.values()
    )

    for event in expiries:
        found = {
            when: called.call(event.what.split()[1]).refusal
            for when in called.around(event)
        }
        assert found["before"] != "credential_expired"
        # One that is revoked is refused as such, however old it is.
        assert found["then"] == found["before"] or found["then"] == "credential_expired"


def test_a_token_that_was_given_out_expires(programs: dict[str, Program]) -> None:
    jobspace = Called(programs["jobspace"])
    before = jobspace.events("expiry")
    known = jobspace.credentials["full"]
    names = ("client_id", "client_secret", "username", "password")
    form = {"grant_type": "password", **{name: known[name] for name in names}}
    entry = jobspace.call("", ("POST", "/oauth/token", form))
    token = orjson.loads(entry.reply_body)["access_token"]
    jobspace.credentials["given"] = {"headers": {"Authorization": f"Bearer {token}"}}

    [event] = [one for one in jobspace.events("expiry") if one not in before]

    found = [jobspace.call("given").refusal for _ in jobspace.around(event)]
    assert found == [None, "credential_expired"]


@pytest.mark.parametrize(
    ("name", "probe", "good"),
    [("jobriver", None, "full"), ("doors", ("GET", "/header", None), "ada")],
)
def test_a_caller_gets_in_when_the_lock_ends(
    programs: dict[str, Program], name: str, probe: Any, good: str
) -> None:
    called = Called({**programs, "doors": program("doors")}[name])
    policy = called.program.lockout
    assert policy is not None
    called.credentials["bad"] = {"headers": {"X-API-Key": "nobody", "X-Key": "nobody"}}
    for _ in range(policy.after):
        called.call("bad", probe)

    [event] = called.events("lock_end")

    found = [called.call(good, probe).refusal for _ in called.around(event)]
    assert found == ["locked_out", None]


def test_a_fault_strikes_from_its_start_to_its_end(called: Called) -> None:
    rule = {"provider": called.program.name, "fault": "delay=1s"}
    assert (
        called.ask("POST", "/faults", {**rule, "after": "30s", "until": "90s"}) == 201
    )

    [start], [end] = called.events("fault_start"), called.events("fault_end")

    assert (start.at, end.at) == (micros(AT + 30), micros(AT + 90))
    for event, expected in ((start, [0, 1]), (end, [1, 0])):
        assert [len(called.call().faults) for _ in called.around(event)] == expected


def test_a_record_completes_when_it_is_said_to(programs: dict[str, Program]) -> None:
    """It is shown from then on."""
    recruits = Called(programs["recruitsome"])
    collection = recruits.world.collections(recruits.program)["candidates"]
    assert recruits.events("completion") == []
    first = next(one for one in collection if 5 in one["user_ids"])
    ready = {**first, "id": 99_999, "created_at": iso(micros(AT + 5))}
    collection.put(ready)

    [event] = recruits.events("completion")

    assert event == Event(
        micros(AT + 5), "completion", "recruitsome", "candidates 99999"
    )
    shown = []
    for _ in recruits.around(event):
        listed = recruits.call("full", ("GET", "/candidates?user_id=5", None))
        shown.append(b'"id":99999,' in listed.reply_body)
    assert shown == [False, True]


@pytest.mark.parametrize("name", ["jobsphere", "hooks"])
def test_a_webhook_is_tried_when_it_is_due(
    programs: dict[str, Program], name: str
) -> None:
    """At once, and after each failure when its delay is over."""
    called = Called({**programs, "hooks": program("hooks")}[name])
    target = {"url": "http://127.0.0.1:9/told"}
    assert called.ask("POST", f"/webhooks/{name}", target) == 201
    job = {"title": "A job for somebody", "company": "Somebody", "location": "Remote"}
    job["description"] = "Build the pages that people look for work on."
    if name == "hooks":
        called.call("", ("POST", "/parcels", {"to": "Ann"}))
    else:
        called.call("full", ("POST", "/jobs", job))
    world, webhooks = called.world, called.program.webhooks
    assert webhooks is not None
    assert [one.at for one in called.events("webhook")] == [micros(AT)]

    for delay in webhooks.delays:
        [delivery] = world.outbox.due(world.clock.now())
        world.outbox.settle(delivery, Outcome(500, "refused"), world.clock.now())
        [event] = called.events("webhook")
        assert event.at == world.clock.now() + delay
        assert world.outbox.due(event.at - 1) == []
        world.clock.set(event.at)

    [delivery] = world.outbox.due(world.clock.now())
    world.outbox.settle(delivery, Outcome(500, "refused"), world.clock.now())
    assert called.events("webhook") == []


def _readings(entry: Entry) -> list[tuple[Any, Any]]:
    """How each limit stood after a call."""
    assert entry.refusal is None
    return [*(entry.readings or ())]
