"""Faults as texts name them: read, written again, and drawn."""

from __future__ import annotations

import math
from statistics import median

import pytest

from emulator.world.chance import Chance
from emulator.world.fault import FORMS, KINDS, LONGEST, BadFault, Fault, read_fault


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("delay=1s-3s", Fault("delay", amount=1.0, most=3.0)),
        ("delay=0-250ms", Fault("delay", most=0.25)),
        ("delay=200ms~0.5", Fault("delay", amount=0.2, sigma=0.5)),
        ("dribble=1s-1m", Fault("dribble", amount=1.0, most=60.0)),
        ("garbage", Fault("garbage")),
        ("gateway=504", Fault("gateway", amount=504.0)),
        ("repeat=X-Total", Fault("repeat", name="X-Total")),
        ("drop=retry-after", Fault("drop", name="retry-after")),
        ("type=text/html", Fault("type", name="text/html")),
        (
            "type=text/plain; charset=latin-1",
            Fault("type", name="text/plain; charset=latin-1"),
        ),
        ("retry-after=date", Fault("retry-after", name="date")),
    ],
)
def test_a_fault_says_what_it_is_about(text: str, expected: Fault) -> None:
    """A time that is left open, a status, a header, a media type."""
    assert read_fault(text) == expected


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_and_written_as_it_stands(form: str) -> None:
    """What is listed works, and a fault is shown as it was asked for."""
    assert read_fault(form).text == form


@pytest.mark.parametrize(
    "text", ["delay=1ms", "delay=0.25ms", "delay=0s", "delay=1.5s", "delay=3600s"]
)
def test_a_length_of_time_is_written_without_loss(text: str) -> None:
    """Down to the microsecond."""
    assert read_fault(text).text == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("delay=3s-1s", "write the shorter time first: delay=1s-3s"),
        ("delay=1s-", "no length of time up to an hour"),
        ("delay=1s-2h", "no length of time up to an hour"),
        ("delay=1s~0", "a median above 0 and a sigma up to 5"),
        ("delay=0s~1", "a median above 0 and a sigma up to 5"),
        ("delay=1s~nan", "a median above 0 and a sigma up to 5"),
        ("delay=1_0s", "no length of time up to an hour"),
        ("delay=٣s", "no length of time up to an hour"),
        ("gateway=500", "write gateway=502, gateway=503 or gateway=504"),
        ("gateway", "write gateway=502, gateway=503 or gateway=504"),
        ("drop", "write the name of a header: drop=Retry-After"),
        ("drop=a b", "write the name of a header: drop=Retry-After"),
        ("drop=Content-Length", "Content-Length is the wire's own"),
        ("repeat=transfer-encoding", "transfer-encoding is the wire's own"),
        ("type=html", "write a media type: type=text/html"),
        ("type=text/html\r\nX: y", "write a media type: type=text/html"),
        ("retry-after=30", "write retry-after=date, or drop=Retry-After"),
        ("garbage=1", "it takes no amount: write garbage"),
        ("trunc=0.5", "did you mean 'truncate'?"),
        ("explode", f"use one of: {', '.join(sorted(KINDS))}"),
    ],
)
def test_what_is_no_fault_says_how_to_write_one(text: str, says: str) -> None:
    """The mistake, its repair, and all that there is."""
    with pytest.raises(BadFault) as caught:
        read_fault(text)

    assert says in f"{caught.value.what}: {caught.value.fix}"
    assert str(caught.value).endswith(f" (faults are written {', '.join(FORMS)})")


def test_a_long_text_is_not_repeated_in_full() -> None:
    """What is sent by the megabyte comes back in a line."""
    with pytest.raises(BadFault) as caught:
        read_fault("x" * 1_000_000)

    assert len(str(caught.value)) < 700


def test_a_time_between_two_is_drawn_evenly() -> None:
    """All of the range, and nothing else; the same seed draws the same."""
    fault, chance = read_fault("delay=1s-3s"), Chance(1)

    drawn = [fault.drawn(chance) for _ in range(2_000)]

    assert {one._replace(amount=0.0) for one in drawn} == {Fault("delay")}
    seconds = [one.amount for one in drawn]
    assert 1 <= min(seconds) < 1.05
    assert 2.95 < max(seconds) <= 3
    assert 1.9 < sum(seconds) / 2_000 < 2.1
    assert drawn[0] == fault.drawn(Chance(1))


def test_a_lognormal_time_has_its_median_and_its_spread() -> None:
    """Half of the times are shorter; their logarithms are spread by sigma."""
    fault, chance = read_fault("delay=200ms~0.5"), Chance(1)

    seconds = [fault.drawn(chance).amount for _ in range(2_000)]

    logs = [math.log(one / 0.2) for one in seconds]
    assert 0.19 < median(seconds) < 0.21
    assert 0.47 < math.sqrt(sum(log * log for log in logs) / 2_000) < 0.53


def test_no_drawn_time_is_longer_than_an_hour() -> None:
    """However far a spread would reach."""
    fault, chance = read_fault("delay=60m~5"), Chance(1)

    seconds = [fault.drawn(chance).amount for _ in range(100)]

    assert max(seconds) == LONGEST


@pytest.mark.parametrize("text", ["delay=2s", "reset", "drop=Date"])
def test_what_leaves_nothing_open_costs_no_chance(text: str) -> None:
    """What is drawn later in the world is what would have been drawn."""
    chance = Chance(1)

    assert read_fault(text).drawn(chance) == read_fault(text)
    assert chance.uuid() == Chance(1).uuid()
