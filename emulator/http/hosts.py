"""Hosts: names of hosts, of which some have parts that vary: `{shop}.acme.example`.

A name that is written out comes before one with parts, and of two with parts the one
that says more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

PART = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
"""One part of a host's name between dots (RFC 1034, 3.5), and `_`, which some have."""
_NOTHING: Mapping[str, str] = {}


class Hosts:
    """Some names of hosts, in lower case."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = tuple(dict.fromkeys(names))
        self._plain = frozenset(name for name in self._names if "{" not in name)
        varying = [name for name in self._names if "{" in name]
        varying.sort(key=lambda name: -len(PART.sub("", name)))
        self._varying = [(name, _pattern(name)) for name in varying]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.match(name) is not None

    def match(self, name: str) -> tuple[str, Mapping[str, str]] | None:
        """The name that *name* is one of, as it is written, and what its parts are."""
        if name in self._plain:
            return name, _NOTHING
        for written, pattern in self._varying:
            found = pattern.fullmatch(name)
            if found is not None:
                return written, found.groupdict()
        return None


def parts_of(name: str) -> list[str]:
    """The parts of a host's name that vary: `{shop}.acme.example` -> ["shop"]."""
    return PART.findall(name)


def filled(name: str, values: Mapping[str, str]) -> str:
    """*name* with *values* in the place of its parts."""
    return PART.sub(lambda part: values.get(part[1], part[1]), name)


def lower(name: str) -> str:
    """*name* in lower case, but for what its parts are called."""
    pieces = re.split(r"(\{[^{}]*\})", name)
    return "".join(
        piece if piece.startswith("{") else piece.lower() for piece in pieces
    )


def _pattern(name: str) -> re.Pattern[str]:
    pieces = PART.split(name)
    written = [re.escape(piece) for piece in pieces[::2]]
    named = [f"(?P<{part}>{_LABEL})" for part in pieces[1::2]]
    return re.compile(
        "".join(a + b for a, b in zip(written, [*named, ""], strict=True))
    )
