"""Dates: `datetime.now`, `utcnow`, `today` and `date.today` show the date of a block.

The classes stay what they are: no name that holds one is touched, and no object is of
another type than ever. Other class methods stand in theirs meanwhile. Python lets
nobody assign to a class of its own, so they are put into the dictionary behind it.
"""

from __future__ import annotations

import ctypes
import datetime as _datetime
import gc
import sys
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from emulator.virtual_time.clocks import Showing
from emulator.virtual_time.real import time as real

_DEPRECATED = (
    "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future"
    " version. Use timezone-aware objects to represent datetimes in UTC:"
    " datetime.datetime.now(datetime.UTC)."
)


def _pythons_own(name: str) -> type[Any]:
    """The class of the standard library, also where freezegun shows one derived of it."""
    shown: type[Any] = getattr(_datetime, name)
    return next(
        base
        for base in shown.__mro__
        if (base.__module__, base.__qualname__) == ("datetime", name)
    )


_DATETIME = _pythons_own("datetime")
_DATE = _pythons_own("date")
_NOW = vars(_DATETIME)["now"]
_TODAY = vars(_DATE)["today"]
_FROM_TIMESTAMP = vars(_DATETIME)["fromtimestamp"]


class Dates:
    """The class methods that stand in for those of `datetime`, until they are put back."""

    def __init__(self, showing: Showing) -> None:
        now, utcnow, today = _standing_in(showing)
        self._others = (
            (_DATETIME, "now", now),
            (_DATETIME, "utcnow", utcnow),
            (_DATE, "today", today),
        )

    def put(self, undo: ExitStack) -> None:
        """Put them in place; *undo* puts back what was there."""
        for owner, name, other in self._others:
            undo.callback(_assign, owner, name, vars(owner)[name])
            _assign(owner, name, classmethod(other))


def _standing_in(showing: Showing) -> tuple[Callable[..., Any], ...]:
    def now(cls: type[Any], tz: Any = None) -> Any:
        frame = sys._getframe(1)
        clocks = showing(frame)
        if clocks is None:
            return _NOW.__get__(None, cls)(tz)
        return _FROM_TIMESTAMP.__get__(None, cls)(clocks.date(frame), tz)

    def utcnow(cls: type[Any]) -> Any:
        # Python's own would name this line in its warning, and not the caller's.
        if sys.version_info >= (3, 12):
            warnings.warn(_DEPRECATED, DeprecationWarning, stacklevel=2)
        frame = sys._getframe(1)
        clocks = showing(frame)
        seconds = real.time() if clocks is None else clocks.date(frame)
        moment = _FROM_TIMESTAMP.__get__(None, cls)(seconds, _datetime.UTC)
        return moment.replace(tzinfo=None)

    def today(cls: type[Any]) -> Any:
        frame = sys._getframe(1)
        clocks = showing(frame)
        if clocks is None:
            return _TODAY.__get__(None, cls)()
        return cls.fromtimestamp(clocks.date(frame))

    return now, utcnow, today


def _assign(owner: type[Any], name: str, value: object) -> None:
    """Set an attribute of *owner*, which may be a class of Python's own."""
    try:
        type.__setattr__(owner, name, value)
    except TypeError:
        (behind,) = gc.get_referents(vars(owner))
        behind[name] = value
        # Python remembers where it found an attribute until it is told to forget.
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))
