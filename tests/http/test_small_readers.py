"""HTTP is said once: pointers, cookies, media types, queries, nesting, lengths of time."""

from __future__ import annotations

import pytest

from emulator.durations import seconds
from emulator.http.cookies import cookie_pairs
from emulator.http.media_types import media_type
from emulator.http.nesting import nested_deeper
from emulator.http.pointer import pointer_to, steps
from emulator.http.query import query_pairs


def test_a_pointer_escapes_what_parts_it() -> None:
    """And gives the same steps back (RFC 6901, 4)."""
    path = ["paths", "/books/~1", "0"]

    assert pointer_to(path) == "/paths/~1books~1~01/0"
    assert steps(pointer_to(path)) == path


def test_what_has_no_name_is_no_cookie() -> None:
    """A value keeps its quotes and its equals signs."""
    assert [*cookie_pairs('sid=1==; theme="dark"; alone')] == [
        ("sid", "1=="),
        ("theme", '"dark"'),
    ]


def test_a_media_type_has_no_parameters() -> None:
    """Its case does not matter."""
    assert media_type(" Application/JSON ; charset=utf-8") == "application/json"


def test_a_query_that_cannot_be_read_is_shown_all_the_same() -> None:
    """A value may be empty, and bytes may be of any kind."""
    assert query_pairs(b"a=1&b=&a=\xe9") == [("a", "1"), ("b", ""), ("a", "é")]


@pytest.mark.parametrize(
    ("text", "deeper"),
    [(b"[[1]]", False), (b"[[[]]]", True), (b'["[[[[", {}]', False), (b"1", False)],
)
def test_brackets_inside_of_texts_are_no_levels(text: bytes, deeper: bool) -> None:
    """Lists and objects count."""
    assert nested_deeper(text, 2) is deeper


@pytest.mark.parametrize(
    ("text", "length"),
    [("200ms", 0.2), ("2", 2), ("1.5m", 90), ("1h", None), ("-1s", None), ("", None)],
)
def test_a_short_length_may_be_a_number_alone(text: str, length: float | None) -> None:
    """Hours and days are too long for what goes wrong with one call."""
    assert seconds(text) == length
