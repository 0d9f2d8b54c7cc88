"""Tables of the documentation that a benchmark writes, each between its two marks."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "speed.md"


def today() -> str:
    return datetime.now(UTC).date().isoformat()  # noqa: TID251 - a day is what is told


def measured_on() -> str:
    """The day, and what it was measured with."""
    cores = os.cpu_count()
    return f"Measured on {today()}, Python {platform.python_version()}, {cores} cores."


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table whose columns are numbers from the second on, as text is not."""
    lines = [_row(headings), _row(["---"] * len(headings))]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put *text* where the marks of *name* stand in *page*."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    content = page.read_text(encoding="utf-8")
    block = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not block.search(content):
        raise SystemExit(f"{page} has no {begin}")
    new = block.sub(lambda _: f"{begin}\n\n{text.strip()}\n\n{end}", content)
    page.write_text(new, encoding="utf-8")
