"""Routes: which operation a method and a path belong to, found in a tree of segments.

A literal segment wins over a parameter, so `/books/facets` comes before `/books/{slug}`
whatever the order in the spec.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote

T = TypeVar("T")

_KNOWN = 1_000
"""So many paths are remembered with what they lead to."""
_SHORT = 200
"""Characters of one that is."""


@dataclass(eq=False, repr=False)
class _Node(Generic[T]):
    literal: dict[str, _Node[T]] = field(default_factory=dict)
    dynamic: list[tuple[str, str, _Node[T]]] = field(default_factory=list)
    """Children behind a parameter: (what stands before it, behind it, the child)."""
    found: dict[str, T] = field(default_factory=dict)
    """What is found here, by method."""


class Match(NamedTuple, Generic[T]):
    """What a path leads to."""

    by_method: dict[str, T]
    values: tuple[str, ...]
    """The values of the path's parameters, decoded, in order."""


class Routes(Generic[T]):
    """A tree of path segments; `match` costs the same with ten routes or ten thousand."""

    def __init__(self, routes: Iterable[tuple[str, str, T]] = ()) -> None:
        self._root: _Node[T] = _Node()
        self._known: dict[tuple[str, bool], Match[T]] = {}
        """Short paths that were called, and what they lead to."""
        for method, path, found in routes:
            self.add(method, path, found)

    def add(self, method: str, path: str, found: T) -> None:
        """Add a route; *path* has parameters in braces: `/books/{id}`, `/files/{id}.json`."""
        node = self._root
        for segment in path.strip("/").split("/"):
            before, brace, rest = segment.partition("{")
            if not brace:
                node = node.literal.setdefault(segment, _Node())
                continue
            _, _, behind = rest.partition("}")
            for known_before, known_behind, child in node.dynamic:
                if (known_before, known_behind) == (before, behind):
                    node = child
                    break
            else:
                child = _Node()
                node.dynamic.append((before, behind, child))
                # The more a segment says, the earlier it is tried.
                node.dynamic.sort(key=lambda one: -len(one[0]) - len(one[1]))
                node = child
        node.found[method] = found
        self._known.clear()

    def match(self, path: str, *, strict: bool = False) -> Match[T] | None:
        """What the raw *path* leads to; *strict* tells `/books/` from `/books`."""
        known = self._known.get((path, strict))
        if known is not None:
            return known
        if not path.startswith("/"):
            return None
        trimmed = path[1:]
        if not strict and trimmed.endswith("/"):
            trimmed = trimmed[:-1]
        match = _match(self._root, trimmed.split("/"), 0, ())
        if match is not None and len(path) <= _SHORT:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[path, strict] = match
        return match


def allowed(methods: Iterable[str]) -> str:
    """The value of an Allow header (RFC 9110, 10.2.1) where *methods* are offered."""
    methods_allowed = {*methods, "OPTIONS"}
    if "GET" in methods_allowed:
        methods_allowed.add("HEAD")
    return ", ".join(sorted(methods_allowed))


def _match(
    node: _Node[T], segments: list[str], at: int, values: tuple[str, ...]
) -> Match[T] | None:
    if at == len(segments):
        return Match(node.found, values) if node.found else None
    segment = segments[at]
    if "%" in segment:
        segment = unquote(segment)
    child = node.literal.get(segment)
    if child is not None:
        match = _match(child, segments, at + 1, values)
        if match is not None:
            return match
    for before, behind, child in node.dynamic:
        if not (segment.startswith(before) and segment.endswith(behind)):
            continue
        value = segment[len(before) : len(segment) - len(behind)]
        if not value:
            continue
        match = _match(child, segments, at + 1, (*values, value))
        if match is not None:
            return match
    return None
