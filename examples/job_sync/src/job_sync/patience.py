"""Patience: which calls are made again, how often, and after how long."""

from __future__ import annotations

from functools import partial
from typing import Any

from tenacity import (
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
)

from job_sync.errors import Broken, NoAnswer, TryLater

ATTEMPTS = 4
LONGEST = 90.0
"""No provider is waited for longer than this many seconds at a time."""

_otherwise = wait_exponential(multiplier=1, max=30)


def patience(*, repeatable: bool) -> dict[str, Any]:
    """How tenacity is to retry a call, which is *repeatable* if twice is once."""
    return {
        "retry": retry_if_exception(partial(_is_worth_it, repeatable)),
        "wait": _wait,
        "stop": stop_after_attempt(ATTEMPTS),
        "reraise": True,
    }


def _is_worth_it(repeatable: bool, error: BaseException) -> bool:
    if isinstance(error, TryLater):
        return (error.retry_after or 0) <= LONGEST
    return repeatable and isinstance(error, NoAnswer | Broken)


def _wait(state: RetryCallState) -> float:
    """What the provider advises, or else 1, 2, 4, ... seconds."""
    error = state.outcome and state.outcome.exception()
    advised = error.retry_after if isinstance(error, TryLater) else None
    return _otherwise(state) if advised is None else advised
