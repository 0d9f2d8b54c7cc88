"""Evidence: every fact that a bundled spec sources or assumes is one that it states.

Which those are is generated into `docs/reference/providers/`, for a person to review.
"""

from __future__ import annotations

import pytest
from assumptions import evidence_paths

from emulator.compile.places import bundled, places
from emulator.program.program import Program

PROVIDERS = [place.name for place in places(*bundled())]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_piece_of_evidence_is_about_something_in_the_spec(provider: str) -> None:
    """A path under `evidence` that leads nowhere, or stands there twice, proves nothing."""
    paths, nowhere = evidence_paths(provider)

    assert nowhere == []
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_the_rest_rests_on_a_page_that_was_read(
    programs: dict[str, Program], provider: str
) -> None:
    """Each source that a fact is said to come from has a title and a day."""
    evidence = programs[provider].evidence
    used = {evidence.default, *evidence.paths.values()} - {"assumed"}

    assert used == evidence.sources.keys()
    assert all({"title", "read"} <= page.keys() for page in evidence.sources.values())
