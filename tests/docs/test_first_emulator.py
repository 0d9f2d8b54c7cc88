"""The first tutorial: its commands, as they stand there, in the order of the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from pages import DOCS, USUAL, blocks

import emulator

PAGE = DOCS / "tutorials" / "first-emulator.md"


def test_the_commands_do_what_the_page_says() -> None:
    """Each call gets past what the one before it has caused."""
    _, *steps, _ = blocks(PAGE, "sh")  # `serve` and `explain` have tests of their own
    with emulator.start(["jobriver"]) as server:
        script = "".join(steps).replace(USUAL, server.url)
        script = script.replace(". .venv/bin/activate\n", "")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        came = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env={**os.environ, "PATH": path, "EMULATOR_URL": server.url},
            capture_output=True,
            text=True,
            check=False,
        )

    assert came.returncode == 0, came.stderr
    found = re.findall(r"(?:HTTP/1.1 |^|})([2-5][0-9]{2})\b", came.stdout, re.MULTILINE)
    assert found == ["200", "201", "422", *["403"] * 6, "429"]
