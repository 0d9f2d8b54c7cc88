"""JSON Patch (RFC 6902) and merge patch (RFC 7396): their appendices, and hostile ones."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from emulator.http.json_patch import (
    DEEPEST,
    MOST_OPERATIONS,
    MOST_VALUES,
    BadPatch,
    Unpatched,
    apply_patch,
)
from emulator.http.merge_patch import merge_patch

BEER = {"pub": "beer", "shelf": ["a", "c"]}


def op(name: str, path: Any, **more: Any) -> dict[str, Any]:
    return {"op": name, "path": path, **more}


def at(origin: str) -> dict[str, str]:
    return {"from": origin}


DONE: list[tuple[Any, list[Any], Any]] = [
    # RFC 6902, appendix A: A.1 to A.7, A.10, A.11, A.14 and A.16.
    ({"a": 1}, [op("add", "/b", value=2)], {"a": 1, "b": 2}),
    (BEER, [op("add", "/shelf/1", value="b")], {"pub": "beer", "shelf": ["a", "b", "c"]}),
    ({"a": 1, "b": 2}, [op("remove", "/b")], {"a": 1}),
    (BEER, [op("remove", "/shelf/1")], {"pub": "beer", "shelf": ["a"]}),
    ({"a": 1, "b": 2}, [op("replace", "/b", value=3)], {"a": 1, "b": 3}),
    ({"a": {"x": 1, "y": 2}, "b": {}}, [op("move", "/b/z", **at("/a/y"))],
     {"a": {"x": 1}, "b": {"z": 2}}),
    ({"a": [1, 2, 3, 4]}, [op("move", "/a/3", **at("/a/1"))], {"a": [1, 3, 4, 2]}),
    ({"a": "b", "c": ["x", 2, "y"]},
     [op("test", "/a", value="b"), op("test", "/c/1", value=2)],
     {"a": "b", "c": ["x", 2, "y"]}),
    ({"a": 1}, [op("add", "/b", value={"c": {}})], {"a": 1, "b": {"c": {}}}),
    ({"a": 1}, [op("add", "/b", value=2, unknown=3)], {"a": 1, "b": 2}),
    ({"/": 9, "~1": 10}, [op("test", "/~01", value=10)], {"/": 9, "~1": 10}),
    ({"a": [1]}, [op("add", "/a/-", value=[2, 3])], {"a": [1, [2, 3]]}),
    # What its sections 4.1 to 4.6 say besides.
    ({"a": 1}, [op("add", "", value=[1])], [1]),
    ({"a": 1}, [op("replace", "", value=None)], None),
    ({"a": 1}, [op("add", "/a", value=2)], {"a": 2}),
    ({"a": [1]}, [op("add", "/a/1", value=2)], {"a": [1, 2]}),
    ({"a": {"b": 1}}, [op("copy", "/c", **at("/a")), op("add", "/c/b", value=2)],
     {"a": {"b": 1}, "c": {"b": 2}}),
    ({"a": 1}, [op("move", "/a", **at("/a"))], {"a": 1}),
    ({"a": {"b": 1}}, [op("move", "", **at("/a"))], {"b": 1}),
    ({"": 1}, [op("test", "/", value=1)], {"": 1}),
    ({"a": 1}, [op("test", "/a", value=1.0), op("test", "", value={"a": 1})], {"a": 1}),
    ({"a": None}, [op("test", "/a", value=None)], {"a": None}),
    ({}, [], {}),
]  # fmt: skip

NOT_DONE: list[tuple[Any, list[Any], int | None]] = [
    ({"a": 1}, [op("test", "/a", value=2)], 0),  # A.9
    ({"a": 1}, [op("add", "/b/c", value=2)], 0),  # A.12
    ({"/": 9, "~1": 10}, [op("test", "/~01", value="10")], 0),  # A.15
    ({"a": 1}, [op("test", "/a", value=1), op("remove", "/b")], 1),
    ({"a": 1}, [op("replace", "/b", value=1)], 0),
    ({"a": 1}, [op("move", "/b", **at("/c"))], 0),
    ({"a": {"b": {}}}, [op("move", "/a/b/c", **at("/a"))], 0),
    ({"a": 1}, [op("remove", "")], 0),
    ({"a": [1]}, [op("add", "/a/2", value=1)], 0),
    ({"a": [1]}, [op("remove", "/a/1")], 0),
    ({"a": [1]}, [op("remove", "/a/-")], 0),
    ({"a": [1, 2]}, [op("remove", "/a/01")], 0),
    ({"a": [1, 2]}, [op("remove", "/a/-1")], 0),
    ({"a": [1, 2]}, [op("remove", "/a/\N{ARABIC-INDIC DIGIT ONE}")], 0),
    ({"a": 1}, [op("test", "/a", value=True)], 0),
    ({"a": 1}, [op("add", "/a/b", value=1)], 0),
    ({"a": [1, {"b": 1}]}, [op("test", "/a", value=[1, {"b": 1}, 2])], 0),
]  # fmt: skip

NONE: list[Any] = [
    {}, None, "add", [1], [{}], [op("insert", "/a", value=1)], [op("add", "/a")],
    [op("add", "a", value=1)], [op("add", None, value=1)], [op("add", "/~2", value=1)],
    [op("copy", "/a")], [op("move", "/a", **{"from": 1})], [op(["add"], "/a", value=1)],  # type: ignore[arg-type]
    [{"op": "add", "value": 1}], [op("test", "/a")], [op("replace", "/a")],
]  # fmt: skip
"""Among them A.13, whose second `op` a JSON parser takes or refuses for a repeated name."""


@pytest.mark.parametrize(("document", "patch", "made"), DONE)
def test_a_patch_is_done(document: Any, patch: Any, made: Any) -> None:
    before = copy.deepcopy(document)

    assert apply_patch(document, patch) == made
    assert document == before


@pytest.mark.parametrize(("document", "patch", "number"), NOT_DONE)
def test_a_patch_that_does_not_fit_changes_nothing(
    document: Any, patch: Any, number: int
) -> None:
    before = copy.deepcopy(document)
    with pytest.raises(Unpatched) as failed:
        apply_patch(document, patch)

    assert failed.value.at == number
    assert document == before


@pytest.mark.parametrize("patch", NONE)
def test_what_is_no_patch_is_told_from_one_that_does_not_fit(patch: Any) -> None:
    with pytest.raises(BadPatch) as failed:
        apply_patch({"a": {}}, patch)

    assert not isinstance(failed.value, Unpatched)


def test_copies_of_copies_are_bounded() -> None:
    """Forty operations would come to a million million values."""
    patch = [op("copy", "/a/-", **at("/a")) for _ in range(40)]
    with pytest.raises(Unpatched, match=f"more than {MOST_VALUES} values"):
        apply_patch({"a": [0]}, patch)


def test_depth_and_length_are_bounded() -> None:
    deeper = [op("move", "/b", **at("/a")), op("add", "/a", value={}), op("move", "/a/a", **at("/b"))]  # fmt: skip
    with pytest.raises(Unpatched, match=f"deeper than {DEEPEST} levels"):
        apply_patch({"a": {}}, deeper * (DEEPEST + 2))
    with pytest.raises(BadPatch, match=f"more than {MOST_OPERATIONS}"):
        apply_patch({}, [op("add", "/a", value=1)] * (MOST_OPERATIONS + 1))


@pytest.mark.parametrize(
    ("document", "patch", "made"),
    [  # RFC 7396, appendix A, line by line
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_is_done(document: Any, patch: Any, made: Any) -> None:
    before = copy.deepcopy(document)

    assert merge_patch(document, patch) == made
    assert document == before
