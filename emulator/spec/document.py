"""Document: the values of one file, and the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.diagnostics import Diagnostic, Location

Pointer = tuple[str | int, ...]
Place = tuple[int, int]

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(repr=False)
class Document:
    """One file: its values, and the place (line and column from 1) of each."""

    file: str
    """The name shown in diagnostics."""
    data: Any
    lines: list[str] = field(default_factory=list)
    positions: dict[Pointer, Place] = field(default_factory=dict)
    keys: dict[Pointer, Place] = field(default_factory=dict)
    """Where the key of a mapping's entry stands, by the pointer of the entry."""

    def locate(self, pointer: Sequence[str | int], *, key: bool = False) -> Location:
        """Where *pointer* stands, or its nearest ancestor that is in the file."""
        path = tuple(pointer)
        if key and path in self.keys:
            return Location(self.file, *self.keys[path])
        while path and path not in self.positions:
            path = path[:-1]
        return Location(self.file, *self.positions.get(path, (1, 1)))

    def diagnostic(
        self,
        pointer: Sequence[str | int],
        code: str,
        what: str,
        why: str = "",
        fix: str = "",
        *,
        key: bool = False,
        severity: str = "error",
    ) -> Diagnostic:
        at = self.locate(pointer, key=key)
        return Diagnostic(at, code, what, why, fix, self.line(at.line), severity)

    def as_written(self, reference: str) -> str:
        """How the author of the file writes *reference*, such as `#/components/schemas/Pet`."""
        return reference

    def extent(self, pointer: Pointer) -> tuple[list[Pointer], int]:
        """*pointer* and all below it, and the last line before the next value."""
        inside: list[Pointer] = []
        for position in self.positions:  # in the order of the file
            if position[: len(pointer)] == pointer:
                inside.append(position)
            elif inside:
                return inside, self.locate(position, key=True).line - 1
        return inside, len(self.lines)

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def to_json(self) -> dict[str, Any]:
        """Everything but the lines. Places are flat lists in the order of the file."""
        return {
            "file": self.file,
            "data": self.data,
            "positions": [number for at in self.positions.values() for number in at],
            "keys": [number for at in self.keys.values() for number in at],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any], lines: Sequence[str] = ()) -> Document:
        document = cls(stored["file"], stored["data"], list(lines))
        positions, keys = _pairs(stored["positions"]), _pairs(stored["keys"])

        def walk(value: Any, pointer: Pointer) -> None:
            document.positions[pointer] = next(positions)
            if isinstance(value, dict):
                for key, child in value.items():
                    document.keys[(*pointer, key)] = next(keys)
                    walk(child, (*pointer, key))
            elif isinstance(value, list):
                for index, child in enumerate(value):
                    walk(child, (*pointer, index))

        walk(document.data, ())
        return document


class KeptDocument(Document):
    """A document from the cache, whose places are worked out when one is asked for."""

    def __init__(self, stored: dict[str, Any]) -> None:
        super().__init__(stored["file"], stored["data"])
        self._stored: dict[str, Any] | None = stored

    def locate(self, pointer: Sequence[str | int], *, key: bool = False) -> Location:
        if self._stored is not None:
            whole = Document.from_json(self._stored)
            self.positions, self.keys, self._stored = whole.positions, whole.keys, None
        return super().locate(pointer, key=key)


def kind_of(value: Any) -> str:
    """What an author calls *value*: `a list`, `a text`, ..."""
    if value is None:
        return "nothing"
    kinds = {dict: "a mapping", list: "a list", str: "a text", bool: "a truth value"}
    return kinds.get(type(value), "a number")


def split_lines(text: str) -> list[str]:
    """The lines as the parser counts them."""
    return _BREAK.split(text)


def _pairs(numbers: list[int]) -> Iterator[Place]:
    return zip(numbers[::2], numbers[1::2], strict=True)
