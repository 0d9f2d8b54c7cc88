"""Assumptions: what a provider's spec says that it only assumes, for tests of evidence."""

from __future__ import annotations

import re
from typing import Any

from emulator.compile.load import load
from emulator.compile.places import Place, bundled, places
from emulator.diagnostics import Report
from emulator.spec.yaml import parse

_DESCRIBED = re.compile(r"operations\.\w+\.(parameters|body)\b")


def place_of(provider: str) -> Place:
    return next(one for one in places(*bundled()) if one.name == provider)


def behavior(provider: str) -> dict[str, Any]:
    """`behavior.yaml` as it is written."""
    path = place_of(provider).spec / "behavior.yaml"
    document = parse(path.read_bytes(), path.name, Report())
    assert document is not None
    found: dict[str, Any] = document.data
    return found


def leads_somewhere(tree: Any, path: str) -> bool:
    for part in path.split("."):
        if isinstance(tree, list) and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        elif isinstance(tree, dict) and part in tree:
            tree = tree[part]
        elif isinstance(tree, list) and part in tree:
            tree = part
        else:
            return False
    return True


def evidence_paths(provider: str) -> tuple[list[str], list[str]]:
    """All paths that something is known of, and those that lead nowhere in the spec."""
    written = behavior(provider)
    paths = [*load(place_of(provider)).evidence.paths]
    # What openapi.yaml says of an operation, a spec that loads has paths to.
    own = [path for path in paths if not _DESCRIBED.match(path)]
    return paths, [path for path in own if not leads_somewhere(written, path)]
