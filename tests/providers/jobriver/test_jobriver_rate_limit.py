"""Jobriver's rate limit: so many calls in a minute of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jobriver_replies import JOB, START, meta, refusal
from replies import change, shown

if TYPE_CHECKING:
    from tests.conftest import Api


def spent(at: int = START, *, limit: int = 3) -> str:
    """The reply to a call beyond the quota."""
    wait = 60 - at % 60
    return refusal(
        429,
        "RATE_LIMIT_EXCEEDED",
        "Rate limit exceeded",
        0,
        limit=limit,
        at=at,
        details={"retry_after": wait},
        retry_after=str(wait),
    )


def codes(api: Api, times: int, key: str = "full") -> list[int]:
    return [api.get("/status", key).status_code for _ in range(times)]


def test_sixty_calls_a_minute_are_the_default(jobriver: Api) -> None:
    """[primary] §3: 60 requests a minute, then RATE_LIMIT_EXCEEDED with Retry-After."""
    assert codes(jobriver, 60) == [200] * 60
    assert shown(jobriver.get("/status")) == spent(limit=60)


def test_a_key_may_have_a_quota_of_its_own(jobriver: Api) -> None:
    """[primary] §3: the quota can be extended for a key."""
    assert codes(jobriver, 61, "extended") == [200] * 61
    assert jobriver.get("/jobs", "extended").json()["meta"] == meta(538, 600)
    assert codes(jobriver, 4, "tiny") == [200, 200, 200, 429]


def test_keys_do_not_share_a_quota(jobriver: Api) -> None:
    """[primary] §3: per key, even of one company."""
    codes(jobriver, 4, "tiny")

    assert codes(jobriver, 1, "read_only") == [200]


def test_the_headers_count_down(jobriver: Api) -> None:
    """[primary] §3: X-RateLimit-Limit, -Remaining and -Reset, in Unix seconds."""
    answers = [jobriver.get("/status", "tiny") for _ in range(4)]

    assert [
        [
            answer.headers[f"X-RateLimit-{name}"]
            for name in ("Limit", "Remaining", "Reset")
        ]
        for answer in answers
    ] == [["3", left, "1772445660"] for left in ("2", "1", "0", "0")]


@pytest.mark.parametrize(
    "path", ["/status", "/jobs", "/jobs/123", "/categories", "/technologies"]
)
def test_get_repeats_the_quota_in_meta(jobriver: Api, path: str) -> None:
    """[primary] §3: `meta.rate_limit` says what the headers say; [assumed] §10: always on GET."""
    jobriver.get("/status")

    assert jobriver.get(path).json()["meta"] == meta(58)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/jobs", JOB),
        ("PUT", "/jobs/123", {}),
        ("PATCH", "/jobs/123", {}),
        ("DELETE", "/jobs/123", None),
    ],
)
def test_writes_have_no_meta(jobriver: Api, method: str, path: str, body: Any) -> None:
    """[primary] §10: the samples of POST, PUT, PATCH and DELETE show no `meta`."""
    answer = jobriver.call(method, path, json=body)

    assert list(answer.json()) == ["success", "data"]
    assert answer.headers["X-RateLimit-Remaining"] == "59"


def test_the_window_is_a_minute_of_the_clock(jobriver: Api) -> None:
    """[assumed] §3: the sample's reset is a multiple of 60, so windows lie on the clock."""
    jobriver.clock.advance(59)
    codes(jobriver, 4, "tiny")
    jobriver.clock.advance(1)

    answer = jobriver.get("/status", "tiny")

    assert answer.status_code == 200
    assert answer.headers["X-RateLimit-Reset"] == str(START + 120)
    assert answer.headers["X-RateLimit-Remaining"] == "2"


@pytest.mark.parametrize("second", [0, 1, 30, 59])
def test_retry_after_leads_to_the_next_window(jobriver: Api, second: int) -> None:
    """[assumed] §3: whole seconds until the reset, in the header and in `details`."""
    jobriver.clock.advance(second)
    codes(jobriver, 3, "tiny")
    refused = jobriver.get("/status", "tiny")
    jobriver.clock.advance(int(refused.headers["Retry-After"]))

    assert shown(refused) == spent(START + second)
    assert codes(jobriver, 1, "tiny") == [200]


def test_retry_after_is_never_nothing(jobriver: Api) -> None:
    """[assumed] §3: at least one second."""
    jobriver.clock.advance(59.999)
    codes(jobriver, 3, "tiny")

    assert jobriver.get("/status", "tiny").headers["Retry-After"] == "1"


def test_refused_calls_cost_nothing_more(jobriver: Api) -> None:
    """[assumed] §3: hammering does not reach into the next window."""
    codes(jobriver, 50, "tiny")
    jobriver.clock.advance(60)

    assert codes(jobriver, 4, "tiny") == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("method", "path", "rest", "status"),
    [
        ("GET", "/jobs/abc", {}, 400),
        ("POST", "/jobs", {"content": b"{", "headers": {"Content-Type": "x/y"}}, 415),
        ("POST", "/jobs", {"json": []}, 400),
        ("GET", "/jobs/999999", {}, 404),
        ("POST", "/jobs", {"json": {}}, 422),
        ("DELETE", "/jobs", {}, 400),
    ],
)
def test_errors_of_a_known_key_tell_and_cost_quota(
    jobriver: Api, method: str, path: str, rest: dict[str, Any], status: int
) -> None:
    """[assumed] §3: all four headers stand on every reply to an identified key."""
    answer = jobriver.call(method, path, **rest)

    assert answer.status_code == status
    assert answer.headers["X-RateLimit-Limit"] == "60"
    assert answer.headers["X-RateLimit-Remaining"] == "59"
    assert answer.headers["X-RateLimit-Reset"] == "1772445660"
    assert jobriver.get("/status").headers["X-RateLimit-Remaining"] == "58"


def test_who_is_not_identified_is_told_no_quota(jobriver: Api) -> None:
    """[assumed] §3: without a key there is only X-Request-Id."""
    answers = [
        jobriver.get("/status", key=None),
        jobriver.get("/status", key=None, headers={"X-API-Key": "jrv_wrong"}),
        jobriver.get("/nowhere"),
        jobriver.post("/status"),
    ]

    told = [
        name for answer in answers for name in answer.headers if "ratelimit" in name
    ]
    assert told == []
    assert all("X-Request-Id" in answer.headers for answer in answers)


def test_a_changed_quota_holds_at_once(jobriver: Api) -> None:
    """[primary] §3: the quota is the key's own, whatever it is now."""
    codes(jobriver, 4, "tiny")
    change(jobriver, "api_keys", 12, requests_per_minute=5)

    assert codes(jobriver, 3, "tiny") == [200, 200, 429]
