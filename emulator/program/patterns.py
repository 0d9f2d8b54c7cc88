"""Patterns: where in a longer text a credential stands, without a regular expression.

Credential={credential}/  and  "AWS4 Credential=AKID/20260302, Signature=..."  ->  "AKID"
"""

from __future__ import annotations

from typing import NamedTuple

HOLE = "{credential}"


class Pattern(NamedTuple):
    """The texts around a credential."""

    before: str
    after: str

    def read(self, text: str) -> str:
        """The credential in *text*; empty where there is none.

        It begins after the first *before*, and ends where *after* begins, or with the
        text.
        """
        start = text.find(self.before)
        if start < 0:
            return ""
        start += len(self.before)
        end = text.find(self.after, start) if self.after else -1
        return text[start : end if end >= 0 else len(text)].strip()

    def write(self, credential: str) -> str:
        """The shortest text in which *credential* stands."""
        return self.before + credential + self.after


def in_brackets(member: str) -> str:
    """How a form names a member: `auth.token` is `auth[token]`."""
    name, *inner = member.split(".")
    return name + "".join(f"[{part}]" for part in inner)


def pattern(text: str) -> Pattern:
    """Read a pattern. Raises `ValueError` where it does not have one hole."""
    parts = text.split(HOLE)
    if len(parts) != 2:
        raise ValueError(f"{text!r} has not one {HOLE}")
    return Pattern(*parts)
