"""Documents that others have published, of which none is in this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import SpecError
from emulator.spec.published import Published

FOLDER = os.environ.get("EMULATOR_TEST_DOCUMENTS", "")


@pytest.mark.skipif(not FOLDER, reason="EMULATOR_TEST_DOCUMENTS names no folder")
def test_of_a_hundred_documents_ninety_nine_are_served() -> None:
    """tests/README.md says where they come from."""
    files = sorted(
        each for each in Path(FOLDER).rglob("*.json") if each.name != "package.json"
    )
    wrong = []
    for file in files:
        try:
            load(Place.of_document("real", Published(file, lenient=True)))
        except SpecError as error:
            first = next(
                diagnostic
                for diagnostic in error.diagnostics
                if diagnostic.severity == "error"
            )
            wrong.append(f"{file.relative_to(FOLDER)}: {first.code}: {first.what:.200}")

    assert files
    assert len(wrong) <= len(files) * 0.01, "\n".join(wrong)
