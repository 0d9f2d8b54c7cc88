"""What an author is told: one folder of `bad` for each code, with what is said of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

import emulator
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.spec.published import Published

HERE = Path(__file__).parent
BAD = sorted(path for path in (HERE / "bad").iterdir() if path.is_dir())
PAGE = HERE.parent.parent / "docs" / "reference" / "diagnostics.md"

ELSEWHERE = {
    "hooks-failed": "it comes of running the file: tests/engine/test_hooks.py",
    "hooks-off": "it comes of serving the provider: tests/engine/test_hooks.py",
    "missing-extra": "the tests have all extras: test_keys.py takes one away",
    "inference-dropped": "it comes of a mistake of ours, which is mended when it is known",
    "file-too-large": "8 MiB do not belong in a repository: test_files.py writes them",
    "unknown-alternative": "no file names one: test_facts.py",
    "undecided-change": "it is for `check --fix`: test_migration.py",
    "yaml-too-large": "8 MiB do not belong in a repository: test_yaml.py writes them",
}
"""Codes without a folder, and why."""

NO_CODES = {
    "content-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "content-length",
    "content-location",
    "content-type",
    "no-cache",
    "no-referrer",
    "no-store",
    "provider-emulator",
    "proxy-authorization",
    "transfer-encoding",
}
"""Texts of those packages that look like a code and are none."""


def told(folder: Path) -> Report:
    """What is said of the provider in *folder*, warnings included.

    One without a behavior.yaml is a document that somebody has published.
    """
    report, place = Report(), Place(folder, folder / "fixtures")
    if not (folder / "behavior.yaml").exists():
        (document,) = folder.glob("openapi.*")
        place = Place.of_document(folder.name, Published(document))
    with suppress(SpecError):
        load(place, report=report)
    return report


def codes_in_source() -> Iterator[str]:
    """Every code that reading and compiling a spec can give: the texts in kebab-case,
    and `unknown-<kind>` for what is looked up with `known`."""
    package = Path(emulator.__file__).parent
    folders = ("spec", "language", "program", "compile", "engine")
    for path in [one for name in folders for one in package.glob(f"{name}/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant):
                if re.fullmatch(r"(?!x-)[a-z]+(-[a-z]+)+", str(node.value)):
                    yield str(node.value)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ".known"
            ):
                kind = node.args[3]
                assert isinstance(kind, ast.Constant), ast.unparse(node)
                yield "unknown-" + str(kind.value)


@cache
def codes() -> set[str]:
    """Without the kinds that only look like codes because they are of two words."""
    found = set(codes_in_source()) - NO_CODES
    return {one for one in found if f"unknown-{one}" not in found}


@pytest.mark.parametrize("folder", BAD, ids=lambda path: path.name)
def test_a_mistake_is_told_as_agreed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where, what, why and how to fix it, word for word, and nothing besides."""
    monkeypatch.chdir(folder)

    report = told(folder)

    assert {diagnostic.code for diagnostic in report.diagnostics} == {folder.name}
    expected = (folder / "expected.txt").read_text(encoding="utf-8")
    assert f"{SpecError(report.diagnostics)}\n" == expected


def test_every_code_has_a_folder() -> None:
    """Except those that cannot be made in a folder of a repository."""
    assert {path.name for path in BAD} | ELSEWHERE.keys() == codes()
    assert not {path.name for path in BAD} & ELSEWHERE.keys()


def test_every_code_is_documented() -> None:
    """The headings of docs/reference/diagnostics.md are the codes, and no others."""
    page = PAGE.read_text(encoding="utf-8")

    assert set(re.findall(r"^### `?([a-z-]+)`?$", page, re.MULTILINE)) == codes()


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of structure, of names, of expressions; in all three kinds of file."""
    folder = HERE / "many"
    monkeypatch.chdir(folder)

    report = told(folder)

    expected = (folder / "expected.txt").read_text(encoding="utf-8")
    assert f"{SpecError(report.diagnostics)}\n" == expected
    assert len({diagnostic.code for diagnostic in report.diagnostics}) >= 15
    assert {diagnostic.at.file for diagnostic in report.diagnostics} == {
        "behavior.yaml",
        "openapi.yaml",
        "fixtures/parts.yaml",
        "fixtures/stuff.yaml",
        "fixtures/things.yaml",
    }


@pytest.mark.parametrize("name", ["acme", "library"])
def test_nothing_is_said_of_a_good_provider(name: str) -> None:
    """`acme` is the smallest there is; `library` has something under every key."""
    assert not told(HERE / "good" / name).diagnostics


def test_a_provider_is_found_from_where_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder may be named by a relative path."""
    monkeypatch.chdir(HERE)

    program = load(Place(Path("good/acme"), Path("good/acme/fixtures")))

    assert program.name == "acme"
    assert len(program.bases["things"].records) == 2
