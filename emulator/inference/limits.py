"""Limits: how often a caller may call, where the document has headers that tell of it."""

from __future__ import annotations

import re

from emulator.inference.draft import GUESSED, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.json_type import Json

KIND = Kind(
    "limits",
    "headers of replies with names like `X-RateLimit-Limit`, `RateLimit-Remaining`, and replies"
    " with the status 429",
    "a limit of 1,000 calls in a minute, or of the header's example, and the headers that tell of it",
)
_HEADER = re.compile(
    r"(x-)?rate-?limit-(?P<kind>limit|remaining|reset|used)(-after)?"
    r"|x-rate-?limit-(?:requests-)?(?P<other>limit|remaining|reset|used)"
    r"|(x-)?rate-limit-(?P<third>limit|remaining|reset|used)"
)
_QUOTA = 1_000


def infer_limits(draft: Draft) -> None:
    found: dict[str, str] = {}
    documented, quota = "", _QUOTA
    policy: dict[str, str] = {}
    for operation in draft.openapi.operations.values():
        if "429" in operation.responses:
            documented = documented or operation.id
        for headers in operation.response_headers.values():
            for name, schema in headers.items():
                lower = name.lower()
                matched = _HEADER.fullmatch(lower)
                if matched:
                    kind = matched["kind"] or matched["other"] or matched["third"]
                    found.setdefault(kind, name)
                    if kind == "limit" and isinstance(schema, dict):
                        quota = _example(schema) or quota
                    if kind == "reset" and isinstance(schema, dict):
                        policy.setdefault("reset", _reset(schema))
                elif lower == "ratelimit-policy":
                    policy["policy"] = name
                elif lower == "ratelimit":
                    policy["state"] = name
    if not (found or documented or policy.keys() & {"policy", "state"}):
        return
    per = "credential" if draft.schemes or draft.oauth2 else "ip"
    limit = {"quota": quota, "window": "1m", "per": per, "source": GUESSED}
    draft.rate_limits.append(limit)
    where = documented or ", ".join(found.values())
    reason = (
        f"{where} tells of a limit; the quota is a guess, since no document has one"
    )
    draft.found(KIND, "rate_limits", MEDIUM, reason)
    if not found and not policy.keys() & {"policy", "state"}:
        return
    told: dict[str, Json] = {
        kind: found[kind]
        for kind in ("limit", "used", "remaining", "reset")
        if kind in found
    }
    if "reset" in told and policy.get("reset") == "delta":
        told["reset_as"] = "delta"
    told |= {key: policy[key] for key in ("policy", "state") if key in policy}
    draft.rate_limit_headers = {**told, "replies": "always"}


def _example(schema: dict[str, Json]) -> int:
    """The quota that the header's example has; 0 without one."""
    example = schema.get("example")
    return example if isinstance(example, int) and example > 1 else 0


def _reset(schema: dict[str, Json]) -> str:
    """Whether a reset is told in seconds from now; by default it is a time since 1970."""
    about = f"{schema.get('description', '')} {schema.get('title', '')}".lower()
    small = isinstance(schema.get("example"), int) and schema["example"] < 1_000_000
    return (
        "delta"
        if small or "seconds until" in about or "seconds remaining" in about
        else "epoch"
    )
