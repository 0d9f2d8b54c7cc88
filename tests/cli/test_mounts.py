"""What is mounted below `--mounts`, as the image has it at /specs and /fixtures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command import ROOT, emulator

PETS = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: {type: object}}}}}}
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    for name in ("specs", "fixtures"):
        (tmp_path / name).mkdir()
    return tmp_path


def served(mounts: Path) -> list[str]:
    """The names of the providers of a server with these mounts."""
    said = emulator("providers", "--json", EMULATOR_MOUNTS=str(mounts))
    assert said.returncode == 0, said.stderr
    return [provider["name"] for provider in json.loads(said.stdout)]


def setting(mounts: Path, name: str) -> object:
    rows = json.loads(
        emulator("settings", "--json", EMULATOR_MOUNTS=str(mounts)).stdout
    )
    return next(row["value"] for row in rows if row["name"] == name)


def test_nothing_mounted_is_nothing_said(mounts: Path) -> None:
    """Nor is what a volume has of itself."""
    (mounts / "specs" / "lost+found").mkdir()
    (mounts / "specs" / ".gitkeep").touch()

    assert len(served(mounts)) == len(served(mounts / "nowhere")) == 5


def test_a_provider_and_its_records(mounts: Path) -> None:
    shutil.copytree(ROOT / "specs" / "jobriver", mounts / "specs" / "acme")
    shutil.copytree(ROOT / "fixtures" / "jobriver", mounts / "fixtures" / "acme")
    behavior = mounts / "specs" / "acme" / "behavior.yaml"
    text = behavior.read_text().replace("provider: jobriver", "provider: acme")
    behavior.write_text(text.replace("jobriver.de", "acme.example"))

    assert "acme" in served(mounts)
    assert setting(mounts, "specs") == [str(mounts / "specs")]
    assert setting(mounts, "fixtures") == str(mounts / "fixtures")


def test_an_openapi_document_alone(mounts: Path) -> None:
    (mounts / "specs" / "pets.yaml").write_text(PETS)

    assert served(mounts) == ["pets"]


def test_what_is_no_provider_is_said(mounts: Path) -> None:
    (mounts / "specs" / "README.md").write_text("hello")

    said = emulator("providers", EMULATOR_MOUNTS=str(mounts))

    assert (said.returncode, "no provider in" in said.stderr) == (2, True)
