"""Files are read from below one folder, and only regular ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from emulator.diagnostics import Location, Report
from emulator.spec.files import MAX_BYTES, read_file, shown_name

HERE = Location("spec.yaml", 3, 5)
unix = pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix file system")


def refused(path: str | Path, root: Path) -> list[str]:
    report = Report()
    assert read_file(path, root, report, HERE) is None
    assert all(diagnostic.at == HERE for diagnostic in report.diagnostics)
    return [diagnostic.code for diagnostic in report.diagnostics]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.yaml").write_text("secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "jobs.yaml").write_text("jobs")
    (tmp_path / "root-2").mkdir()
    (tmp_path / "root-2" / "x.yaml").write_text("sibling")
    return tmp_path / "root"


def test_a_file_below_the_root_is_read(root: Path) -> None:
    """Relative to the root, absolute, or through `..` that stays inside."""
    report = Report()

    for path in ("jobs.yaml", root / "jobs.yaml", "sub/../jobs.yaml"):
        assert read_file(path, root, report, HERE) == b"jobs"
    assert not report.diagnostics


@pytest.mark.parametrize(
    "path",
    ["../secret.yaml", "../../etc/passwd", "/etc/passwd", "../root-2/x.yaml", "a\0b"],
)
def test_a_path_that_leaves_the_root_is_refused(root: Path, path: str) -> None:
    """H10, H11: `..` and absolute paths do not lead out."""
    assert refused(path, root) == ["file-outside"]


@unix
def test_a_link_that_leaves_the_root_is_refused(root: Path) -> None:
    """H12: what counts is where a link leads."""
    (root / "file.yaml").symlink_to(root.parent / "secret.yaml")
    (root / "folder").symlink_to(root.parent)
    (root / "inside.yaml").symlink_to(root / "jobs.yaml")

    assert refused("file.yaml", root) == ["file-outside"]
    assert refused("folder/secret.yaml", root) == ["file-outside"]
    assert read_file("inside.yaml", root, Report(), HERE) == b"jobs"


@unix
def test_only_regular_files_are_read(root: Path) -> None:
    """H13: pipes, devices and folders are refused, and nothing waits for them."""
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()

    assert refused("pipe", root) == ["file-not-regular"]
    assert refused("folder", root) == ["file-not-regular"]
    assert refused("/dev/zero", Path("/dev")) == ["file-not-regular"]


def test_a_missing_file_names_its_neighbour(root: Path) -> None:
    """The fix is the name that is nearly the same."""
    report = Report()

    read_file("job.yaml", root, report, HERE)
    assert report.diagnostics[0].code == "file-missing"
    assert report.diagnostics[0].fix == "did you mean 'jobs.yaml'?"
    assert refused("jobs.yaml/x", root) == ["file-missing"]
    assert refused("no/folder", root) == ["file-missing"]


@unix
def test_a_file_that_cannot_be_opened_is_reported(root: Path) -> None:
    """A name that no system can open is refused like any other."""
    assert refused("x" * 5_000, root) == ["file-unreadable"]


def test_a_file_has_a_largest_size(root: Path) -> None:
    """H07: no more is read than the limit."""
    with (root / "big.yaml").open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    assert refused("big.yaml", root) == ["file-too-large"]


def test_names_are_shown_relative_to_where_we_are(tmp_path: Path) -> None:
    """A file elsewhere is shown with its whole path."""
    assert shown_name(Path.cwd() / "specs" / "a.yaml") == "specs/a.yaml"
    assert shown_name(tmp_path / "a.yaml") == str(tmp_path / "a.yaml")
