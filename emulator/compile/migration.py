"""Migration: a file of version 0 of the language, carried over to version 1.

The text is edited where its values stand, so that comments, order and styles stay. What is
edited is read again, and has to be what version 1 makes of the values; if it is not, the
file stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.compile.outdated import as_sum, as_version_1, without_braces
from emulator.diagnostics import Diagnostic, Report
from emulator.language.expressions import BadExpression
from emulator.language.templates import split
from emulator.spec.document import Document, Pointer
from emulator.spec.keywords import EXPRESSION, Keywords, Part
from emulator.spec.spans import Edit, Node, Span, as_scalar, edited, nodes
from emulator.spec.yaml import parse

Json = Any


@dataclass
class Migration:
    """What became of one file."""

    text: str
    changes: list[str] = field(default_factory=list)
    """What was changed, each with its line."""
    undecided: list[Diagnostic] = field(default_factory=list)
    """What a person has to look at."""


def carry_over(document: Document, text: str, keywords: Keywords) -> Migration:
    """The file as version 1 has it. *document* is what was read of *text*."""
    done = Migration(text)
    version_0 = "spec" not in document.data
    places = nodes(text)
    edits: list[Edit] = []
    if version_0:
        edits.append(_version(text, places))
        done.changes.append(f"{document.file}: spec is 1")
    wanted: dict[Pointer, str] = {}
    for part in keywords.parts(document.data):
        node = places[part.pointer]
        if part.renamed and node.key is not None:
            old = text[node.key.start : node.key.end]
            edits.append(
                Edit(node.key, old.replace(str(part.pointer[-1]), part.renamed))
            )
            _note(
                done, document, part, f"{part.pointer[-1]} is {part.renamed}", key=True
            )
        expression = _expression(part, version_0=version_0)
        if expression is not None:
            wanted[part.pointer] = expression
            edits.append(_rewritten(text, node, expression))
            _note(done, document, part, f"{_last(part)} is {expression}")
    done.text = edited(text, edits)
    expected = as_version_1(document, keywords, Report(), wanted).data
    again = parse(done.text.encode(), document.file, Report())
    if again is None or again.data != expected:
        raise AssertionError(f"{document.file} is not what it has to be")
    return done


def _version(text: str, places: Mapping[Pointer, Node]) -> Edit:
    """The edit that writes `spec: 1` before all other keys."""
    first = next((node.key for node in places.values() if node.key), None)
    if first is None:  # `{}`
        start = places[()].value.start + 1
        return Edit(Span(start, start), "spec: 1")
    if not places[()].flow:
        line = text[: first.start].rpartition("\n")[2]
        return Edit(Span(first.start, first.start), f"spec: 1\n{line}")
    quoted = '"spec": 1, ' if text[first.start] == '"' else "spec: 1, "
    return Edit(Span(first.start, first.start), quoted)


def _expression(part: Part, *, version_0: bool) -> str | None:
    """The expression that stands there in version 1; None where it stands there already."""
    if part.kind != EXPRESSION or not isinstance(part.value, str):
        return None
    if not (version_0 and part.was_template):
        return without_braces(part.value)
    if part.words and "${" not in part.value:
        return None
    try:
        parts = split(part.value)
    except BadExpression:
        return None
    if len(parts) == 1 and parts[0][0] == "expression":
        return parts[0][1].strip()
    return as_sum(parts) or "''"


def _rewritten(text: str, node: Node, expression: str) -> Edit:
    """The edit that writes *expression* where *node* stands."""
    written = text[node.value.start : node.value.end]
    if node.block_text and written.count("${") == 1 and written.rstrip().endswith("}"):
        start, end = written.index("${"), written.rindex("}")
        inner = written[:start] + written[start + 2 : end] + written[end + 1 :]
        return Edit(node.value, inner)
    after = "\n" if node.block_text and written.endswith("\n") else ""
    return Edit(node.value, as_scalar(expression, flow=node.flow) + after)


def _last(part: Part) -> str:
    return str(next(name for name in reversed(part.pointer) if isinstance(name, str)))


def _note(
    done: Migration, document: Document, part: Part, what: str, *, key: bool = False
) -> None:
    line = document.locate(part.pointer, key=key).line
    done.changes.append(f"{document.file}:{line}: {what}")
