"""What RecruitSome is expected to answer, as its documentation shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from replies import written

if TYPE_CHECKING:
    from tests.conftest import Api

START = 1_772_445_600
DATE = "Mon, 02 Mar 2026 10:00:00 GMT"
ROOT = "http://testserver/recruitsome/api/v1"
INVALID = "The given data was invalid."
SENIOR = "senior-software-engineer-amsterdam"
"""The slug of the documentation's examples."""
APPLICANT = {
    "first_name": "Fleur",
    "last_name": "Hoekstra",
    "email": "fleur.hoekstra@example.net",
}
APPLICATION = {"vacancy": SENIOR, "candidate": APPLICANT}


def reply(status: int, body: Any, left: int | None = 59, **more: str) -> str:
    """A whole reply as one text; *left* is what is left of sixty, None: no quota."""
    content = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    headers = {
        "content-length": str(len(content)),
        "content-type": "application/json",
        "date": DATE,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    if left is not None:
        headers["x-ratelimit-limit"] = "60"
        headers["x-ratelimit-remaining"] = str(left)
        headers["x-ratelimit-reset"] = str(START + 60)
    return written(status, list(headers.items()), content)


def ids(api: Api, path: str, key: str = "full") -> list[int]:
    """The ids of everything that a list finds, up to a hundred."""
    joint = "&" if "?" in path else "?"
    answer = api.get(f"{path}{joint}per_page=100", key)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


def errors(answer: Any) -> dict[str, list[str]]:
    """The violations of a reply that is the envelope of the documentation, and no more."""
    body = answer.json()
    assert answer.status_code == 422
    assert list(body) == ["message", "errors"]
    assert body["message"] == INVALID
    found: dict[str, list[str]] = body["errors"]
    return found


def upload(
    api: Api, name: str = "cv.pdf", user: int = 5, content: bytes = b"%PDF"
) -> Any:
    """Send a resume."""
    return api.post(
        "/candidates", data={"user_id": str(user)}, files=file(name, content)
    )


def file(name: str, content: bytes = b"%PDF") -> dict[str, tuple[str, bytes]]:
    return {"resume": (name, content)}
