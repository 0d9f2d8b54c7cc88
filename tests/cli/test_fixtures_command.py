"""`emulator fixtures freeze`: what recipes make is kept beside them, for every Faker."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import ROOT, emulator, environment

from emulator.compile.load import freeze, load
from emulator.compile.places import Place, find
from emulator.diagnostics import Report
from emulator.spec.frozen import read

BOOKS = "tests/spec/good/library"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A provider of one's own, with recipes, that nothing is frozen of."""
    return shutil.copytree(ROOT / BOOKS, tmp_path / "library")


def warnings(folder: Path) -> list[str]:
    report = Report()
    load(Place(folder, folder / "fixtures"), None, report)
    return [diagnostic.code for diagnostic in report.diagnostics]


def books(folder: Path) -> list[Any]:
    base = load(Place(folder, folder / "fixtures")).bases["books"]
    return [*base.records.values()]


def test_what_is_frozen_is_what_the_recipes_made(library: Path) -> None:
    """The file says whose it is; freezing twice changes nothing."""
    before = books(library)
    first = emulator("fixtures", "freeze", "--specs", "library", cwd=library.parent)
    second = emulator(
        *("fixtures", "freeze", "--specs", "library", "--json"), cwd=library.parent
    )

    assert first.stdout.splitlines()[1].split()[:2] == [
        "library",
        "library/fixtures/books.frozen.json",
    ]
    assert [one["changed"] for one in json.loads(second.stdout)] == [False]
    frozen = json.loads((library / "fixtures" / "books.frozen.json").read_text())
    assert frozen["about"].startswith("Made by `emulator fixtures freeze` from ")
    assert before[-len(frozen["records"]) :] == frozen["records"]
    assert books(library) == before
    assert warnings(library) == []


def test_a_recipe_that_has_changed_is_used_again(library: Path) -> None:
    """`check` warns; a comment is no change, and records that it looks up are one."""
    emulator("fixtures", "freeze", "--specs", "library", cwd=library.parent)
    fixture = library / "fixtures" / "books.yaml"
    fixture.write_text(f"# The books.\n{fixture.read_text()}")
    assert warnings(library) == []

    fixture.write_text(fixture.read_text().replace("generate: 3", "generate: 4"))

    assert warnings(library) == ["fixture-stale"]
    assert len(books(library)) == 1 + 4


def test_what_a_recipe_looks_up_belongs_to_it(library: Path) -> None:
    """Records of other collections count as far as they are looked up."""
    fixture = library / "fixtures" / "books.yaml"
    text = fixture.read_text().replace(
        "lent_to: null", "lent_to: \"${lookup('readers', 1).name}\""
    )
    fixture.write_text(text)
    emulator("fixtures", "freeze", "--specs", "library", cwd=library.parent)
    assert warnings(library) == []

    readers = library / "fixtures" / "readers.yaml"
    readers.write_text(readers.read_text().replace("name: Ada", "name: Eve"))

    assert warnings(library) == ["fixture-stale"]
    assert {"lent_to": "Eve"}.items() <= books(library)[-1].items()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda text: text[:-4], "frozen records cannot be read"),
        (lambda _: "[]", "these are no frozen records"),
        (
            lambda text: text.replace('"isbn":"9-1"', '"isbn":"9-7"'),
            "these frozen records are not as they were written",
        ),
    ],
)
def test_a_file_that_was_spoilt_is_told(
    library: Path, change: Callable[[str], str], what: str
) -> None:
    """It is not taken for what the recipes made."""
    emulator("fixtures", "freeze", "--specs", "library", cwd=library.parent)
    path = library / "fixtures" / "books.frozen.json"
    path.write_text(change(path.read_text()))
    report = Report()

    assert read(path, report) is None
    assert [
        (diagnostic.code, diagnostic.what) for diagnostic in report.diagnostics
    ] == [("fixture-frozen", what)]
    ran = emulator("check", "library", cwd=library.parent)
    assert f"error[fixture-frozen]: {what}" in ran.stdout


def test_nobody_is_frozen_by_mistake() -> None:
    """What is bundled is only written when it is named; a name has to be known."""
    ran = emulator("fixtures", "freeze")
    assert ran.returncode == 2
    assert ran.stderr == (
        "emulator fixtures freeze: say which providers: name them, or give their"
        " --specs\n"
    )

    ran = emulator("fixtures", "freeze", "no-such")
    assert ran.returncode == 2
    assert ran.stderr.startswith("emulator fixtures freeze: no provider 'no-such': ")


def test_a_folder_that_cannot_be_written_is_one_line(library: Path) -> None:
    """And not a traceback."""
    (library / "fixtures" / ".books.frozen.json.part").mkdir()

    ran = emulator("fixtures", "freeze", "--specs", "library", cwd=library.parent)

    assert ran.returncode == 1
    assert ran.stderr.endswith("cannot be written: Is a directory\n")


@pytest.mark.parametrize("name", [*find([])])
def test_what_is_bundled_is_frozen(name: str) -> None:
    """After a recipe was edited: `emulator fixtures freeze NAME`."""
    from faker import VERSION

    report = Report()
    place = find([])[name]
    load(place, None, report)
    assert [diagnostic.code for diagnostic in report.diagnostics] == []

    for path, anew in freeze(place).items():
        kept = read(path, report)
        assert kept is not None, f"emulator fixtures freeze {name}"
        assert kept.made_from == anew.made_from
        if kept.faker == VERSION:  # another version of Faker makes other records
            assert kept.records == anew.records


def test_what_is_bundled_needs_no_faker() -> None:
    """Neither to be read for the first time nor to be checked."""
    program = (
        "import sys; sys.modules['faker'] = None\n"
        "from emulator.compile.load import load_all\n"
        "from emulator.compile.places import find\n"
        "print(len(load_all(find([]))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment(),
    )

    assert (ran.stdout, ran.stderr) == (f"{len(find([]))}\n", "")


OTHER_FAKER = """
from types import SimpleNamespace
VERSION = {version!r}
class Provider:
    def word(self):
        return VERSION
Provider.__module__ = "faker.providers.lorem"
class Faker:
    def __init__(self, locale):
        self.factories = [SimpleNamespace(providers=[Provider()])]
    def seed_instance(self, seed):
        pass
"""
LOADED = """
import sys
from pathlib import Path
from typing import Any
from emulator.compile.load import Place, load
from emulator.spec.cache import Cache
folder, cache = map(Path, sys.argv[1:])
program = load(Place(folder, folder / "fixtures"), Cache(cache))
print(program.bases["books"].records["9-1"]["title"])
"""


def test_another_version_of_faker_is_not_served_from_the_cache(
    library: Path, tmp_path: Path
) -> None:
    """The records of recipes that are not frozen depend on it; a stand-in says its own."""
    titles = []
    for version in ("30.0.0", "40.63.0", "30.0.0"):
        package = tmp_path / version / "faker"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").write_text(OTHER_FAKER.format(version=version))
        ran = subprocess.run(
            [sys.executable, "-c", LOADED, str(library), str(tmp_path / "cache")],
            capture_output=True,
            text=True,
            env=environment(PYTHONPATH=str(package.parent)),
        )
        titles.append(ran.stdout)

    assert ran.stderr == ""
    assert titles == ["30.0.0 1\n", "40.63.0 1\n", "30.0.0 1\n"]
    assert len([*(tmp_path / "cache").iterdir()]) == 2
