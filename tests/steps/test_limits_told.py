"""Limits that are named: told in every reply, refused in words of their own, and charged
by what becomes of a call."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.diagnostics import SpecError
from emulator.engine.scenarios import arrange
from emulator.program.scenarios import Drain
from emulator.times import micros

AT = datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp()
OPENAPI = {
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    },
    "security": [{"Key": []}],
}
FIXTURES = {
    "keys": [{"id": 1, "name": "full", "key": "k_full"}],
    "works": [
        {"id": 1, "tokens": 70, "state": "done"},
        {"id": 2, "tokens": 0, "state": "busy"},
    ],
}
TABLE = {
    "credential_missing": {"status": 401},
    "credential_unknown": {"status": 401},
    "rate_limited": {
        "status": 429,
        "headers": {"Retry-After": "${retry_after}"},
        "body": {"error": "slow down", "name": "${name}"},
    },
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
}
CORE = {"name": "core", "quota": 3, "window": "1h"}


def work_of(verb: str) -> dict[str, Any]:
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {"operationId": verb, "parameters": [id], "responses": {}}


def api(folder: Path, limits: Any, **behavior: Any) -> Api:
    """A provider with such limits: `GET /works/1`, `/search` and `/limits`."""
    table = {**TABLE, **behavior.pop("table", {})}
    made = small(
        folder,
        {
            "/works/{id}": {"get": work_of("work")},
            "/search": {"get": {"operationId": "search", "responses": {}}},
            "/limits": {"get": {"operationId": "limits", "responses": {}}},
        },
        {
            "work": {
                "read": {"collection": "works", "key": "path.id"},
                "reply": {"body": "${record.state}"},
            },
            "search": {"reply": {"body": 1}},
            "limits": {"reply": {"body": "${quotas}"}},
        },
        openapi=OPENAPI,
        table=table,
        fixtures=FIXTURES,
        collections={"keys": {}, "works": {}},
        authentication={"schemes": {"Key": {"credentials": "keys", "field": "key"}}},
        rate_limits=limits,
        **behavior,
    )
    made.clock.restart(micros(AT), frozen=True)
    return made


def counted(api: Api, path: str, times: int) -> list[int]:
    return [api.get(path).status_code for _ in range(times)]


def test_every_reply_tells_how_each_limit_stands(tmp_path: Path) -> None:
    """Refusals too, of whichever step; who is nobody has no quota."""
    limits = [
        CORE,
        {"name": "seek", "quota": 2, "window": "1m", "operations": ["search"]},
    ]
    headers = {
        "X-Core": "${quotas.core.used}/${quotas.core.limit}",
        "X-Seek": "${quotas.seek.remaining}",
    }
    made = api(tmp_path, limits, headers=headers)

    replies = [
        made.get("/works/1"),
        made.get("/works/9"),
        made.get("/search"),
        made.get("/search"),
        made.get("/works/1", key=None),
    ]

    assert [
        (reply.status_code, reply.headers["X-Core"], reply.headers.get("X-Seek"))
        for reply in replies
    ] == [
        (200, "1/3", "2"),
        (404, "2/3", "2"),
        (200, "3/3", "1"),
        (429, "3/3", "1"),
        (401, "/", None),
    ]


def test_a_call_that_is_not_counted_reads_all_limits(tmp_path: Path) -> None:
    """The operation that tells of the limits is counted by none of them."""
    limits = [
        {**CORE, "operations": ["work"]},
        {"name": "seek", "quota": 2, "window": "1m", "operations": ["search"]},
        {"name": "each", "quota": 5, "window": "1m", "per": "operation"},
    ]
    made = api(tmp_path, limits)
    made.get("/works/1")
    made.get("/search")

    told = made.get("/limits").json()

    assert told["core"] == {
        "name": "core",
        "limit": 3,
        "used": 1,
        "remaining": 2,
        "reset": AT + 3600,
        "window": 3600,
    }
    assert (told["seek"]["used"], told["seek"]["reset"]) == (1, AT + 60)
    assert told["each"]["used"] == 1  # this very call


def test_headers_of_a_dialect_may_have_any_form(tmp_path: Path) -> None:
    """`template` makes a line of what is known of the limit that is shown."""
    limits = [
        CORE,
        {"name": "seek", "quota": 2, "window": "1m", "operations": ["search"]},
    ]
    dialect = {
        "shows": ["seek", "core"],
        "used": "X-Used",
        "template": {"X-Call-Limit": "${used}/${limit}", "X-Resource": "${name}"},
    }
    made = api(tmp_path, limits, rate_limit_headers=dialect)

    lines = [
        {name: reply.headers[name] for name in ("X-Used", "X-Call-Limit", "X-Resource")}
        for reply in (made.get("/works/9"), made.get("/search"))
    ]

    assert lines == [
        {"X-Used": "1", "X-Call-Limit": "1/3", "X-Resource": "core"},
        {"X-Used": "1", "X-Call-Limit": "1/2", "X-Resource": "seek"},
    ]


SECONDARY = {
    "name": "bursts",
    "quota": 2,
    "window": "1m",
    "refuse": "secondary_limited",
}
WORDS = {
    "secondary_limited": {"status": 403, "body": {"error": "abuse", "of": "${limit}"}}
}


def test_a_limit_has_a_refusal_of_its_own(tmp_path: Path) -> None:
    """It has another status and other words, and is forced by its own code."""
    made = api(tmp_path, [CORE, SECONDARY], table=WORDS)
    forced = made.get("/search", headers={"X-Emulator-Refuse": "secondary_limited"})
    other = made.get("/search", headers={"X-Emulator-Refuse": "rate_limited"})
    counted(made, "/search", 2)
    natural = made.get("/search")

    assert (other.status_code, other.json()["name"]) == (429, "core")
    assert (natural.status_code, natural.json()) == (403, {"error": "abuse", "of": 2})
    assert forced.content == natural.content
    [entry] = [one for one in made.world.journal if one.refusal == "secondary_limited"][
        -1:
    ]
    assert entry.refused_by == "rate_limit"


def test_outcomes_may_cost_nothing(tmp_path: Path) -> None:
    """By code or by status; what is told is what is left afterwards."""
    limits = [
        {**CORE, "uncharged": ["not_found"]},
        {"name": "b", "quota": 9, "window": "1h", "uncharged": ["2xx"]},
        {"name": "c", "quota": 9, "window": "1h", "algorithm": "token_bucket", "uncharged": [404]},
        {"name": "d", "quota": 9, "window": "1h", "algorithm": "sliding_window", "uncharged": [404]},
    ]  # fmt: skip
    limits = [{**limit, "operations": ["work"]} for limit in limits]
    made = api(tmp_path, limits)

    statuses = [*counted(made, "/works/9", 5), *counted(made, "/works/1", 3)]
    used = {name: one["used"] for name, one in made.get("/limits").json().items()}

    assert statuses == [404] * 5 + [200] * 3
    assert used == {"core": 3, "b": 5, "c": 3, "d": 3}


def test_what_a_call_comes_to_is_charged_when_it_is_known(tmp_path: Path) -> None:
    """It may be more than is left: then nothing is, until the window is over."""
    limit = {"name": "tokens", "quota": 100, "window": "1m", "cost_after": "record.tokens",
             "operations": ["work"]}  # fmt: skip
    dialect = {"limit": "X-Limit", "used": "X-Used", "remaining": "X-Left"}
    made = api(tmp_path, [limit], rate_limit_headers=dialect)

    replies = [made.get(path) for path in ("/works/9", "/works/2", *["/works/1"] * 3)]
    made.clock.advance(60)
    again = made.get("/works/1")

    assert [
        (one.status_code, one.headers["X-Used"], one.headers["X-Left"])
        for one in (*replies, again)
    ] == [
        (404, "0", "100"),  # what is refused comes to nothing
        (200, "0", "100"),
        (200, "70", "30"),
        (200, "140", "0"),
        (429, "140", "0"),
        (200, "70", "30"),
    ]


def test_a_cost_may_be_asked_for_first_and_given_back(tmp_path: Path) -> None:
    """There has to be room for the cost that is asked, and what it comes to is charged."""
    limit = {"name": "points", "quota": 100, "window": "1m", "cost": 80,
             "cost_after": "record.tokens", "operations": ["work"]}  # fmt: skip
    made = api(tmp_path, [limit])

    assert counted(made, "/works/2", 3) == [200] * 3
    assert counted(made, "/works/1", 2) == [200, 429]


def test_calls_in_flight_are_limited(tmp_path: Path) -> None:
    """A call is going on for as long as it takes on its world's clock, and for as long
    as its reply is delayed."""
    limit = {
        "algorithm": "in_flight",
        "quota": 2,
        "takes": "2s",
        "refuse": "too_many_in_flight",
    }
    words = {
        "too_many_in_flight": {
            "status": 429,
            "headers": {"Retry-After": "${retry_after}"},
        }
    }
    made = api(tmp_path, [limit, {**CORE, "quota": 99}], table=words)

    first = counted(made, "/search", 3)
    made.clock.advance(1)
    refused = made.get("/search")
    made.clock.advance(1)
    made.get("/search", headers={"X-Emulator-Fault": "delay=30ms"})
    made.clock.advance(2)
    later = counted(made, "/search", 2)

    assert first == [200, 200, 429]
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert later == [200, 429]


def test_a_stream_is_in_flight_until_its_last_item(tmp_path: Path) -> None:
    """Its items come one after the other, on the world's clock too."""
    responses = {"200": {"description": ".", "content": {"application/x-ndjson": {}}}}
    made = small(
        tmp_path,
        {"/numbers": {"get": {"operationId": "count", "responses": responses}}},
        {"count": {"reply": {"every": "500ms", "body": [1, 2, 3]}}},
        table={"rate_limited": {"status": 429}},
        rate_limits=[
            {"algorithm": "in_flight", "quota": 1, "takes": "1s", "per": "all"}
        ],
    )

    made.clock.restart(micros(AT), frozen=True)

    def statuses(seconds: float) -> list[int]:
        made.clock.advance(seconds)
        return [made.get("/numbers", None).status_code for _ in range(2)]

    assert [statuses(0), statuses(1.9), statuses(0.1)] == [[200, 429], [429] * 2, [200, 429]]  # fmt: skip


@pytest.mark.parametrize(
    ("window", "zone", "at", "reset"),
    [
        ("month", "UTC", "2026-02-14T12:00:00+00:00", "2026-03-01T00:00:00+00:00"),
        ("month", "Europe/Berlin", "2026-03-31T22:30:00+00:00", "2026-04-30T22:00:00+00:00"),
        ("day", "Europe/Berlin", "2026-03-29T00:30:00+00:00", "2026-03-29T22:00:00+00:00"),
        ("week", "UTC", "2026-03-08T23:59:59+00:00", "2026-03-09T00:00:00+00:00"),
        ("hour", "Asia/Kolkata", "2026-03-08T10:10:00+00:00", "2026-03-08T10:30:00+00:00"),
    ],
)  # fmt: skip
def test_a_window_may_be_one_of_the_calendar(
    tmp_path: Path, window: str, zone: str, at: str, reset: str
) -> None:
    """A month has its own length, and a day begins at midnight of its place."""
    end = datetime.fromisoformat(reset).timestamp()
    made = api(tmp_path, [{**CORE, "window": window, "zone": zone}])
    made.clock.restart(micros(datetime.fromisoformat(at).timestamp()), frozen=True)

    first = counted(made, "/search", 4)
    made.clock.set(micros(end - 1))
    before = made.get("/search").status_code
    made.clock.set(micros(end))
    after = made.get("/search").status_code

    assert (first, before, after) == ([200] * 3 + [429], 429, 200)


def test_counts_of_every_kind_go_with_a_snapshot(tmp_path: Path) -> None:
    """A fork, and a world that takes a snapshot up, count on from there."""
    limits = [
        {**CORE, "window": "month", "zone": "Europe/Berlin"},
        {"algorithm": "in_flight", "quota": 9, "takes": "5s"},
    ]
    made = api(tmp_path, limits)
    counted(made, "/search", 2)
    state = made.world.dump()
    counted(made, "/search", 1)

    made.world.load(state, {"small": made.program})

    told = made.get("/limits").json()
    assert (told["core"]["used"], told["in_flight"]["used"]) == (3, 3)


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"name": "x", "quota": 1}, "missing-key"),
        ({"quota": 1, "algorithm": "in_flight"}, "missing-key"),
        ({"quota": 1, "window": "month", "zone": "Mars/Base"}, "unknown-zone"),
        ({"quota": 1, "window": "month", "algorithm": "sliding_window"}, "wrong-form"),
        ({"quota": 1, "window": "1m", "uncharged": ["not_there"]}, "unknown-refusal"),
        ({"quota": 1, "window": "1m", "refuse": "own"}, "unrenderable-refusal"),
        ({"quota": 1, "window": "1m", "cost_after": "rekord.x"}, "unknown-name"),
        ({"quota": 1, "window": "1m", "cost_after": "refused"}, "not-yet-known"),
        ({"quota": 1, "window": "year"}, "wrong-form"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, limit: Any, code: str) -> None:
    """Before any call comes."""
    with pytest.raises(SpecError) as mistakes:
        api(tmp_path, [limit])

    assert code in {diagnostic.code for diagnostic in mistakes.value.diagnostics}


def test_a_limit_that_is_not_there_has_no_name(tmp_path: Path) -> None:
    """`quotas.crore` is a slip, and no null."""
    with pytest.raises(SpecError, match="crore"):
        api(tmp_path, [CORE], headers={"X": "${quotas.crore.used}"})


def test_a_limit_of_some_methods_is_drained(tmp_path: Path) -> None:
    """A scenario spends what calls of each operation are counted by."""
    limit = {**CORE, "when": "method == 'GET'"}
    made = api(tmp_path, [limit])

    step = Drain(at=(), credential="full", limit="", leave=1, ip="127.0.0.1")
    arrange([step], made.program, made.world)

    assert counted(made, "/search", 2) == [200, 429]
