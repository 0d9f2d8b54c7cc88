"""Spans: where each key and each value stands in the text of a YAML file.

Whoever changes a file by hand changes its text, and leaves the rest as it is. What is
written here does the same: comments, blank lines and styles stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml as pyyaml

from emulator.diagnostics import Report
from emulator.spec.document import Pointer
from emulator.spec.yaml import parse

_LOADER: Any = getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class Span(NamedTuple):
    """Part of a text, from *start* to before *end*."""

    start: int
    end: int


class Node(NamedTuple):
    """One value, and the key that it stands under, if it is a member of a mapping."""

    value: Span
    key: Span | None
    flow: bool
    """It is, or it stands inside of, `{...}` or `[...]`."""
    block_text: bool
    """A text after `|` or `>`."""
    block: bool
    """A mapping or list that is written over lines of its own, without brackets."""


class Edit(NamedTuple):
    """What stands in the place of a span."""

    span: Span
    text: str


def nodes(text: str) -> dict[Pointer, Node]:
    """Every value of a file that can be read, by its pointer."""
    starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def span(node: Any) -> Span:
        start, end = node.start_mark, node.end_mark
        return Span(starts[start.line] + start.column, starts[end.line] + end.column)

    def walk(
        node: Any, pointer: Pointer, key: Any, flow: bool
    ) -> Iterator[tuple[Pointer, Node]]:
        flow = flow or bool(getattr(node, "flow_style", False))
        block_text = getattr(node, "style", None) in ("|", ">")
        block = getattr(node, "flow_style", None) is False
        yield pointer, Node(span(node), key and span(key), flow, block_text, block)
        if isinstance(node, pyyaml.SequenceNode):
            for at, item in enumerate(node.value):
                yield from walk(item, (*pointer, at), None, flow)
        elif isinstance(node, pyyaml.MappingNode):
            for name, member in node.value:
                yield from walk(member, (*pointer, name.value), name, flow)

    return dict(walk(pyyaml.compose(text, Loader=_LOADER), (), None, False))


def edited(text: str, edits: list[Edit]) -> str:
    """*text* with all *edits* made. They do not overlap."""
    pieces, at = [], 0
    for edit in sorted(edits):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join([*pieces, text[at:]])


def as_scalar(value: str, *, flow: bool) -> str:
    """How the text *value* is written in YAML: without quotes where that is the same."""
    double = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    around = "- {{k: {}}}\n" if flow else "- k: {}\n"
    for written in (value, f'"{double}"'):
        document = parse(around.format(written).encode(), "", Report())
        if document is not None and document.data == [{"k": value}]:
            return written
    return f'"{double}"'
