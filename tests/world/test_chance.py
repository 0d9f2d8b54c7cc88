"""The one source of everything that looks random."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest

from emulator.world.chance import Chance


def drawn(chance: Chance) -> list[object]:
    return [
        chance.uuid(),
        chance.token(8, "abc"),
        chance.number(1, 6),
        chance.pick("xyz"),
        chance.picks([1, 2, 3, 4], 1, 3),
        chance.happens(0.5),
    ]


def test_a_seed_decides_everything() -> None:
    """The same seed gives the same draws, another one others."""
    assert drawn(Chance("a")) == drawn(Chance("a")) != drawn(Chance("b"))


def test_uuids_are_of_version_four() -> None:
    """RFC 9562, 5.4: version and variant stand where they must."""
    made = [UUID(Chance(seed).uuid()) for seed in range(50)]

    assert {(one.version, one.variant) for one in made} == {(4, RFC_4122)}
    assert len(set(made)) == 50


@pytest.mark.parametrize(("share", "happens"), [(0, {False}), (1, {True})])
def test_never_and_always_are_certain(share: float, happens: set[bool]) -> None:
    """A share of nothing never happens, one of all always."""
    chance = Chance()

    assert {chance.happens(share) for _ in range(200)} == happens


def test_picks_are_different_and_in_order() -> None:
    """Items come at most once, as many as asked for, or as there are."""
    chance = Chance()
    picked = [chance.picks([1, 2, 3], 2, 9) for _ in range(50)]

    assert {tuple(one) for one in picked} <= {(1, 2), (1, 3), (2, 3), (1, 2, 3)}
