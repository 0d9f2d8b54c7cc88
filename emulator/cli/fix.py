"""Fixing: files of version 0 of the language, rewritten as version 1 has them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from emulator.cli.errors import Trouble
from emulator.compile.migration import Migration, carry_over
from emulator.compile.places import Place
from emulator.diagnostics import Diagnostic, Location, Report
from emulator.spec.files import read_file, shown_name
from emulator.spec.structure import behavior_keywords, scenarios_keywords
from emulator.spec.yaml import parse_mapping

_BOM = b"\xef\xbb\xbf"


def fix(places: Iterable[Place]) -> Iterator[Diagnostic]:
    """Carry the files of each provider over to version 1; what was changed, and what not.

    What cannot be read is left alone: a check says why. Raises `Trouble` for a file that
    cannot be written.
    """
    for place in places:
        for name in ("behavior.yaml", "scenarios.yaml"):
            if os.path.lexists(place.spec / name):
                yield from _fix(place, name)


def _fix(place: Place, name: str) -> Iterator[Diagnostic]:
    report, path = Report(), place.spec / name
    content = read_file(name, place.spec, report, Location(shown_name(place.spec)))
    document = content and parse_mapping(content, shown_name(path), report)
    if not content or not document or report.failed:
        return
    is_behavior = name == "behavior.yaml"
    keywords = behavior_keywords() if is_behavior else scenarios_keywords()
    begins = _BOM if content.startswith(_BOM) else b""
    done: Migration = carry_over(document, content.decode("utf-8-sig"), keywords)
    if done.changes:
        _write(path, begins + done.text.encode())
    yield from done.changes
    yield from done.undecided


def _write(path: Path, content: bytes) -> None:
    """Write the whole of *content* or nothing; a link stays one."""
    path = path.resolve()
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)  # left over, or a link to somewhere else
        with part.open("xb") as file:
            file.write(content)
        shutil.copymode(path, part)
        os.replace(part, path)
    except OSError as error:
        raise Trouble(f"{str(path)!r} cannot be written: {error.strerror}") from None
