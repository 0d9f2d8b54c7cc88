"""Jobriver's keys: who may call, from where, and what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jobriver_replies import JOB, START, refusal
from replies import calling_from, change, shown

from emulator.times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Api

CALLS: list[tuple[str, str, str]] = [
    ("GET", "/jobs", "read"),
    ("GET", "/jobs/123", "read"),
    ("GET", "/categories", "read"),
    ("GET", "/technologies", "read"),
    ("POST", "/jobs", "create"),
    ("PUT", "/jobs/123", "update"),
    ("PATCH", "/jobs/123", "update"),
    ("DELETE", "/jobs/123", "delete"),
]
"""Every call that needs a permission."""


def test_no_key_is_401(jobriver: Api) -> None:
    """[primary] §2: a missing key is MISSING_API_KEY, with 401 and not 403."""
    assert shown(jobriver.get("/status", key=None)) == refusal(
        401, "MISSING_API_KEY", "X-API-Key header is missing", None
    )


def test_an_empty_key_is_a_missing_one(jobriver: Api) -> None:
    """[assumed] §2: a header that says nothing is no key."""
    answer = jobriver.get("/status", key=None, headers={"X-API-Key": ""})

    assert answer.json()["error"]["code"] == "MISSING_API_KEY"


@pytest.mark.parametrize(
    "key",
    [
        "jrv_abc123def456",
        "abc1a18b869b2e81c0c529552a3c4fa5c92ed08b",
        "jrv_abc1",
        "JRV_ABC1A18B869B2E81C0C529552A3C4FA5C92ED08B",
        "x" * 5_000,
        "' OR 1=1 --",
    ],
)
def test_an_unknown_or_malformed_key_is_403(jobriver: Api, key: str) -> None:
    """[primary] §2, §10: INVALID_API_KEY is 403, whatever is wrong with the key."""
    answer = jobriver.get("/status", key=None, headers={"X-API-Key": key})

    assert shown(answer) == refusal(403, "INVALID_API_KEY", "Invalid API key", None)


@pytest.mark.parametrize("header", ["X-API-Key", "x-api-key", "X-Api-Key"])
def test_the_key_stands_in_x_api_key(jobriver: Api, header: str) -> None:
    """[primary] §2: X-API-Key, in any case, as HTTP has it."""
    key = jobriver.credentials["full"]["value"]

    assert jobriver.get("/status", None, headers={header: key}).status_code == 200


def test_a_key_is_taken_from_nowhere_else(jobriver: Api) -> None:
    """[primary] §2: neither a bearer token nor a query parameter is a key."""
    key = jobriver.credentials["full"]["value"]
    as_bearer = jobriver.get(
        "/status", None, headers={"Authorization": f"Bearer {key}"}
    )
    as_query = jobriver.get(f"/status?api_key={key}&X-API-Key={key}", None)

    assert (as_bearer.status_code, as_query.status_code) == (401, 401)


def test_every_key_of_the_fixtures_has_the_prefix(jobriver: Api) -> None:
    """[primary] §2: a key is `jrv_` and an opaque token."""
    values = [credential["value"] for credential in jobriver.credentials.values()]

    assert all(value.startswith("jrv_") and len(value) > 8 for value in values)


@pytest.mark.parametrize(
    ("key", "code", "message"),
    [
        ("inactive", "API_KEY_INACTIVE", "API key is inactive"),
        ("revoked", "API_KEY_REVOKED", "API key has been revoked"),
        ("expired", "API_KEY_EXPIRED", "API key has expired"),
        ("ip_restricted", "IP_NOT_ALLOWED", "IP address not allowed"),
    ],
)
def test_a_key_that_is_no_longer_good_is_403(
    jobriver: Api, key: str, code: str, message: str
) -> None:
    """[primary] §2: a code for each state; [assumed] §3: the quota is told, not charged."""
    assert shown(jobriver.get("/jobs", key)) == refusal(403, code, message, 60)


def test_a_key_expires_to_the_second(jobriver: Api) -> None:
    """[primary] §2: a key past `expires_at` is API_KEY_EXPIRED."""
    end = time_of("2099-12-31T23:59:59Z")
    jobriver.clock.set(end - 1)
    before = jobriver.get("/status", "expiring")
    jobriver.clock.set(end)
    after = jobriver.get("/status", "expiring")

    assert before.status_code == 200
    assert after.json()["error"]["code"] == "API_KEY_EXPIRED"


@pytest.mark.parametrize(("method", "path", "needed"), CALLS)
def test_a_key_may_do_what_its_permissions_say(
    jobriver: Api, method: str, path: str, needed: str
) -> None:
    """[primary] §2, §4: each call needs one permission; [docs: en page] §2: lookups `read`."""
    body = JOB if method == "POST" else {} if method in ("PUT", "PATCH") else None
    others = [one for one in ("read", "create", "update", "delete") if one != needed]

    change(jobriver, "api_keys", 1, permissions=others)
    without = jobriver.call(method, path, json=body)
    change(jobriver, "api_keys", 1, permissions=[needed])
    allowed = jobriver.call(method, path, json=body)

    assert shown(without) == refusal(
        403, "PERMISSION_DENIED", f"Permission denied: {needed}"
    )
    assert allowed.status_code == (201 if method == "POST" else 200)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("192.0.2.7", True),
        ("192.0.2.255", True),
        ("192.0.3.0", False),
        ("198.51.100.1", False),
        ("127.0.0.1", False),
        ("2001:db8::1", True),
        ("2001:db8:ffff::9", True),
        ("2001:db9::1", False),
        ("::ffff:192.0.2.7", True),
        ("::ffff:198.51.100.1", False),
        ("::1", False),
    ],
)
def test_only_listed_networks_may_call(
    jobriver: Api, address: str, allowed: bool
) -> None:
    """[primary] §2: the whitelist is a list of CIDRs, IPv4 and IPv6."""
    answer = calling_from(jobriver, address).get("/status", "ip_restricted")

    assert answer.status_code == (200 if allowed else 403)


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 403)]
)
def test_a_key_may_be_good_on_this_machine_only(
    jobriver: Api, address: str, status: int
) -> None:
    """[primary] §2: a loopback network is a network like any other."""
    answer = calling_from(jobriver, address).get("/status", "ip_allowed")

    assert answer.status_code == status


def test_a_forwarded_address_is_believed_of_a_trusted_proxy_only(
    api_of: Callable[..., Api],
) -> None:
    """[primary] §2: the whitelist is about the caller, not about the proxy before us."""
    api = api_of("jobriver", trusted_proxies=("10.0.0.0/8", "2001:db8:ffff::/48"))

    def code(peer: str, forwarded: str) -> int:
        sent = {"X-Forwarded-For": forwarded}
        answer: Any = calling_from(api, peer).get(
            "/status", "ip_restricted", headers=sent
        )
        return int(answer.status_code)

    assert code("10.0.0.1", "192.0.2.7") == 200
    assert code("10.0.0.1", "2001:db8::7") == 200
    assert code("2001:db8:ffff::1", "192.0.2.7") == 200
    assert code("10.0.0.1", "192.0.2.7, 10.0.0.2") == 200
    assert code("10.0.0.1", "198.51.100.1") == 403
    assert code("10.0.0.1", "192.0.2.7, 198.51.100.1") == 403
    assert code("198.51.100.1", "192.0.2.7") == 403


def test_nobody_is_believed_by_default(jobriver: Api) -> None:
    """[primary] §2: a header that anyone can send opens no whitelist."""
    answer = jobriver.get(
        "/status", "ip_restricted", headers={"X-Forwarded-For": "192.0.2.7"}
    )

    assert answer.json()["error"]["code"] == "IP_NOT_ALLOWED"


def test_a_key_that_is_switched_on_again_works_again(jobriver: Api) -> None:
    """[primary] §2: a deactivated key is refused for as long as it is inactive."""
    before = jobriver.get("/status", "inactive")
    change(jobriver, "api_keys", 5, status="active")
    after = jobriver.get("/status", "inactive")

    assert (before.status_code, after.status_code) == (403, 200)
    assert after.headers["X-RateLimit-Reset"] == str(START + 60)
