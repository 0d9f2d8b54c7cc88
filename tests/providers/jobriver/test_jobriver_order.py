"""Jobriver's order of checks: the earlier cause of a refusal wins over every later one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from replies import change

if TYPE_CHECKING:
    from tests.conftest import Api

KEY, KEY_ID = "at_job_limit", 14


@dataclass
class Request:
    """A call to come, on which causes for a refusal are heaped.

    It activates an inactive job of a company that has no room for another one.
    """

    api: Api
    method: str = "PUT"
    resource: str = "jobs"
    id: str = "343"
    body: bytes = b'{"title": "Aushilfe im Werkstattbuero"}'
    headers: dict[str, str] = field(default_factory=dict)

    def key(self, **fields: Any) -> None:
        change(self.api, "api_keys", KEY_ID, **fields)

    def code(self) -> str:
        """The code that it is refused with, or `ok`."""
        answer = self.api.call(
            self.method,
            f"/{self.resource}/{self.id}",
            key=None,
            content=self.body,
            headers=self.headers,
        )
        found = answer.json()
        return "ok" if found["success"] else str(found["error"]["code"])


def request_of(api: Api) -> Request:
    headers = {**api.credentials[KEY]["headers"], "Content-Type": "application/json"}
    return Request(api, headers=headers)


def unknown_route(request: Request) -> None:
    request.resource = "nowhere"


def wrong_method(request: Request) -> None:
    request.method = "POST"


def no_key(request: Request) -> None:
    del request.headers["X-API-Key"]


def locked_out(request: Request) -> None:
    for _ in range(5):
        request.api.get("/status", None, headers={"X-API-Key": "jrv_wrong"})


def unknown_key(request: Request) -> None:
    request.headers["X-API-Key"] = "jrv_wrong"


def inactive(request: Request) -> None:
    request.key(status="inactive")


def revoked(request: Request) -> None:
    request.key(status="revoked")


def expired(request: Request) -> None:
    request.key(expires_at="2026-03-02T09:59:59Z")


def address_not_listed(request: Request) -> None:
    request.key(ip_whitelist=["192.0.2.0/24"])


def quota_spent(request: Request) -> None:
    request.key(requests_per_minute=1)
    assert request.api.get("/status", KEY).status_code == 200


def no_permission(request: Request) -> None:
    request.key(permissions=["read", "create", "delete"])


def invalid_id(request: Request) -> None:
    request.id = "abc"


def wrong_type(request: Request) -> None:
    request.headers["Content-Type"] = "text/plain"


def no_json(request: Request) -> None:
    request.body = b"{"


def no_such_job(request: Request) -> None:
    request.id = "999999"


def invalid_fields(request: Request) -> None:
    request.body = b'{"title": "x", "is_active": true}'


def no_room(request: Request) -> None:
    request.body = b'{"is_active": true}'


CAUSES: list[tuple[int, str, Callable[[Request], None]]] = [
    (2, "NOT_FOUND", unknown_route),
    (3, "METHOD_NOT_ALLOWED", wrong_method),
    (4, "MISSING_API_KEY", no_key),
    (5, "API_KEY_BLOCKED", locked_out),
    (6, "INVALID_API_KEY", unknown_key),
    (7, "API_KEY_INACTIVE", inactive),
    (7, "API_KEY_REVOKED", revoked),
    (8, "API_KEY_EXPIRED", expired),
    (9, "IP_NOT_ALLOWED", address_not_listed),
    (10, "RATE_LIMIT_EXCEEDED", quota_spent),
    (11, "PERMISSION_DENIED", no_permission),
    (12, "INVALID_JOB_ID", invalid_id),
    (13, "INVALID_CONTENT_TYPE", wrong_type),
    (14, "INVALID_REQUEST_BODY", no_json),
    (15, "JOB_NOT_FOUND", no_such_job),
    (16, "VALIDATION_ERROR", invalid_fields),
    (17, "JOB_LIMIT_EXCEEDED", no_room),
]
"""The recommended order: number, code, and what brings the code about."""

PAIRS = [
    pytest.param(code, earlier, later, id=f"{earlier.__name__}-{later.__name__}")
    for (first, code, earlier), (second, _, later) in combinations(CAUSES, 2)
    if first != second
]


def test_without_a_cause_the_request_goes_through(jobriver: Api) -> None:
    """[assumed] §2: what the pairs below are told apart from."""
    assert request_of(jobriver).code() == "ok"


@pytest.mark.parametrize(("code", "cause"), [(code, one) for _, code, one in CAUSES])
def test_every_cause_alone_is_refused(
    jobriver: Api, code: str, cause: Callable[[Request], None]
) -> None:
    """[assumed] §2: each step of the order has a code of its own."""
    request = request_of(jobriver)

    cause(request)

    assert request.code() == code


@pytest.mark.parametrize(("code", "earlier", "later"), PAIRS)
def test_the_earlier_cause_wins(
    jobriver: Api,
    code: str,
    earlier: Callable[[Request], None],
    later: Callable[[Request], None],
) -> None:
    """[assumed] §2: the recommended check order, pair by pair."""
    request = request_of(jobriver)
    later(request)
    earlier(request)

    assert request.code() == code


def test_all_causes_together_come_to_light_one_by_one(jobriver: Api) -> None:
    """[assumed] §2: whoever mends one thing after another meets the codes in this order."""
    for at, (_, code, _) in enumerate(CAUSES):
        request = request_of(jobriver)
        request.key(requests_per_minute=60)
        for _, _, cause in reversed(CAUSES[at:]):
            cause(request)
        assert request.code() == code
        jobriver.clock.advance(120)
        request.key(
            status="active",
            expires_at=None,
            ip_whitelist=[],
            requests_per_minute=60,
            permissions=["read", "create", "update", "delete"],
        )
