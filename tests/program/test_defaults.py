"""Defaults reach every depth of an input, and change nothing that was sent."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Tiny

from emulator.program.defaults import with_defaults
from emulator.program.schemas import Schema

ITEM = {"properties": {"price": {"type": "integer"}, "quantity": {"default": 1}}}
CHOICE = [
    {"properties": {"kind": {"const": "a"}, "a": {"default": 1}}, "required": ["kind"]},
    {"properties": {"kind": {"const": "b"}, "b": {"default": 2}}, "required": ["kind"]},
]
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "properties": {
                "open": {"default": False},
                "inner": {"items": {"$ref": "#/$defs/node"}},
            }
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "sent", "filled"),
    [
        ({"properties": {"a": {"default": 1}}}, {}, {"a": 1}),
        ({"properties": {"a": {"default": 1}}}, {"a": None}, {"a": None}),
        ({"properties": {"a": {"default": 1}}}, [1], [1]),
        ({"properties": {"a": {"properties": {"b": {"default": 1}}}}}, {}, {}),
        ({"properties": {"a": {"properties": {"b": {"default": 1}}}}}, {"a": {}}, {"a": {"b": 1}}),
        (
            {"properties": {"items": {"items": ITEM}}},
            {"items": [{"price": 5}, {"quantity": 3}]},
            {"items": [{"price": 5, "quantity": 1}, {"quantity": 3}]},
        ),
        ({"items": ITEM}, [{}], [{"quantity": 1}]),
        ({"additionalProperties": ITEM}, {"x": {}}, {"x": {"quantity": 1}}),
        ({"allOf": [ITEM, {"properties": {"n": {"default": 2}}}]}, {}, {"quantity": 1, "n": 2}),
        ({"oneOf": CHOICE}, {"kind": "b"}, {"kind": "b", "b": 2}),
        ({"oneOf": CHOICE}, {"kind": "c"}, {"kind": "c"}),
        ({"properties": {"default": {"type": "string"}}}, {}, {}),
        (TREE, {"inner": [{}]}, {"inner": [{"open": False}], "open": False}),
    ],
)  # fmt: skip
def test_what_lacks_gets_its_default(schema: Any, sent: Any, filled: Any) -> None:
    """In objects, in lists, by reference, and in the branch of a choice that fits."""
    before = copy.deepcopy(sent)

    assert with_defaults(Schema(schema), sent) == filled
    assert sent == before


def test_a_partial_input_gets_only_what_is_inside_of_it() -> None:
    """What it leaves out is to stay as it is."""
    schema = Schema({"properties": {"a": {"default": 1}, "items": {"items": ITEM}}})

    found = with_defaults(schema, {"items": [{}]}, partial=())

    assert found == {"items": [{"quantity": 1}]}


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
NAMES = st.sampled_from(["price", "quantity", "inner", "open", "kind", "a"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner)
)


@given(
    VALUES,
    st.sampled_from([TREE, {"items": ITEM}, {"oneOf": CHOICE}, {"allOf": [ITEM]}]),
)
def test_filling_twice_fills_no_more(value: Any, schema: Any) -> None:
    """Whatever is sent, also what breaks the schema; and nothing that was sent is lost."""
    filled = with_defaults(Schema(schema), value)

    assert with_defaults(Schema(schema), filled) == filled
    if isinstance(value, dict):
        assert filled.keys() >= value.keys()


def test_a_reply_sees_the_body_with_its_defaults() -> None:
    """`body` is the input as the provider understands it; a change has none of its own."""
    shown = {"reply": {"body": "${body}"}}
    tiny = Tiny(
        "shelf",
        {
            "operations.createBook": {"create": {"collection": "books"}, **shown},
            "operations.replaceNote.reply": shown["reply"],
        },
    )

    made = tiny.post("/books", json={"title": "Waves"})

    assert made.json() == {"title": "Waves", "tags": [], "price": 10}


def test_what_has_a_default_may_be_required_all_the_same() -> None:
    """Who leaves it out is told so."""
    tiny = Tiny("forms")

    assert tiny.post("/form", data={"age": "3"}).status_code == 422
