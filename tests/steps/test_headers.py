"""What goes with a reply: how the quota stands, in every dialect."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import START, Tiny


@pytest.fixture
def meters() -> Tiny:
    return Tiny("meters")


def quota_headers(reply: Any) -> dict[str, str]:
    """The headers of *reply* that say how the quota stands."""
    words = ("limit", "remaining", "reset", "retry")
    return {
        name: value
        for name, value in reply.headers.items()
        if any(word in name for word in words)
    }


def test_a_success_tells_what_is_left(meters: Tiny) -> None:
    """Dialects on always, on success and by name are there; those on others are not."""
    meters.clock.advance(12.5)

    assert quota_headers(meters.get("/several")) == {
        "x-limit": "2",
        "x-remaining": "1",
        "x-reset": str(int(START) + 13),
        "success-remaining": "1",
        "success-reset": "1",
        "minute-remaining": "2",
        "ratelimit-policy": '"second";q=2;w=1, "minute";q=3;w=60',
        "ratelimit": '"second";r=1;t=1, "minute";r=2;t=48',
    }


def test_a_limited_call_tells_when_to_come_back(meters: Tiny) -> None:
    """The dialect on `limited` speaks up, the one on `success` falls silent."""
    meters.clock.advance(12.5)
    meters.get("/clock")
    meters.get("/clock")

    assert quota_headers(meters.get("/clock")) == {
        "x-limit": "2",
        "x-remaining": "0",
        "x-reset": str(int(START) + 60),
        "limited-remaining": "0",
        "limited-reset": "Mon, 02 Mar 2026 10:01:00 GMT",
        "ratelimit-policy": '"clock";q=2;w=60',
        "ratelimit": '"clock";r=0;t=48',
        "retry-after": "48",
    }


def test_retry_after_can_be_a_date(meters: Tiny) -> None:
    """RFC 9110 (10.2.3) lets Retry-After be a date as well as a number of seconds."""
    meters.clock.advance(12)
    meters.get("/sliding")
    meters.get("/sliding")

    reply = meters.get("/sliding")

    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "Mon, 02 Mar 2026 10:01:12 GMT"


def test_headers_on_identified_need_a_caller(meters: Tiny) -> None:
    """A caller that has proven itself is told; one that is unknown is not."""
    known = meters.get("/team", headers={"X-Key": "k-pro"})
    unknown = meters.get("/team", headers={"X-Key": "k-nobody"})

    assert known.headers["identified-remaining"] == "1"
    assert unknown.status_code == 401
    assert "identified-remaining" not in unknown.headers


def test_a_call_that_was_not_charged_hears_how_the_quota_stands(meters: Tiny) -> None:
    """A call refused before its quota was looked at is told what is left all the same."""
    meters.get("/clock")
    meters.get("/clock?%ff=1")  # charged, and refused afterwards
    spent = meters.get("/clock?%ff=1")

    assert spent.status_code == 429
    assert spent.headers["x-remaining"] == "0"


def test_the_reset_of_a_sliding_window_is_when_the_last_call_has_left(
    meters: Tiny,
) -> None:
    """A quota is whole again when every call is a window old."""
    meters.get("/sliding")
    meters.clock.advance(10)

    assert meters.get("/sliding").headers["x-reset"] == str(int(START) + 70)


def test_the_limit_of_a_bucket_is_its_size(meters: Tiny) -> None:
    """What can be had at once is the burst; it is whole when it has refilled."""
    meters.get("/bucket")
    reply = meters.get("/bucket")

    assert quota_headers(reply)["x-limit"] == "3"
    assert quota_headers(reply)["x-remaining"] == "1"
    assert quota_headers(reply)["x-reset"] == str(int(START) + 2)
    assert reply.headers["ratelimit-policy"] == '"bucket";q=3;w=60'


def test_date_is_the_worlds(meters: Tiny) -> None:
    """The Date header follows the world's clock, not the machine's."""
    meters.clock.advance(86_400)

    assert meters.get("/clock").headers["date"] == "Tue, 03 Mar 2026 10:00:00 GMT"
