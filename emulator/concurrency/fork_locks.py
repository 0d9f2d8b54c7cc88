"""Fork locks: the locks of this process, which a forked child finds free.

A child has one thread, the one that forked; locks that others held at that moment would
never be released in it. The standard library does the same for locks of its own.
"""

from __future__ import annotations

import os
import threading
import weakref

_all: weakref.WeakSet[Lock] = weakref.WeakSet()
_held: list[Lock] = []
"""The locks that are held during a fork."""


class Lock:
    """A reentrant lock, for `with`; in a forked child it is held by nobody else.

    What one guards that is *whole* is never in the middle of a change in a child: the
    fork waits for whoever holds it. Its holders must wait for nobody, then.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._whole = whole
        _all.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        self._lock.release()

    def _renew(self) -> None:
        """In a child: keep what this thread holds, and nothing that others did."""
        ours = self._depth if self._lock._is_owned() else 0  # type: ignore[attr-defined]
        self._lock, self._depth = threading.RLock(), 0
        for _ in range(ours):
            self.__enter__()


def _before() -> None:
    _held.extend(lock for lock in [*_all] if lock._whole)
    for lock in _held:
        lock.__enter__()


def _after_in_parent() -> None:
    while _held:
        _held.pop().__exit__(None, None, None)


def _after_in_child() -> None:
    for lock in [*_all]:
        lock._renew()
    _after_in_parent()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        before=_before,
        after_in_parent=_after_in_parent,
        after_in_child=_after_in_child,
    )
