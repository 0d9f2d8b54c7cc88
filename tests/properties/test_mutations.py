"""Slips: each is found by `check`, or it does no harm to any call.

A longer run with slips that nobody has tried, in one command::

    EMULATOR_TEST_SLIPS=2000 EMULATOR_TEST_SLIPS_SEED=70000 pytest tests/properties/test_mutations.py

A slip that fails is named with its seed: the same seed and one slip repeat it.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - seeded
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from mutations import behavior_of, changed, mutate, outcome

from emulator.compile.places import Place, bundled, gallery
from emulator.compile.places import places as places_of

SPECS = [*places_of(*bundled()), *gallery().values()]
EACH = 25
"""So many slips in one test."""
MANY = int(os.environ.get("EMULATOR_TEST_SLIPS", "200"))
"""So many in all: twelve and more of each provider."""
FIRST = int(os.environ.get("EMULATOR_TEST_SLIPS_SEED", "0"))
"""The seed of the first; each has the next."""


@cache
def written(place: Place) -> Any:
    return behavior_of(place)


@pytest.mark.parametrize("first", range(FIRST, FIRST + MANY, EACH))
def test_no_slip_that_is_not_found_makes_a_call_fail(
    first: int, tmp_path: Path
) -> None:
    """No traceback at load, no spec error and no bug of ours in a call."""
    harm = []
    for seed in range(first, min(first + EACH, FIRST + MANY)):
        chance = random.Random(seed)
        place = SPECS[seed % len(SPECS)]
        behavior, slip = mutate(written(place), chance)
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = outcome(changed(place, behavior, folder), chance)
        harm += [f"{seed}: {place.name}: {slip}\n  {wrong}" for wrong in found[:1]]

    assert harm == [], "\n".join(harm)


@pytest.mark.parametrize("place", SPECS, ids=lambda place: place.name)
def test_the_calls_reach_what_they_are_about(place: Place, tmp_path: Path) -> None:
    """Without a slip nothing goes wrong in them, which would make the test above weak."""
    assert outcome(changed(place, written(place), tmp_path), random.Random(0)) == []
