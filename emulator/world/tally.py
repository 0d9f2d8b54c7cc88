"""Tally: what a world counts: meters of rate limits, and failures for lockouts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator.world import meters
from emulator.world.meters import FixedWindow, Meter, SlidingWindow, TokenBucket

Json = Any
Key = tuple[Hashable, ...]
Renaming = Callable[[str, str], str]
"""Of a provider: what a secret of its is called elsewhere, and other texts as they are."""

_KEPT = 100_000
"""Subjects that are counted at one time; the one counted longest ago goes first."""


@dataclass(eq=False, repr=False)
class Failures:
    """The failures of one subject, and the lock that they led to."""

    times: deque[int] = field(default_factory=deque)
    locked_until: int = 0
    locks: int = 0
    """How often it has been locked since it last got through."""


class Tally:
    """Counters by whatever a rule counts; bounded."""

    __slots__ = ("_everyone", "_failures", "_meters")

    def __init__(self) -> None:
        self._meters: dict[Key, Meter] = {}
        self._failures: dict[Key, Failures] = {}
        self._everyone: dict[Key, int] = {}

    def fork(self, renamed: Renaming) -> Tally:
        """The same counts, of subjects that have other names."""
        return Tally.load(self.dump(renamed), lambda _, text: text)

    def dump(self, renamed: Renaming) -> Json:
        """All counts as JSON holds them."""
        return {
            "meters": [
                [_renamed(key, renamed), meters.dump(one)]
                for key, one in self._meters.items()
            ],
            "failures": [
                [
                    _renamed(key, renamed),
                    [*one.times],
                    one.locked_until,
                    one.locks,
                ]
                for key, one in self._failures.items()
            ],
            "everyone": [[[*key], until] for key, until in self._everyone.items()],
        }

    @classmethod
    def load(cls, kept: Json, renamed: Renaming) -> Tally:
        """The counts that `dump` wrote down. Raises `LookupError` or `ValueError`."""
        made = cls()
        for key, meter in kept["meters"]:
            made._meters[tuple(_renamed(key, renamed))] = meters.load(meter)
        for key, times, until, locks in kept["failures"]:
            made._failures[tuple(_renamed(key, renamed))] = Failures(
                deque(times), until, locks
            )
        made._everyone = {tuple(key): until for key, until in kept["everyone"]}
        return made

    def pending(self, now: int) -> Iterator[tuple[int, str, Key]]:
        """What counting leads to later: (when, `window_reset` or `lock_end`, of whom)."""
        for key, meter in self._meters.items():
            at = meter.whole_at(now)
            if at is not None:
                yield at, "window_reset", key
        for key, failures in self._failures.items():
            if failures.locked_until > now:
                yield failures.locked_until, "lock_end", key
        for kind, until in self._everyone.items():
            if until > now:
                yield until, "lock_end", (*kind, "everyone")

    def meter(
        self,
        key: Key,
        algorithm: str,
        window: int,
        aligned: bool = True,
        burst: float | None = None,
    ) -> Meter:
        """The meter of *key*, made when it is first asked for."""
        meter = self._meters.get(key)
        if meter is None:
            if len(self._meters) >= _KEPT:
                del self._meters[next(iter(self._meters))]
            meter = self._meters[key] = _meter(algorithm, window, aligned, burst)
        return meter

    def failures(self, key: Key) -> Failures | None:
        return self._failures.get(key)

    @property
    def has_failures(self) -> bool:
        return bool(self._failures)

    def count_failure(self, key: Key) -> Failures:
        """The failures of *key*, to add one to."""
        found = self._failures.get(key)
        if found is None:
            if len(self._failures) >= _KEPT:
                del self._failures[next(iter(self._failures))]
            found = self._failures[key] = Failures()
        return found

    def lock(self, key: Key, until: int) -> None:
        """Shut *key* out, as failures would have done."""
        failures = self.count_failure(key)
        failures.locked_until = until
        failures.locks += 1

    def lock_everyone(self, kind: Key, until: int) -> None:
        """Shut out every key that is *kind* and one more part."""
        self._everyone[kind] = until

    def locked_until(self, key: Key) -> int:
        """When the lock of *key* ends; 0 where there never was one."""
        found = self._failures.get(key)
        until = 0 if found is None else found.locked_until
        if self._everyone:
            until = max(until, self._everyone.get(key[:-1], 0))
        return until

    def forget_failures(self, key: Key) -> None:
        self._failures.pop(key, None)


def _meter(algorithm: str, window: int, aligned: bool, burst: float | None) -> Meter:
    if algorithm == "sliding_window":
        return SlidingWindow(window)
    if algorithm == "token_bucket":
        return TokenBucket(window, burst)
    return FixedWindow(window, aligned)


def _renamed(key: Key, renamed: Renaming) -> list[Json]:
    """*key* with its names changed; one that is made of several keeps its seams."""
    provider, *parts = key
    return [
        provider,
        *(
            "\x1f".join(renamed(str(provider), piece) for piece in one.split("\x1f"))
            if isinstance(one, str)
            else one
            for one in parts
        ),
    ]
