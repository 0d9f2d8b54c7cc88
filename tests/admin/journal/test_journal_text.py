"""An exchange in a terminal."""

from __future__ import annotations

import pytest
from tiny import Tiny

from emulator.admin.journal.text import explained, line
from emulator.times import moment, span, times


def test_an_exchange_fits_on_a_line() -> None:
    """Secrets are masked, and an empty one is empty."""
    doors = Tiny("doors")
    doors.get("/query?api_key=k-bob&x=1")
    doors.get("/query?api_key=&x=1")

    assert [line(entry, doors.program) for entry in doors.world.journal] == [
        "#1 2026-03-02 10:00:00 GET /query?api_key=k…(#01e9)&x=1 -> 200 query by 'bob'",
        (
            "#2 2026-03-02 10:00:00 GET /query?api_key=&x=1 -> 401 query,"
            " refused: credential_missing"
        ),
    ]


def test_an_exchange_is_explained_step_by_step() -> None:
    """What came, each decision, and what went; the step that refused is marked."""
    doors = Tiny("doors")
    doors.ask("GET", "/header?x=1", x_key="k-nobody")
    (entry,) = doors.world.journal
    _, second, *rest = explained(entry, doors.program).splitlines()

    assert second.startswith("  world default, 2026-03-02T10:00:00Z there, ")
    assert (
        "\n".join(rest)
        == """\
  > GET http://testserver/doors/header?x=1
  > x-key: k-…(#dd62)
    route         this is header
    transport     let through
    identify      claims by Key to be k-…(#dd62), which no credential has
    lockout       not locked
  x authenticate  refused with credential_unknown: there is no credential k-…(#dd62); 1 \
of 3 failures
    settle        failure counted: 1 of 3 failures
  < 401
  < Date: Mon, 02 Mar 2026 10:00:00 GMT
  < Content-Type: application/json
  < {"error": "unknown", "more": null}"""
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.25, "0.25 s"),
        (119, "119 s"),
        (300, "5 min"),
        (7_200, "2 h"),
        (172_800, "2 days"),
    ],
)
def test_lengths_of_time_are_told_in_a_unit_that_fits(
    seconds: float, text: str
) -> None:
    """From two of a unit on, that unit is used."""
    assert span(seconds) == text


def test_times_are_told_as_iso_8601() -> None:
    """With thousandths of a second where there are any."""
    assert moment(1_772_445_600_000_000) == "2026-03-02T10:00:00Z"
    assert moment(1_772_445_600_250_400) == "2026-03-02T10:00:00.250Z"
    assert [times(n) for n in range(4)] == ["never", "once", "twice", "3 times"]
