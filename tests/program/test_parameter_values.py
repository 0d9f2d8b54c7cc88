"""Parameters: texts become values of their type, and stay texts where they do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.http.query import MAX_QUERY_PARAMETERS, MalformedQuery, read_query
from emulator.program.parameters import Typed, coerced


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("12", "integer", 12),
        ("-12", "integer", -12),
        ("+12", "integer", "+12"),
        ("007", "integer", 7),
        ("1.0", "integer", "1.0"),
        ("1_000", "integer", "1_000"),
        ("١٢", "integer", "١٢"),
        ("", "integer", ""),
        ("-", "integer", "-"),
        ("9" * 5_000, "integer", "9" * 5_000),
        ("9223372036854775807", "integer", 2**63 - 1),
        ("-9223372036854775808", "integer", -(2**63)),
        ("9223372036854775808", "integer", "9223372036854775808"),
        ("1.5", "number", 1.5),
        ("1e3", "number", 1000),
        ("nan", "number", "nan"),
        ("inf", "number", "inf"),
        ("1e999", "number", "1e999"),
        ("1_0.5", "number", "1_0.5"),
        ("x", "number", "x"),
        ("true", "boolean", True),
        ("false", "boolean", False),
        ("1", "boolean", True),
        ("0", "boolean", False),
        ("yes", "boolean", "yes"),
        ("True", "boolean", "True"),
        ("12", "string", "12"),
    ],
)
def test_a_text_becomes_a_value_of_its_type(
    text: str, kind: str, expected: Any
) -> None:
    """One that does not fit stays a text, so that the schema says what is wrong."""
    value = coerced(text, kind)

    assert value == expected
    assert type(value) is type(expected)


@given(st.text(), st.sampled_from(["integer", "number", "boolean", "string", "null"]))
def test_any_text_becomes_a_value_that_is_json(text: str, kind: str) -> None:
    """Never an error, nor a number that JSON cannot say."""
    value = coerced(text, kind)

    assert isinstance(value, (str, bool, int, float))
    assert isinstance(value, str) or value - value == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", {}),
        (b"page=2", {"page": ["2"]}),
        (b"tag=a&tag=b", {"tag": ["a", "b"]}),
        (b"a", {"a": [""]}),
        (b"a=", {"a": [""]}),
        (b"&&a=1&", {"a": ["1"]}),
        (b"a=1=2", {"a": ["1=2"]}),
        (b"q=b%C3%BCro+1%2B1", {"q": ["büro 1+1"]}),
        (b"q=%zz", {"q": ["%zz"]}),
        (b"=x", {"": ["x"]}),
    ],
)
def test_a_query_is_read_as_forms_are(
    query: bytes, expected: dict[str, list[str]]
) -> None:
    """Every value of a name is kept, in order."""
    assert read_query(query) == expected


@pytest.mark.parametrize(
    "query",
    [b"q=\xfc", b"q=%FC", b"%FF=1", b"&".join(MAX_QUERY_PARAMETERS * [b"a"] + [b"b"])],
)
def test_a_query_that_cannot_be_read_is_malformed(query: bytes) -> None:
    """Bytes that are no text, and more parameters than anybody means."""
    with pytest.raises(MalformedQuery):
        read_query(query)


def typed(**changes: Any) -> Typed:
    """A whole number from 1 to 100 that is 20 by default, with *changes*."""
    known: dict[str, Any] = {
        "name": "size", "key": "size", "kind": "integer", "item_kind": "string",
        "separator": "", "required": False, "default": 20, "tolerance": "clamp",
        "schema": {"minimum": 1, "maximum": 100},
    }  # fmt: skip
    return Typed(**{**known, **changes})


@pytest.mark.parametrize(
    ("tolerance", "value", "expected"),
    [
        ("clamp", 0, 1),
        ("clamp", 500, 100),
        ("clamp", "x", 20),
        ("ignore", 500, 20),
        ("ignore", "x", 20),
    ],
)
def test_what_is_tolerated_is_mended(tolerance: str, value: Any, expected: int) -> None:
    """To the nearest value that fits, or else to the default."""
    assert typed(tolerance=tolerance).mended(value) == expected


def test_a_text_that_is_too_long_is_cut() -> None:
    """Where the parameter says `truncate`."""
    text = typed(tolerance="truncate", schema={"maxLength": 3}, default=None)

    assert text.mended("abcdef") == "abc"
    assert text.mended(12) is None


@pytest.mark.parametrize(
    ("separator", "texts", "expected"),
    [
        ("", ["1", "2"], [1, 2]),
        (",", ["1,2", "3"], [1, 2, 3]),
        (",", [""], []),
        ("|", ["1|x"], [1, "x"]),
    ],
)
def test_a_list_is_repeated_or_separated(
    separator: str, texts: list[str], expected: list[Any]
) -> None:
    """As its style in openapi.yaml says; each item has the type of items."""
    many = typed(kind="array", item_kind="integer", separator=separator)

    assert many.value(texts) == expected
