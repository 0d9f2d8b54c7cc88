"""Bodies: which media types an operation takes, and what it knows of the input."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.program.bodies import BodyPolicy
from emulator.program.schemas import Schema

LIBRARY = Path(__file__).parent.parent / "spec" / "good" / "library"
ANY, TEXT, JSON = Schema({}), Schema({"type": "string"}), Schema({"type": "object"})


def policy(**schemas: Schema) -> BodyPolicy:
    known = {"json": "application/json", "text": "text/*", "any": "*/*"}
    return BodyPolicy(
        required=True,
        schemas={known[name]: schema for name, schema in schemas.items()},
        members={},
        properties={},
        defaults={},
    )


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("application/json", JSON),
        ("text/plain", TEXT),
        ("text/html", TEXT),
        ("image/png", ANY),
    ],
)
def test_the_nearest_media_type_counts(media: str, expected: Schema) -> None:
    """Itself, then its family, then anything (RFC 9110, 12.5.1)."""
    assert policy(json=JSON, text=TEXT, any=ANY).schema(media) is expected


def test_another_media_type_is_not_taken() -> None:
    """Not even a near one."""
    assert policy(json=JSON).schema("application/json-patch+json") is None


def test_a_body_has_the_fields_and_defaults_of_its_schema() -> None:
    """They are what rules and views may name, and what a caller that sends less gets."""
    operations = load(Place(LIBRARY, LIBRARY / "fixtures")).operations
    body = operations["addBook"].body

    assert operations["listBooks"].body is None
    assert body is not None
    assert body.required
    assert body.properties.keys() == {"title", "year"}
    assert body.defaults == {"year": 2000}
    assert list(body.schemas) == ["application/json"]
