"""Timers: when time itself is going to change the state of a record.

A record that comes into a state which time leads away from gets a timer. It is known by
the record's place, so a world has at most one for each record; what a timer finds when
it goes off is looked at then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import NamedTuple, Self

from emulator.json_type import Json

Place = tuple[str, str, int | str]
"""Provider, collection and key of a record."""


class Timed(NamedTuple):
    """The field that holds a state, and how soon time leads away from each of them."""

    field: str
    delays: Mapping[str, int]


class Timer(NamedTuple):
    """What a record waits for."""

    at: int | None
    """When it goes off; None: time has nothing more to do here."""
    since: int
    """When the record came into its state."""
    state: str


class Timers:
    """The timers of one world."""

    __slots__ = ("_made", "_queue", "_timers", "moment", "moves")

    def __init__(self) -> None:
        self._timers: dict[Place, Timer] = {}
        self._queue: list[tuple[int, int, Place]] = []
        self._made = 0
        self.moment: int | None = None
        """The time of the move that is being made, which the clock may have passed."""
        self.moves = 0
        """How many moves time has made."""

    def __len__(self) -> int:
        return len(self._timers)

    def __iter__(self) -> Iterator[tuple[Place, Timer]]:
        return iter(self._timers.items())

    def get(self, place: Place) -> Timer | None:
        return self._timers.get(place)

    def set(self, place: Place, timer: Timer) -> None:
        self._timers[place] = timer
        if timer.at is None:
            return
        self._made += 1
        heappush(self._queue, (timer.at, self._made, place))
        if len(self._queue) > 2 * len(self._timers) + 64:
            self._tidy()

    def drop(self, place: Place) -> None:
        self._timers.pop(place, None)

    @property
    def next_at(self) -> int | None:
        """When the first of them goes off; None: there is none."""
        queue = self._queue
        while queue:
            at, _, place = queue[0]
            timer = self._timers.get(place)
            if timer is not None and timer.at == at:
                return at
            heappop(queue)
        return None

    def pop(self, now: int) -> tuple[Place, Timer] | None:
        """The first that goes off by *now*, which does not go off again."""
        at = self.next_at
        if at is None or at > now:
            return None
        _, _, place = heappop(self._queue)
        timer = self._timers[place]
        self._timers[place] = timer._replace(at=None)
        return place, timer

    def copy(self) -> Self:
        """The same timers, which go their own way from here."""
        twin = type(self)()
        twin._timers, twin._queue = dict(self._timers), [*self._queue]
        twin._made = self._made
        return twin

    def dump(self) -> Json:
        """The timers as JSON holds them, in the order in which they go off."""
        self._tidy()
        places = dict.fromkeys(place for _, _, place in sorted(self._queue))
        places |= dict.fromkeys(self._timers)
        return [[*place, *self._timers[place]] for place in places]

    @classmethod
    def load(cls, dumped: Json) -> Self:
        """The timers that were dumped."""
        made = cls()
        for provider, collection, key, at, since, state in dumped:
            made.set((provider, collection, key), Timer(at, since, state))
        return made

    def _tidy(self) -> None:
        """Leave out of the queue what has another time by now."""
        self._queue = [
            entry
            for entry in self._queue
            if (timer := self._timers.get(entry[2])) is not None
            and timer.at == entry[0]
        ]
        heapify(self._queue)
