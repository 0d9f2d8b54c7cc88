"""Calls of our own documents: what is shown of each operation answers as is documented."""

from __future__ import annotations

from pathlib import Path

import pytest
from answering import calls_of

DOCUMENTS = Path(__file__).parent / "documents"
CANNOT = {
    # Two operations of one method and path: a call is one of the first.
    "binders": ["eraseLabel"],
}


@pytest.mark.parametrize(
    "path", sorted(DOCUMENTS.iterdir()), ids=lambda path: path.stem
)
def test_the_call_that_is_shown_answers_a_success_that_fits_its_schema(
    path: Path,
) -> None:
    wrong = {id: why for id, why in calls_of(path) if why}

    assert [*wrong] == CANNOT.get(path.stem, []), "\n".join(wrong.values())
