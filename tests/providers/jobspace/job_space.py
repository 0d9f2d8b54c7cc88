"""What The Job Space is sent and answers, for its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from replies import written

from emulator.times import http_date, micros

if TYPE_CHECKING:
    from front_door import Api

START = 1_772_445_600
"""2026-03-02T10:00:00Z, when every test's clock stands still."""

JOB: dict[str, Any] = {
    "job_category": "ACCOUNTS_MANAGER",
    "job_type": "perm_fulltime",
    "reference": "1234567894",
    "name": "Job Title",
    "description": "A description of the job.",
    "open_date": "2026-03-02",
    "premise": "123 Main Road",
    "main_area": "Sheffield",
    "sub_area": "South Yorkshire",
    "postal_code": "S1 4DP",
    "country": "GB",
    "location_display": "Sheffield, South Yorkshire",
    "salary_frequency": "ANNUALLY",
    "salary_currency": "GBP",
    "salary_text": "Competitive",
    "apply_type": "SIGNUP",
}
"""Only what a job must have."""

LEGACY_JOB: dict[str, Any] = {
    "organisation": "test",
    "reference": "1234567895",
    "name": "Job Title",
    "description": "A description of the job.",
    "benefits": "A pension.",
    "skills": "Patience.",
    "open_date": "2017-12-01",
    "close_date": "2017-12-30",
}
"""Only what the older revision's 422 names."""


def reply(
    status: int, body: Any, left: int | None = 59, *, at: int = START, **headers: str
) -> str:
    """The reply at *at* that leaves *left* of the quota; None: nobody was identified."""
    text = orjson.dumps(body)
    lines = {
        "content-length": str(len(text)),
        "content-type": "application/json",
        "date": http_date(micros(at)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if left is not None:
        lines["x-ratelimit-limit"] = "60"
        lines["x-ratelimit-remaining"] = str(left)
        lines["x-ratelimit-reset"] = str(START + 60)
    return written(status, list(lines.items()), text)


def refusal(status: int, message: str, left: int | None = 59, **headers: str) -> str:
    """What the API answers a refused call: inside `data`."""
    body = {"data": {"message": message, "status_code": status}}
    return reply(status, body, left, **headers)


def invalid(left: int = 59, **errors: list[str]) -> str:
    body = {
        "data": {
            "message": "422 Unprocessable Entity",
            "errors": errors,
            "status_code": 422,
        }
    }
    return reply(422, body, left)


def flat(status: int, error: str, message: str, hint: str | None = None) -> str:
    """What the token endpoint answers a refused call: not inside `data`."""
    body = {"error": error, "message": message}
    return reply(status, body if hint is None else {**body, "hint": hint}, None)


def password_grant(api: Api, key: str = "full") -> dict[str, str]:
    """The form that asks for a token of *key*'s vendor and user."""
    known = api.credentials[key]
    names = ("client_id", "client_secret", "username", "password")
    return {"grant_type": "password", **{name: known[name] for name in names}}


def refresh_grant(api: Api, key: str = "full") -> dict[str, str]:
    known = api.credentials[key]
    names = ("client_id", "client_secret", "refresh_token")
    return {"grant_type": "refresh_token", **{name: known[name] for name in names}}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
