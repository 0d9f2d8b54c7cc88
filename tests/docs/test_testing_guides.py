"""The examples of the guides to testing pass, as the files that the guides call them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import Emulator, start
from emulator.settings import table

DOCS = Path(__file__).parents[2] / "docs"
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
PLUGIN = ("-p", "emulator.pytest_plugin")
_FILE = re.compile(r"^`(\w+\.py)`\n\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def write_files(page: str, folder: Path) -> list[str]:
    """Put the files of a page into *folder*; their names."""
    files = _FILE.findall((DOCS / page).read_text(encoding="utf-8"))
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")
    return [name for name, _ in files]


@pytest.fixture(autouse=True)
def quick(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare each run the plugins that happen to be installed, and a cache of its own."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)


@pytest.fixture
def running() -> Emulator:
    return start(["jobriver"])


@pytest.mark.parametrize(
    ("page", "passing"),
    [
        ("tutorials/test-an-integration.md", 8),
        ("how-to/test-with-unittest.md", 2),
        ("how-to/replay-a-situation.md", 1),
        ("how-to/stub-one-reply.md", 3),
        ("../README.md", 1),
    ],
)
def test_the_examples_of_a_page_pass(
    pytester: pytest.Pytester, page: str, passing: int
) -> None:
    """No test waits, though clients are told to wait for a minute."""
    names = write_files(page, pytester.path)

    result = pytester.runpytest_subprocess(*PLUGIN, "-Werror", *names)

    result.assert_outcomes(passed=passing)
    assert result.duration < 30


def test_the_same_tests_pass_against_a_server_that_runs(
    pytester: pytest.Pytester, running: Emulator
) -> None:
    """`--emulator-url` changes where worlds are, and no test."""
    write_files("tutorials/test-an-integration.md", pytester.path)

    with running:
        result = pytester.runpytest_subprocess(*PLUGIN, f"--emulator-url={running.url}")

    result.assert_outcomes(passed=8)


def test_the_workflows_are_workflows() -> None:
    """They parse, and what they tell the container by its variables it knows."""
    page = (DOCS / "how-to" / "test-in-github-actions.md").read_text(encoding="utf-8")
    jobs = [
        yaml.safe_load(one)["jobs"]["test"]
        for one in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    ]
    known = {row.variable for row in table()}

    runs = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    assert sum(run.startswith("pytest") for run in runs) == len(jobs) == 3
    for job in jobs[1:]:
        assert job["services"]["emulator"]["env"].keys() <= known
        assert job["env"].keys() <= {*known, "EMULATOR_URL"}


@pytest.mark.parametrize(
    ("page", "service"),
    [
        ("test-in-gitlab-ci.md", lambda read: read["test"]["variables"]),
        (
            "test-with-docker-compose.md",
            lambda read: read["services"]["emulator"]["environment"],
        ),
    ],
)
def test_the_files_of_other_ci_are_read(
    page: str, service: Callable[[Any], dict[str, str]]
) -> None:
    """They are YAML, and set what the emulator knows."""
    text = (DOCS / "how-to" / page).read_text(encoding="utf-8")
    files = [
        yaml.safe_load(block)
        for block in re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]
    known = {row.variable for row in table()} | {"EMULATOR_URL"}

    for file in files:
        ours = {name for name in service(file) if name.startswith("EMULATOR_")}
        assert ours
        assert ours <= known
