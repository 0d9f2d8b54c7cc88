"""The examples of Testcontainers on the page about the image start it, and reach it.

They need an engine that answers at `DOCKER_HOST` and has the image `provider-emulator`;
and the package `testcontainers`, of Python and of Node.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import npm
import pytest
from behind import ROOT

PAGE = ROOT / "docs" / "how-to" / "run-the-image.md"

pytestmark = pytest.mark.skipif(
    "DOCKER_HOST" not in os.environ, reason="DOCKER_HOST names no engine"
)


def example(language: str) -> str:
    blocks = re.findall(
        rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S
    )
    (block,) = blocks
    return str(block)


def run(*words: str, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(find_spec("testcontainers") is None, reason="no testcontainers")
def test_python(tmp_path: Path) -> None:
    shown = run(sys.executable, "-c", example("python"), cwd=tmp_path)

    assert re.fullmatch(r"http://\S+:\d+/@w1/jobriver/api/v1", shown)


@npm.needs("testcontainers")
def test_node(tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(npm.MODULES)
    (tmp_path / "starts.mjs").write_text(
        example("js")
        + "console.log((await fetch(`${url}/_emulator/ready`)).status);\n"
        + "await emulator.stop();\n"
    )

    assert run("node", "starts.mjs", cwd=tmp_path) == "200"
