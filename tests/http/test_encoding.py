"""Bodies of other types than JSON, read back by parsers that know nothing of ours."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.http.encoding import (
    Unwritable,
    bytes_body,
    event_stream,
    form_body,
    json_lines,
    text_body,
)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_LINE = _TEXT.filter(lambda text: not re.search("[\r\n\0]", text))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_EVENT = st.fixed_dictionaries(
    {"data": _JSON},
    optional={"event": _LINE, "id": _LINE, "retry": st.integers(0, 10**6)},
)


def read_events(stream: bytes) -> list[dict[str, Any]]:
    """HTML, 9.2.6, step by step: the fields of each event that is dispatched."""
    events, fields = [], dict[str, Any]()
    for line in re.split("\r\n|\r|\n", stream.decode()):
        if not line:
            if "data" in fields:
                events.append(fields)
            fields = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data" and "data" in fields:
            fields["data"] += "\n" + value
        elif name:
            fields[name] = value
    return events


def is_event(item: Any) -> bool:
    return isinstance(item, dict) and "data" in item and {*item} <= {"event", "id", "data", "retry"}  # fmt: skip


@given(st.lists(_JSON | _EVENT, max_size=5))
def test_a_stream_of_events_says_what_its_items_say(items: list[Any]) -> None:
    """Data that is a text comes as it is but for its line breaks; the rest as JSON."""
    pieces = event_stream(items)

    assert len(pieces) == len(items)
    for item, found in zip(items, read_events(b"".join(pieces)), strict=True):
        fields = item if is_event(item) else {"data": item}
        data = fields["data"]
        if isinstance(data, str):
            assert found["data"] == re.sub("\r\n|\r", "\n", data)
        else:
            assert json.loads(found["data"]) == data
        for name in ("event", "id", "retry"):
            assert found.get(name) == (str(fields[name]) if name in fields else None)


@given(st.lists(_JSON, max_size=6))
def test_lines_are_one_item_each(items: list[Any]) -> None:
    """A line break of a text is no end of its line."""
    pieces = json_lines(items)

    lines = b"".join(pieces).decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == items
    assert (lines[-1], len(pieces)) == ("", len(items))


@given(st.dictionaries(_TEXT, _TEXT, max_size=4))
def test_a_form_is_read_back(fields: dict[str, str]) -> None:
    """By another library's parser."""
    found = parse_qsl(form_body(fields).decode(), keep_blank_values=True)

    assert found == [*fields.items()]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ({"a": 1, "b": True, "c": None}, b"a=1&b=true&c="),
        (
            {"a": {"b": [1, {"c": "d e"}]}},
            b"a%5Bb%5D%5B0%5D=1&a%5Bb%5D%5B1%5D%5Bc%5D=d+e",
        ),
    ],
)
def test_a_form_writes_what_is_inside_in_brackets(value: Any, sent: bytes) -> None:
    assert form_body(value) == sent


@given(st.binary(max_size=50))
def test_bytes_are_given_as_bytes_or_as_base64(data: bytes) -> None:
    """Of either alphabet, padded or not (RFC 4648)."""
    for text in (
        b64encode(data),
        urlsafe_b64encode(data),
        urlsafe_b64encode(data).rstrip(b"="),
    ):
        assert bytes_body(text.decode()) == data
    assert bytes_body(data) == data


@pytest.mark.parametrize(
    ("write", "value"),
    [
        (text_body, {}), (text_body, []), (form_body, []), (form_body, "a=1"),
        (bytes_body, "no base64!"), (bytes_body, "Ω"), (bytes_body, 1), (bytes_body, "a"), (json_lines, {}),
        (json_lines, "x"), (event_stream, None), (event_stream, {"data": 1}),
        (event_stream, [{"data": 1, "id": "a\nevent: b"}]), (event_stream, [{"data": 1, "event": "a\rb"}]),
        (event_stream, [{"data": 1, "id": "\0"}]),
    ],
)  # fmt: skip
def test_what_a_type_cannot_hold_is_refused(write: Any, value: Any) -> None:
    """With a sentence; nothing is smuggled into a stream by a line break."""
    with pytest.raises(Unwritable):
        write(value)


@pytest.mark.parametrize(
    ("value", "sent"),
    [("é", "é".encode()), (1.5, b"1.5"), (True, b"true"), (None, b""), ("", b"")],
)
def test_a_text_is_what_it_says(value: Any, sent: bytes) -> None:
    assert text_body(value) == sent
