"""Doubles: freezegun and time-machine, which go on with the waits where a test uses them.

A date that a test has chosen with one of them stands: the code under test sees it, and
not the world's. Each wait moves it on, by what they have for that (`tick`, `shift`).
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta
from typing import Any


def prepare() -> None:
    """Have time-machine find Python's own functions, also when it begins later.

    It works on what it takes for them beyond what Python checks: since version 3 when it
    is imported, and before that when it begins for the first time.
    """
    if frozen():  # then they are freezegun's, and time-machine does not begin
        return
    with suppress(ImportError):
        import _time_machine  # type: ignore[import-not-found]

        getattr(_time_machine, "patch_if_needed", lambda: None)()


def frozen() -> bool:
    """Whether freezegun stands in for the clocks now."""
    return bool(_freezes())


def travelling() -> bool:
    """Whether time-machine has moved the clocks."""
    return bool(_travels())


def move(seconds: float) -> None:
    """Advance the doubles that are in use."""
    more = timedelta(seconds=seconds)
    for freeze in _freezes()[-1:]:
        if hasattr(freeze, "start"):  # it ticks, and `tick` forgets what has passed
            freeze.move_to(freeze() + more)
        else:
            freeze.tick(more)
    for traveller in _travels()[-1:]:
        traveller.shift(more)


def _freezes() -> list[Any]:
    return getattr(sys.modules.get("freezegun.api"), "freeze_factories", None) or []


def _travels() -> list[Any]:
    module = sys.modules.get("time_machine")
    before_3 = getattr(module, "coordinates_stack", None)
    return getattr(module, "traveller_stack", before_3) or []
