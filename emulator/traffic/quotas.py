"""Quotas: how many calls are answered in which time, by when calls were refused with 429.

Windows and quotas are thought of, and each is tried on all calls of the archive: one that
foretells every 429, and no other, is learnt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from emulator.times import SECOND

_WINDOWS = (
    ("1m", 60),
    ("1h", 3_600),
    ("1s", 1),
    ("10s", 10),
    ("15m", 900),
    ("1d", 86_400),
)


class Timed(NamedTuple):
    """A call, as far as a limit counts it."""

    at: int
    """In microseconds; 0 where the archive does not say."""
    status: int
    operation: str
    caller: str


class Quota(NamedTuple):
    """So many calls in a window, of one operation or of all together."""

    quota: int
    window: str
    operations: tuple[str, ...]
    """Those that it counts; empty for all."""


def quotas(calls: Sequence[Timed]) -> list[Quota]:
    """What foretells the 429s of *calls*; empty where nothing does, or there are none."""
    limited = sorted({call.operation for call in calls if call.status == 429})
    if not limited or not all(call.at for call in calls):
        return []
    whole = _foretelling(calls)
    if whole is not None:
        return [Quota(*whole, ())]
    found = []
    for operation in limited:
        own = _foretelling([call for call in calls if call.operation == operation])
        if own is None:
            continue
        found.append(Quota(*own, (operation,)))
    return found


def _foretelling(calls: Sequence[Timed]) -> tuple[int, str] | None:
    counted = [call for call in calls if call.status not in (401, 403, 404)]
    for some in (counted, [call for call in calls if call.status not in (401, 403)]):
        for name, seconds in _WINDOWS:
            quota = _quota(some, seconds * SECOND)
            if quota:
                return quota, name
    return None


def _quota(calls: Sequence[Timed], window: int) -> int:
    """The quota that foretells each 429 of *calls*; 0 where none does."""
    before = [count for call, count in _counted(calls, window) if call.status == 429]
    quota = min(before, default=0)
    if all((call.status == 429) == (n >= quota) for call, n in _counted(calls, window)):
        return quota
    return 0


def _counted(calls: Sequence[Timed], window: int) -> Iterator[tuple[Timed, int]]:
    """Each call, and how many of its caller were answered in its window before."""
    answered: Counter[Hashable] = Counter()
    for call in calls:
        key = call.caller, call.at // window
        yield call, answered[key]
        if call.status != 429:
            answered[key] += 1
