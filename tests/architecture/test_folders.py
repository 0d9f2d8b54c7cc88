"""The tests are where their README says, and the README says it of all of them."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_folder_of_tests_says_what_it_proves() -> None:
    text = (TESTS / "README.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)

    assert sorted(described) == sorted(
        {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")}
    )
