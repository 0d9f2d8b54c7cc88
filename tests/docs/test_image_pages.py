"""What the README and the pages about the image and scaling out tell people to type."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess

import pytest
import yaml
from pages import DOCS, USUAL, blocks

import emulator

README = DOCS.parent / "README.md"
IMAGE = DOCS / "how-to" / "run-the-image.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_first_429_comes_as_the_readme_says() -> None:
    """Steps 2, 3 and 4, in order."""
    text = README.read_text(encoding="utf-8")
    section = text.partition("### From `docker run`")[2].partition("\n## ")[0]
    call, spend = re.findall(r"^   (curl .*)$", section, re.MULTILINE)
    with emulator.start(["jobriver"], frozen=True) as server:
        first, counted, last = (
            subprocess.run(
                ["sh", "-c", line.replace(USUAL, server.url)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for line in (call, spend, call)
        )

    assert first.startswith("HTTP/1.1 200 OK")
    assert "X-RateLimit-Remaining: 59" in first
    assert counted.split() == ["59", "200", "2", "429"]
    assert last.startswith("HTTP/1.1 429 Too Many Requests")
    assert "Retry-After: " in last
    assert "jobriver/rate_limited" in section


def test_the_examples_can_be_read() -> None:
    """Docker is not here in every run: they are at least well formed."""
    for text in blocks(IMAGE, "yaml"):
        assert "script" in yaml.safe_load(text)["test"]
    for text in blocks(IMAGE, "python"):
        ast.parse(text)
