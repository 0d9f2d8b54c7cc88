"""The client of the JDK, with what it does unless it is told otherwise."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import jdk
import pytest

import emulator
from emulator.settings import Settings

DAY = Path(__file__).with_name("java") / "Day.java"


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java here")
@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_days_work_of_the_jdk_is_done(parser: str) -> None:
    """Each request offers h2c; its body counts, and its connection is kept."""
    with emulator.start(settings=Settings(http=parser, log_format="none")) as server:
        done = subprocess.run(
            [*jdk.JAVA, str(DAY), server.url],
            capture_output=True,
            text=True,
            timeout=120,
        )

    assert (done.stderr, done.stdout.splitlines()) == (
        "",
        [
            "POST 201 kept",
            "POST 201 kept",
            "PATCH 200 kept",
            "GET 200 kept",
            "Frontend Developer",
            "PATCH 200 kept",
            "DELETE 200 kept",
            "GET 404 kept",
            "POST 200 kept",
            "DELETE 204 kept",
            "java",
        ],
    )
