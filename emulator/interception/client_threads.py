"""Client threads: those that a block starts, and what it submits, belong to that block.

Threads take no context of the one that starts them, and those of an executor call for
whoever has submitted something.
"""

from __future__ import annotations

from typing import Any

from emulator.interception.patch_point import Seam, seams
from emulator.interception.registry import Entries, entered, inherit, within


def threads(module: Any) -> list[Seam]:
    """The seams of `threading`."""

    def start(original: Any) -> Any:
        def start(self: Any) -> None:
            inherit(self)
            original(self)

        return start

    return seams(module, "Thread", start=start)


def executors(module: Any) -> list[Seam]:
    """The seams of `concurrent.futures.thread`."""

    def submit(original: Any) -> Any:
        def submit(self: Any, fn: Any, /, *args: Any, **more: Any) -> Any:
            return original(self, _call, entered(), fn, *args, **more)

        return submit

    return seams(module, "ThreadPoolExecutor", submit=submit)


def _call(here: Entries, fn: Any, /, *args: Any, **more: Any) -> Any:
    with within(here):
        return fn(*args, **more)
