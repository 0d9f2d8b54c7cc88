"""Words: texts as a search compares them, whatever their case and punctuation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_WORD = re.compile(r"\w+")


_SHORT = 200
"""Characters of a text that is remembered with its words."""


def normal(text: str) -> str:
    """`Full-stack Engineer (m/f)` becomes ` full stack engineer m f `."""
    return _known(text) if len(text) <= _SHORT else _normal(text)


@lru_cache(maxsize=4096)
def _known(text: str) -> str:
    return _normal(text)


def _normal(text: str) -> str:
    words = _WORD.findall(text.casefold())
    return f" {' '.join(words)} " if words else " "


def fits(parts: Sequence[str], word: str) -> bool:
    """Whether *word* has these parts, which stood between `*`, one after the other."""
    first, *middle, last = parts
    if len(word) < len(first) + len(last):
        return False
    if not (word.startswith(first) and word.endswith(last)):
        return False
    at, end = len(first), len(word) - len(last)
    for part in middle:
        start = word.find(part, at, end)
        if start < 0:
            return False
        at = start + len(part)
    return True
