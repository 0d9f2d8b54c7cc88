"""Tally: what is counted stays counted, however many others are made up."""

from __future__ import annotations

from functools import partial

from emulator.times import SECOND
from emulator.world import tally
from emulator.world.meters import FixedWindow
from emulator.world.tally import Tally

NOW = 1_772_445_600 * SECOND
HOUR = 3_600 * SECOND
HOURLY = partial(FixedWindow, HOUR, True)
MANY = tally.KEPT + 5_000


def flooded(counts: Tally, now: int = NOW) -> None:
    """Have calls of made-up subjects counted, one each."""
    for n in range(MANY):
        counts.meter(("acme", "hourly", f"m{n}"), now, HOURLY).take(now, 10)
        counts.count_failure(("acme", "credential", f"m{n}"), now).times.append(now)


def test_a_flood_of_made_up_keys_gives_nobody_a_new_quota() -> None:
    """Who has counted more is kept, though others have called since."""
    counts = Tally()
    own = counts.meter(("acme", "hourly", "own"), NOW, HOURLY)
    for _ in range(10):
        own.take(NOW, 10)

    flooded(counts)

    assert counts.meter(("acme", "hourly", "own"), NOW, HOURLY) is own


def test_a_flood_of_made_up_keys_ends_no_lock() -> None:
    """A lock in force is never let go for what is not."""
    counts = Tally()
    counts.lock(("acme", "credential", "own"), NOW + HOUR, NOW)

    flooded(counts)

    assert counts.locked_until(("acme", "credential", "own")) == NOW + HOUR


def test_no_more_subjects_are_kept_than_there_is_room_for() -> None:
    """The bound holds, whoever comes; what is over goes first."""
    counts = Tally()
    flooded(counts)
    flooded(counts, NOW + 2 * HOUR)

    kept = counts.dump(lambda _, text: text)
    assert len(kept["meters"]) == tally.KEPT
    assert len(kept["failures"]) == tally.KEPT


def test_where_all_are_locked_a_newcomer_is_not_kept() -> None:
    """So nobody's lock ends early, and the bound holds."""
    counts = Tally()
    for n in range(tally.KEPT):
        counts.lock(("acme", "credential", f"m{n}"), NOW + HOUR, NOW)

    counts.count_failure(("acme", "credential", "new"), NOW).times.append(NOW)

    assert counts.failures(("acme", "credential", "new")) is None
    assert counts.locked_until(("acme", "credential", "m0")) == NOW + HOUR
    counts.count_failure(("acme", "credential", "new"), NOW + 2 * HOUR)
    assert counts.failures(("acme", "credential", "new")) is not None


def test_a_very_long_key_is_kept_short_and_counted_all_the_same() -> None:
    """What a caller makes long does not take room accordingly."""
    counts = Tally()
    key = ("acme", "credential", "k" * 60_000)
    counts.count_failure(key, NOW).times.append(NOW)

    kept = counts.dump(lambda _, text: text)

    failures = counts.failures(key)
    assert failures is not None
    assert [*failures.times] == [NOW]
    assert counts.failures(("acme", "credential", "k" * 60_001)) is None
    assert len(str(kept)) < 200
