"""An exchange as it is shown: what came, what went, and each decision with its reason."""

from __future__ import annotations

from typing import Any

from front_door import JOB, Api
from tiny import Tiny

from emulator.admin.journal.entry import shown
from emulator.pipeline import DECIDE

STEPS = {step.name: step for step in DECIDE}

HEADERS = [
    ["host", "testserver"],
    ["accept", "*/*"],
    ["accept-encoding", "gzip, deflate"],
    ["connection", "keep-alive"],
    ["user-agent", "testclient"],
]


def latest(api: Tiny | Api) -> dict[str, Any]:
    """The last entry as it is shown."""
    (entry,) = api.world.journal.last(1)
    return shown(entry, api.program)


def decisions(told: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["decision"] for step in told["steps"]}


def facts(told: dict[str, Any], step: str) -> dict[str, Any]:
    """What *step* knew."""
    found: dict[str, Any] = next(
        one["facts"] for one in told["steps"] if one["step"] == step
    )
    return found


def test_a_refused_call_is_told_up_to_the_step_that_refused_it() -> None:
    """A whole entry: who was claimed, why that was not believed, what it led to."""
    doors = Tiny("doors")
    doors.get("/header?x=1&x=2", headers={"X-Key": "k-nobody-has-this"})
    told = latest(doors)
    real = told.pop("real")

    assert real.endswith("Z")
    assert told == {
        "id": 1,
        "world": "default",
        "at": "2026-03-02T10:00:00Z",
        "provider": "doors",
        "operation": "header",
        "credential": "k-no…(#3c52)",
        "request": {
            "method": "GET",
            "path": "/header",
            "query": {"x": ["1", "2"]},
            "url": "http://testserver/doors/header?x=1&x=2",
            "headers": [*HEADERS, ["x-key", "k-no…(#3c52)"]],
            "body": None,
            "size": 0,
        },
        "reply": {
            "status": 401,
            "headers": [
                ["Date", "Mon, 02 Mar 2026 10:00:00 GMT"],
                ["Content-Type", "application/json"],
            ],
            "body": {"error": "unknown", "more": None},
        },
        "faults": [],
        "refused_by": "authenticate",
        "refusal": "credential_unknown",
        "stubbed": None,
        "steps": [
            {
                "step": "route",
                "decision": "this is header",
                "facts": {"operation": "header", "path": "/header"},
            },
            {"step": "transport", "decision": "let through", "facts": {}},
            {
                "step": "identify",
                "decision": "claims by Key to be k-no…(#3c52), which no credential has",
                "facts": {"credential": "k-no…(#3c52)", "schemes": ["Key"]},
            },
            {
                "step": "lockout",
                "decision": "not locked",
                "facts": {"failures": 0, "after": 3},
            },
            {
                "step": "authenticate",
                "decision": "refused with credential_unknown: there is no credential"
                " k-no…(#3c52); 1 of 3 failures",
                "facts": {"credential": "k-no…(#3c52)"},
            },
            {
                "step": "settle",
                "decision": "failure counted: 1 of 3 failures",
                "facts": {"failures": 1, "after": 3, "per": "ip"},
            },
        ],
    }


def test_an_answered_call_is_told_to_the_last_step(jobriver: Api) -> None:
    """Each step says what it let through, and by which numbers."""
    jobriver.get("/jobs?per_page=2&page=3")
    told = latest(jobriver)

    assert (told["credential"], told["refused_by"], told["refusal"]) == (
        "full",
        None,
        None,
    )
    assert decisions(told) == {
        "route": "this is listJobs",
        "transport": "let through",
        "identify": "claims by ApiKeyHeader to be the credential 'full'",
        "lockout": "not locked",
        "authenticate": "proven: the credential 'full'",
        "rate_limit": "minute: 60 of 60 left, then 59",
        "authorize": "has what is needed: read",
        "parameters": "read",
        "negotiate": "nothing to agree on",
        "body": "none is taken",
        "find": "no one record is asked for",
        "validate": "keeps the rules",
        "act": "41 records of jobs match",
        "paginate": "page 3 of 21: 2 of 41",
    }
    assert facts(told, "rate_limit") == {
        "limits": [
            {
                "name": "minute",
                "limit": 60,
                "before": 60,
                "remaining": 59,
                "reset": "2026-03-02T10:01:00Z",
            }
        ]
    }
    assert facts(told, "authorize") == {
        "needed": ["read"],
        "held": ["read", "create", "update", "delete"],
    }
    assert facts(told, "paginate") == {
        "number": 3,
        "size": 2,
        "offset": 4,
        "shown": 2,
        "total": 41,
        "has_more": True,
    }


def test_the_steps_stand_in_the_order_of_the_provider(jobriver: Api) -> None:
    """What was asked last stands last."""
    jobriver.get("/jobs")

    usual = [name for name in jobriver.program.order if not STEPS[name].rare]
    assert list(decisions(latest(jobriver))) == usual


def test_a_credential_that_is_over_says_since_when() -> None:
    """Three seconds too late is another matter than three months."""
    doors = Tiny("doors")
    doors.clock.advance(3_603)
    doors.get("/token", headers={"Authorization": "Bearer t-hal"})
    told = latest(doors)

    assert decisions(told)["authenticate"] == (
        "refused with credential_expired: the credential 'hal' expired 3 s ago"
    )
    assert facts(told, "authenticate") == {
        "credential": "hal",
        "expired": "2026-03-02T11:00:00Z",
        "ago": 3.0,
    }


def test_a_lock_says_for_how_long() -> None:
    """The credential of a call that is not asked to prove it is known by name."""
    doors = Tiny("doors")
    for _ in range(3):
        doors.get("/header", headers={"X-Key": "k-nobody-has-this"})
    locking = latest(doors)
    doors.clock.advance(18)
    doors.get("/header", headers={"X-Key": "k-ada"})
    told = latest(doors)

    assert decisions(locking)["settle"] == (
        "one failure too many: locked until 2026-03-02T10:01:00Z"
    )
    assert decisions(locking)["authenticate"].endswith("; locked from now on")
    assert told["credential"] == "ada"
    assert decisions(told)["lockout"] == (
        "refused with locked_out: locked for another 42 s, per ip"
    )
    assert facts(told, "lockout") == {
        "until": "2026-03-02T10:01:00Z",
        "left": 42,
        "per": "ip",
    }


def test_failures_that_have_not_locked_are_told() -> None:
    """Who gets through with two failures behind it is near to a lock."""
    doors = Tiny("doors")
    for key in ("k-nobody", "k-nobody", "k-ada"):
        doors.get("/header", headers={"X-Key": key})

    assert decisions(latest(doors))["lockout"] == "not locked: 2 of 3 failures"


def test_a_credential_in_another_state_is_named_with_it() -> None:
    """A state, a condition of the provider's, and an address that is not let in."""
    doors = Tiny("doors")
    doors.get("/header", headers={"X-Key": "k-cy"})
    suspended = decisions(latest(doors))["authenticate"]
    doors.get("/header", headers={"X-Key": "k-dee"})
    lapsed = decisions(latest(doors))["authenticate"]

    assert suspended == (
        "refused with credential_suspended: the credential 'cy' is suspended"
    )
    assert lapsed == "refused with plan_lapsed: the credential 'dee' is not let in"


def test_an_address_that_is_not_let_in_is_told_with_those_that_are(
    jobriver: Api,
) -> None:
    """Where it came from, and where it should have."""
    jobriver.get("/jobs", key="ip_restricted")
    told = latest(jobriver)
    allowed = jobriver.world.collections(jobriver.program)["api_keys"].first(
        "name", "ip_restricted"
    )

    assert allowed is not None
    assert facts(told, "authenticate") == {
        "credential": "ip_restricted",
        "client": jobriver.world.journal.last(1)[0].client,
        "allowed": allowed["ip_whitelist"],
    }


def test_a_call_without_a_claim_is_told_what_would_do() -> None:
    """The schemes stand there, together where they belong together."""
    doors = Tiny("doors")
    doors.get("/any")
    told = latest(doors)

    assert decisions(told)["identify"] == (
        "refused with credential_missing: nothing says who calls;"
        " Token or AppId with AppSecret or Key would"
    )
    assert told["credential"] is None


def test_a_missing_scope_is_told_beside_those_that_are_held() -> None:
    """What was needed and what was there."""
    doors = Tiny("doors")
    doors.get("/scoped", headers={"Authorization": "Bearer t-ida"})
    told = latest(doors)

    assert decisions(told)["authorize"] == (
        "refused with scope_missing: lacks the scope 'letters'"
    )
    assert facts(told, "authorize") == {"needed": ["letters"], "held": []}


def test_a_spent_quota_is_told_with_its_wait() -> None:
    """Which one it was, and when it is whole again."""
    meters = Tiny("meters")
    for _ in range(3):
        meters.get("/several")
    told = latest(meters)

    assert decisions(told)["rate_limit"] == (
        "refused with rate_limited: the quota 'second' is spent for another 1 s"
    )
    assert facts(told, "rate_limit") == {
        "limits": [
            {
                "name": "second",
                "limit": 2,
                "before": 0,
                "remaining": 0,
                "reset": "2026-03-02T10:00:01Z",
            },
            {
                "name": "minute",
                "limit": 3,
                "before": 1,
                "remaining": 1,
                "reset": "2026-03-02T10:01:00Z",
            },
        ],
        "wait": 1,
    }


def test_a_dear_call_is_charged_what_it_costs() -> None:
    """Before and after differ by the cost."""
    meters = Tiny("meters")
    meters.get("/dear")

    assert decisions(latest(meters))["rate_limit"] == "cost: 10 of 10 left, then 6"


def test_every_violation_is_told(jobriver: Api) -> None:
    """All of them, with what was sent and what the provider said of it."""
    jobriver.post("/jobs", json={"title": "x", "location": "Berlin"})
    told = latest(jobriver)

    assert decisions(told)["validate"] == (
        "refused with invalid_request: title breaks minLength;"
        " description breaks required"
    )
    assert facts(told, "validate") == {
        "violations": [
            {
                "field": "title",
                "where": "body",
                "rule": "minLength",
                "limit": 3,
                "value": "x",
                "message": "Title must be at least 3 characters",
            },
            {
                "field": "description",
                "where": "body",
                "rule": "required",
                "limit": None,
                "value": None,
                "message": "Description is required",
            },
        ]
    }


def test_what_was_done_to_the_world_is_told(jobriver: Api) -> None:
    """Created, found, changed and deleted, by key; and what was not there."""
    key = jobriver.post("/jobs", json=JOB).json()["data"]["id"]
    created = decisions(latest(jobriver))["act"]
    jobriver.call("DELETE", f"/jobs/{key}")
    deleted = decisions(latest(jobriver))
    jobriver.get(f"/jobs/{key}")
    gone = decisions(latest(jobriver))["find"]

    assert created == f"created {key} in jobs"
    assert deleted["find"] == f"found {key} in jobs"
    assert deleted["act"] == f"deleted {key} from jobs"
    assert gone == f"refused with not_found: there is no {key} in jobs"


def test_a_fault_is_told_with_who_asked_for_it() -> None:
    """A forced refusal does not pass for a natural one."""
    doors = Tiny("doors")
    asked = {"X-Emulator-Refuse": "credential_suspended", "X-Key": "k-ada"}
    doors.get("/header", headers={**asked, "X-Emulator-Fault": "delay=1ms"})
    told = latest(doors)

    assert told["steps"][0] == {
        "step": "faults",
        "decision": "the call itself asked for credential_suspended, delay=1ms",
        "facts": {
            "by": ["the call itself"],
            "refuse": "credential_suspended",
            "faults": ["delay=1ms"],
        },
    }
    assert decisions(told)["authenticate"] == (
        "refused with credential_suspended: the credential 'ada' is suspended,"
        " as was asked for"
    )


def test_who_was_told_of_an_event_is_told() -> None:
    """By the event's name, and the number of those who wanted to know."""
    hooks = Tiny("hooks")
    hooks.world.outbox.subscribe("hooks", "http://127.0.0.1:9/", "hush-hush-hush")
    hooks.post("/parcels", json={"to": "Ada"})

    assert decisions(latest(hooks))["notify"] == "told 1 of parcel.created"


def test_each_event_of_a_call_is_told_once() -> None:
    """One row for each, with nothing of the other behind it."""
    hooks = Tiny("hooks")
    hooks.world.outbox.subscribe("hooks", "http://127.0.0.1:9/", "hush-hush-hush")
    hooks.post("/parcels", json={"to": "Ada", "express": True})

    rows = [row for row in latest(hooks)["steps"] if row["step"] == "notify"]
    assert [row["decision"] for row in rows] == [
        "told 1 of parcel.created",
        "told 1 of parcel.hurried",
    ]
    assert all(row["facts"].keys() == {"event", "deliveries"} for row in rows)


def test_bodies_are_shown_as_what_they_are(jobriver: Api) -> None:
    """JSON as a value, text as text, and anything else in base64."""
    typed = {"content-type": "text/plain"}
    jobriver.post("/jobs", content=b'{"title": "x"}', headers=typed)
    text = latest(jobriver)["request"]["body"]
    jobriver.post("/jobs", content=b"\xff\x00", headers=typed)
    octets = latest(jobriver)["request"]
    jobriver.post("/jobs", json={"title": ["x"]})
    value = latest(jobriver)["request"]["body"]

    assert (text, octets["body"], value) == (
        '{"title": "x"}',
        {"base64": "/wA="},
        {"title": ["x"]},
    )
    assert octets["size"] == 2


def test_what_is_nested_too_deep_to_walk_is_shown_as_text(jobriver: Api) -> None:
    """It is refused, written down, and shown without falling over it."""
    deep = b"[" * 900 + b"]" * 900
    typed = {"content-type": "application/json"}
    jobriver.post("/jobs", content=deep, headers=typed)

    assert latest(jobriver)["request"]["body"] == deep.decode()


def test_a_call_for_what_is_not_emulated_says_so(jobriver: Api) -> None:
    """The step that knows has put it into a note."""
    jobriver.get("/jobs?per_pages=2")
    told = latest(jobriver)

    assert decisions(told)["parameters"] == (
        "read; the query parameter 'per_pages' is not emulated, as 'per_page' is"
    )


def test_a_call_that_is_not_let_in_has_walked_no_step(api_of: Any) -> None:
    """Strict: the emulator answers itself, and only what it does not know is told."""
    strict = api_of("jobriver", strict=True)
    reply = strict.get("/jobs?per_pages=2")
    told = latest(strict)

    assert (reply.status_code, told["reply"]["status"]) == (501, 501)
    assert decisions(told) == {
        "parameters": "the query parameter 'per_pages' is not emulated, as"
        " 'per_page' is"
    }
