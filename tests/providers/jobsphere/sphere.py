"""What JobSphere is expected to answer, as its documentation shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from replies import written

if TYPE_CHECKING:
    from tests.conftest import Api

START = 1_772_445_600
DATE = "Mon, 02 Mar 2026 10:00:00 GMT"
NOW = "2026-03-02T10:00:00Z"
DOCUMENTED = {
    "id": "job_8x29a1b3",
    "title": "Senior Frontend Engineer",
    "company": "JobSphere Inc.",
    "location": "San Francisco, CA",
    "type": "full-time",
    "salary_range": {"min": 140000, "max": 185000, "currency": "USD"},
    "description": (
        "Build the pages that millions of people look for work on. You will own the "
        "search results, from the first sketch to the last millisecond."
    ),
    "tags": ["react", "node"],
    "status": "active",
    "created_at": "2025-04-10T08:00:00Z",
    "updated_at": "2025-04-10T08:00:00Z",
}
INPUT = {
    "title": "Senior Frontend Engineer",
    "company": "JobSphere Inc.",
    "location": "San Francisco, CA",
    "type": "full-time",
    "salary_range": {"min": 140000, "max": 185000, "currency": "USD"},
    "description": "Build the pages that people look for work on.",
    "tags": ["react", "node"],
}
"""A body with every field."""
MINIMAL = {
    name: INPUT[name] for name in ("title", "company", "location", "description")
}
APPLICANT = {"name": "Priya Raman", "email": "priya.raman@example.com"}
FREE = (100, 100)
"""The quota that is shown to who has proved no key: (limit, left)."""


def reply(
    status: int, body: Any, quota: tuple[int, int] = (1000, 999), **more: str
) -> str:
    """A whole reply as one text; *quota* is (limit, left)."""
    content = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    headers = {
        "content-length": str(len(content)),
        "content-type": "application/json",
        "date": DATE,
        "x-ratelimit-limit": str(quota[0]),
        "x-ratelimit-remaining": str(quota[1]),
        "x-ratelimit-reset": str(START + 60),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return written(status, list(headers.items()), content)


def refusal(
    status: int,
    code: str,
    message: str,
    details: Any = None,
    quota: tuple[int, int] = (1000, 999),
    **more: str,
) -> str:
    """A whole refusal as one text."""
    error = {"code": code, "message": message, "details": details or {}}
    return reply(status, {"error": error}, quota, **more)


def missing(field: str, quota: tuple[int, int] = (1000, 999)) -> str:
    """The refusal that the documentation shows."""
    details = {"field": field, "reason": "cannot be empty"}
    message = f"Missing required field: {field}"
    return refusal(400, "invalid_request", message, details, quota)


def invalid(field: str, reason: str) -> str:
    details = {"field": field, "reason": reason}
    return refusal(400, "invalid_request", f"Invalid value for field: {field}", details)


def found(api: Api, query: str, key: str = "full") -> list[Any]:
    """The jobs that a list finds, up to a hundred."""
    answer = api.get(f"/jobs?per_page=100&{query}", key)
    assert answer.status_code == 200, answer.text
    jobs: list[Any] = answer.json()["data"]
    return jobs


def ids(api: Api, query: str, key: str = "full") -> list[str]:
    return [one["id"] for one in found(api, query, key)]
