"""Tally: what a world counts: meters of rate limits, and failures for lockouts."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from emulator.json_type import Json
from emulator.world import meters
from emulator.world.meters import Meter

Key = tuple[Hashable, ...]
Renaming = Callable[[str, str], str]
"""Of a provider: what a secret of its is called elsewhere, and other texts as they are."""

KEPT = 100_000
"""Subjects that are counted at one time; see `_make_room`."""
_CANDIDATES = 16
"""How many of the subjects that were counted longest ago are candidates for removal."""
_LONGEST = 256
"""Longer names of subjects are kept as digests."""


@dataclass(eq=False, repr=False)
class Failures:
    """The failures of one subject, and the lock that they led to."""

    times: deque[int] = field(default_factory=deque)
    locked_until: int = 0
    locks: int = 0
    """How often it has been locked since it last got through."""

    def weight(self, now: int) -> float:
        """How much is lost with them; infinite while they lock somebody out."""
        return math.inf if self.locked_until > now else len(self.times) + self.locks


class Tally:
    """Counters by whatever a rule counts; bounded."""

    __slots__ = ("_everyone", "_failures", "_meters")

    def __init__(self) -> None:
        self._meters: OrderedDict[Key, Meter] = OrderedDict()
        self._failures: OrderedDict[Key, Failures] = OrderedDict()
        self._everyone: dict[Key, int] = {}

    def fork(self, renamed: Renaming) -> Tally:
        """The same counts, of subjects that have other names."""
        return Tally.load(self.dump(renamed), lambda _, text: text)

    def dump(self, renamed: Renaming) -> Json:
        """All counts as JSON holds them."""
        return {
            "meters": [
                [renamed_key(key, renamed), meters.dump(meter)]
                for key, meter in self._meters.items()
            ],
            "failures": [
                [
                    renamed_key(key, renamed),
                    [*failure.times],
                    failure.locked_until,
                    failure.locks,
                ]
                for key, failure in self._failures.items()
            ],
            "everyone": [[[*key], until] for key, until in self._everyone.items()],
        }

    @classmethod
    def load(cls, kept: Json, renamed: Renaming) -> Tally:
        """The counts that `dump` wrote down. Raises `LookupError` or `ValueError`."""
        made = cls()
        for key, meter in kept["meters"]:
            made._meters[tuple(renamed_key(key, renamed))] = meters.load(meter)
        for key, times, until, locks in kept["failures"]:
            made._failures[tuple(renamed_key(key, renamed))] = Failures(
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

    def meter(self, key: Key, now: int, make: Callable[[], Meter]) -> Meter:
        """The meter of *key*, made when it is first asked for."""
        meter = self._meters.get(key)
        if meter is None:  # or it is one of a very long name
            key = bounded_key(key)
            meter = self._meters.get(key)
        if meter is None:
            if len(self._meters) >= KEPT:
                _make_room(self._meters, lambda meter: meter.spent(now))
            meter = self._meters[key] = make()
        else:
            self._meters.move_to_end(key)
        return meter

    def known_meter(self, key: Key) -> Meter | None:
        """The meter of *key*, where there is one, to look at."""
        return self._meters.get(bounded_key(key))

    def failures(self, key: Key) -> Failures | None:
        return self._failures.get(bounded_key(key))

    @property
    def counts_failures(self) -> bool:
        """Whether there is any failure, or any lock."""
        return bool(self._failures or self._everyone)

    def count_failure(self, key: Key, now: int) -> Failures:
        """The failures of *key*, to add one to.

        Where everybody who is counted is locked, they are not kept: nobody who is made
        up has a lock end early.
        """
        key = bounded_key(key)
        failures = self._failures.get(key)
        if failures is not None:
            self._failures.move_to_end(key)
            return failures
        failures = Failures()
        if len(self._failures) < KEPT or _make_room(
            self._failures, lambda failures: failures.weight(now)
        ):
            self._failures[key] = failures
        return failures

    def lock(self, key: Key, until: int, now: int) -> None:
        """Shut *key* out, as failures would have done."""
        failures = self._failures[bounded_key(key)] = self.count_failure(key, now)
        failures.locked_until = until
        failures.locks += 1

    def lock_everyone(self, kind: Key, until: int) -> None:
        """Shut out every key that is *kind* and one more part."""
        self._everyone[kind] = until

    def locked_until(self, key: Key) -> int:
        """When the lock of *key* ends; 0 where there never was one."""
        failures = self._failures.get(bounded_key(key))
        until = 0 if failures is None else failures.locked_until
        if self._everyone:
            until = max(until, self._everyone.get(key[:-1], 0))
        return until

    def forget_failures(self, key: Key) -> None:
        self._failures.pop(bounded_key(key), None)


def _make_room(held: OrderedDict[Key, Any], weight: Callable[[Any], float]) -> bool:
    """Remove a subject with which little or nothing is lost; whether there was one.

    It is one of those that were counted longest ago. A caller that makes up subjects to
    drive others out would have to count more for each of them than those have counted.
    """
    longest_ago = [*islice(held, _CANDIDATES)]
    least = min(longest_ago, key=lambda key: weight(held[key]))
    if weight(held[least]) == math.inf:
        return False
    for key in longest_ago:
        held.move_to_end(key)  # so that others are looked at next time
    del held[least]
    return True


def bounded_key(key: Key) -> Key:
    """*key*, with digests in the place of texts that a caller has made very long."""
    for part in key:
        if type(part) is str and len(part) > _LONGEST:
            return tuple(map(_digest, key))
    return key


def _digest(part: Hashable) -> Hashable:
    if type(part) is not str or len(part) <= _LONGEST:
        return part
    text = part.encode(errors="surrogatepass")
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def renamed_key(key: Key, renamed: Renaming) -> list[Json]:
    """*key* with its names changed; a key of several parts keeps its parts."""
    provider, *parts = key
    return [
        provider,
        *(
            "\x1f".join(renamed(str(provider), piece) for piece in part.split("\x1f"))
            if isinstance(part, str)
            else part
            for part in parts
        ),
    ]
