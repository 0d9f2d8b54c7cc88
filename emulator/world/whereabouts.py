"""Whereabouts: how a proxy knows which of several processes has a world.

It goes by the last two letters or digits of a world's id, each by its code modulo 8. The
credentials of such a world end alike, so that a call with one of them arrives where the
world is: see docs/how-to/scale-out.md.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

_PLACES = 8
"""Digits alone have letters for as many (48 to 57), as have all alphabets of tokens."""


class Ending(NamedTuple):
    """What the last letter or digit of a text and the one before it come to."""

    before: int
    last: int

    def put(self, text: str, alphabet: str) -> str:
        """*text* with an ending like this one, in letters of *alphabet*.

        As it is where it has no two letters or digits, or the alphabet none that fits.
        """
        letters = [*text]
        wanted = [self.last, self.before]
        for at in range(len(letters) - 1, -1, -1):
            if not _counts(letters[at]):
                continue
            fitting = _fitting(alphabet, wanted.pop(0))
            if fitting:
                letters[at] = fitting[ord(letters[at]) // _PLACES % len(fitting)]
            if not wanted:
                return "".join(letters)
        return text


def ending_of(text: str) -> Ending:
    """The ending of *text*, such as a world's id; what is not there counts 0."""
    codes = [ord(letter) % _PLACES for letter in text if _counts(letter)]
    return Ending(*[0, 0, *codes][-2:])


def tail_of(text: str) -> str:
    """Two letters or digits with the ending of *text*."""
    return "".join(["00", *filter(_counts, text)])[-2:]


def _counts(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


@cache
def _fitting(alphabet: str, place: int) -> str:
    """The letters and digits of *alphabet* for *place*."""
    return "".join(
        letter
        for letter in dict.fromkeys(alphabet)
        if _counts(letter) and ord(letter) % _PLACES == place
    )
