"""Outcomes: what becomes of a call, as a spec speaks of it: by code, or by status."""

from __future__ import annotations

from emulator.values import value

REPLAYED = "replayed"
"""The reply is one that was given before (see `program.idempotency`)."""


@value
class Outcomes:
    """Some outcomes: codes of refusals, and statuses."""

    codes: frozenset[str]
    statuses: frozenset[int]

    def has(self, code: str | None, status: int) -> bool:
        """Whether a reply with this *status*, or the refusal *code*, is one of them."""
        return status in self.statuses or code in self.codes
