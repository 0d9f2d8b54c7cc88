"""Clock: the one clock of a world; it runs with real time, shifted, or stands still.

Times are whole microseconds since 1970 (UTC), and lengths of time are whole
microseconds too: so many small steps end exactly where one long step does, and a
window of a minute is over after a minute, however one got there. What users give and
see is in seconds, and is rounded once, where it comes in.

Real time is read once, when a clock is made, and a monotonic counter from then on, so a
machine whose clock jumps does not make a world jump.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emulator.times import LATEST, SECOND, micros


class Clock:
    """A clock that can be frozen, advanced, set and resumed."""

    __slots__ = ("_at", "_born", "_frozen", "_nanoseconds", "_real", "_since")

    def __init__(
        self,
        at: int | None = None,
        *,
        frozen: bool = False,
        nanoseconds: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """*nanoseconds* counts how time goes by."""
        self._nanoseconds = nanoseconds
        self._since = self._born = nanoseconds()
        self._real = time.time_ns() // 1_000
        self._at = self._real if at is None else _counted(at)
        self._frozen = frozen

    @property
    def frozen(self) -> bool:
        return self._frozen

    def now(self) -> int:
        """Microseconds since 1970, in this world."""
        if self._frozen:
            return self._at
        now = self._at + (self._nanoseconds() - self._since) // 1_000
        return now if now < LATEST else LATEST

    def seconds(self) -> float:
        """The same in seconds, for those who show it."""
        return self.now() / SECOND

    def real(self) -> int:
        """Real time, in microseconds since 1970."""
        return self._real + (self._nanoseconds() - self._born) // 1_000

    def freeze(self) -> None:
        self._rest(self.now())
        self._frozen = True

    def resume(self) -> None:
        self._rest(self.now())
        self._frozen = False

    @contextmanager
    def held(self, at: int | None = None) -> Iterator[None]:
        """Show one time, that of now or *at*, for as long as the block lasts.

        What is done there can be done again at that time, and does the same. Time
        passes meanwhile, unless the clock is set there.
        """
        if self._frozen:
            yield
            return
        before = self._at, self._since
        held = self._at = self.now() if at is None else _counted(at)
        self._frozen = True
        try:
            yield
        finally:
            self._frozen = False
            if (self._at, self._since) == (held, before[1]):
                self._at = before[0]

    def advance(self, seconds: float) -> None:
        """Move on by *seconds*. Raises `ValueError` for less than 0 or past the year 9998."""
        # Written so that what is not a number is refused with the rest.
        if not 0 <= seconds <= LATEST:
            raise ValueError("a clock only moves forward, up to the year 9998")
        self.set(self.now() + micros(seconds))

    def set(self, at: int) -> None:
        """Show *at*, in microseconds. Raises `ValueError` outside the years 1970 to 9998."""
        if not 0 <= at <= LATEST:
            raise ValueError("a clock stays between the years 1970 and 9998")
        self._rest(_counted(at))

    def restart(self, at: int | None = None, *, frozen: bool = False) -> None:
        """Show *at*, or real time, whatever it was before."""
        self._rest(self.real() if at is None else _counted(at))
        self._frozen = frozen

    def _rest(self, at: int) -> None:
        self._at = at
        self._since = self._nanoseconds()


def _counted(at: int) -> int:
    """*at*, if it can be a time of a world: seconds, with a fraction, are none."""
    if type(at) is not int:
        raise TypeError(f"a clock counts whole microseconds: micros({at!r})")
    return at
