"""Slips that search found: each is a diagnostic at its place, and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import SpecError

BAD = Path(__file__).parent.parent / "spec" / "bad" / "fixture-kind"


def test_a_key_made_of_a_name_that_is_not_there_is_told(tmp_path: Path) -> None:
    for file in ("behavior.yaml", "openapi.yaml"):
        text = (BAD / file).read_text("utf-8")
        text = text.replace("provider: fixture-kind", f"provider: {tmp_path.name}")
        text = text.replace(
            "on_create: {tags: false, since: 7, changed: draft}", "ids: record.name"
        )
        (tmp_path / file).write_text(text, "utf-8")

    with pytest.raises(SpecError) as failed:
        load(Place(tmp_path, tmp_path / "fixtures"))

    told = str(failed.value)
    assert "behavior.yaml:5:10: error[unknown-name]: there is no 'record' here" in told
