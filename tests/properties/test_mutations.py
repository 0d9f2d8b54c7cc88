"""Slips: each is found by `check`, or it does no harm to any call.

A longer run with slips that nobody has tried, in one command::

    EMULATOR_TEST_SLIPS=2000 EMULATOR_TEST_SLIPS_SEED=70000 pytest tests/properties/test_mutations.py

A slip that fails is named with its seed: the same seed and one slip repeat it.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - seeded
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from mutations import outcome, slipped

from emulator.compile.places import Place, bundled, gallery
from emulator.compile.places import places as places_of

SPECS = [*places_of(*bundled()), *gallery().values()]
EACH = 25
"""So many slips in one test."""
MANY = int(os.environ.get("EMULATOR_TEST_SLIPS", "200"))
"""So many in all: twelve and more of each provider."""
FIRST = int(os.environ.get("EMULATOR_TEST_SLIPS_SEED", "0"))
"""The seed of the first; each has the next."""


def harm(kinds: Sequence[str], seeds: Iterable[int], folder: Path) -> list[str]:
    """What comes of a slip in a file of each of *kinds*, with each of the *seeds*."""
    harm = []
    for seed in seeds:
        chance = random.Random(seed)
        place = SPECS[seed % len(SPECS)]
        changed, slip = slipped(place, kinds, chance, folder / str(seed))
        found = outcome(changed, chance)
        harm += [f"{seed}: {place.name}: {slip}\n  {wrong}" for wrong in found[:1]]
    return harm


@pytest.mark.parametrize("first", range(FIRST, FIRST + MANY, EACH))
def test_no_slip_that_is_not_found_makes_a_call_fail(
    first: int, tmp_path: Path
) -> None:
    """No traceback at load, no spec error and no bug of ours in a call."""
    seeds = range(first, min(first + EACH, FIRST + MANY))

    assert harm(["behavior"], seeds, tmp_path) == []


@pytest.mark.parametrize(
    "kinds",
    [["openapi"], ["fixtures"], ["behavior", "behavior"], ["behavior", "openapi"]],
    ids="-".join,
)
@pytest.mark.parametrize("first", range(FIRST, FIRST + max(MANY // 8, 1), EACH))
def test_nor_does_one_in_another_file_nor_do_two(
    kinds: Sequence[str], first: int, tmp_path: Path
) -> None:
    seeds = range(first, min(first + EACH, FIRST + max(MANY // 8, 1)))

    assert harm(kinds, seeds, tmp_path) == []


@pytest.mark.parametrize("place", SPECS, ids=lambda place: place.name)
def test_the_calls_reach_what_they_are_about(place: Place, tmp_path: Path) -> None:
    """Without a slip nothing goes wrong in them, which would make the test above weak."""
    unchanged, _ = slipped(place, (), random.Random(0), tmp_path)

    assert outcome(unchanged, random.Random(0)) == []
