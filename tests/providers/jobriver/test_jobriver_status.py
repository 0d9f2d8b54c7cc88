"""Jobriver's GET /status: the key, its company, its limits and its usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jobriver_replies import JOB, START, meta, reply
from replies import calling_from, shown

from emulator.times import time_of

if TYPE_CHECKING:
    from tests.conftest import Api


def status(api: Api, key: str = "full") -> dict[str, Any]:
    """The `data` of /status."""
    data: dict[str, Any] = api.get("/status", key).json()["data"]
    return data


def test_status_shows_everything_about_the_key(jobriver: Api) -> None:
    """[primary] §4.1: the whole reply; the prefix is the key's first 8 characters."""
    answer = jobriver.get("/status")

    body = {
        "success": True,
        "data": {
            "api_version": "v1",
            "status": "ok",
            "key": {
                "name": "Production API Key",
                "prefix": "jrv_abc1",
                "status": "active",
                "permissions": ["read", "create", "update", "delete"],
                "created_at": "2024-01-15T10:00:00Z",
                "expires_at": None,
            },
            "company": {
                "id": 42,
                "name": "TechStartup GmbH",
                "slug": "techstartup-gmbh",
            },
            "limits": {
                "rate_limit": {
                    "requests_per_minute": 60,
                    "remaining": 59,
                    "reset": START + 60,
                },
                "job_limit": {
                    "limit": 100,
                    "current_active_jobs": 23,
                    "unlimited": False,
                },
            },
            "usage": {
                "requests_total": 4523,
                "requests_today": 0,
                "jobs_created": 45,
                "last_request_at": "2024-02-05T14:30:00Z",
                "last_request_ip": "192.168.1.100",
            },
            "ip_whitelist": [],
            "server_time": "2026-03-02T11:00:00+01:00",
        },
        "meta": meta(),
    }
    assert shown(answer) == reply(200, body)


def test_a_company_without_a_job_limit_is_unlimited(jobriver: Api) -> None:
    """[primary] §4.1: `unlimited`; [assumed] §4.1: the limit is null then."""
    limits = status(jobriver, "other_company")["limits"]

    assert limits["job_limit"] == {
        "limit": None,
        "current_active_jobs": 16,
        "unlimited": True,
    }


def test_status_shows_who_may_call_and_until_when(jobriver: Api) -> None:
    """[primary] §2, §4.1: `ip_whitelist` lists networks, `expires_at` is a time or null."""
    restricted = status(calling_from(jobriver, "192.0.2.7"), "ip_restricted")
    expiring = status(jobriver, "expiring")

    assert restricted["ip_whitelist"] == ["192.0.2.0/24", "2001:db8::/32"]
    assert expiring["key"]["expires_at"] == "2099-12-31T23:59:59Z"


@pytest.mark.parametrize(
    "key", ["full", "read_only", "create_only", "no_permissions", "other_company"]
)
def test_any_valid_key_may_ask_for_its_status(jobriver: Api, key: str) -> None:
    """[primary] §2: /status needs a valid key and no permission."""
    assert jobriver.get("/status", key).status_code == 200


def test_status_repeats_the_quota_under_another_name(jobriver: Api) -> None:
    """[primary] §3, §10: `requests_per_minute` in the limits, `limit` in `meta`."""
    body = jobriver.get("/status", "extended").json()

    assert body["data"]["limits"]["rate_limit"] == {
        "requests_per_minute": 600,
        "remaining": 599,
        "reset": START + 60,
    }
    assert body["meta"] == meta(599, 600)


@pytest.mark.parametrize(
    ("now", "local"),
    [
        ("2026-01-15T12:00:00+00:00", "2026-01-15T13:00:00+01:00"),
        ("2026-07-15T12:00:00+00:00", "2026-07-15T14:00:00+02:00"),
        ("2026-03-29T00:59:59+00:00", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T01:00:00+00:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T00:59:59+00:00", "2026-10-25T02:59:59+02:00"),
        ("2026-10-25T01:00:00+00:00", "2026-10-25T02:00:00+01:00"),
        ("2026-12-31T23:30:00+00:00", "2027-01-01T00:30:00+01:00"),
    ],
)
def test_server_time_is_that_of_berlin(jobriver: Api, now: str, local: str) -> None:
    """[primary] §4.1: `server_time` has a local offset, in winter +01:00, in summer +02:00."""
    jobriver.clock.set(time_of(now))

    assert status(jobriver)["server_time"] == local


def test_usage_tells_of_the_requests_before_this_one(jobriver: Api) -> None:
    """[assumed] §8: totals, the latest time and the latest address move with traffic."""
    jobriver.get("/jobs")
    jobriver.clock.advance(5)
    calling_from(jobriver, "203.0.113.5").get("/jobs/999999")
    jobriver.clock.advance(5)

    usage = status(jobriver)["usage"]

    assert usage == {
        "requests_total": 4525,
        "requests_today": 2,
        "jobs_created": 45,
        "last_request_at": "2026-03-02T10:00:05Z",
        "last_request_ip": "203.0.113.5",
    }


def test_every_key_has_a_usage_of_its_own(jobriver: Api) -> None:
    """[primary] §4.1: the usage is the key's; a caller without a key moves nobody's."""
    jobriver.get("/jobs", "read_only")
    jobriver.get("/jobs", key=None)
    jobriver.get("/jobs", headers={"X-API-Key": "jrv_unknown"}, key=None)

    assert status(jobriver)["usage"]["requests_total"] == 4523
    assert status(jobriver, "read_only")["usage"]["requests_total"] == 18345


def test_requests_today_start_again_at_midnight(jobriver: Api) -> None:
    """[assumed] §8: `requests_today` counts a day of Berlin, as `server_time` shows it."""
    jobriver.clock.set(time_of("2026-03-02T22:59:59Z"))
    jobriver.get("/jobs")
    jobriver.get("/jobs")
    before = status(jobriver)["usage"]
    jobriver.clock.advance(1)

    after = status(jobriver)["usage"]
    later = status(jobriver)["usage"]

    days = [one["requests_today"] for one in (before, after, later)]
    totals = [one["requests_total"] for one in (before, after, later)]
    assert (days, totals) == ([2, 0, 1], [4525, 4526, 4527])


def test_a_never_used_key_has_no_latest_request(jobriver: Api) -> None:
    """[primary] §4.1: times are null where there is none."""
    assert status(jobriver, "tiny")["usage"] == {
        "requests_total": 0,
        "requests_today": 0,
        "jobs_created": 0,
        "last_request_at": None,
        "last_request_ip": None,
    }


def test_jobs_created_grow_and_never_shrink(jobriver: Api) -> None:
    """[assumed] §8: `jobs_created` never decreases, `current_active_jobs` does."""

    def counted() -> tuple[int, int]:
        data = status(jobriver)
        active = data["limits"]["job_limit"]["current_active_jobs"]
        return data["usage"]["jobs_created"], active

    jobriver.post("/jobs", json=JOB)
    jobriver.post("/jobs", json={**JOB, "is_active": False})
    jobriver.post("/jobs", json={})
    created = counted()
    jobriver.call("DELETE", "/jobs/456")

    assert (created, counted()) == ((47, 24), (47, 23))
