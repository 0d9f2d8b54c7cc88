"""JobSphere's rate limit: tiers, windows, and headers in every reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from replies import another, calling_from, change, shown
from sphere import FREE, INPUT, START, refusal

if TYPE_CHECKING:
    from tests.conftest import Api

TIERS = [
    ("free", 100),
    ("pro", 1000),
    ("full", 1000),
    ("enterprise", 5000),
    ("enterprise_capped", 10000),
]
SPENT = refusal(
    429,
    "rate_limit_exceeded",
    "Rate limit exceeded",
    {"limit": 100, "reset": START + 60},
    (100, 0),
    retry_after="60",
)


def told(answer: Any) -> tuple[str, ...]:
    """Limit, remaining and reset, as a reply tells them."""
    names = ("Limit", "Remaining", "Reset")
    return tuple(answer.headers[f"X-RateLimit-{name}"] for name in names)


@pytest.mark.parametrize(("key", "limit"), TIERS)
def test_the_tier_is_the_organization_s(jobsphere: Api, key: str, limit: int) -> None:
    """[primary] §3: 100, 1,000, and custom up to 10,000 a minute."""
    answer = jobsphere.get("/jobs?per_page=1", key)

    assert told(answer) == (str(limit), str(limit - 1), str(START + 60))


def test_a_change_of_tier_is_seen_at_once(jobsphere: Api) -> None:
    """[assumed] §3: the tier is looked up with each call."""
    jobsphere.get("/jobs", "free")
    change(jobsphere, "organizations", "org_corner_bakery", tier="pro")

    assert told(jobsphere.get("/jobs", "free"))[:2] == ("1000", "998")


def test_a_spent_quota_is_refused(jobsphere: Api) -> None:
    """[assumed] §3: 429 with limit and reset, and Retry-After; then a new minute."""
    for _ in range(100):
        assert jobsphere.get("/jobs?per_page=1", "free").status_code == 200

    assert shown(jobsphere.get("/jobs", "free")) == SPENT
    assert shown(jobsphere.post("/jobs", "free", json=INPUT)) == SPENT
    jobsphere.clock.advance(59)
    late = jobsphere.get("/jobs", "free")
    assert (late.status_code, late.headers["Retry-After"]) == (429, "1")
    jobsphere.clock.advance(1)
    again = jobsphere.get("/jobs", "free")
    assert told(again) == ("100", "99", str(START + 120))


def test_each_key_has_a_quota_for_itself(jobsphere: Api) -> None:
    """[assumed] §3: per key, with the tier of its organization."""
    jobsphere.get("/jobs", "full")
    jobsphere.get("/jobs", "full")

    assert told(jobsphere.get("/jobs", "read_only"))[1] == "999"
    assert told(jobsphere.get("/jobs", "full"))[1] == "997"


@pytest.mark.parametrize(
    ("method", "path", "key", "sent", "expected"),
    [
        ("GET", "/jobs", "full", {}, (200, 1000, 999)),
        ("POST", "/jobs", "full", {"json": INPUT}, (201, 1000, 999)),
        ("DELETE", "/jobs/job_8x29a1b3", "full", {}, (204, 1000, 999)),
        ("POST", "/jobs", "full", {"json": {}}, (400, 1000, 999)),
        ("POST", "/jobs", "full", {"content": b"x"}, (415, 1000, 999)),
        ("POST", "/jobs", "read_only", {"json": INPUT}, (403, 1000, 999)),
        ("GET", "/jobs/x", "full", {}, (404, 1000, 999)),
        ("GET", "/jobs", None, {}, (401, *FREE)),
        ("GET", "/jobs", "revoked", {}, (401, *FREE)),
        ("GET", "/nowhere", "full", {}, (404, *FREE)),
        ("PATCH", "/jobs", "full", {}, (405, *FREE)),
        ("OPTIONS", "/jobs", None, {}, (204, *FREE)),
        ("OPTIONS", "/jobs/x/apply", "full", {}, (204, *FREE)),
        (
            "GET",
            "/jobs",
            "full",
            {"headers": {"X-Forwarded-Proto": "http"}},
            (403, *FREE),
        ),
        (
            "GET",
            "/jobs",
            "full",
            {"headers": {"X-Emulator-Refuse": "internal_error"}},
            (500, 1000, 999),
        ),
        (
            "GET",
            "/jobs",
            "full",
            {"headers": {"X-Emulator-Refuse": "service_unavailable"}},
            (503, *FREE),
        ),
    ],
)
def test_every_reply_has_the_headers(
    jobsphere: Api, method: str, path: str, key: str | None, sent: Any, expected: Any
) -> None:
    """[primary] §3: in every response; [assumed]: the free limit where no key is proved."""
    answer = jobsphere.call(method, path, key, **sent)

    status, limit, left = expected
    assert answer.status_code == status
    assert told(answer) == (str(limit), str(left), str(START + 60))


def test_a_429_has_the_headers_too(jobsphere: Api) -> None:
    """[primary] §3: limit, nothing left, and when it is whole again."""
    asked = jobsphere.get("/jobs", headers={"X-Emulator-Refuse": "rate_limited"})

    assert asked.status_code == 429
    assert told(asked) == ("1000", "0", str(START + 60))


def test_a_key_s_calls_leave_the_address_alone(jobsphere: Api) -> None:
    """[assumed] §3: without a key, the address counts."""
    jobsphere.get("/jobs")

    assert told(jobsphere.get("/jobs", None))[:2] == ("100", "100")
    elsewhere = calling_from(jobsphere, "203.0.113.7")
    assert told(elsewhere.get("/jobs", None))[:2] == ("100", "100")
    assert told(elsewhere.get("/jobs"))[:2] == ("1000", "998")


def test_refused_calls_count_against_the_key(jobsphere: Api) -> None:
    """[assumed] §3: whatever the key is known for."""
    jobsphere.get("/jobs?page=0")
    jobsphere.post("/jobs", json={})
    jobsphere.get("/jobs/nothing")

    assert told(jobsphere.get("/jobs"))[1] == "996"
    assert told(another(jobsphere).get("/jobs"))[1] == "999"
