"""Slips that search found: each is a diagnostic at its place, and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import SpecError

BAD = Path(__file__).parent.parent / "spec" / "bad" / "fixture-kind"


def test_a_key_made_of_a_name_that_is_not_there_is_told(tmp_path: Path) -> None:
    told = _told(tmp_path, "things:\n", "things: {ids: record.name}\n", "behavior.yaml")

    assert "behavior.yaml:4:17: error[unknown-name]: there is no 'record' here" in told


def _told(tmp_path: Path, right: str, wrong: str, name: str) -> str:
    for file in ("behavior.yaml", "openapi.yaml"):
        text = (BAD / file).read_text("utf-8")
        text = text.replace("provider: fixture-kind", f"provider: {tmp_path.name}")
        (tmp_path / file).write_text(
            text.replace(right, wrong) if file == name else text, "utf-8"
        )
    with pytest.raises(SpecError) as failed:
        load(Place(tmp_path, tmp_path / "fixtures"))
    return str(failed.value)
