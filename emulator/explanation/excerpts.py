"""Excerpts: the lines of a file that say one thing, as their author wrote them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from emulator.diagnostics import Location
from emulator.spec.document import Document, Place, Pointer


class Line(NamedTuple):
    """One line, without the indentation that the whole excerpt has."""

    number: int
    text: str
    evidence: str
    """That of the first value that begins there; empty where none does."""
    exceptions: dict[str, list[str]]
    """The evidence of further values in the line that have another, and their names."""


class Excerpt(NamedTuple):
    """The lines of one value, with the comment above it."""

    at: Location
    """Where the key of the value stands."""
    pointer: Pointer
    evidence: str
    lines: list[Line]


def excerpt(
    document: Document,
    pointer: Pointer,
    evidence_of: Callable[[Pointer], str],
    facts: Collection[Pointer] = (),
) -> Excerpt:
    """The lines of *document* that say what stands at *pointer*.

    Lines that have nothing but *facts* are left out: the evidence of others says the same.
    """
    inside, last = document.extent(pointer)
    places = {part: _begin(document, part) for part in inside}
    start = places[pointer][0]
    indent = _indentation(document.line(start))
    end = max(last, *(line for line, _ in places.values()))
    while end > start and _is_between(document.line(end), indent):
        end -= 1
    first = start
    while _is_comment_above(document.line(first - 1), indent):
        first -= 1

    by_line: dict[int, list[Pointer]] = {}
    for part in sorted(inside, key=places.__getitem__):
        by_line.setdefault(places[part][0], []).append(part)
    lines = [
        Line(
            number,
            _dedented(document.line(number), indent),
            *_evidence_of_line(document, by_line.get(number, []), evidence_of),
        )
        for number in range(first, end + 1)
        if not _tells_facts(by_line.get(number, []), facts)
    ]
    at = Location(document.file, *places[pointer])
    return Excerpt(at, pointer, evidence_of(pointer), lines)


def _tells_facts(pointers: list[Pointer], facts: Collection[Pointer]) -> bool:
    """Whether all of *pointers*, the values that begin in one line, are of *facts*."""
    return bool(pointers) and all(
        any(pointer[:many] in facts for many in range(len(pointer) + 1))
        for pointer in pointers
    )


def _begin(document: Document, pointer: Pointer) -> Place:
    """Where the key of a value stands, or the value itself in a list."""
    at = document.locate(pointer, key=True)
    return at.line, at.column


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_between(line: str, indent: int) -> bool:
    """Whether *line* is blank, or a comment that is about what follows."""
    is_comment = line.lstrip().startswith("#")
    return not line.strip() or (is_comment and _indentation(line) <= indent)


def _is_comment_above(line: str, indent: int) -> bool:
    return line.lstrip().startswith("#") and _indentation(line) == indent


def _dedented(line: str, indent: int) -> str:
    return line[min(indent, _indentation(line)) :].rstrip()


def _evidence_of_line(
    document: Document,
    pointers: list[Pointer],
    evidence_of: Callable[[Pointer], str],
) -> tuple[str, dict[str, list[str]]]:
    if not pointers:
        return "", {}
    first, *others = pointers
    usual = evidence_of(first)
    exceptions: dict[str, list[str]] = {}
    for pointer in others:
        evidence = evidence_of(pointer)
        if evidence not in (usual, evidence_of(pointer[:-1])):
            name = _name(document, pointer, pointer[_common(first, pointer) :])
            exceptions.setdefault(evidence, []).append(name)
    return usual, exceptions


def _name(document: Document, pointer: Pointer, within: Pointer) -> str:
    """What a value is called inside of another: by its keys, or a text by itself."""
    if isinstance(pointer[-1], int):
        value = document.data
        for key in pointer:
            value = value[key]
        if isinstance(value, str):
            return value
    return ".".join(map(str, within))


def _common(first: Pointer, second: Pointer) -> int:
    """How many parts two pointers have in common at their beginning."""
    many = 0
    for step, other in zip(first, second, strict=False):
        if step != other:
            break
        many += 1
    return many
