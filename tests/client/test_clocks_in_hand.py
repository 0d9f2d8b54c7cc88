"""The clock of a world in hand moves when it is told to, and tells what is to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from calling import call

from emulator import AdminRefused, World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_clock_advances_by_whatever_is_a_length(sandbox: World) -> None:
    """Texts, numbers, timedeltas and words add up."""
    clock = sandbox.clock
    begun = clock.now

    clock.advance("61s")
    clock.advance(1)
    clock.advance(timedelta(minutes=2))
    clock.advance(hours=1, seconds=30)

    assert clock.now - begun == timedelta(hours=1, minutes=3, seconds=32)


def test_a_clock_that_is_set_goes_forward_only(sandbox: World) -> None:
    """Once something has happened; until then a mistake is put right."""
    assert sandbox.clock.set("2026-03-02T12:00:01Z") == NOON + timedelta(seconds=1)
    assert sandbox.clock.set(NOON) == NOON
    call(sandbox.provider("jobriver"))
    sandbox.clock.set("2026-03-02T12:00:01Z")
    with pytest.raises(AdminRefused, match="things have happened already"):
        sandbox.clock.set(NOON)


@pytest.mark.parametrize("length", ["soon", -1, float("nan")])
def test_a_length_that_is_none_moves_nothing(
    sandbox: World, length: str | float
) -> None:
    begun = sandbox.clock.now

    with pytest.raises((AdminRefused, ValueError)):
        sandbox.clock.advance(length)

    assert sandbox.clock.now == begun


def test_a_clock_runs_after_it_is_resumed(sandbox: World) -> None:
    sandbox.clock.resume()
    running = sandbox.clock.frozen
    sandbox.clock.freeze()

    assert (running, sandbox.clock.frozen) == (False, True)


def test_the_next_event_can_be_run_to(sandbox: World) -> None:
    """A lock is over when its time has come, and the clock knows when that is."""
    sandbox.provider("jobriver").lock_out()

    coming = sandbox.clock.events[0]
    reached = sandbox.clock.next(coming.kind)

    assert reached == coming
    assert coming.provider == "jobriver"
    assert sandbox.clock.now == datetime(2026, 3, 2, 10, 1, tzinfo=UTC)
