"""The map in ARCHITECTURE.md names files that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_each_file_of_the_map_exists() -> None:
    """A file that was renamed is renamed in the map too."""
    named = re.findall(
        r"`((?:emulator|tests|docs)/[\w/.-]+\.(?:py|md))`",
        (ROOT / "ARCHITECTURE.md").read_text(),
    )

    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).is_file()] == []
