"""JobSphere's keys, and the transport that they come over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from replies import another, shown
from sphere import FREE, INPUT, refusal

if TYPE_CHECKING:
    from tests.conftest import Api

MISSING = refusal(401, "unauthorized", "Missing API key", quota=FREE)
UNKNOWN = refusal(401, "invalid_api_key", "Invalid API key provided", quota=FREE)
HTTPS = refusal(
    403, "https_required", "All requests must be made over HTTPS.", quota=FREE
)
OVER_HTTP = {"X-Forwarded-Proto": "http"}


def test_a_key_is_sent_as_bearer(jobsphere: Api) -> None:
    """[primary] §2: `Authorization: Bearer <api key>`, and how a key looks."""
    headers = jobsphere.credentials["full"]["headers"]

    assert headers["Authorization"].startswith("Bearer jk_live_sk_a1b2c3d4e5f6")
    assert jobsphere.get("/jobs").status_code == 200


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("full", "jk_live_sk_"),
        ("read_only", "jk_live_rk_"),
        ("test", "jk_test_sk_"),
    ],
)
def test_keys_tell_what_they_are(jobsphere: Api, name: str, prefix: str) -> None:
    """[primary] §2: secret and restricted keys exist; [assumed]: the other two prefixes."""
    headers = jobsphere.credentials[name]["headers"]

    assert headers["Authorization"].startswith(f"Bearer {prefix}")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic amtfbGl2ZTo=", "jk_live_sk_a1b2", "Token x"],
)
def test_no_key(jobsphere: Api, authorization: str | None) -> None:
    """[primary] §2: it fails; [assumed]: 401 where it is missing or not Bearer."""
    sent = {} if authorization is None else {"Authorization": authorization}

    assert shown(jobsphere.get("/jobs", None, headers=sent)) == MISSING


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_every_operation_needs_a_key(jobsphere: Api, method: str) -> None:
    """[docs: sib-A, sib-C] §2: requests without authentication fail."""
    path = "/jobs" if method in ("GET", "POST") else "/jobs/job_8x29a1b3"

    assert shown(jobsphere.call(method, path, None, json={})) == MISSING


def test_an_unknown_key_and_a_revoked_one(jobsphere: Api) -> None:
    """[assumed] §2: both are the same to the caller."""
    wrong = {"Authorization": "Bearer jk_live_sk_00000000000000000000000000000000"}

    assert shown(jobsphere.get("/jobs", None, headers=wrong)) == UNKNOWN
    assert shown(jobsphere.get("/jobs", "revoked")) == UNKNOWN


def test_a_missing_scope(jobsphere: Api) -> None:
    """[primary] §2: `write:jobs`, missing permissions are 4xx; [assumed]: the rest."""
    expected = refusal(
        403,
        "insufficient_scope",
        "This API key does not have the required scope: write:jobs",
        {"required_scope": "write:jobs"},
    )

    assert shown(jobsphere.post("/jobs", "read_only", json=INPUT)) == expected
    assert shown(jobsphere.post("/jobs", "no_scopes", json=INPUT)) == expected


def test_the_host_serves_the_same(jobsphere: Api) -> None:
    """[primary] §1: https://api.jobsphere.io/v1."""
    key = jobsphere.credentials["full"]["headers"]
    by_prefix = another(jobsphere).get("/jobs?per_page=3")

    by_host = jobsphere.client.get(
        "/v1/jobs?per_page=3", headers={**key, "Host": "api.jobsphere.io"}
    )

    assert shown(by_host) == shown(by_prefix)


@pytest.mark.parametrize("path", ["/v2/jobs", "/v1/auth/token", "/v1/webhooks"])
def test_the_variants_are_not_there(jobsphere: Api, path: str) -> None:
    """[primary] §2, §8, §10: v1, no token endpoint, webhooks in the dashboard only."""
    answer = jobsphere.client.get(f"/jobsphere{path}")

    assert shown(answer) == refusal(404, "not_found", "Resource not found", quota=FREE)


@pytest.mark.parametrize("key", ["full", None])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_plain_http_fails(jobsphere: Api, method: str, key: str | None) -> None:
    """[primary] §1: HTTPS is mandatory, no redirect; [assumed]: 403 https_required."""
    answer = jobsphere.call(method, "/jobs", key, headers=OVER_HTTP, json=INPUT)

    assert shown(answer) == HTTPS


def test_plain_http_does_nothing(jobsphere: Api) -> None:
    """[primary] §1: the call fails; [assumed]: nothing is charged either."""
    jobsphere.post("/jobs", headers=OVER_HTTP, json=INPUT)

    total = jobsphere.get("/jobs")
    assert shown(total) == shown(another(jobsphere).get("/jobs"))


def test_https_outside_and_a_local_client_are_let_in(jobsphere: Api) -> None:
    """[assumed] §1: the rule needs to be told the outer scheme."""
    outside = jobsphere.get("/jobs", headers={"X-Forwarded-Proto": "https"})

    assert outside.status_code == 200
    assert jobsphere.get("/jobs").status_code == 200


def test_strict_https_refuses_every_plain_call(api_of: Callable[..., Api]) -> None:
    """[assumed] §1: with the switch, a plain socket is plain http."""
    api = api_of("jobsphere", strict_https=True, trusted_proxies=("127.0.0.1",))

    assert shown(api.get("/jobs")) == HTTPS
    outside = api.get("/jobs", headers={"X-Forwarded-Proto": "https"})
    assert outside.status_code == 200
