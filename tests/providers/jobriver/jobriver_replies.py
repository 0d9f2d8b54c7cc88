"""What Jobriver answers, written down as `replies.shown` shows it."""

from __future__ import annotations

from typing import Any

import orjson
from replies import written

from emulator.times import http_date, micros

START = 1_772_445_600
"""2026-03-02T10:00:00Z, when every test's clock stands still; a whole minute."""

NOW = "2026-03-02T10:00:00Z"

JOB: dict[str, Any] = {
    "title": "Backend Developer",
    "description": "Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.",
    "location": "Berlin, Germany",
}
"""Only what a job must have."""

CREATED: dict[str, Any] = {
    "id": 456,
    "slug": "backend-developer",
    "title": "Backend Developer",
    "description": "Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.",
    "requirements": None,
    "benefits": None,
    "location": "Berlin, Germany",
    "location_type": "onsite",
    "employment_type": "fulltime",
    "experience_level": "any",
    "category": None,
    "salary": {"min": None, "max": None, "currency": "EUR"},
    "technologies": [],
    "apply_type": "internal",
    "apply_url": None,
    "apply_email": None,
    "is_featured": False,
    "is_active": True,
    "applications_count": 0,
    "start_date": None,
    "languages_required": [],
    "soft_skills": [],
    "published_at": NOW,
    "expires_at": None,
    "created_at": NOW,
    "updated_at": NOW,
}
"""The job that `JOB` becomes in a fresh world."""

DOCUMENTED: dict[str, Any] = {
    "id": 123,
    "slug": "senior-backend-developer",
    "title": "Senior Backend Developer",
    "description": (
        "Du baust mit uns die Schnittstellen, über die unsere Kunden ihre Stellen "
        "veröffentlichen. Du entwirfst, programmierst und betreibst Dienste, die auch "
        "am Montagmorgen schnell antworten. Im Team entscheidest du mit, welche "
        "Technik wir einführen und welche wir abschaffen."
    ),
    "requirements": (
        "- Mindestens fünf Jahre Erfahrung in der Entwicklung mit PHP\n"
        "- Gute Kenntnisse in Laravel und relationalen Datenbanken\n"
        "- Freude an Tests, Reviews und klaren Schnittstellen"
    ),
    "benefits": (
        "- 30 Tage Urlaub\n- Deutschlandticket\n- 1.500 Euro Lernbudget im Jahr"
    ),
    "location": "Berlin, Germany",
    "location_type": "hybrid",
    "employment_type": "fulltime",
    "experience_level": "senior",
    "category": {
        "id": 5,
        "name": "Software Development",
        "slug": "software-development",
    },
    "salary": {"min": 65000, "max": 85000, "currency": "EUR"},
    "technologies": [
        {"id": 1, "name": "PHP", "slug": "php", "category": "backend"},
        {"id": 2, "name": "Laravel", "slug": "laravel", "category": "backend"},
        {"id": 3, "name": "MariaDB", "slug": "mariadb", "category": "database"},
    ],
    "apply_type": "internal",
    "apply_url": None,
    "apply_email": None,
    "is_featured": False,
    "is_active": True,
    "applications_count": 12,
    "start_date": "2024-03-01",
    "languages_required": ["Deutsch", "Englisch"],
    "soft_skills": ["Teamfähigkeit", "Kommunikation"],
    "published_at": "2024-02-01T10:00:00Z",
    "expires_at": None,
    "created_at": "2024-02-01T09:30:00Z",
    "updated_at": "2024-02-05T14:00:00Z",
}
"""The job of the provider's documentation, which the fixtures hold."""


def reply(
    status: int,
    body: Any,
    left: int | None = 59,
    *,
    limit: int = 60,
    at: int = START,
    **headers: str,
) -> str:
    """The reply at *at* that leaves *left* of the quota; None: nobody was identified."""
    text = orjson.dumps(body)
    lines = {
        "content-length": str(len(text)),
        "content-type": "application/json",
        "date": http_date(micros(at)),
        "x-request-id": "<uuid>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if left is not None:
        lines["x-ratelimit-limit"] = str(limit)
        lines["x-ratelimit-remaining"] = str(left)
        lines["x-ratelimit-reset"] = str(at // 60 * 60 + 60)
    return written(status, list(lines.items()), text)


def meta(left: int = 59, limit: int = 60, at: int = START) -> dict[str, Any]:
    """The `meta` of a reply to GET."""
    reset = at // 60 * 60 + 60
    return {"rate_limit": {"limit": limit, "remaining": left, "reset": reset}}


def refusal(
    status: int,
    code: str,
    message: str,
    left: int | None = 59,
    *,
    details: dict[str, Any] | None = None,
    **rest: Any,
) -> str:
    """The reply that a refusal gives: the provider's one envelope of errors."""
    error = {"code": code, "message": message, "details": details or {}}
    return reply(status, {"success": False, "error": error}, left, **rest)


def invalid(left: int = 59, /, **errors: str) -> str:
    """The reply to an input that breaks rules: one message for each field."""
    return refusal(
        422, "VALIDATION_ERROR", "Validation failed", left, details={"errors": errors}
    )
