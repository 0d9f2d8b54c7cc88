"""Room: how much the collections of a world may hold together."""

from __future__ import annotations

import math


class Room:
    """How many changed records the collections of a world hold together."""

    __slots__ = ("bytes", "most", "most_bytes", "taken")

    def __init__(self, most: float = math.inf, most_bytes: float = math.inf) -> None:
        self.most, self.most_bytes = most, most_bytes
        self.taken = 0
        self.bytes = 0
        """About how many bytes these records take."""

    @property
    def full(self) -> bool:
        return self.taken >= self.most or self.bytes >= self.most_bytes
