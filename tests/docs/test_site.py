"""The site of the documentation is built from docs, and each link leads somewhere."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(
    not all(map(find_spec, ("sphinx", "myst_parser", "furo"))),
    reason="the extra `docs` is not installed",
)
def test_the_site_is_built_strictly(tmp_path: Path) -> None:
    """A warning is an error: a page that nothing lists, a link that leads nowhere."""
    words = ["-q", "-W", "--keep-going", "-b", "html", "docs", str(tmp_path)]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert (built.returncode, built.stderr) == (0, "")
    pages = {page.relative_to(ROOT / "docs") for page in ROOT.glob("docs/**/*.md")}
    made = {page.relative_to(tmp_path) for page in tmp_path.rglob("*.html")}
    assert {page.with_suffix(".html") for page in pages} <= made
    assert (tmp_path / "llms.txt").read_text().startswith("# emulator\n")
