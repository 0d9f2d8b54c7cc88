"""What the tools find in the repository: nothing."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
YAML = (
    "{extends: default, rules: {line-length: disable, document-start: disable, "
    "braces: {max-spaces-inside: 1}, truthy: {check-keys: false}, "
    "comments: {min-spaces-from-content: 1}, comments-indentation: disable, "
    "empty-lines: {max: 2, max-end: 0}}}"
)

TOOLS = {
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "ruff check": ["-m", "ruff", "check", "."],
    "mypy": ["-m", "mypy"],
    "lint-imports": [str(SCRIPTS / "lint-imports"), "--no-cache"],
    "codespell": ["-m", "codespell_lib", "."],
    "yamllint": [
        "-m",
        "yamllint",
        "--strict",
        "-d",
        YAML,
        "specs",
        "fixtures",
        "deploy",
    ],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_nothing(tool: str) -> None:
    """Its output is shown when it does."""
    done = subprocess.run(
        [sys.executable, *TOOLS[tool]], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_hadolint_finds_nothing() -> None:
    """It is a program of its own: https://github.com/hadolint/hadolint."""
    done = subprocess.run(
        [str(SCRIPTS / "hadolint"), "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
