"""Jobriver's catalogue of errors: each reached naturally, and again on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from jobriver_replies import JOB, refusal
from replies import another, shown

if TYPE_CHECKING:
    from tests.conftest import Api

WRONG_KEY = {"X-API-Key": "jrv_wrong"}
TEXT = {"Content-Type": "text/plain"}
JSON = {"Content-Type": "application/json"}


class Way(NamedTuple):
    """One documented error, how a call comes by it, and how it is asked for."""

    code: str
    status: int
    message: str
    naturally: Callable[[Api], Any]
    refusal: str
    asking: Callable[[Api, dict[str, str]], Any]
    """A call that would go well, with more headers."""
    left: int | None = 59
    limit: int = 60
    details: dict[str, Any] = {}  # noqa: RUF012 - never changed
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def locked(api: Api) -> Any:
    for _ in range(5):
        api.get("/jobs", None, headers=WRONG_KEY)
    return api.get("/jobs")


def drained(api: Api) -> Any:
    for _ in range(3):
        api.get("/jobs", "tiny")
    return api.get("/jobs", "tiny")


def listing(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/jobs", headers=headers)


def listing_tiny(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/jobs", "tiny", headers=headers)


def reading(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/jobs/123", headers=headers)


def creating(api: Api, headers: dict[str, str]) -> Any:
    return api.post("/jobs", json=JOB, headers=headers)


def updating(api: Api, headers: dict[str, str]) -> Any:
    return api.call("PATCH", "/jobs/123", json={"title": "Staff"}, headers=headers)


def deleting(api: Api, headers: dict[str, str]) -> Any:
    return api.call("DELETE", "/jobs/123", headers=headers)


def in_trouble(call: Callable[[Api, dict[str, str]], Any]) -> Callable[[Api], Any]:
    """Nothing that a caller does brings about a 500, so a fault has to."""
    return lambda api: call(api, {"X-Emulator-Fault": "status=500"})


LACKING = {
    "title": "Title is required",
    "description": "Description is required",
    "location": "Location is required",
}

# fmt: off
WAYS = [
    Way("MISSING_API_KEY", 401, "X-API-Key header is missing",
        lambda api: api.get("/jobs", None),
        "credential_missing", listing, None),
    Way("INVALID_API_KEY", 403, "Invalid API key",
        lambda api: api.get("/jobs", None, headers=WRONG_KEY),
        "credential_unknown", listing, None),
    Way("API_KEY_INACTIVE", 403, "API key is inactive",
        lambda api: api.get("/jobs", "inactive"),
        "credential_inactive", listing, 60),
    Way("API_KEY_REVOKED", 403, "API key has been revoked",
        lambda api: api.get("/jobs", "revoked"),
        "credential_revoked", listing, 60),
    Way("API_KEY_EXPIRED", 403, "API key has expired",
        lambda api: api.get("/jobs", "expired"),
        "credential_expired", listing, 60),
    Way("API_KEY_BLOCKED", 403,
        "API key is temporarily blocked due to too many failed attempts",
        locked,
        "locked_out", listing, None),
    Way("IP_NOT_ALLOWED", 403, "IP address not allowed",
        lambda api: api.get("/jobs", "ip_restricted"),
        "ip_not_allowed", listing, 60),
    Way("PERMISSION_DENIED", 403, "Permission denied: read",
        lambda api: api.get("/jobs", "no_permissions"),
        "scope_missing", listing),
    Way("RATE_LIMIT_EXCEEDED", 429, "Rate limit exceeded",
        drained,
        "rate_limited", listing_tiny, 0, 3, {"retry_after": 60}, {"retry-after": "60"}),
    Way("VALIDATION_ERROR", 422, "Validation failed",
        lambda api: api.post("/jobs", json={}),
        "invalid_request", creating, details={"errors": LACKING}),
    Way("INVALID_JOB_ID", 400, "Invalid job ID",
        lambda api: api.get("/jobs/abc"),
        "invalid_path", reading),
    Way("JOB_NOT_FOUND", 404, "Job not found",
        lambda api: api.get("/jobs/999999"),
        "not_found", reading),
    Way("JOB_LIMIT_EXCEEDED", 403, "Job limit exceeded",
        lambda api: api.post("/jobs", "at_job_limit", json=JOB),
        "limit_reached", creating),
    Way("INVALID_REQUEST_BODY", 400, "Request body is missing or not valid JSON",
        lambda api: api.post("/jobs", content=b"{", headers=JSON),
        "malformed_body", creating),
    Way("INVALID_CONTENT_TYPE", 415, "Content-Type must be application/json",
        lambda api: api.post("/jobs", content=b"{}", headers=TEXT),
        "unsupported_media", creating),
    Way("METHOD_NOT_ALLOWED", 405, "Method not allowed",
        lambda api: api.call("DELETE", "/categories"),
        "wrong_method", lambda api, headers: api.get("/categories", headers=headers),
        None, headers={"allow": "GET, HEAD, OPTIONS"}),
    Way("INTERNAL_ERROR", 500, "Internal server error",
        in_trouble(listing),
        "internal_error", listing),
    Way("UPDATE_FAILED", 500, "Update failed",
        in_trouble(updating),
        "update_failed", updating),
    Way("DELETE_FAILED", 500, "Delete failed",
        in_trouble(deleting),
        "delete_failed", deleting),
]
# fmt: on
"""Every row of the provider's table of errors."""

BY_CODE = [pytest.param(way, id=way.code) for way in WAYS]


def test_the_provider_documents_nineteen_codes() -> None:
    """[primary] §6: the catalogue."""
    assert len({way.code for way in WAYS}) == 19


@pytest.mark.parametrize("way", BY_CODE)
def test_every_documented_code_can_be_met(jobriver: Api, way: Way) -> None:
    """[primary] §6: status, code and envelope, `details` always there; [assumed] §7: texts."""
    answer = way.naturally(jobriver)

    assert shown(answer) == refusal(
        way.status,
        way.code,
        way.message,
        way.left,
        limit=way.limit,
        details=way.details,
        **way.headers,
    )


@pytest.mark.parametrize("way", BY_CODE)
def test_a_refusal_on_request_is_the_natural_one(jobriver: Api, way: Way) -> None:
    """[primary] §6: a client cannot tell X-Emulator-Refuse from the real thing."""
    natural = way.naturally(another(jobriver))

    asked = way.asking(jobriver, {"X-Emulator-Refuse": way.refusal})

    assert shown(asked) == shown(natural)
    assert asked.content == natural.content
    assert list(asked.headers) == list(natural.headers)


@pytest.mark.parametrize("way", BY_CODE)
def test_the_call_that_is_refused_on_request_would_go_well(
    jobriver: Api, way: Way
) -> None:
    """[primary] §6: without the wish the same call succeeds."""
    assert way.asking(jobriver, {}).status_code in (200, 201)


def test_the_unknown_route_can_be_asked_for_too(jobriver: Api) -> None:
    """[assumed] §6: NOT_FOUND is the twentieth code, which is not documented."""
    natural = another(jobriver).get("/nowhere")

    asked = listing(jobriver, {"X-Emulator-Refuse": "no_route"})

    assert (
        shown(asked) == shown(natural) == refusal(404, "NOT_FOUND", "Not found", None)
    )


@pytest.mark.parametrize("call", [updating, deleting, creating])
def test_a_refused_write_changes_nothing(
    jobriver: Api, call: Callable[[Api, dict[str, str]], Any]
) -> None:
    """[primary] §6: UPDATE_FAILED and DELETE_FAILED say that nothing was done."""
    before = another(jobriver).get("/jobs?per_page=100").json()["data"]

    refused = call(jobriver, {"X-Emulator-Fault": "status=500"})

    assert refused.status_code == 500
    assert jobriver.get("/jobs?per_page=100").json()["data"] == before


def test_a_code_that_the_call_cannot_give_is_no_wish(jobriver: Api) -> None:
    """[primary] §6: a list is never answered with DELETE_FAILED; the emulator says so."""
    answer = listing(jobriver, {"X-Emulator-Refuse": "delete_failed"})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_a_body_that_cannot_be_read(
    api_of: Callable[..., Api],
) -> None:
    """[assumed] §6: no code is documented for it, so it is INVALID_REQUEST_BODY."""
    api = api_of("jobriver", max_body=1_000)

    answer = api.post("/jobs", json={**JOB, "description": "x" * 2_000})

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "INVALID_REQUEST_BODY"


def test_an_outage_has_a_code_of_its_own(jobriver: Api) -> None:
    """[primary] §6: INTERNAL_ERROR is 500; [assumed]: 503 is SERVICE_UNAVAILABLE."""
    answer = jobriver.get("/jobs", headers={"X-Emulator-Fault": "status=503"})

    assert shown(answer) == refusal(
        503, "SERVICE_UNAVAILABLE", "Service unavailable", None
    )
