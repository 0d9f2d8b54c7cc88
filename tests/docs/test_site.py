"""The site of the documentation is built from docs, and each link leads somewhere."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITTEN = ("index", "reference/features")


@pytest.mark.skipif(
    not all(map(find_spec, ("sphinx", "myst_parser", "furo"))),
    reason="the extra `docs` is not installed",
)
def test_the_site_is_built_strictly(tmp_path: Path) -> None:
    """A warning is an error: a page that nothing lists, a link that leads nowhere.

    Every page is read and all its links are followed; two are written in the site's theme,
    which takes most of the time that a whole site takes (.ci/release writes that).
    """
    words = ["--keep-going", "-q", "-d", str(tmp_path / "read"), "docs"]
    site = tmp_path / "site"

    read = sphinx("-b", "dummy", "-W", *words, str(tmp_path))
    written = sphinx(
        *("-b", "html", *words, str(site)), *(f"docs/{page}.md" for page in WRITTEN)
    )

    assert read == (0, "")
    pages = {page.relative_to(ROOT / "docs") for page in ROOT.glob("docs/**/*.md")}
    known = (tmp_path / "read").rglob("*.doctree")
    made = {page.relative_to(tmp_path / "read") for page in known}
    assert {page.with_suffix(".doctree") for page in pages} <= made
    assert written[0] == 0
    # That there is no index of the other pages is all that may be told.
    assert [
        line for line in written[1].splitlines() if "search index" not in line
    ] == []
    assert all((site / f"{page}.html").exists() for page in WRITTEN)
    assert (site / "llms.txt").read_text().startswith("# emulator\n")


def sphinx(*words: str) -> tuple[int, str]:
    """Its exit code, and what it warns of."""
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return built.returncode, built.stderr
