"""Values: what is compiled stays as it was made, and says what it is."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from emulator.values import value


@value
class Point:
    """Where something is."""

    x: int
    y: int = 0


def test_a_value_does_not_change() -> None:
    """Not even where the type checker does not look."""
    point = Point(x=1)

    with pytest.raises(FrozenInstanceError, match=r"Point\.x does not change"):
        setattr(point, "x", 2)  # noqa: B010
    with pytest.raises(FrozenInstanceError):
        delattr(point, "x")

    assert point.x == 1


def test_a_value_is_what_it_holds() -> None:
    """And is shown so."""
    assert repr(Point(x=1)) == "Point(x=1)"
    assert Point(x=1) == Point(x=1) != Point(x=2)
    assert Point(x=1) == Point(x=1, y=0) != (1,)
