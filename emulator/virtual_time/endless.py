"""Endless: waits that lead nowhere are ended by an error, and not by a test that hangs.

A loop that waits until a clock shows some time ends, if it reads one of those that go
on with its waits. One that reads another (the `loop.time()` of an event loop, a clock
that nobody could reach), or waits for something outside of the block, would turn for
ever, as its waits take no time.
"""

from __future__ import annotations

from collections import Counter
from types import FrameType

from emulator.concurrency.fork_locks import Lock
from emulator.virtual_time import callers

BLIND = 20_000
"""Waits of one line, while no clock is read and nothing else waits, that are too many."""
ENOUGH = 100_000
"""Waits of one line in one block that are too many in any case."""
READINGS = 300_000
"""Readings of a date that stands still which are too many."""


class EndlessWait(BaseException):
    """A loop inside `sleepless` waits again and again, and its waits do not end it.

    The message names the line. It does not derive from `Exception`, so a loop that
    retries after every error does not swallow it.
    """


class Progress:
    """How often each line has waited, and whether anything has come of it."""

    def __init__(self, blind: int = BLIND, enough: int = ENOUGH) -> None:
        self._too_many = (blind, enough)
        self._lock = Lock()  # code that a signal runs may wait as well
        self._pending: Counter[str] = Counter()
        self._blind: Counter[str] = Counter()
        self._waits: Counter[str] = Counter()
        self._readings = 0
        self._shown = 0.0

    def begin(self, place: str) -> None:
        """A wait begins at *place*. Raises `EndlessWait`."""
        blind, enough = self._too_many
        said = ""
        with self._lock:
            self._waits[place] += 1
            if self._pending.keys() <= {place}:  # another wait may bring an end
                self._blind[place] += 1
            if self._blind[place] >= blind:
                said = _BLIND.format(place, blind)
            elif self._waits[place] >= enough:
                said = _ENOUGH.format(place, enough)
            else:
                self._pending[place] += 1
        if said:
            raise EndlessWait(said)

    def end(self, place: str) -> None:
        """The wait at *place* is over."""
        with self._lock:
            self._pending[place] -= 1
            if not self._pending[place]:
                del self._pending[place]

    def read(self) -> None:
        """A clock was read that goes on with the waits."""
        if self._blind:
            self._blind.clear()

    def stood(self, shown: float, frame: FrameType) -> None:
        """The code of *frame* is *shown* a date. Raises `EndlessWait`."""
        if shown != self._shown:
            self._shown, self._readings = shown, 0
        self._readings += 1
        if self._readings >= READINGS:
            self._readings = 0
            raise EndlessWait(_STOOD.format(callers.place(frame), READINGS))


_BLIND = (
    "{0} has waited {1:,} times inside sleepless, and no clock that goes on with the"
    " waits was read meanwhile: its loop may never end. It is to be ended by a clock that"
    " stays real (loop.time() or a timeout of an event loop; a function that was taken"
    " before the block into a closure, a container or compiled code), or it waits for"
    " something that takes real time. Have the loop read time.monotonic(), time.time() or datetime.now(), or keep"
    " that wait out of the block"
)
_ENOUGH = (
    "{0} has waited {1:,} times inside one sleepless block: its loop does not come to an"
    " end. Give it one (a number of attempts, a deadline), or keep it out of the block"
)
_STOOD = (
    "{0} reads the date, which was read {1:,} times inside sleepless since it last moved:"
    " there it moves with the waits, and this loop does not wait. Have it wait between"
    " two looks (time.sleep), or read time.monotonic(), which also goes on by itself"
)
