"""Anchors: what the aliases and merge keys of a YAML file stand for.

An alias is the very value that it names, so that it costs no memory; but whoever walks
through the document meets it again and again. So the values that all aliases stand for
together are counted, with those that are inside of them, and bounded.
"""

from __future__ import annotations

from collections.abc import Iterable

from emulator.json_type import Json

MAX_ALIASED = 1_000_000
"""Values that the aliases of one file may stand for."""
MERGE = "<<"


class Anchors:
    """The values of one file that have a name."""

    def __init__(self) -> None:
        self._values: dict[str, Json] = {}
        self._known: dict[int, tuple[int, int]] = {}
        self._aliased = 0

    def name(self, anchor: str, value: Json) -> None:
        self._values[anchor] = value

    def value(self, anchor: str, levels: int, around: Iterable[Json]) -> Json:
        """What an alias stands for that has *levels* below it, and is inside of *around*.

        Raises `ValueError`, which says why it stands for nothing.
        """
        if anchor not in self._values:
            raise ValueError("nothing before it has this anchor")
        value = self._values[anchor]
        if isinstance(value, (dict, list)):
            if any(value is outer for outer in around):
                raise ValueError("it stands inside of what it names")
            many, deep = self._extent(value)
            if deep > levels:
                raise ValueError("what it names is nested too deeply for this place")
            self._aliased += many
        if self._aliased > MAX_ALIASED:
            raise ValueError(f"aliases stand for more than {MAX_ALIASED:,} values here")
        return value

    def _extent(self, whole: Json) -> tuple[int, int]:
        """How many values are in *whole*, and how many levels."""
        known, waiting = self._known, [whole]
        while waiting:
            value = waiting[-1]
            items = value.values() if isinstance(value, dict) else value
            inner = [item for item in items if isinstance(item, (dict, list))]
            unknown = [item for item in inner if id(item) not in known]
            if unknown:
                waiting += unknown
                continue
            waiting.pop()
            extents = [known[id(item)] for item in inner]
            many = len(value) - len(inner) + sum(many for many, _ in extents)
            known[id(value)] = (
                many + 1,
                1 + max((deep for _, deep in extents), default=0),
            )
        return known[id(whole)]


def merge(mapping: dict[str, Json]) -> bool:
    """Give *mapping* what its merge key names, where it does not say it itself.

    The first mapping of a list counts (YAML 1.1, `!!merge`). Whether it names mappings.
    """
    merged = mapping.pop(MERGE)
    parts = merged if isinstance(merged, list) else [merged]
    for part in parts:
        if not isinstance(part, dict):
            return False
        for key, value in part.items():
            mapping.setdefault(key, value)
    return True
