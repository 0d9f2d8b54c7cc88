"""The sample project's tests pass, run by a pytest of their own as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from emulator import start

SAMPLE = Path(__file__).parent.parent.parent / "examples" / "job_sync"
MANY = 66
"""Its tests."""
SOME = ("test_case.py", "test_interception.py", "test_jobspikr.py", "test_threads.py")
"""Those that are run again against a server: some have worlds of it, some none."""


def run(cwd: Path, *command: str, **environment: str) -> list[str]:
    """The lines that Python prints, run with *command* and nothing of this run."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "EMULATOR_"))
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**ours, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout.splitlines()


def passed(cwd: Path, *options: str, some: bool = False, **environment: str) -> int:
    """How many of its tests pass; none does not."""
    files = [str(SAMPLE / "tests" / name) for name in SOME] if some else [str(SAMPLE)]
    command = ("-m", "pytest", *files, "-q", "-p", "no:cacheprovider", *options)
    last = run(cwd, *command, **environment)[-1]
    number, word, _ = last.split(" ", 2)
    assert word == "passed", last
    return int(number)


def test_all_pass(tmp_path: Path) -> None:
    """With a configuration of their own."""
    assert passed(tmp_path) == MANY


def test_they_pass_against_a_server_that_runs(tmp_path: Path) -> None:
    """Their worlds are gone afterwards; what asks for no server does without."""
    with start(admin_token="sesame") as server:
        many = passed(
            tmp_path,
            f"--emulator-url={server.url}",
            some=True,
            EMULATOR_ADMIN_TOKEN="sesame",
        )
        metrics = server.admin("GET", "/metrics")
        left = [world.id for world in server.worlds()]

    assert many >= 20
    assert 'operation="searchJobs"' in str(metrics)
    assert left == ["default"]


def test_the_package_knows_nothing_of_the_emulator(tmp_path: Path) -> None:
    """Only its tests do."""
    program = "import sys, job_sync.command; print(*sorted(sys.modules), sep='\\n')"

    modules = run(tmp_path, "-c", program, PYTHONPATH=str(SAMPLE / "src"))

    assert "job_sync.jobriver" in modules
    assert [
        module for module in modules if module.partition(".")[0] == "emulator"
    ] == []


def test_each_file_of_its_tests_is_introduced() -> None:
    """By the table in its README."""
    told = (SAMPLE / "README.md").read_text()
    files = {path.name for path in (SAMPLE / "tests").glob("*.py")}

    assert {name for name in files if f"(tests/{name})" not in told} == set()
