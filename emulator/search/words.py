"""Words: texts as a search compares them, whatever their case and punctuation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_WORD = re.compile(r"\w+")
_LONG = 100
"""Characters of a word for which no regular expression is made, which Python keeps."""


def words(folded: str) -> list[str]:
    """`full-stack engineer (m/f)` has the words full, stack, engineer, m and f."""
    return _WORD.findall(folded)


def in_a_row(text: str) -> Callable[[str], bool]:
    """Whether a text has the words of *text* one after the other; never, without words.

    It is asked of a text that is case-folded. Nearly all texts of a search lack the
    longest word, so that is looked for first.
    """
    wanted = words(text.casefold())
    longest = max(wanted, key=len, default="")
    if not longest:
        return lambda _: False
    if wanted == [longest] and len(longest) <= _LONG:
        found = re.compile(rf"(?<!\w){longest}(?!\w)").search
        return lambda folded: longest in folded and found(folded) is not None
    row = _spaced(wanted)
    return lambda folded: longest in folded and row in _spaced(words(folded))


def _spaced(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


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
