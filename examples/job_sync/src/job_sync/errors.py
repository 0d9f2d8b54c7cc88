"""Errors: what can go wrong between us and a provider, by what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any


class ProviderError(Exception):
    """A provider did not do what it was asked to."""


class NoAnswer(ProviderError):
    """No whole answer came, so nobody knows whether the call was carried out."""


class Refused(ProviderError):
    """The provider said no, in words."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.code = code


class NotAllowed(Refused):
    """The credentials are not good, or not good enough."""


class OutOfCredits(Refused):
    """The plan has no credits left."""


class Invalid(Refused):
    """The provider does not take what it was given; `errors` says why, by field."""

    errors: Mapping[str, str] = {}


class TryLater(Refused):
    """The provider has done nothing, and may at another time."""

    retry_after: float | None = None
    """Seconds, where the provider says how many."""


class Broken(Refused):
    """The provider failed, and may have done what it was asked to."""


_KINDS: Mapping[int, type[Refused]] = {
    401: NotAllowed,
    402: OutOfCredits,
    403: NotAllowed,
    422: Invalid,
    429: TryLater,
    503: TryLater,
}


def refused(
    status: int,
    headers: Mapping[str, str],
    message: str,
    code: str = "",
    errors: Mapping[str, Any] | None = None,
) -> Refused:
    """The error that a reply means."""
    kind = _KINDS.get(status, Broken if status >= 500 else Refused)
    error = kind(status, message, code)
    if isinstance(error, Invalid):
        error.errors = errors or {}
    if isinstance(error, TryLater):
        error.retry_after = _advised(headers)
    return error


def _advised(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; a date is one by the provider's clock, not by ours."""
    written = headers.get("Retry-After")
    if written is None:
        return None
    try:
        return float(written)
    except ValueError:
        return max(0.0, (_time(written) - _time(headers["Date"])).total_seconds())


def _time(written: str) -> datetime:
    return parsedate_to_datetime(written)
