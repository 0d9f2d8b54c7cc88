"""The gallery as a whole: all of it is in order, told of, and served when named."""

from __future__ import annotations

import re
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


def _libraries() -> list[tuple[str, list[str]]]:
    """What the first page says of libraries: provider, and the words in its last column."""
    index = (DOCS / "index.md").read_text("utf-8")
    (table,) = re.findall(r"^\| provider \| library .*\n.*\n((?:\|.*\n)+)", index, re.M)
    rows = [row.strip("|").split("|") for row in table.splitlines()]
    return [
        (row[0].strip(), re.findall(r"`(\w+)`|(-?\b[0-9]{3,}\b)", row[2]))
        for row in rows
    ]


@pytest.mark.parametrize(("name", "words"), _libraries())
def test_a_library_meets_what_the_first_page_says(
    name: str, words: list[tuple[str, str]]
) -> None:
    """Five failures at least, and each is asked for in the provider's tests."""
    said = (Path(__file__).parent / f"test_{name}.py").read_text("utf-8")

    assert len(words) >= 5
    assert [one or other for one, other in words if (one or other) not in said] == []


def test_every_provider_of_the_gallery_has_a_library() -> None:
    assert {name for name, _ in _libraries()} == {*gallery()}


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
