"""Secrets: gives each world secrets of its own, in the form that the fixtures' have.

What is minted follows from the world's id, its seed and the text in the fixtures, so
the same world made again has the same secrets; the same text becomes the same secret
wherever it stands.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import NamedTuple

from emulator.world.base import Record
from emulator.world.collection import Collection
from emulator.world.whereabouts import Ending

_LEAST = 8
"""A secret that varies in fewer characters than this gets a tag of this length, by which
it is a world's own."""
_WORDS = re.compile(r"(?:[a-z]+_)+")
_VARIED = re.compile(r"[0-9A-Za-z]+")
_HEX = frozenset("0123456789abcdef")


class Shape(NamedTuple):
    """What every world's own of a text has in common; it is worked out once."""

    text: str
    start: str
    """What it begins with, as it stands."""
    letters: bytes | None
    """Which letter each byte stands for; None where nothing is a world's own."""
    length: int
    """How many letters are a world's own."""
    rest: tuple[tuple[slice, str], ...]
    """Some of those letters, and the signs that follow them."""

    def minted(self, salt: str, ending: Ending | None = None) -> str:
        """A text of this shape that nobody who does not know *salt* would write.

        What is a world's own of it ends as *ending* has it, if that is given.
        """
        seed = f"{salt}\x1f{self.text}".encode(errors="replace")
        picked = hashlib.shake_128(seed).digest(self.length)
        own = picked.translate(self.letters).decode()
        if ending is not None and self.letters is not None:
            own = ending.put(own, self.letters.decode())
        return self.start + "".join([own[part] + signs for part, signs in self.rest])


def minted(text: str, salt: str) -> str:
    """A text like *text*, which nobody who does not know *salt* would write.

    Leading words (`acme_live_`) and signs stay where they are, letters and digits
    become others; an e-mail address and a short text get a tag. A short number stays
    what it is: a client's id, more often than not.

    "acme_live_09af..."  ->  "acme_live_e41b..."
    "ann@example.com"    ->  "ann+k3v9x0pq@example.com"
    "k-ann"              ->  "k-ann-7h2m0x4q"
    "4"                  ->  "4"
    """
    return shape_of(text).minted(salt)


def shape_of(text: str) -> Shape:
    """What `minted` keeps of *text*."""
    local, at, domain = text.rpartition("@")
    if at:
        tag = _tag(digits + ascii_lowercase, f"@{domain}")
        return Shape(text, f"{local}+", *tag)
    words = _WORDS.match(text)
    start = words.end() if words else 0
    runs = [*_VARIED.finditer(text, start)]
    length = sum(len(run[0]) for run in runs)
    if not length or text.isdigit():
        if length < _LEAST:
            return Shape(text, text, None, 0, ())
    elif length < _LEAST:
        return Shape(text, f"{text}-", *_tag(digits + ascii_lowercase))
    rest = []
    at_letter = 0
    for run, after in zip(runs, [*runs[1:], None], strict=True):
        part = slice(at_letter, at_letter := at_letter + len(run[0]))
        rest.append((part, text[run.end() : after.start() if after else None]))
    letters = _letters(_alphabet("".join(run[0] for run in runs)))
    return Shape(text, text[: runs[0].start()], letters, length, tuple(rest))


def strange(shape: Shape) -> Shape:
    """*shape* where something of it is a world's own; else a number that is longer."""
    return shape if shape.length else Shape(shape.text, "", *_tag(digits))


def _tag(
    alphabet: str, after: str = ""
) -> tuple[bytes, int, tuple[tuple[slice, str], ...]]:
    """Some letters that are a world's own, for the end of a `Shape`."""
    return _letters(alphabet), _LEAST, ((slice(0, _LEAST), after),)


def _alphabet(varied: str) -> str:
    """All letters and digits of the kinds that occur in *varied*; hexadecimal ones."""
    found = set(varied)
    if found <= _HEX:
        return "0123456789abcdef"
    kinds = (digits, ascii_lowercase, ascii_uppercase)
    return "".join(kind for kind in kinds if not found.isdisjoint(kind))


@cache  # there are eight alphabets
def _letters(alphabet: str) -> bytes:
    """Which letter of *alphabet* each byte stands for."""
    return bytes(ord(alphabet[number % len(alphabet)]) for number in range(256))


class Minted:
    """The secrets of one provider that one world has of its own."""

    __slots__ = ("_back", "fields", "values")

    def __init__(
        self,
        fields: Mapping[str, tuple[str, ...]],
        shapes: Iterable[Shape],
        salt: str,
        ending: Ending | None = None,
    ) -> None:
        self.fields = fields
        """The fields that hold secrets, by collection."""
        self.values = {
            shape.text: made
            for shape in shapes
            if (made := shape.minted(salt, ending)) != shape.text
        }
        """What stands in the fixtures, and the world's own in its place."""
        self._back: dict[str, str] | None = None

    @property
    def back(self) -> Mapping[str, str]:
        """The world's own, and what stands in the fixtures."""
        if self._back is None:
            self._back = {made: text for text, made in self.values.items()}
        return self._back

    def write(self, collection: Collection, name: str) -> None:
        """Put the world's own secrets into the records of the collection *name*."""
        rename(collection, self.fields.get(name, ()), self.values)


def rename(
    collection: Collection, fields: tuple[str, ...], names: Mapping[str, str]
) -> None:
    """Write what stands in these fields of *collection* as *names* has it."""
    for record in [*collection]:
        new = renamed(record, fields, names)
        if new is not record:
            collection.put(new)


def renamed(
    record: Record, fields: tuple[str, ...], names: Mapping[str, str]
) -> Record:
    """*record* with these fields as *names* has them; itself where nothing changes."""
    changes = {
        field: names[record[field]]
        for field in fields
        if isinstance(record.get(field), str) and record[field] in names
    }
    return {**record, **changes} if changes else record
