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
    run(*TOOLS[tool])


def test_types_are_right() -> None:
    """Those of the sample project too, as a user's tests are strictly checked by ours.

    One after the other, with the same options: what was read for the first is not read again.
    """
    run("-m", "mypy")
    told = run(
        *("-m", "mypy", "--warn-unreachable", f"--cache-dir={ROOT / '.mypy_cache'}"),
        cwd=ROOT / "examples" / "job_sync",
    )

    assert told == "Success: no issues found in 18 source files\n"


def run(*words: str, cwd: Path = ROOT) -> str:
    """What Python prints, run with *words*, which has to end well."""
    done = subprocess.run(
        [sys.executable, *words], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_hadolint_finds_nothing() -> None:
    """It is a program of its own: https://github.com/hadolint/hadolint."""
    done = subprocess.run(
        [str(SCRIPTS / "hadolint"), "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
