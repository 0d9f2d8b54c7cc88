"""Clock: the one clock of a world; it runs with real time, shifted, or stands still.

Times are seconds since 1970 (UTC) as a float. Real time is read once, when a clock is
made, and a monotonic counter from then on, so a machine whose clock jumps does not
make a world jump.
"""

from __future__ import annotations

import time
from collections.abc import Callable

LATEST = 253_370_764_799.0
"""The last second of the year 9998, which a clock never passes.

What is counted from there on (the end of a window, of a token, of a lock) still has a
date: there is none beyond the year 9999.
"""


class Clock:
    """A clock that can be frozen, advanced, set and resumed."""

    __slots__ = ("_at", "_born", "_frozen", "_real", "_since", "_ticks")

    def __init__(
        self,
        at: float | None = None,
        *,
        frozen: bool = False,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ticks = ticks
        self._since = self._born = ticks()
        self._real = time.time()
        self._at = self._real if at is None else at
        self._frozen = frozen

    @property
    def frozen(self) -> bool:
        return self._frozen

    def now(self) -> float:
        """Seconds since 1970, in this world."""
        if self._frozen:
            return self._at
        now = self._at + self._ticks() - self._since
        return now if now < LATEST else LATEST

    def real(self) -> float:
        """Real time, in seconds since 1970."""
        return self._real + self._ticks() - self._born

    def freeze(self) -> None:
        self._rest(self.now())
        self._frozen = True

    def resume(self) -> None:
        self._rest(self.now())
        self._frozen = False

    def advance(self, seconds: float) -> None:
        """Move on by *seconds*. Raises `ValueError` for less than 0 or past the year 9998."""
        if not seconds >= 0:
            raise ValueError("a clock only moves forward")
        self.set(self.now() + seconds)

    def set(self, at: float) -> None:
        """Make it *at* seconds since 1970. Raises `ValueError` outside 1970 to 9998."""
        if not 0 <= at <= LATEST:
            raise ValueError("a clock stays between the years 1970 and 9998")
        self._rest(at)

    def restart(self, at: float | None = None, *, frozen: bool = False) -> None:
        """Show *at*, or real time, whatever it was before."""
        self._rest(self.real() if at is None else at)
        self._frozen = frozen

    def _rest(self, at: float) -> None:
        self._at = at
        self._since = self._ticks()
