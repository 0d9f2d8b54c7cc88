"""Client code that waits for its quota, as the provider asks it to."""

from __future__ import annotations

import json

import requests
import urllib3
from requests.adapters import HTTPAdapter
from service import Service

RETRY = urllib3.Retry(total=2, status_forcelist=[429], backoff_factor=0)


def test_urllib3_waits_as_long_as_it_is_told(small_quota: Service) -> None:
    """Three calls are used up, the fourth waits for the next minute: one second."""
    url, headers = f"{small_quota.url}/status", {"X-API-Key": small_quota.key}
    with urllib3.PoolManager(headers=headers) as pool:
        for _ in range(3):
            assert pool.request("GET", url, retries=False).status == 200
        small_quota.clock.resume()

        reply = pool.request("GET", url, retries=RETRY)

    assert reply.status == 200
    assert reply.retries is not None
    assert [one.status for one in reply.retries.history] == [429]
    assert json.loads(reply.data)["meta"]["rate_limit"]["remaining"] == 2


def test_requests_waits_through_its_adapter(small_quota: Service) -> None:
    """The usual way to give `requests` the same patience."""
    with requests.Session() as session:
        session.headers["X-API-Key"] = small_quota.key
        for _ in range(3):
            session.get(f"{small_quota.url}/jobs", timeout=5).raise_for_status()
        session.mount("http://", HTTPAdapter(max_retries=RETRY))
        small_quota.clock.resume()

        reply = session.get(f"{small_quota.url}/jobs", timeout=5)

    assert reply.status_code == 200
    assert reply.raw.retries is not None
    assert [one.status for one in reply.raw.retries.history] == [429]
    assert reply.headers["X-RateLimit-Remaining"] == "2"


def test_without_patience_the_client_sees_429(small_quota: Service) -> None:
    """The header and the body say the same."""
    headers = {"X-API-Key": small_quota.key}
    url = f"{small_quota.url}/jobs"
    replies = [requests.get(url, headers=headers, timeout=5) for _ in range(4)]

    assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].headers["Retry-After"] == "1"
    assert replies[-1].json() == {
        "success": False,
        "error": {
            "code": "RATE_LIMIT_EXCEEDED",
            "message": "Rate limit exceeded",
            "details": {"retry_after": 1},
        },
    }
