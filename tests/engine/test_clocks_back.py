"""A clock may go back for as long as nothing has happened by it."""

from __future__ import annotations

from typing import Any

from front_door import Api

CLOCK = "/_emulator/worlds/default/clock"


def moved(api: Api, **wanted: Any) -> tuple[int, str]:
    reply = api.client.patch(CLOCK, json=wanted)
    return reply.status_code, reply.json().get("now") or reply.json()["title"]


def test_a_clock_is_set_again_until_a_call_was_answered(jobriver: Api) -> None:
    """Whoever has set it wrong sets it right; what has happened stays in the past."""
    assert moved(jobriver, set="2031-01-01T00:00:00Z")[0] == 200
    assert moved(jobriver, advance="1d")[0] == 200
    assert moved(jobriver, set="2027-01-01T00:00:00Z") == (200, "2027-01-01T00:00:00Z")

    jobriver.get("/status")

    assert moved(jobriver, set="2026-12-31T00:00:00Z") == (409, "clocks go forward")
    assert moved(jobriver, set="2027-01-02T00:00:00Z")[0] == 200


def test_a_refused_call_has_happened_too(jobriver: Api) -> None:
    moved(jobriver, set="2031-01-01T00:00:00Z")

    jobriver.get("/jobs", key=None)

    assert moved(jobriver, set="2027-01-01T00:00:00Z") == (409, "clocks go forward")


def test_after_a_reset_nothing_has_happened(jobriver: Api) -> None:
    """Whether it is asked for with no body or with an empty one."""
    jobriver.get("/status")
    moved(jobriver, advance="1d")

    reset = jobriver.client.post("/_emulator/worlds/default/reset", json={})

    assert reset.status_code == 200
    assert moved(jobriver, set="2025-01-01T00:00:00Z")[0] == 200
