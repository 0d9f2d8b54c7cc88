"""Sizes: how much one expression may make of what a caller has chosen.

A spec that has a caller's number or list decide how much there is to be done would let
one call stop everything. What goes over a size is a failure of the expression.
"""

from __future__ import annotations

from emulator.json_type import Json

DRAWN = 4_096
"""Characters that `token` and `secret` draw."""
DIGITS = 100
"""Digits after the point, or before it."""
TEXT = 10_000_000
"""Characters of a text."""
ITEMS = 100_000
"""Items of a list that is put together, or looped over."""
ROUNDS = 1_000_000
"""Rounds of a loop inside of a loop, all together."""


def whole(value: Json, least: int, most: int, what: str) -> int:
    """*value*, a whole number from *least* to *most*. Raises `ValueError`."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{what} is a whole number from {least} to {most}")
    return value


def fits(size: int, most: int, what: str) -> None:
    """Raise `ValueError` where there would be more than *most* of *what*."""
    if size > most:
        raise ValueError(f"it would make {size} {what}, and {most} are the most")
