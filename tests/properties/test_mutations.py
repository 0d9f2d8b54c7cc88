"""Slips: each is found by `check`, or it does no harm to any call.

Nor does it silence a reply: the provider without the slip gets the same calls, and what
is null then where openapi.yaml wants a value, or since a name is misspelt, is harm too.
A longer run with slips that nobody has tried, in one command::

    EMULATOR_TEST_SLIPS=2000 EMULATOR_TEST_SLIPS_SEED=70000 pytest tests/properties/test_mutations.py

A slip that fails is named with its seed: the same seed and one slip repeat it.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - seeded
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from mutations import Served, outcome, served, slipped
from silences import silences

from emulator.compile.places import Place, bundled, gallery
from emulator.compile.places import places as places_of

SPECS = [*places_of(*bundled()), *gallery().values()]
EACH = 25
"""So many slips in one test."""
MANY = int(os.environ.get("EMULATOR_TEST_SLIPS", "175"))
"""So many in all: twelve and more of each provider."""
FIRST = int(os.environ.get("EMULATOR_TEST_SLIPS_SEED", "0"))
"""The seed of the first; each has the next."""
SERIES = max(2, MANY // 100)
"""So many series of calls, each with what providers without slips said to it."""


@cache
def original(place: Place, series: int) -> Served:
    """The provider without a slip, after a series of calls."""
    with TemporaryDirectory() as folder:
        unchanged, _ = slipped(place, (), random.Random(0), Path(folder))
        found = served(unchanged, series)
    assert found is not None, place.name
    return found


def harm(kinds: Sequence[str], seeds: Iterable[int], folder: Path) -> list[str]:
    """What comes of a slip in a file of each of *kinds*, with each of the *seeds*."""
    harm = []
    for seed in seeds:
        chance = random.Random(seed)
        place = SPECS[seed % len(SPECS)]
        changed, slip = slipped(place, kinds, chance, folder / str(seed))
        series = seed // len(SPECS) % SERIES
        found = outcome(changed, slip, series, original(place, series))
        harm += [f"{seed}: {place.name}: {slip.told}\n  {wrong}" for wrong in found[:1]]
    return harm


@pytest.mark.parametrize("first", range(FIRST, FIRST + MANY, EACH))
def test_no_slip_that_is_not_found_makes_a_call_fail(
    first: int, tmp_path: Path
) -> None:
    """No traceback at load, no spec error and no bug of ours in a call, and no null of
    which `check` could have known."""
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
def test_the_calls_reach_what_they_are_about(place: Place) -> None:
    """Without a slip nothing goes wrong in them, which would make the test above weak."""
    found = original(place, 0)

    assert found.harm == []
    assert found.told == {}
    assert found.said.unfit == {}
    assert False in found.said.empty.values()


@pytest.mark.parametrize("misspelt", [False, True])
def test_a_null_where_a_value_is_wanted_is_found(
    tmp_path: Path, misspelt: bool
) -> None:
    """What compares the replies is able to fail."""
    place = SPECS[0]
    changed, _ = slipped(place, (), random.Random(0), tmp_path)
    file = changed.spec / "behavior.yaml"
    written = file.read_text("utf-8")
    text = "message: X-API-Key header is missing"
    assert text in written
    file.write_text(written.replace(text, "message: null"), "utf-8")
    before = original(place, 0)

    found = served(changed, 0, before.program)

    assert found is not None
    told = [*silences(before.said, found.said, misspelt=misspelt)]
    assert any("401: error.message: null" in each for each in told)
    assert any("never was" in each for each in told) == misspelt
