"""Evidence: every fact that a bundled spec sources or assumes is one that it states.

Which those are is generated into `docs/reference/providers/`, for a person to review.
"""

from __future__ import annotations

from typing import Any

import pytest

from emulator.compile.places import bundled, places
from emulator.diagnostics import Location, Report
from emulator.program.program import Program
from emulator.spec.files import read_document
from emulator.spec.keywords import FACT
from emulator.spec.structure import behavior_keywords

PROVIDERS = [place.name for place in places(*bundled())]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_known_is_said_once(provider: str) -> None:
    """A part that two documents are named for proves nothing."""
    place = next(one for one in places(*bundled()) if one.name == provider)
    written = read_document("behavior.yaml", place.spec, Report(), Location(provider))
    assert written is not None
    facts = [
        part
        for part in behavior_keywords().parts(written.data)
        if part.kind == FACT and part.pointer[-1] != "otherwise"
    ]
    named = [
        (*part.pointer[:-1], name) for part in facts for name in _names(part.value)
    ]

    assert facts
    assert len(named) == len(set(named))


def _names(fact: Any) -> list[str]:
    if isinstance(fact, dict):
        return [name for names in fact.values() for name in names]
    return fact if isinstance(fact, list) else [""]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_the_rest_rests_on_a_page_that_was_read(
    programs: dict[str, Program], provider: str
) -> None:
    """Each source that a fact is said to come from has a title and a day."""
    evidence = programs[provider].evidence
    used = {evidence.default, *evidence.paths.values()} - {"assumed"}

    assert used == evidence.sources.keys()
    assert all({"title", "read"} <= page.keys() for page in evidence.sources.values())
