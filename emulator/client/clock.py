"""Clock: a world's time, as a program that tests with the world moves it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from emulator.client.admin_client import AdminClient, path_of
from emulator.json_type import Json

Length = str | float | timedelta
"""How far a clock moves: "61s", seconds, or a timedelta."""


class Event(NamedTuple):
    """A pending event: a window ends, a token expires, ..."""

    at: datetime
    """The time of the world's clock at which it happens."""
    kind: str
    """`window_reset`, `lock_end`, `expiry`, `fault_start`, `fault_end`, `completion` or
    `webhook`."""
    provider: str
    what: str
    """The limit, credential or record that it concerns, in a few words: `minute full`."""


class _Heard(NamedTuple):
    """What was last heard of a clock, and when that was."""

    at: float
    frozen: bool
    then: float


class Clock:
    """The clock of one world; limits, locks, tokens, cursors and webhooks follow it."""

    def __init__(self, admin: AdminClient, world: str) -> None:
        self._admin = admin
        self._world = world
        self._path = path_of("worlds", world, "clock")
        self._heard = _Heard(0, True, 0)

    def __repr__(self) -> str:
        return f"<Clock of the world {self._world!r}>"

    @property
    def now(self) -> datetime:
        """The world's time, in UTC."""
        return datetime.fromtimestamp(self._look()["at"], UTC)

    @property
    def frozen(self) -> bool:
        """Whether the clock is frozen."""
        return bool(self._look()["frozen"])

    @property
    def events(self) -> list[Event]:
        """The pending events, in order."""
        return [_event(event) for event in self._look()["events"]]

    def freeze(self) -> datetime:
        """Freeze the clock; returns its time."""
        return self._change(freeze=True)

    def resume(self) -> datetime:
        """Run with real time again, from where the clock is; returns that time."""
        return self._change(resume=True)

    def advance(
        self,
        by: Length = 0,
        *,
        seconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        days: float = 0,
    ) -> datetime:
        """Advance by "61s", by a timedelta or by the sum of the rest; returns the new time.

        Everything that falls due on the way has happened when this returns, including
        webhooks; in process, without a server, webhooks stay pending.
        """
        more = timedelta(days, seconds, minutes=minutes, hours=hours).total_seconds()
        if isinstance(by, timedelta):
            by = by.total_seconds()
        if not isinstance(by, str):
            return self._change(advance=by + more)
        if more:
            raise TypeError(f"advance({by!r}) is enough: leave out the other arguments")
        return self._change(advance=by)

    def set(self, to: datetime | str) -> datetime:
        """Move to a time, in UTC if it has no offset; returns the new time.

        The clock can go back only before anything has happened in its world. Later this
        raises `AdminRefused`, until the world is reset.
        """
        return self._change(set=text_of(to))

    def next(self, kind: str | None = None) -> Event:
        """Move to the next event, of any kind or of *kind*, and return it.

        Raises `AdminRefused` if nothing is pending.
        """
        answer = self._hear(self._admin("PATCH", self._path, {"next": kind or True}))
        return _event(answer["event"])

    def _change(self, **wanted: Json) -> datetime:
        answer = self._hear(self._admin("PATCH", self._path, wanted))
        return datetime.fromtimestamp(answer["at"], UTC)

    def _look(self) -> Json:
        return self._hear(self._admin("GET", self._path))

    def _hear(self, answer: Json) -> Json:
        self._heard = _Heard(answer["at"], answer["frozen"], time.monotonic())
        return answer

    def _last_heard(self) -> float:
        """What it shows as far as is known here, without asking the emulator."""
        at, frozen, then = self._heard
        return at if frozen else at + time.monotonic() - then


def text_of(time: datetime | str) -> str:
    """A time as the admin API reads it."""
    return time if isinstance(time, str) else time.isoformat()


def _event(written: Json) -> Event:
    return Event(
        datetime.fromisoformat(written["at"]),
        written["kind"],
        written["provider"],
        written["what"],
    )
