"""The bundled records: nothing in them is left over from how they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.program.program import Program


@pytest.mark.parametrize("provider", ["jobriver", "jobspace", "jobsphere"])
def test_made_records_have_the_fields_of_written_ones(
    programs: dict[str, Program], provider: str
) -> None:
    """What a recipe only works with is omitted, so that no client is shown it."""
    records = list(programs[provider].bases["jobs"].records.values())
    working = {"role", "day", "trade", "step", "turn", "employer", "factor", "level"}

    assert [{*record} & working for record in records if {*record} & working] == []
