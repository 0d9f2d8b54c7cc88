"""The pages for authors of specs: their providers have no mistakes, and do what is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import DOCS, agree, blocks, commands, names, printed, serving

from emulator.compile.load import beside, load
from emulator.compile.operations import FILTERS
from emulator.diagnostics import Report

HOW_TO = DOCS / "how-to"
REFERENCE = DOCS / "reference"
PAGES = (
    HOW_TO / "send-webhooks.md",
    HOW_TO / "write-a-token-endpoint.md",
    REFERENCE / "where.md",
)
_FILE = re.compile(
    r"^`([\w./]+\.yaml)`\n\n```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL
)


def write(page: Path, folder: Path) -> None:
    """Write down the files that stand in *page*."""
    for name, text in _FILE.findall(page.read_text(encoding="utf-8")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nothing_is_wrong_with_the_provider_of_a_page(
    page: Path, tmp_path: Path
) -> None:
    """No errors, no warnings: `emulator check providers` is content."""
    write(page, tmp_path)

    places = beside(tmp_path / "providers")

    assert places
    for place in places:
        report = Report()
        load(place, None, report)
        assert report.diagnostics == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_do_what_it_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its commands, on the server that it starts, and its program in Python."""
    write(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    program = "\n".join(blocks(page, "python"))
    asked = commands(page)
    assert asked or "assert " in program

    exec(compile(program, str(page), "exec"), {"__name__": page.stem})
    if asked:
        with serving(page) as server:
            for command, expected in asked:
                came = printed(server.url, command, tmp_path)
                assert agree(expected, came), f"{command}\n{came}"


def test_the_page_of_where_names_every_operator() -> None:
    """Each has a row, and no other has."""
    assert sorted(names(REFERENCE / "where.md")) == sorted(FILTERS)
