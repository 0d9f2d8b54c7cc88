"""Scenarios: situations that every API comes into, for the credentials and limits there are."""

from __future__ import annotations

from emulator.inference.draft import HIGH, Draft
from emulator.inference.inferred import Kind
from emulator.json_type import Json

KIND = Kind(
    "scenarios",
    "the limits and credentials that were inferred",
    "`scenarios.yaml`: `rate_limited`, `credential_expired`, `maintenance`, `slow`, `flaky`",
)


def infer_scenarios(draft: Draft) -> None:
    names = [name for name, records in draft.fixtures.items() if _credentials(records)]
    if draft.rate_limits and names:
        draft.scenarios["rate_limited"] = {
            "says": "The credential `full` has no call left in this minute.",
            "arrange": [{"drain": {"credential": "full"}}],
        }
    if names:
        draft.scenarios["credential_expired"] = {
            "says": "The credential `full` has expired.",
            "arrange": [
                {"credential": "full", "set": {"expires_at": "2020-01-01T00:00:00Z"}}
            ],
        }
    draft.scenarios["maintenance"] = {
        "says": "Every call is answered 503 by what stands before the API.",
        "faults": [{"fault": "gateway=503"}],
    }
    draft.scenarios["slow"] = {
        "says": "Every reply takes two seconds.",
        "faults": [{"fault": "delay=2s"}],
    }
    draft.scenarios["flaky"] = {
        "says": "Every third call is answered 502 by what stands before the API.",
        "faults": [{"fault": "gateway=502", "calls": "every 3"}],
    }
    reason = "they are brought about by faults, and by what is known of credentials and limits"
    draft.found(KIND, "scenarios", HIGH, reason)


def _credentials(records: Json) -> bool:
    return isinstance(records, list) and any(
        record.get("name") == "full" and {"state", "expires_at"} <= record.keys()
        for record in records
    )
