"""Shell: texts as words for a POSIX shell, in which variables may stand.

word("X-Key: " + variable("SECRET_1"))   ->   'X-Key: '"$SECRET_1"
"""

from __future__ import annotations

import re
import shlex

_OPEN, _CLOSE = "\ue000", "\ue001"
# What a caller sends may look like a place: it gets at no other variable.
_PLACE = re.compile(f"{_OPEN}(SECRET_[0-9]{{1,6}}|EMULATOR_URL){_CLOSE}")


def variable(name: str) -> str:
    """What stands in a text for the value of a variable: SECRET_1, or EMULATOR_URL."""
    return f"{_OPEN}{name}{_CLOSE}"


def word(text: str) -> str:
    """*text* as one word, in which variables have their values."""
    pieces = _PLACE.split(text)
    quoted = [
        f'"${piece}"' if at % 2 else shlex.quote(piece)
        for at, piece in enumerate(pieces)
        if piece
    ]
    return "".join(quoted) or "''"


def plain(text: str) -> str:
    """*text* for people: variables by their names, and in one line."""
    return " ".join(_PLACE.sub(r"$\1", text).split())
