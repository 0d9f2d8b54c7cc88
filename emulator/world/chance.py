"""Chance: the one source of everything that looks random, seeded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any


class Chance:
    """Ids, tokens and choices of a world: the same seed gives the same ones."""

    __slots__ = ("_random", "seed")

    def __init__(self, seed: int | str = 0) -> None:
        self.seed = seed
        self._random = random.Random(f"emulator:{seed}")

    def uuid(self) -> str:
        """A UUID of version 4 (RFC 9562, 5.4)."""
        bits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(bits[16], 16) & 3]
        return (
            f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-{variant}{bits[17:20]}-{bits[20:]}"
        )

    def token(self, length: int, alphabet: str) -> str:
        """*length* characters of *alphabet*."""
        return "".join(self._random.choices(alphabet, k=length))

    def happens(self, share: float) -> bool:
        """True in a *share* (0 to 1) of all cases."""
        return self._random.random() < share

    def number(self, low: int, high: int) -> int:
        """A whole number from *low* to *high*, both included."""
        return self._random.randint(low, high)

    def pick(self, items: Sequence[Any]) -> Any:
        return self._random.choice(items)

    def picks(self, items: Sequence[Any], low: int, high: int) -> list[Any]:
        """From *low* to *high* different items, in the order in which they stand."""
        many = min(self.number(low, high), len(items))
        return [
            items[at] for at in sorted(self._random.sample(range(len(items)), many))
        ]
