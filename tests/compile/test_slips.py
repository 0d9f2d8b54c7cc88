"""Slips that search found: each is a diagnostic at its place, and no traceback."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError

BAD = Path(__file__).parent.parent / "spec" / "bad" / "fixture-kind"
DEFAULT = "  default: {status: 400"


def told(folder: Path, slips: Mapping[str, str]) -> str:
    """What is told of a provider with *slips* in the places of what is written."""
    for file in ("behavior.yaml", "openapi.yaml"):
        text = (BAD / file).read_text("utf-8")
        text = text.replace("provider: fixture-kind", f"provider: {folder.name}")
        for written, slip in slips.items() if file == "behavior.yaml" else ():
            assert written in text
            text = text.replace(written, slip)
        (folder / file).write_text(text, "utf-8")
    report = Report()
    with suppress(SpecError):
        load(Place(folder, folder / "fixtures"), None, report)
    return str(SpecError(report.diagnostics))


def test_a_key_made_of_a_name_that_is_not_there_is_told(tmp_path: Path) -> None:
    on_create = "on_create: {tags: false, since: 7, changed: draft}"

    assert "behavior.yaml:5:10: error[unknown-name]: there is no 'record' here" in told(
        tmp_path, {on_create: "ids: record.name"}
    )


@pytest.mark.parametrize("code", ["${code}", "''", "7up", "not found"])
def test_a_refusal_is_a_word(tmp_path: Path, code: str) -> None:
    """Whatever stood there would be answered by errors.default."""
    refused = f"requires: [{{check: query, refuse: {code!r}}}]\n"

    assert "error[wrong-form]: operations.listThings.requires.0.refuse is" in told(
        tmp_path, {"reply: {body": f"{refused}    reply: {{body"}
    )


@pytest.mark.parametrize(
    ("code", "meant"), [("not_fuond", "not_found"), ("tooo_late", "too_late")]
)
def test_a_refusal_that_is_a_slip_of_another_is_told(
    tmp_path: Path, code: str, meant: str
) -> None:
    """Of one of the emulator's, or of one that has an entry of its own."""
    entry = f"  table: {{too_late: {{status: 409, code: late}}}}\n{DEFAULT}"
    late = "{check: 'true', refuse: too_late}"
    asked = f"requires: [{{check: 'true', refuse: {code}}}, {late}]\noperations:"

    said = told(tmp_path, {"operations:": asked, DEFAULT: entry})

    assert f"warning[unknown-refusal]: there is no refusal {code!r}" in said
    assert f"fix: did you mean {meant!r}?" in said


@pytest.mark.parametrize("words", ["null", "''"])
def test_a_violation_is_told_in_words(tmp_path: Path, words: str) -> None:
    violations = f"  violations: {{rules: {{default: {words}}}}}\n{DEFAULT}"

    assert "error[wrong-type]: a violation of 'default' would be told in no words" in (
        told(tmp_path, {DEFAULT: violations})
    )
