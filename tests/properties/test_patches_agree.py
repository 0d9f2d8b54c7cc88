"""JSON Patches agree with a naive model, which works on the paths and values of a document."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.http.json_patch import Unpatched, apply_patch, same
from emulator.http.pointer import pointer_to

SCALARS = (
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "~/"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "b", "~/", "0", "-"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
PATHS = st.lists(st.sampled_from(["a", "b", "~/", "0", "1", "2", "-"]), max_size=3)
OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["add", "replace", "test"]), PATHS, VALUES),
    st.tuples(st.sampled_from(["move", "copy"]), PATHS, PATHS),
    st.tuples(st.just("remove"), PATHS, st.none()),
)


class Impossible(Exception):
    pass


def read(document: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step in map(str, range(len(document))):
            document = document[int(step)]
        else:
            raise Impossible
    return document


def rebuilt(document: Any, path: list[str], change: Any) -> Any:
    """The document anew, with the list or object above *path* as *change* makes it."""
    if len(path) == 1:
        return change(document, path[0])
    inside = rebuilt(read(document, path[:1]), path[1:], change)
    if isinstance(document, dict):
        return {**document, path[0]: inside}
    return [inside if str(at) == path[0] else item for at, item in enumerate(document)]


def added(value: Any) -> Any:
    def change(above: Any, last: str) -> Any:
        if isinstance(above, dict):
            return {**above, last: value}
        if isinstance(above, list) and last in [*map(str, range(len(above) + 1)), "-"]:
            at = len(above) if last == "-" else int(last)
            return [*above[:at], value, *above[at:]]
        raise Impossible

    return change


def removed(above: Any, last: str) -> Any:
    read(above, [last])
    if isinstance(above, dict):
        return {name: value for name, value in above.items() if name != last}
    return [item for at, item in enumerate(above) if str(at) != last]


def naive(document: Any, name: str, path: list[str], more: Any) -> Any:
    if name == "test":
        if not same(read(document, path), more):
            raise Impossible
        return document
    if name == "remove":
        if not path:
            raise Impossible
        return rebuilt(document, path, removed)
    if name in ("copy", "move"):
        value = read(document, more)
        if name == "move" and path != more:
            if path[: len(more)] == more:
                raise Impossible
            document = rebuilt(document, more, removed)
        elif name == "move":
            return document
        return rebuilt(document, path, added(value)) if path else value
    if name == "replace":
        read(document, path)
        if path and isinstance(read(document, path[:-1]), list):
            document = rebuilt(document, path, removed)
    return rebuilt(document, path, added(more)) if path else more


def written(name: str, path: list[str], more: Any) -> dict[str, Any]:
    member = "from" if name in ("move", "copy") else "value"
    value = pointer_to(more) if member == "from" else more
    return {"op": name, "path": pointer_to(path), member: value}


@given(VALUES, st.lists(OPERATIONS, max_size=4))
def test_patches_agree_with_the_model(document: Any, operations: Any) -> None:
    before = copy.deepcopy(document)
    patch = [written(*operation) for operation in operations]
    try:
        expected = document
        for operation in operations:
            expected = naive(expected, *operation)
    except Impossible:
        expected = Impossible
    try:
        made = apply_patch(document, patch)
    except Unpatched:
        made = Impossible

    assert repr(made) == repr(expected) or same(made, expected)
    assert document == before
