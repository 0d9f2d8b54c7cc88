"""What is published: a wheel and a source distribution that lack nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from emulator import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source distribution of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_carries_license_version_and_links_that_lead_somewhere(
    built: Path,
) -> None:
    """Where the README is shown without its neighbours, its links are absolute."""
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = message_from_string(wheel.read(about).decode())
    urls = dict(text.split(", ", 1) for text in metadata.get_all("Project-URL", []))
    links = re.findall(r"\]\(([^)]+)\)", metadata.get_payload())

    assert metadata["Version"] == __version__
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == {
        "emulator"
    }
    assert list(urls) == ["Homepage", "Documentation", "Changelog", "Issues"]
    assert all(url.startswith(urls["Homepage"]) for url in urls.values())
    assert len(links) > 5
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", metadata.get_payload())
    assert [link for link in shown if "/raw/main/" not in link] == []
    ours = [re.split("/(?:blob|raw)/main/", link) for link in links]
    files = [parts[1] for parts in ours if len(parts) > 1]
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_the_source_distribution_is_the_repository(built: Path) -> None:
    """Whoever builds from it can run every check of ours."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is a source distribution: there is no repository to compare")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        packed = {name.split("/", 1)[1] for name in archive.getnames()}

    assert set(listed.stdout.splitlines()) - packed == set()
