"""Fixtures are literal records, or recipes for more."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.diagnostics import Diagnostic, Report
from emulator.spec.fixtures import FixtureFile, read_fixtures


def read(folder: Path, text: str) -> tuple[FixtureFile, list[Diagnostic]]:
    (folder / "jobs.yaml").write_text(text)
    report = Report()
    return read_fixtures(folder, report)["jobs"], report.diagnostics


def test_a_list_holds_records(tmp_path: Path) -> None:
    """Each record knows where it stands."""
    fixture, problems = read(tmp_path, "- {id: 1}\n- {id: 2}\n")

    assert not problems
    assert fixture.records == [({"id": 1}, (0,)), ({"id": 2}, (1,))]
    assert fixture.document.locate((1,)).line == 2


def test_a_mapping_holds_records_and_a_recipe(tmp_path: Path) -> None:
    """The recipe's templates are left as they are."""
    text = (
        "records: [{id: 1}]\ngenerate: 250\nseed: 7\nlocale: de_DE\n"
        "record: {title: '${fake.job()}'}\n"
    )
    fixture, problems = read(tmp_path, text)

    assert not problems
    assert fixture.records == [({"id": 1}, ("records", 0))]
    (recipe,) = fixture.recipes
    assert (recipe.count, recipe.seed, recipe.locale) == (250, "7", "de_DE")
    assert recipe.record == {"title": "${fake.job()}"}
    assert recipe.pointer == ()


def test_several_recipes_have_seeds_of_their_own(tmp_path: Path) -> None:
    """Without a seed, two recipes of a file do not make the same records."""
    text = (
        "recipes:\n  - {generate: 1, record: {}}\n"
        "  - {generate: 2, record: {}}\n  - {generate: 3, seed: x, record: {}}\n"
    )
    fixture, problems = read(tmp_path, text)

    assert not problems
    assert [recipe.seed for recipe in fixture.recipes] == ["jobs", "jobs/1", "x"]
    assert [recipe.pointer for recipe in fixture.recipes] == [
        ("recipes", 0),
        ("recipes", 1),
        ("recipes", 2),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("just text", 1, 1),
        ("records: {id: 1}", 1, 10),
        ("- {id: 1}\n- 2\n", 2, 3),
        ("generate: many\nrecord: {}\n", 1, 11),
        ("generate: -1\nrecord: {}\n", 1, 11),
        ("generate: true\nrecord: {}\n", 1, 11),
        ("generate: 1\n", 1, 1),
        ("record: {}\n", 1, 1),
        ("generate: 1\nrecord: [a]\n", 2, 9),
        ("generate: 1\nrecord: {}\nseed: [a]\n", 3, 7),
        ("generate: 1\nrecord: {}\nlocale: German\n", 3, 9),
        ("generate: 1\nrecord: {a: 1}\nomit: a\n", 3, 7),
        ("generate: 1\nrecord: {a: 1}\nomit: [a, b]\n", 3, 11),
        ("recipes: {generate: 1}\n", 1, 10),
        ("recipes: [1]\n", 1, 11),
        ("recipes: []\ngenerate: 1\n", 2, 1),
        ("{}", 1, 1),
    ],
)
def test_another_structure_is_refused(
    tmp_path: Path, text: str, line: int, column: int
) -> None:
    """What is neither records nor a recipe is reported where it stands."""
    _, (found,) = read(tmp_path, text)

    assert found.code == "fixture-structure"
    assert (found.at.line, found.at.column) == (line, column)


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    """The fix names the key that is nearly the same."""
    _, problems = read(tmp_path, "generate: 1\nrecord: {}\nsead: 1\n")

    assert [(problem.code, problem.fix) for problem in problems] == [
        ("fixture-unknown-key", "did you mean 'seed'?")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "generate: 1000001\nrecord: {}\n",
        "recipes: [{generate: 1, record: {}}, {generate: 1000000, record: {}}]",
    ],
)
def test_a_collection_has_a_largest_size(tmp_path: Path, text: str) -> None:
    """All recipes of a file count together."""
    _, (found,) = read(tmp_path, text)

    assert found.code == "fixture-too-many"


def test_every_file_of_the_folder_is_read(tmp_path: Path) -> None:
    """A mistake in one file does not hide the others; no folder is no fixtures."""
    (tmp_path / "b.yaml").write_text("- {id: 1}\n")
    (tmp_path / "a.yml").write_text("- {id: 1}\n")
    (tmp_path / "c.yaml").write_text("- *x\n")
    (tmp_path / "notes.txt").write_text("not a fixture")
    report = Report()

    assert list(read_fixtures(tmp_path, report)) == ["a", "b"]
    assert [diagnostic.code for diagnostic in report.diagnostics] == ["yaml-alias"]
    assert read_fixtures(tmp_path / "none", report) == {}


def test_two_files_of_one_collection_are_refused(tmp_path: Path) -> None:
    """Neither of the two wins."""
    (tmp_path / "jobs.yml").write_text("- {id: 1}\n")
    _, (found,) = read(tmp_path, "- {id: 2}\n")

    assert found.code == "fixture-structure"


def test_a_fixture_cannot_be_a_link_out(tmp_path: Path) -> None:
    """H12: a fixture stands in its provider's folder."""
    (tmp_path / "secret.yaml").write_text("- {id: 1}\n")
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "jobs.yaml").symlink_to(tmp_path / "secret.yaml")
    report = Report()

    assert read_fixtures(tmp_path / "acme", report) == {}
    assert [diagnostic.code for diagnostic in report.diagnostics] == ["file-outside"]
