"""The pages for authors of specs: their providers have no mistakes, and do what is said."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pages import DOCS, agree, blocks, commands, names, printed, serving

from emulator.cli.main import cli
from emulator.compile.actions import FILTERS
from emulator.compile.load import load
from emulator.compile.places import beside, bundled, gallery, places
from emulator.diagnostics import Report
from emulator.spec.yaml import parse

HOW_TO = DOCS / "how-to"
REFERENCE = DOCS / "reference"
PAGES = (
    HOW_TO / "answer-from-the-document.md",
    HOW_TO / "answer-not-modified.md",
    HOW_TO / "filter-by-a-query-language.md",
    HOW_TO / "let-calls-choose.md",
    HOW_TO / "page-a-list.md",
    HOW_TO / "keep-files.md",
    HOW_TO / "model-states.md",
    HOW_TO / "limit-calls.md",
    HOW_TO / "protect-with-jwt.md",
    HOW_TO / "read-requests.md",
    HOW_TO / "refuse-in-your-own-words.md",
    HOW_TO / "repeat-writes-safely.md",
    HOW_TO / "reply-by-condition.md",
    HOW_TO / "say-it-once.md",
    HOW_TO / "send-webhooks.md",
    HOW_TO / "several-operations-at-one-path.md",
    HOW_TO / "show-records.md",
    HOW_TO / "stream-a-reply.md",
    HOW_TO / "verify-signed-requests.md",
    HOW_TO / "write-a-token-endpoint.md",
    REFERENCE / "fixtures.md",
    REFERENCE / "where.md",
)
_FILE = re.compile(
    r"^`([\w./]+\.(?:yaml|py))`\n\n```(?:yaml|py)\n(.*?)^```", re.MULTILINE | re.DOTALL
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


def test_the_page_of_evidence_fits_the_provider_that_it_is_about(
    tmp_path: Path,
) -> None:
    """It takes the place of what the guide's library says, and every path leads somewhere."""
    write(HOW_TO / "add-a-provider.md", tmp_path)
    (evidence,) = blocks(HOW_TO / "state-evidence.md", "yaml")
    path = tmp_path / "providers" / "library" / "behavior.yaml"
    report = Report()
    library = parse(path.read_bytes(), path.name, report)
    page = parse(evidence.encode(), "state-evidence.md", report)
    assert library is not None
    assert page is not None
    path.write_text(json.dumps({**library.data, **page.data}), encoding="utf-8")

    (place,) = beside(tmp_path / "providers")
    program = load(place, None, report)

    assert report.diagnostics == []
    of = program.evidence.of
    assert of(("rate_limits", 0, "quota")) == "mail"
    assert of(("rate_limits", 0, "algorithm")) == "assumed"
    assert of(("rate_limits", 0, "window")) == "handbook"
    path = "rate_limits.0.algorithm"
    assert program.limits[0].algorithm == "sliding_window"
    assert load(place, otherwise=[path]).limits[0].algorithm == "token_bucket"


def test_the_schemas_are_where_the_page_for_editors_finds_them(tmp_path: Path) -> None:
    """Each line writes a JSON Schema, by which what is bundled is in order."""
    (lines,) = blocks(HOW_TO / "complete-in-an-editor.md", "sh")

    for line in lines.splitlines():
        program, *arguments, arrow, name = shlex.split(line)
        assert (program, arrow) == ("emulator", ">")
        done = CliRunner().invoke(cli, arguments)
        validator = Draft202012Validator(json.loads(done.output))
        for place in [*places(*bundled()), *gallery().values()]:
            path = place.spec / name.replace(".schema.json", ".yaml")
            if not path.exists():
                continue  # nobody needs scenarios
            document = parse(path.read_bytes(), path.name, Report())
            assert document is not None
            assert [each.message for each in validator.iter_errors(document.data)] == []


def test_every_page_stands_in_the_index() -> None:
    """By its title. A page that nothing leads to is read by nobody."""
    index = (DOCS / "index.md").read_text("utf-8")
    folders = ("tutorials", "how-to", "reference", "explanation")

    found = [one for folder in folders for one in sorted((DOCS / folder).glob("*.md"))]

    links = {}
    for page in found:
        title, _, _ = page.read_text("utf-8").removeprefix("# ").partition("\n")
        links[page.name] = f"[{title}]({page.relative_to(DOCS).as_posix()})"
    assert [name for name, link in links.items() if link not in index] == []
