"""No module imports another that, by whatever way, imports it back.

Imports for type checkers and those inside of functions count as well: modules that need
each other to be understood are one module.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import emulator

PACKAGE = Path(emulator.__file__).parent


def modules() -> dict[str, Path]:
    """Every module of the package by its name; a folder is named like its `__init__`."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """The modules, or names of modules, that *path* imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def graph() -> dict[str, set[str]]:
    """What each module of the package imports of the package."""
    known = modules()
    return {
        name: {
            module
            for imported in imports(path)
            for module in (imported, imported.rpartition(".")[0])[
                : 2 - (imported in known)
            ]
            if module in known and module != name
        }
        for name, path in known.items()
    }


def reached(edges: Mapping[str, set[str]], start: str) -> set[str]:
    """All modules that *start* imports, and those that they import."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import each other, by whatever way."""
    reach = {name: reached(edges, name) for name in edges}
    groups = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in edges
        if name in reach[name]
    }
    return sorted([*group] for group in groups)


def test_no_modules_import_each_other() -> None:
    """One way in, and one way out."""
    assert circles(graph()) == []


def test_a_circle_is_found() -> None:
    """The test sees one: a and b need each other, c only uses them."""
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"a"}, "d": set()}) == [["a", "b"]]


def test_every_module_stands_in_a_layer() -> None:
    """One that the contract forgets could import whatever is above it."""
    text = (PACKAGE.parent / "pyproject.toml").read_text("utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    layers = {
        name.strip() for layer in contracts[0]["layers"] for name in layer.split("|")
    }
    folders = {name.rpartition(".")[0] for name in layers} - {"emulator"}

    assert {
        name
        for name in modules()
        if not any(
            name == layer or name.startswith(f"{layer}.") for layer in layers | folders
        )
        or (name.rpartition(".")[0] in folders and name not in layers)
    } == {"emulator", "emulator.__main__"}
