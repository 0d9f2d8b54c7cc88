"""The latest exchanges, up to a number of them and a number of bytes."""

from __future__ import annotations

from typing import NamedTuple

from tiny import Tiny

from emulator.world.journal import Journal


class Sized(NamedTuple):
    """All that a journal has to know of an entry, and its number."""

    id: int
    size: int = 1_500
    at: int = 0


def entry(number: int, more: int = 0) -> Sized:
    return Sized(number, 1_500 + more)


def kept(journal: Journal[Sized]) -> list[int]:
    return [one.id for one in journal]


def test_the_oldest_entry_makes_room_for_the_newest() -> None:
    """What was dropped is counted, so that an absence is not taken for a proof."""
    journal = Journal(max_entries=2)
    for number in range(1, 6):
        journal.write(entry(number))

    assert kept(journal) == [4, 5]
    assert (journal.written, journal.dropped, len(journal)) == (5, 3, 2)


def test_bytes_are_bounded_too() -> None:
    """One large reply makes as much room as it needs."""
    small = entry(1).size
    journal = Journal(max_bytes=4 * small)
    for number in range(1, 5):
        journal.write(entry(number))
    journal.write(entry(5, small))

    assert kept(journal) == [3, 4, 5]


def test_an_entry_that_is_too_large_alone_is_not_kept() -> None:
    """It is written and dropped at once, and the journal goes on."""
    journal = Journal(max_bytes=2 * entry(1).size)
    journal.write(entry(1))
    journal.write(entry(2, 2 * entry(1).size))
    journal.write(entry(3))

    assert kept(journal) == [3]
    assert (journal.written, journal.dropped) == (3, 2)


def test_an_entry_says_who_refused_and_why() -> None:
    """A journal has the reason for every decision."""
    doors = Tiny("doors")
    doors.get("/header", headers={"X-Key": "k-nobody"})
    doors.get("/header", headers={"X-Key": "k-ada"})

    first, second = doors.world.journal

    assert (first.id, first.operation, first.status) == (1, "header", 401)
    assert (first.refused_by, first.refusal) == ("authenticate", "credential_unknown")
    counted = {"failures": 1, "after": 3, "per": "ip"}
    assert first.steps == [("settle", "failure counted", counted)]
    assert (second.refused_by, second.refusal) == (None, None)
    assert second.steps == [("lockout", "counted", {"failures": 1, "after": 3})]
