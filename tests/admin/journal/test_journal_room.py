"""How much journals keep: alone, together, and none at all."""

from __future__ import annotations

import gc
from typing import NamedTuple

from front_door import Api
from tiny import Tiny

from emulator.world.clock import Clock
from emulator.world.journal import Budget, Journal
from emulator.world.world import World

SMALL = 1_500


class Sized(NamedTuple):
    """All that a journal has to know of an entry, and its number."""

    id: int
    size: int = SMALL
    at: float = 0.0


def fill(journal: Journal[Sized], many: int, size: int = SMALL) -> None:
    for _ in range(many):
        journal.write(Sized(journal.written + 1, size))


def kept(journal: Journal[Sized]) -> list[int]:
    return [one.id for one in journal]


def test_the_headers_of_a_request_take_room() -> None:
    """A caller who sends much in them fills a journal no later than with a body."""
    doors = Tiny("doors")
    doors.get("/header")
    doors.get("/header", headers={"X-Note": "n" * 5_000})
    short, long = doors.world.journal

    assert long.size >= short.size + 5_006


def test_a_journal_can_be_read_from_either_end() -> None:
    """By id, from an id on, and the latest ones; what is gone is not there."""
    journal = Journal(max_entries=4)
    fill(journal, 6)

    assert journal.first == 3
    assert [one.id for one in journal.last(2)] == [5, 6]
    assert [one.id for one in journal.last(9)] == [3, 4, 5, 6]
    assert [one.id for one in journal.after(4)] == [5, 6]
    assert [one.id for one in journal.after(0)] == [3, 4, 5, 6]
    assert [one.id for one in journal.after(99)] == []
    assert journal.get(3) == Sized(3)
    assert [journal.get(id) for id in (0, 2, 7)] == [None, None, None]


def test_a_cleared_journal_has_lost_nothing() -> None:
    """It was asked to forget: ids go on, and an absence can be proven again."""
    journal = Journal(max_entries=2)
    fill(journal, 3)
    journal.clear()
    fill(journal, 1)

    assert (kept(journal), journal.dropped, journal.bytes) == ([4], 0, SMALL)


def test_a_journal_of_no_entries_is_off() -> None:
    """Nothing is written, and the calls are answered all the same."""
    off = World(clock=Clock(0, frozen=True), journal=Journal(0))
    doors = Tiny("doors", world=off)

    assert doors.status("/header", headers={"X-Key": "k-ada"}) == 200
    assert off.journal.off
    assert (off.journal.written, kept(off.journal)) == (0, [])


def test_a_world_keeps_the_journal_that_it_is_given(jobriver: Api) -> None:
    """One that is empty is a journal as well."""
    given = Journal(7)

    assert World(journal=given).journal is given
    assert jobriver.world.journal.max_entries == 1_000


def test_the_fullest_journal_makes_room_for_all() -> None:
    """Who writes little keeps it, whatever the others write."""
    budget = Budget(100 * SMALL)
    quiet, loud = Journal(budget=budget), Journal(budget=budget)
    fill(quiet, 10)
    fill(loud, 200)

    assert kept(quiet) == list(range(1, 11))
    assert kept(loud)[-1] == 200
    assert loud.dropped == 200 - len(loud)
    assert 80 <= len(loud) <= 90
    assert budget.used == (10 + len(loud)) * SMALL <= budget.max_bytes


def test_what_a_journal_gives_up_is_its_oldest_tenth() -> None:
    """One entry too many costs the fullest one a tenth."""
    budget = Budget(40 * SMALL)
    one, other = Journal(budget=budget), Journal(budget=budget)
    fill(one, 30)
    fill(other, 11)

    assert (kept(one)[0], one.dropped, other.dropped) == (4, 3, 0)


def test_a_journal_that_is_gone_or_cleared_takes_no_room() -> None:
    """What it held is free for the others."""
    budget = Budget(20 * SMALL)
    gone, cleared, left = (Journal(budget=budget) for _ in range(3))
    fill(gone, 9)
    fill(cleared, 9)
    cleared.clear()
    del gone
    gc.collect()
    fill(left, 20)

    assert (left.dropped, budget.used) == (0, 20 * SMALL)


def test_an_entry_larger_than_the_budget_is_not_kept() -> None:
    """It is dropped with all before it, and writing goes on."""
    budget = Budget(5 * SMALL)
    journal = Journal(budget=budget)
    fill(journal, 2)
    fill(journal, 1, 9 * SMALL)
    fill(journal, 2)

    assert (kept(journal), journal.dropped) == ([4, 5], 3)


def test_a_journal_remembers_until_when_it_has_dropped() -> None:
    """A clock may be set back: what counts is the latest of those times."""
    journal = Journal(max_entries=1)
    for number, at in enumerate((50.0, 20.0, 70.0), start=1):
        journal.write(Sized(number, at=at))

    assert journal.dropped_until == 50.0
