"""Problem: what RFC 9457 writes of something that went wrong."""

from __future__ import annotations

import json
from typing import Any

MEDIA_TYPE = "application/problem+json"


def problem_body(status: int, title: str, detail: str, **more: Any) -> bytes:
    """The body of a problem; *more* are further members of it."""
    members = {"type": "about:blank", "title": title, "status": status}
    # json.dumps escapes what is not ASCII: a lone surrogate in a text is no second bug.
    return json.dumps({**members, "detail": detail, **more}).encode()
