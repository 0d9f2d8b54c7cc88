"""Keys: what a world's signing keys follow from, and how often each was rotated by hand.

No key is stored: it is made again from the seed and its number, wherever it is needed. So
a fork and a world that was restored have the keys of the world that they come from.
"""

from __future__ import annotations

from emulator.json_type import Json


class Keys:
    """The seed of a world's keys, and the rotations besides those that its clock makes."""

    __slots__ = ("_rotations", "seed")

    def __init__(self, seed: int | str) -> None:
        self.seed = seed
        self._rotations: dict[tuple[str, str], int] = {}

    def rotations(self, provider: str, name: str) -> int:
        """How often the keys *name* of a provider were rotated by hand."""
        return self._rotations.get((provider, name), 0)

    def rotate(self, provider: str, name: str) -> None:
        """Have the next key sign from now on."""
        self._rotations[provider, name] = self.rotations(provider, name) + 1

    def fork(self) -> Keys:
        """The same keys, to be rotated apart from these."""
        twin = Keys(self.seed)
        twin._rotations = dict(self._rotations)
        return twin

    def dump(self) -> Json:
        """The seed and the rotations, as JSON holds them."""
        rotations = [[*names, count] for names, count in self._rotations.items()]
        return {"seed": self.seed, "rotations": rotations}

    @classmethod
    def load(cls, kept: Json) -> Keys:
        """The keys that `dump` wrote down."""
        made = cls(kept["seed"])
        for provider, name, count in kept["rotations"]:
            made._rotations[provider, name] = count
        return made
