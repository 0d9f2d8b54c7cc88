"""May the caller call now?"""

from __future__ import annotations

from typing import Any

import pytest
from tiny import START, Tiny


@pytest.fixture
def meters() -> Tiny:
    return Tiny("meters")


def statuses(meters: Tiny, path: str, times: int, **sent: Any) -> list[int]:
    return [meters.status(path, **sent) for _ in range(times)]


def key(name: str) -> dict[str, Any]:
    return {"headers": {"X-Key": f"k-{name}"}}


def test_a_spent_quota_is_refused_with_its_facts(meters: Tiny) -> None:
    """The refusal knows the limit, the reset, and how long to wait, rounded up."""
    meters.clock.advance(12.5)
    counted = statuses(meters, "/clock", 2)
    reply = meters.get("/clock")

    assert counted == [200, 200]
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "48")
    assert reply.json() == {
        "limit": 2,
        "remaining": 0,
        "reset": START + 60,
        "retry_after": 48,
        "name": "clock",
        "used": 2,
        "window": 60,
    }


def test_a_reply_can_show_how_the_quota_stands(meters: Tiny) -> None:
    """`quota` in a reply is the reading after this call was charged."""
    meters.clock.advance(12.5)

    assert meters.json("/clock") == {"limit": 2, "remaining": 1, "reset": START + 60}


@pytest.mark.parametrize(
    ("path", "wait"), [("/clock", 20), ("/first", 50), ("/sliding", 50), ("/bucket", 1)]
)
def test_a_call_fits_exactly_when_the_wait_is_over(
    meters: Tiny, path: str, wait: int
) -> None:
    """One call at :30 and the rest at :40: each algorithm opens at a time of its own."""
    meters.clock.advance(30)
    meters.get(path)
    meters.clock.advance(10)
    while meters.status(path) == 200:
        pass

    meters.clock.advance(wait - 0.5)
    before = meters.status(path)
    meters.clock.advance(0.5)
    after = meters.status(path)

    assert (before == 200, after) == (False, 200)


def test_a_window_on_the_clock_ends_with_the_minute(meters: Tiny) -> None:
    """Two calls at :59 and two at :00 are four calls in two windows."""
    meters.clock.advance(59)
    late = statuses(meters, "/clock", 3)
    meters.clock.advance(1)
    early = statuses(meters, "/clock", 3)

    assert (late, early) == ([200, 200, 429], [200, 200, 429])


def test_a_window_of_the_first_call_ends_a_window_after_it(meters: Tiny) -> None:
    """The clock's minute means nothing to a window that a call has opened."""
    meters.clock.advance(59)
    late = statuses(meters, "/first", 3)
    meters.clock.advance(59)
    still = statuses(meters, "/first", 1)
    meters.clock.advance(1)
    early = statuses(meters, "/first", 3)

    assert (late, still, early) == ([200, 200, 429], [429], [200, 200, 429])


def test_a_bucket_holds_its_burst_and_refills_steadily(meters: Tiny) -> None:
    """Sixty a minute with a burst of three: three at once, then one each second."""
    burst = statuses(meters, "/bucket", 4)
    meters.clock.advance(2)
    refilled = statuses(meters, "/bucket", 3)
    meters.clock.advance(3_600)
    full = statuses(meters, "/bucket", 4)

    assert burst == [200, 200, 200, 429]
    assert refilled == [200, 200, 429]
    assert full == [200, 200, 200, 429]


def test_every_window_must_have_room(meters: Tiny) -> None:
    """Two a second and three a minute: the fourth call of a minute waits for the next."""
    windows = []
    for _ in range(2):
        for _ in range(3):
            body = meters.json("/several")
            windows.append(body.get("name"))
        meters.clock.advance(1)

    assert windows == [None, None, "second", None, "minute", "minute"]


def test_a_refused_call_is_charged_to_no_window(meters: Tiny) -> None:
    """A call that the second refuses does not use up the minute."""
    statuses(meters, "/several", 12)
    meters.clock.advance(1)

    assert meters.get("/several").headers["minute-remaining"] == "0"
    assert meters.json("/several")["name"] == "minute"


def test_operations_of_one_limit_share_it_at_their_own_cost(meters: Tiny) -> None:
    """A quota of ten holds two calls of four and two of one."""
    calls = ["/dear", "/cheap", "/dear", "/dear", "/cheap", "/cheap"]

    assert [meters.status(path) for path in calls] == [200, 200, 200, 429, 200, 429]


def test_partitions_together_tell_each_combination_apart(meters: Tiny) -> None:
    """Per address and operation, each address has a quota at each operation."""
    assert statuses(meters, "/left", 2) == [200, 429]
    assert statuses(meters, "/right", 2) == [200, 429]
    assert statuses(meters, "/left", 2, ip="192.0.2.9") == [200, 429]


def test_per_all_there_is_one_quota_for_everyone(meters: Tiny) -> None:
    """What one address spends, another lacks."""
    assert meters.status("/shared", ip="192.0.2.8") == 200
    assert meters.status("/shared", ip="192.0.2.9") == 429


def test_the_quota_can_be_that_of_the_callers_tier(meters: Tiny) -> None:
    """An expression gives each credential its own quota, and null none at all."""
    assert statuses(meters, "/tier", 2, **key("free")) == [200, 429]
    assert statuses(meters, "/tier", 4, **key("pro")) == [200, 200, 200, 429]
    assert statuses(meters, "/tier", 5, **key("own")) == [200] * 5
    assert meters.json("/tier", **key("own")) is None


def test_per_expression_callers_with_the_same_value_share(meters: Tiny) -> None:
    """Two keys of one team draw on one quota."""
    calls = [key("free"), key("pro"), key("free"), key("own")]

    answered = [meters.status("/team", **call) for call in calls]

    assert answered == [200, 200, 429, 200]


def test_several_expressions_tell_each_combination_apart() -> None:
    """Each of them counts, and not only the last."""
    limit = {"operations": ["team"], "quota": 1, "window": "1m"}
    limits = [{**limit, "per": ["caller.team", "method"]}]
    changes = {"rate_limits": limits, "rate_limit_headers": {"limit": "X-Limit"}}
    meters = Tiny("meters", changes)

    answered = [meters.status("/team", **key(name)) for name in ("free", "own", "pro")]

    assert answered == [200, 200, 429]


def test_only_calls_for_which_when_holds_are_counted(meters: Tiny) -> None:
    """A limit on writing lets reading through, spent or not."""
    methods = ["GET", "GET", "POST", "POST", "GET"]

    answered = [meters.call(method, "/when").status_code for method in methods]

    assert answered == [200, 200, 200, 429, 200]


def test_without_a_limit_there_is_no_quota_to_tell(meters: Tiny) -> None:
    """An unlimited caller gets no quota headers and a null quota."""
    reply = meters.get("/tier", **key("own"))

    assert not [name for name in reply.headers if "limit" in name or "reset" in name]


def test_a_limit_and_a_world_of_their_own_keep_meters_apart(meters: Tiny) -> None:
    """What was spent in one world is there in another."""
    statuses(meters, "/clock", 3)

    assert Tiny("meters").status("/clock") == 200


def test_who_has_proved_nothing_can_have_a_limit_of_its_own() -> None:
    """`authenticated` tells callers apart, and every reply has the headers of its limit."""
    limits = [
        {"name": "own", "when": "authenticated", "quota": 5, "window": "1m"},
        {"when": "not authenticated", "quota": 2, "window": "1m", "per": "ip"},
    ]
    headers = {"limit": "X-Limit", "replies": "always"}
    changed = {"rate_limits": limits, "rate_limit_headers": headers}
    meters = Tiny("meters", changed)

    calls = [("/tier", "pro"), ("/tier", "unknown"), ("/nowhere", "pro")]
    replies = [meters.get(path, **key(name)) for path, name in calls]

    told = [(reply.status_code, reply.headers["x-limit"]) for reply in replies]
    assert told == [(200, "5"), (401, "2"), (404, "2")]


@pytest.mark.parametrize(
    ("step", "many"), [(0.1, 600), (0.3, 200), (0.7, 86), (1 / 64, 3_840)]
)
def test_a_minute_of_small_steps_is_a_minute(
    meters: Tiny, step: float, many: int
) -> None:
    """The window ends with the step that makes it a minute, and not one later."""
    assert [meters.status("/clock") for _ in range(3)] == [200, 200, 429]
    for _ in range(many - 1):
        meters.clock.advance(step)
    before = meters.status("/clock")
    meters.clock.advance(step)

    assert (before, meters.status("/clock")) == (429, 200)
