"""The gallery as a whole: all of it is in order, told of, and served when named."""

from __future__ import annotations

from pathlib import Path

import pytest

import emulator
from emulator.compile.load import load
from emulator.compile.places import gallery
from emulator.diagnostics import Report

DOCS = Path(__file__).parents[2] / "docs" / "gallery"


def test_every_provider_of_the_gallery_has_a_page_and_a_row_on_the_first() -> None:
    names = {*gallery()}
    index = (DOCS / "index.md").read_text("utf-8")

    assert names == {path.stem for path in DOCS.glob("*.md")} - {"index"}
    assert [name for name in names if f"[{name}]({name}.md)" not in index] == []


@pytest.mark.parametrize("name", sorted(gallery()))
def test_nothing_is_wrong_with_it(name: str) -> None:
    """Warnings included: an example for all who write their own."""
    report = Report()
    load(gallery()[name], None, report)

    assert [*map(str, report.diagnostics)] == []


@pytest.mark.parametrize("name", sorted(gallery()))
def test_it_is_served_when_it_is_named_and_alone(name: str) -> None:
    with emulator.start([name]) as served:
        assert served.providers == [name]
    with emulator.start() as others:
        assert name not in others.providers
