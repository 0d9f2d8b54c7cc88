"""Inferring: the program of a document alone, without what was inferred amiss.

What is inferred of an operation is a guess. One that does not hold (since the document
says something that nobody has thought of) must not keep all the others from being served:
the operation is answered from the document, and a warning says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TypeVar

from emulator.compile.files import Files, inferred_files, read_published
from emulator.compile.places import Place
from emulator.diagnostics import Diagnostic, Report, SpecError
from emulator.json_type import Json
from emulator.spec.document import Document
from emulator.spec.published import Published

Made = TypeVar("Made")
_TRIES = 3


def compile_inferred(
    place: Place,
    published: Published,
    report: Report,
    compile_files: Callable[[Files, Report], Made],
) -> Made:
    """What *compile_files* makes of the document. Raises `SpecError`."""
    return settled(place, published, report, compile_files)[0]


def settled(
    place: Place,
    published: Published,
    report: Report,
    compile_files: Callable[[Files, Report], Made],
) -> tuple[Made, tuple[str, ...]]:
    """The same, and what of the inferences was left out since it does not hold."""
    from emulator.inference import KINDS

    openapi = read_published(place, published, report)
    without: dict[str, None] = {}
    for number in range(_TRIES + 2):
        heard = Report()
        files = inferred_files(place, published, openapi, heard, [*without])
        try:
            made = compile_files(files, heard)
        except SpecError as error:
            if number == _TRIES + 1 or files.behavior is None:
                _pass_on(error.diagnostics, report)
                raise SpecError(report.diagnostics) from None
            wrong = [each for each in error.diagnostics if each.severity == "error"]
            found = dict(_operations(files.behavior, wrong))
            if number >= _TRIES - 1 or not found:
                kept = () if number >= _TRIES else ("authentication", "dispatch")
                without |= dict.fromkeys(kind for kind in KINDS if kind not in kept)
            without |= dict.fromkeys(found)
            for each in found.values() or wrong[:1]:
                report.add(_dropped(each))
            continue
        _pass_on(heard.diagnostics, report)
        return made, (*without,)
    raise AssertionError("the last try returns or raises")


def _operations(
    behavior: Document, wrong: list[Diagnostic]
) -> Iterator[tuple[str, Diagnostic]]:
    """The operations whose lines have mistakes, or that name what has one."""
    data = behavior.data
    operations = data.get("operations") or {}
    named = [("operations", id) for id in operations]
    named += [(part, name) for part in _SHARED for name in data.get(part) or ()]
    starts = sorted(
        (behavior.locate(each, key=True).line, each)
        for each in [*named, *((part,) for part in data)]
    )
    lines = [line for line, _ in starts]
    for each in wrong:
        at = bisect_right(lines, each.at.line) - 1
        part, *names = starts[at][1] if at >= 0 else ("",)
        if part == "operations" and names:
            yield names[0], each
        elif names:
            for id, written in operations.items():
                if _names(written, names[0]):
                    yield id, each


_SHARED = ("guards", "views", "pages")
"""The parts of the file whose entries operations name."""


def _names(value: Json, name: str) -> bool:
    """Whether *name* stands anywhere in *value*, alone."""
    if isinstance(value, dict):
        return any(_names(inner, name) for inner in value.values())
    if isinstance(value, list):
        return any(_names(item, name) for item in value)
    return bool(value == name)


def _dropped(wrong: Diagnostic) -> Diagnostic:
    return Diagnostic(
        wrong.at,
        "inference-dropped",
        f"what was inferred here does not hold: {wrong.what}",
        "such operations are answered from the document alone",
        "write the provider's files with `emulator init`, and say how it behaves",
        wrong.snippet,
        "warning",
    )


def _pass_on(diagnostics: list[Diagnostic], report: Report) -> None:
    for each in diagnostics:
        report.add(each)
