"""The files of docs/clients, which users copy: they do what their pages say."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import jdk
import pytest

import emulator
from emulator import Emulator

CLIENTS = Path(__file__).parents[2] / "docs" / "clients"
JAVA = Path(__file__).with_name("java")
TOKEN = "only-for/this-job/"
JARS = os.environ.get("EMULATOR_TEST_JUNIT", "")

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
needs_java = pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK here")


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    """One that asks for a token."""
    started = emulator.start(["jobriver"], admin_token=TOKEN, log_format="none")
    with started:
        yield started


def run(server: Emulator, *words: str, cwd: Path = CLIENTS) -> tuple[int, str]:
    """Exit code and output of a command that is told where the server is."""
    variables = {"EMULATOR_URL": f"{server.url}/", "EMULATOR_ADMIN_TOKEN": TOKEN}
    return run_with(variables, *words, cwd=cwd)


def run_with(
    variables: Mapping[str, str], *words: str, cwd: Path = CLIENTS
) -> tuple[int, str]:
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


@needs_node
def test_the_example_for_node_passes(server: Emulator) -> None:
    """In a world that is gone after it."""
    code, output = run(server, "node", "--test", "example.test.mjs")

    assert code == 0, output
    assert "# pass 1" in output
    assert [world.id for world in server.worlds()] == ["default"]


@pytest.fixture
def by_file(server: Emulator, tmp_path: Path) -> Mapping[str, str]:
    """Variables that say where the token is, and not what."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return {"EMULATOR_URL": server.url, "EMULATOR_ADMIN_TOKEN_FILE": str(file)}


@needs_node
def test_the_token_of_a_client_for_node_may_stand_in_a_file(
    by_file: Mapping[str, str],
) -> None:
    code, output = run_with(by_file, "node", "--test", "example.test.mjs")

    assert code == 0, output


@needs_node
def test_a_test_of_node_that_fails_tells_its_calls(
    server: Emulator, tmp_path: Path
) -> None:
    """Each step by step, and what was expected instead."""
    shutil.copy(CLIENTS / "emulator.mjs", tmp_path)
    (tmp_path / "fails.test.mjs").write_text(
        """
        import test from 'node:test';
        import { Emulator, inWorld } from './emulator.mjs';
        test('fails', inWorld({ providers: ['jobriver'] }, async (world) => {
          await new Emulator().ready(5);
          const fault = { provider: 'jobriver', operation: 'listJobs', status: 503 };
          await world.fault(fault);
          await (await fetch(`${world.url('jobriver')}/jobs`, { headers: world.headers('jobriver') })).text();
          await world.apply('jobriver/rate_limited');
          await world.verify({ operation: 'createJob', times: 1 });
        }));
        test('misspells', inWorld({ providers: ['jobriver'] }, (world) => world.headers('jobriver', 'ful')));
        test('misspells a provider', inWorld({ providers: ['jobriver'] }, (world) => world.url('jobrivver')));
        test('is alone', () => new Emulator('http://127.0.0.1:1').world());
        test('asks for nothing that is there', inWorld({ provider: 'jobriver' }, () => {}));
        """
    )

    code, output = run(server, "node", "--test", "fails.test.mjs", cwd=tmp_path)

    assert code == 1
    assert "/journal/verify?strict=true: expected that createJob came exactly" in output
    assert "emulator: world w" in output
    assert "GET /api/v1/jobs -> 503 listJobs, refused: unavailable" in output
    assert "jobriver has no credential 'ful': there are full, " in output
    assert " has no provider 'jobrivver': there are jobriver" in output
    assert "no emulator answers at http://127.0.0.1:1: start one with `" in output
    assert "did you mean 'providers'?" in output
    assert [world.id for world in server.worlds()] == ["default"]


@needs_java
def test_the_extension_for_java_works(
    by_file: Mapping[str, str], tmp_path: Path
) -> None:
    """As JUnit calls it: before a test, and after one that has failed."""
    stubs = [str(file) for file in JAVA.glob("junit/**/*.java")]
    sources = [str(CLIENTS / "Emulator.java"), str(JAVA / "Run.java"), *stubs]
    compiled = run_with(
        {}, *jdk.JAVAC, "-Xlint:all", "-Werror", "-d", str(tmp_path), *sources
    )
    assert compiled == (0, "")

    code, output = run_with(by_file, *jdk.JAVA, "-cp", str(tmp_path), "Run")

    assert (code, output.split("\n")) == (
        0,
        [
            *("429", "503"),
            "has no provider 'jobrivver': there are jobriver",
            *("true", "emulator: 2", "gone", "true", ""),
        ],
    )


@needs_java
@pytest.mark.skipif(
    not JARS, reason="EMULATOR_TEST_JUNIT names no folder with JUnit's jars"
)
def test_the_example_for_junit_passes(server: Emulator, tmp_path: Path) -> None:
    """Found and run by JUnit itself."""
    path = f"{JARS}/*"
    sources = [str(CLIENTS / name) for name in ("Emulator.java", "QuotaTest.java")]
    compiled = run(server, *jdk.JAVAC, "-d", str(tmp_path), "-cp", path, *sources)
    launcher = "org.junit.platform.console.ConsoleLauncher"

    code, output = run(
        server,
        *(*jdk.JAVA, "-cp", f"{path}:{tmp_path}", launcher),
        *("--scan-classpath", str(tmp_path), "--disable-banner"),
    )

    assert compiled[0] == 0, compiled
    assert code == 0, output
    assert "[         1 tests successful      ]" in output
