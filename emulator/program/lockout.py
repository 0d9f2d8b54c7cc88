"""Lockout: who is shut out, after how many failures, and for how long."""

from __future__ import annotations

from typing import Any

from emulator.language.templates import Template
from emulator.values import value


@value
class LockoutPolicy:
    """Who is shut out, after how many failures, and for how long."""

    counts: frozenset[str]
    """The refusals that are failures."""
    per: str
    """`ip`, `credential`, `account`, `operation`, or `expression`."""
    subject: Template | None
    after: int
    """The number of failures that locks."""
    within: int
    """Failures that are older do not count, in microseconds; 0: all count."""
    durations: tuple[int, ...]
    """Microseconds of the first lock, the second, ...; the last one repeats."""
    reset_on_success: bool
    all_calls: bool = False
    """The lock holds for calls without a credential too, wherever they go."""

    def subject_of(self, x: Any, claim: Any = None) -> tuple[str, str, str]:
        """Whom failures of *x* are counted for, or those of one *claim* that it makes."""
        subject, claim = x.client, claim or x.claim
        if self.per == "credential" and claim is not None:
            subject = claim.subject
        elif self.per == "account" and claim is not None:
            subject = _account(x, claim)
        elif self.per == "operation":
            subject = x.operation_id
        elif self.subject is not None:
            subject = str(self.subject.value(x))
        return (x.program.name, self.per, subject)


def _account(x: Any, claim: Any) -> str:
    """Whose credential is claimed; the claim itself where nobody's is."""
    account = x.program.schemes[claim.schemes[0]].account
    field, value = next(iter(claim.fields.items()))
    record = x.collection(claim.collection).first(field, value)
    if account is None or record is None:
        return str(value)
    return str(account.value(x, record))
