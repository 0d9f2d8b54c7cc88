"""Patterns: texts that a regular expression of JSON Schema (ECMA 262) finds itself in.

    ^[A-Z]{2}-\\d{4}$  ->  "QK-2071"

Of an expression, its groups, classes, repetitions, alternatives and references back are
followed. What looks ahead or behind is not: whoever asks for a text checks it, and asks
again for another one.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from emulator.generation.failures import MOST_TEXT, TooMuch
from emulator.world.chance import Chance

_DIGITS, _WORD = string.digits, string.ascii_letters + string.digits + "_"
_PLAIN = string.ascii_lowercase + string.digits + string.ascii_uppercase
_PRINTED = "".join(map(chr, range(32, 127)))
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": " ", "D": "", "W": "", "S": ""}
_PROPERTIES = {
    "L": string.ascii_letters, "Letter": string.ascii_letters,
    "Lu": string.ascii_uppercase, "Ll": string.ascii_lowercase,
    "N": _DIGITS, "Nd": _DIGITS, "P": "-.!", "Punctuation": "-.!", "Z": " ", "Zs": " ",
    "Alphabetic": string.ascii_letters, "Alpha": string.ascii_letters,
}  # fmt: skip
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}


class _Chars(NamedTuple):
    choices: str


class _Group(NamedTuple):
    alternatives: Sequence[Sequence[object]]
    number: int | str | None = None


class _Repeat(NamedTuple):
    node: object
    low: int
    high: int | None


class _Back(NamedTuple):
    number: int | str


class Unreadable(ValueError):
    """A pattern that has something in it which is not followed here."""


@lru_cache(maxsize=512)
def _parsed(pattern: str) -> _Group:
    return _Reader(pattern).read()


def text_of(pattern: str, chance: Chance, more: int = 0) -> str:
    """A text for *pattern*, whose repetitions go up to *more* beyond what they must.

    Raises `Unreadable` and `TooMuch`.
    """
    writer = _Writer(chance, more)
    writer.write(_parsed(pattern))
    return "".join(writer.parts)


def is_open(pattern: str) -> bool:
    """Whether a text may go on behind what *pattern* says."""
    return not pattern.endswith("$") or pattern.endswith("\\$")


class _Writer:
    def __init__(self, chance: Chance, more: int) -> None:
        self.parts: list[str] = []
        self._chance = chance
        self._more = more
        self._groups: dict[int | str, str] = {}
        self._long = 0

    def write(self, node: object) -> None:
        if isinstance(node, _Chars):
            if not node.choices:
                raise Unreadable("a class without characters")
            self._add(self._chance.pick(node.choices))
        elif isinstance(node, _Back):
            self._add(self._groups.get(node.number, ""))
        elif isinstance(node, _Repeat):
            most = node.low + self._more
            if node.high is not None:
                most = min(most, node.high)
            for _ in range(self._chance.number(node.low, max(node.low, most))):
                self.write(node.node)
        elif isinstance(node, _Group):
            start = len(self.parts)
            for inner in self._chance.pick(node.alternatives):
                self.write(inner)
            if node.number is not None:
                self._groups[node.number] = "".join(self.parts[start:])

    def _add(self, text: str) -> None:
        self._long += len(text)
        if self._long > MOST_TEXT:
            raise TooMuch(f"a text for its pattern is longer than {MOST_TEXT}")
        self.parts.append(text)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._groups = 0
        self._deep = 0

    def read(self) -> _Group:
        group = self._alternatives(None)
        if self._at < len(self._text):
            raise Unreadable("a bracket that closes nothing")
        return group

    def _alternatives(self, number: int | str | None) -> _Group:
        self._deep += 1
        if self._deep > 100:
            raise Unreadable("its groups are nested too deeply")
        found: list[list[object]] = [[]]
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._takes("|"):
                found.append([])
                continue
            node = self._atom()
            if node is not None:
                found[-1].append(self._repeated(node))
        self._deep -= 1
        return _Group(found, number)

    def _takes(self, text: str) -> bool:
        taken = self._text.startswith(text, self._at)
        if taken:
            self._at += len(text)
        return taken

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise Unreadable("it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _atom(self) -> object | None:
        character = self._next()
        if character in "^$":
            return None
        if character == ".":
            return _Chars(_PLAIN)
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        return _Chars(character)

    def _group(self) -> object | None:
        number: int | str | None = None
        looks = False
        if self._takes("?"):
            if any(map(self._takes, ("=", "!", "<=", "<!"))):
                looks = True
            elif self._takes("<") or self._takes("P<"):
                end = self._text.find(">", self._at)
                number, self._at = self._text[self._at : end], end + 1
                self._groups += 1
            else:
                while self._next() != ":":
                    pass
        else:
            self._groups += 1
            number = self._groups
        group = self._alternatives(number)
        if self._next() != ")":
            raise Unreadable("a group that is not closed")
        return None if looks else group

    def _repeated(self, node: object) -> object:
        low, high = 1, 1
        bounds: tuple[int, int | None] = (low, high)
        if self._takes("*"):
            bounds = 0, None
        elif self._takes("+"):
            bounds = 1, None
        elif self._takes("?"):
            bounds = 0, 1
        elif self._takes("{"):
            end = self._text.find("}", self._at)
            first, comma, last = self._text[self._at : end].partition(",")
            if not first.isdigit() or not (last.isdigit() or not last):
                return _Chars("{")
            self._at = end + 1
            least = int(first)
            bounds = least, (int(last) if last else None) if comma else least
        else:
            return node
        if bounds[0] > MOST_TEXT:
            raise TooMuch(f"its pattern repeats something {bounds[0]} times")
        self._takes("?")
        return _Repeat(node, *bounds)

    def _escape(self) -> object | None:
        character = self._next()
        if character in "bB":
            return None
        if character == "k" and self._takes("<"):
            end = self._text.find(">", self._at)
            name, self._at = self._text[self._at : end], end + 1
            return _Back(name)
        if character in "123456789":
            return _Back(int(character))
        chars = self._escaped(character)
        return _Chars(chars)

    def _escaped(self, character: str) -> str:
        """The characters that an escape stands for."""
        if character in _CLASSES:
            if character.islower():
                return _CLASSES[character]
            return _without(_CLASSES[character.lower()])
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character in "pP" and self._takes("{"):
            end = self._text.find("}", self._at)
            name, self._at = self._text[self._at : end], end + 1
            chars = _PROPERTIES.get(name.rpartition("=")[2])
            if chars is None:
                raise Unreadable(f"the property {name}")
            return chars if character == "p" else _without(chars)
        if character == "x":
            return self._hexadecimal(2)
        if character == "u":
            if self._takes("{"):
                end = self._text.find("}", self._at)
                code, self._at = self._text[self._at : end], end + 1
                return chr(int(code, 16))
            return self._hexadecimal(4)
        if character == "c":
            return chr(ord(self._next()) % 32)
        return character

    def _hexadecimal(self, digits: int) -> str:
        code = self._text[self._at : self._at + digits]
        self._at += digits
        try:
            return chr(int(code, 16))
        except ValueError:
            raise Unreadable("an escape without its digits") from None

    def _class(self) -> _Chars:
        excludes = self._takes("^")
        chars: dict[str, None] = {}
        first = True
        while first or not self._takes("]"):
            if first and self._takes("]"):
                break
            first = False
            low = self._member()
            ranges = self._text.startswith("-", self._at) and not self._text.startswith(
                "-]", self._at
            )
            if ranges and len(low) == 1:
                self._at += 1
                high = self._member()
                if len(high) == 1:
                    last = min(ord(high), ord(low) + 300)
                    chars.update(dict.fromkeys(map(chr, range(ord(low), last + 1))))
                    continue
                chars.update(dict.fromkeys(f"-{high}"))
            chars.update(dict.fromkeys(low))
        if excludes:
            return _Chars(_without("".join(chars)))
        plain = [character for character in chars if character.isalnum()]
        return _Chars("".join(plain or chars))

    def _member(self) -> str:
        character = self._next()
        if character != "\\":
            return character
        escaped = self._next()
        return "\b" if escaped == "b" else self._escaped(escaped)


def _without(chars: str) -> str:
    """Characters that are none of *chars*: plain ones, where there are such."""
    excluded = set(chars)
    plain = "".join(character for character in _PLAIN if character not in excluded)
    return plain or "".join(
        character for character in _PRINTED if character not in excluded
    )
