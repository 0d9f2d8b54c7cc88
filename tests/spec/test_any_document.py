"""Whatever is wrong with a spec, its author is told: loading never just breaks."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.program.program import Program
from emulator.spec.yaml import parse

Json = Any
Pointer = tuple[str | int, ...]

GOOD = Path(__file__).parent / "good" / "library"
FILES = {
    path.relative_to(GOOD).as_posix(): path for path in sorted(GOOD.rglob("*.yaml"))
}
OTHERS: list[Json] = [
    None, True, 0, -1, 2**40, 1.5, "", "x", "${", "${x}", "${1 // 0}", "$ref", [], {},
    [None], [[]], ["x", 1], {"": None}, {"x": {"x": []}}, {"$ref": "#"},
    {"$ref": "#/paths"}, "1m", "other.yaml", "\ud7ff\U0010ffff",
]  # fmt: skip


def tree_of(path: Path) -> Json:
    document = parse(path.read_bytes(), path.name, Report())
    assert document is not None
    return document.data


TREES = {name: tree_of(path) for name, path in FILES.items()}


def nodes(tree: Json, pointer: Pointer = ()) -> Iterator[Pointer]:
    """The pointers of all nodes of *tree*, itself included."""
    yield pointer
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from nodes(value, (*pointer, key))
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from nodes(value, (*pointer, at))


POINTERS = [(name, pointer) for name, tree in TREES.items() for pointer in nodes(tree)]


def at(tree: Json, pointer: Pointer) -> Json:
    for part in pointer:
        inside = isinstance(tree, dict) and part in tree
        inside |= isinstance(tree, list) and part in range(len(tree))
        if not inside:
            return None
        tree = tree[part]
    return tree


@st.composite
def broken_files(draw: st.DrawFn) -> dict[str, Json]:
    """The files of a good provider, after one to three changes somewhere in them."""
    files = deepcopy(TREES)
    for name, pointer in draw(
        st.lists(st.sampled_from(POINTERS), min_size=1, max_size=3)
    ):
        change = draw(st.sampled_from(["delete", "replace", "rename", "move"]))
        if not pointer:
            files[name] = draw(st.sampled_from(OTHERS))
            continue
        *above, last = pointer
        parent: Any = at(files[name], tuple(above))
        place: Any = last
        if not isinstance(parent, (dict, list)) or at(parent, (last,)) is None:
            continue
        if change == "delete":
            del parent[place]
        elif change == "rename" and isinstance(parent, dict):
            parent[draw(st.sampled_from(["x", "", "id", "default", "${x}"]))] = (
                parent.pop(place)
            )
        elif change == "move":
            other, where = draw(st.sampled_from(POINTERS))
            parent[place] = deepcopy(at(files[other], where))
        else:
            parent[place] = draw(st.sampled_from(OTHERS))
    return files


@settings(max_examples=60, deadline=None)
@given(broken_files())
def test_a_provider_loads_or_its_author_is_told_what_is_wrong(
    files: dict[str, Json],
) -> None:
    """A `Program` or a `SpecError` with places in these files, and nothing else."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "library"
        (place / "fixtures").mkdir(parents=True)
        for name, tree in files.items():
            (place / name).write_bytes(orjson.dumps(tree, option=orjson.OPT_INDENT_2))

        told = Report()
        try:
            result: Program | SpecError = load(
                Place(place, place / "fixtures"), report=told
            )
        except SpecError as error:
            result = error

        assert isinstance(result, Program) is not told.failed
        assert all(folder in diagnostic.at.file for diagnostic in told.diagnostics)
        assert isinstance(result, Program) or str(result)
