"""Routes: which operation a method and a path belong to, found in a tree of segments.

Which of several paths a call is for is decided segment by segment, from the left, and
whatever the order in the spec: a literal segment comes before a parameter, so that
`/books/facets` is not `/books/{slug}`; a parameter with more of a literal beside it comes
before one with less; and what is greedy comes last. Of greedy ones the one with more
segments behind it comes first. The method is looked at when the path is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote

T = TypeVar("T")

GREEDY = "*"
"""What ends the name of a parameter that is many segments: `/files/{path*}`."""
_KNOWN = 1_000
"""The most paths that are remembered with their matches."""
_PARAMETER = re.compile(r"\{[^{}]*\}")
_SHORT = 200
"""The most characters of a path that is remembered."""


@dataclass(eq=False, repr=False)
class _Node(Generic[T]):
    literal: dict[str, _Node[T]] = field(default_factory=dict)
    dynamic: list[tuple[str, tuple[str, ...], _Node[T]]] = field(default_factory=list)
    """Children behind parameters: what stands before the first one, behind each, the child."""
    greedy: _Node[T] | None = None
    """The child behind a parameter of many segments; no other such is below it."""
    tails: list[int] = field(default_factory=list)
    """How many segments are behind that parameter, in each route; the most first."""
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
        segments = path.strip("/").split("/")
        for at, segment in enumerate(segments, 1):
            if segment.endswith(GREEDY + "}"):
                node = _greedy(node, len(segments) - at)
                continue
            before, *behind_each = _PARAMETER.split(segment)
            behind = tuple(behind_each)
            if not behind:
                node = node.literal.setdefault(segment, _Node())
                continue
            for known_before, known_behind, child in node.dynamic:
                if (known_before, known_behind) == (before, behind):
                    node = child
                    break
            else:
                child = _Node()
                node.dynamic.append((before, behind, child))
                # The more a segment says, the earlier it is tried.
                node.dynamic.sort(
                    key=lambda child: -len(child[0]) - sum(map(len, child[1]))
                )
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
        if not (segment.startswith(before) and segment.endswith(behind[-1])):
            continue
        value = segment[len(before) : len(segment) - len(behind[-1])]
        if not value:
            continue
        more = (value,) if len(behind) == 1 else _split(value, behind[:-1])
        if more is None:
            continue
        match = _match(child, segments, at + 1, (*values, *more))
        if match is not None:
            return match
    if node.greedy is not None:
        return _match_greedy(node, node.greedy, segments, at, values)
    return None


def _split(text: str, between: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values of several parameters of one segment, each as short as it can be.

    "10,20", (",",)  ->  ("10", "20")
    """
    values = []
    for literal in between:
        end = text.find(literal, 1)
        if end < 0:
            return None
        values.append(text[:end])
        text = text[end + len(literal) :]
    return (*values, text) if text else None


def _greedy(node: _Node[T], tail: int) -> _Node[T]:
    """The child of *node* behind a greedy parameter that *tail* segments follow."""
    if node.greedy is None:
        node.greedy = _Node()
    if tail not in node.tails:
        node.tails = sorted([*node.tails, tail], reverse=True)
    return node.greedy


def _match_greedy(
    node: _Node[T],
    child: _Node[T],
    segments: list[str],
    at: int,
    values: tuple[str, ...],
) -> Match[T] | None:
    """What the rest of the path leads to, where a greedy parameter takes many segments.

    Each route behind the parameter has a known number of segments, so each is tried
    from one place alone, however long the path is.
    """
    for tail in node.tails:
        end = len(segments) - tail
        if end <= at:
            continue
        value = unquote("/".join(segments[at:end]))
        match = _match(child, segments, end, (*values, value)) if value else None
        if match is not None:
            return match
    return None
