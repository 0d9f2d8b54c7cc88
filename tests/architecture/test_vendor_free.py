"""The core knows no provider: all that one would recognise comes from its spec."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import emulator
from emulator.compile.places import bundled, gallery, places
from emulator.diagnostics import Location, Report
from emulator.spec.files import read_document

PACKAGE = Path(emulator.__file__).parent
FILES = sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.schema.json")])
COMMON = {"the", "api", "and", "of", "job", "space", "exchange", "identity"}
"""Words of titles, and names of the gallery, that belong to nobody."""


def words() -> list[str]:
    """The names and hosts of all that is bundled, and words of titles."""
    found: set[str] = set()
    for place in places(*bundled()):
        here = Location(str(place.spec))
        document = read_document("behavior.yaml", place.spec, Report(), here)
        assert document is not None
        title = str(document.data.get("title", "")).lower()
        found |= {place.name, *document.data.get("hosts", ())}
        found |= set(re.findall(r"\w{3,}", title)) - COMMON
    for name, place in gallery().items():
        here = Location(str(place.spec))
        document = read_document("behavior.yaml", place.spec, Report(), here)
        assert document is not None
        found |= {name, *document.data.get("hosts", ())} - COMMON
    return sorted(found)


@cache
def texts() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in FILES}


@pytest.mark.parametrize("word", words())
def test_the_core_never_says_a_providers_word(word: str) -> None:
    """Not in code, nor in an example; schemas included."""
    spoken = re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", re.IGNORECASE)
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path, text in texts().items()
        if spoken.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if spoken.search(line)
    ]

    assert not found, "\n".join(found)
