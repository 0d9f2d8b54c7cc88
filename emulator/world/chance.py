"""Chance: the one source of everything that looks random, seeded."""

from __future__ import annotations

import base64
import math
import random
from collections.abc import Sequence
from typing import Any

from emulator.json_type import Json
from emulator.world.whereabouts import Ending

_SAID = 0x4 << 76 | 0x2 << 62
"""Version and variant of a UUID, as bits."""
_DRAWN = ~(0xF << 76 | 0x3 << 62)
"""Its other bits."""


class Chance:
    """Ids, tokens and choices of a world: the same seed gives the same ones."""

    __slots__ = ("_made", "ending", "seed")

    def __init__(self, seed: int | str = 0, ending: Ending | None = None) -> None:
        self.seed = seed
        self.ending = ending
        """How its tokens end; None: as it happens."""
        self._made: random.Random | None = None

    @property
    def _random(self) -> random.Random:
        """Made when it is first drawn from: most worlds live short."""
        made = self._made
        if made is None:
            made = self._made = random.Random(f"emulator:{self.seed}")
        return made

    def fork(self) -> Chance:
        """A chance that goes on as this one does."""
        twin = Chance(self.seed, self.ending)
        if self._made is not None:
            twin._random.setstate(self._made.getstate())
        return twin

    def dump(self) -> Json:
        """The seed, and how far it is drawn from, as JSON holds it."""
        if self._made is None:
            return {"seed": self.seed}
        _, words, _ = self._made.getstate()
        state = b"".join(word.to_bytes(4, "big") for word in words)
        return {"seed": self.seed, "state": base64.b64encode(state).decode()}

    @classmethod
    def load(cls, kept: Json, ending: Ending | None = None) -> Chance:
        """The chance that `dump` wrote down. Raises `ValueError`."""
        made = cls(kept["seed"], ending)
        if "state" in kept:
            state = base64.b64decode(kept["state"], validate=True)
            words = [
                int.from_bytes(state[at : at + 4], "big")
                for at in range(0, len(state), 4)
            ]
            made._random.setstate((3, tuple(words), None))
        return made

    def uuid(self) -> str:
        """A UUID of version 4 (RFC 9562, 5.4)."""
        drawn = (self._made or self._random).getrandbits(128)
        text = f"{drawn & _DRAWN | _SAID:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def token(self, length: int, alphabet: str) -> str:
        """*length* characters of *alphabet*."""
        drawn = "".join(self._random.choices(alphabet, k=length))
        return drawn if self.ending is None else self.ending.put(drawn, alphabet)

    def happens(self, share: float) -> bool:
        """True in a *share* (0 to 1) of all cases."""
        return self._random.random() < share

    def number(self, low: int, high: int) -> int:
        """A whole number from *low* to *high*, both included."""
        return self._random.randint(low, high)

    def between(self, low: float, high: float) -> float:
        """A number from *low* to *high*, each as likely."""
        return self._random.uniform(low, high)

    def lognormal(self, median: float, sigma: float) -> float:
        """A number above 0, around *median*; its logarithm is spread by *sigma*."""
        return median * math.exp(self._random.normalvariate(0.0, sigma))

    def pick(self, items: Sequence[Any]) -> Any:
        return self._random.choice(items)

    def picks(self, items: Sequence[Any], low: int, high: int) -> list[Any]:
        """From *low* to *high* different items, in the order in which they stand."""
        many = min(self.number(low, high), len(items))
        return [
            items[at] for at in sorted(self._random.sample(range(len(items)), many))
        ]
