"""The documentation site: `python -m sphinx -W --keep-going -b html docs OUT`.

The pages are those that GitHub shows: nothing in them is for the site alone. Each link
between pages has to lead somewhere; a link to another file of the project leads to it on
GitHub.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from emulator.version import __version__

project = "emulator"
author = "The provider-emulator authors"
project_copyright = author
release = version = __version__
html_title = f"emulator {release}"

extensions = ["myst_parser"]
myst_heading_anchors = 4
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "**/__pycache__"]
html_theme = "furo"
html_theme_options = {
    "source_repository": "https://github.com/provider-emulator/emulator/",
    "source_branch": "main",
    "source_directory": "docs/",
}
html_extra_path = ["reference/llms.txt"]
html_show_sourcelink = False
html_copy_source = False
suppress_warnings = [
    "misc.highlighting_failure",  # an excerpt with `...` is no whole JSON
    "myst.header",  # a page of the gallery may begin its parts at the third level
]

_DOCS = Path(__file__).parent
_SOURCE = "https://github.com/provider-emulator/emulator/blob/main"
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
_FOLDERS = ("tutorials", "gallery", "how-to", "reference", "explanation", "decisions")


def _outside(page: Path, text: str) -> str:
    """*text* with its links to files that are no pages leading to the project."""

    def link(match: re.Match[str]) -> str:
        target = (page.parent / match[1]).resolve()
        is_page = target.suffix == ".md" and target.is_relative_to(_DOCS)
        if is_page or not target.exists():
            return match[0]
        place = target.relative_to(_DOCS.parent).as_posix()
        return f"]({_SOURCE}/{place}{match[2] or ''})"

    return _LINK.sub(link, text)


def _contents() -> str:
    """What lists every page at the side of the site, in the order of the first page."""
    first = [match[1] for match in _LINK.finditer((_DOCS / "index.md").read_text())]
    places = {name: place for place, name in reversed([*enumerate(first)])}

    def place(name: str) -> tuple[int, str]:
        return places.get(name, len(places)), name

    trees = []
    for folder in _FOLDERS:
        pages = (page.relative_to(_DOCS) for page in (_DOCS / folder).rglob("*.md"))
        names = sorted((page.as_posix() for page in pages), key=place)
        trees.append(
            (folder.capitalize(), [name.removesuffix(".md") for name in names])
        )
    trees.append(("Project", ["SECURITY", "CONTRIBUTING"]))
    return "\n".join(
        "\n".join(
            ("", "```{toctree}", ":hidden:", f":caption: {title}", "", *names, "```")
        )
        for title, names in trees
    )


def _read(app: Any, name: str, source: list[str]) -> None:  # noqa: ARG001
    page = _DOCS / f"{name}.md"
    source[0] = _outside(page, source[0])
    if name == "index":
        source[0] += _contents()


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _read)
