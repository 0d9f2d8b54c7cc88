"""Migration: a file of version 0 of the language, carried over to version 1.

The text is edited where its values stand, so that comments, order and styles stay. What is
edited is read again, and has to be what version 1 makes of the values; if it is not, the
file stays as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from emulator.compile.facts import MOVED
from emulator.compile.moved_evidence import edits_of, facts_of, with_facts
from emulator.compile.order import moves
from emulator.compile.outdated import as_version_1, without_braces
from emulator.compile.program import ROOTS
from emulator.diagnostics import Diagnostic, Report
from emulator.json_type import Json
from emulator.pipeline import STEPS
from emulator.spec.document import Document, Pointer
from emulator.spec.keywords import EXPRESSION, FACTS, Keywords, Part
from emulator.spec.spans import Edit, Node, Span, as_scalar, edited, nodes
from emulator.spec.yaml import parse

FIXED = "fixed"
"""The severity of what was changed."""
_WORDS_OF_ERRORS = frozenset(
    [
        "status",
        "headers",
        "body",
        "envelope",
        "same_as",
        "facts",
        "fault",
        "content_type",
        "on",
        "at",
    ]
)
"""The keys of an error in version 0; any other was a word for its envelope."""


_WINDOW = re.compile(r"\$\{[^}]*\bwindow\b")


@dataclass
class Migration:
    """What became of one file."""

    text: str
    changes: list[Diagnostic] = field(default_factory=list)
    """What was changed."""
    undecided: list[Diagnostic] = field(default_factory=list)
    """What a person has to look at."""


def carry_over(document: Document, text: str, keywords: Keywords) -> Migration:
    """The file as version 1 has it. *document* is what was read of *text*."""
    return _Carrying(document, text, keywords).done


class _Carrying:
    """The work on one file."""

    def __init__(self, document: Document, text: str, keywords: Keywords) -> None:
        self._document, self._text = document, text
        self._version_0 = "spec" not in document.data
        self._nodes = nodes(text)
        self._edits: list[Edit] = []
        self._values: dict[Pointer, Json] = {}
        self._kept: set[Pointer] = set()
        self.done = Migration(text)
        parts = [*keywords.parts(document.data)]
        self._facts = facts_of(document.data, {part.pointer: part for part in parts})
        for part in parts:
            self._rename(part)
            self._unwrap(part)
        if self._version_0:
            self._add_version()
            self._move_steps()
            self._note_words(parts, keywords)
        if self._version_0:
            self._note_windows(parts)
        self._move_evidence()
        self._finish(keywords)

    def _rename(self, part: Part) -> None:
        node = self._nodes[part.pointer]
        if not part.renamed or node.key is None:
            return
        *above, old = part.pointer
        if part.renamed in _at(self._document.data, above):
            what = f"{old!r} stands beside {part.renamed!r}, its name in version 1"
            self._undecided(part.pointer, what, "remove one of the two")
            self._kept.add(part.pointer)
            return
        written = self._text[node.key.start : node.key.end]
        self._edits.append(Edit(node.key, written.replace(str(old), part.renamed)))
        self._changed(part.pointer, "renamed-key", f"{old!r} is {part.renamed!r}")

    def _unwrap(self, part: Part) -> None:
        expression = self._expression(part)
        if expression is None:
            return
        self._values[part.pointer] = expression
        node = self._nodes[part.pointer]
        self._edits.append(_rewritten(self._text, node, expression))
        what = f"{part.value!r} is {expression!r}"
        self._changed(part.pointer, "wrapped-expression", what, key=False)

    def _expression(self, part: Part) -> str | None:
        """The expression that stands there in version 1; None where it does already."""
        if part.kind != EXPRESSION or not isinstance(part.value, str):
            return None
        if "${" in part.value:
            return without_braces(part.value)
        if not self._version_0 or not part.was_template or part.words:
            return None
        text = part.value.strip()
        if not text.isidentifier():
            # As a text of version 0 it would have been of no use: it is one of version 1.
            return None if _is_plausible(text) else repr(part.value)
        if text in ROOTS:
            what = f"{text!r} was a text, and is the name of a value in version 1"
            self._undecided(part.pointer, what, f"write \"'{text}'\" for the text")
            return None
        return repr(part.value)

    def _add_version(self) -> None:
        first = next((node.key for node in self._nodes.values() if node.key), None)
        end = "\r\n" if "\r\n" in self._text else "\n"
        if first is None:  # `{}`
            start = self._nodes[()].value.start + 1
            self._edits.append(Edit(Span(start, start), "spec: 1"))
        elif self._nodes[()].flow:
            quoted = '"spec": 1, ' if self._text[first.start] == '"' else "spec: 1, "
            self._edits.append(Edit(Span(first.start, first.start), quoted))
        else:
            space = "" if "provider" in self._document.data else end
            written = f"spec: 1{end}{space}"
            self._edits.append(Edit(Span(first.start, first.start), written))
        self._changed((), "missing-version", "the file is of version 1")

    def _move_steps(self) -> None:
        """Write an order that lists all steps as the moves that it amounts to."""
        written, node = self._document.data.get("order"), self._nodes.get(("order",))
        is_list = isinstance(written, list) and set(written) <= {*STEPS}
        if not is_list or node is None or node.key is None or not written:
            return
        text = self._text[node.value.start : node.value.end]
        if "#" in text:
            fix = f"write the moves: [{', '.join(moves(_whole(written)))}]"
            self._undecided(("order",), "the order has comments between its steps", fix)
            return
        moved = self._values[("order",)] = moves(_whole(written))
        after = "" if node.flow else text[len(text.rstrip()) :]
        line = f": [{', '.join(moved)}]{after}"
        self._edits.append(Edit(Span(node.key.end, node.value.end), line))
        self._changed(("order",), "incomplete-order", f"the order is {moved!r}")

    def _move_evidence(self) -> None:
        """Write what `evidence` lists beside the facts."""
        self._edits += edits_of(self._text, self._nodes, self._facts)
        for key in MOVED:
            if key in (self._document.data.get("evidence") or {}):
                what = f"what evidence.{key} lists stands beside the facts"
                self._changed(("evidence", key), "moved-evidence", what)

    def _note_words(self, parts: Sequence[Part], keywords: Keywords) -> None:
        """Tell of words for an envelope that are keys of an error in version 1."""
        branches = keywords.schema.get("$defs", {}).get("error", {}).get("oneOf", ())
        known = {name for each in branches for name in each.get("properties", ())}
        for part in parts:
            error = part.pointer[:-1]
            table = error[:2] == ("errors", "table") and len(error) == 3
            own = error[:1] == ("operations",) and error[2:3] == ("errors",)
            if not table and not (own and len(error) == 4):
                continue
            name = str(part.pointer[-1])
            if name in {*known, *FACTS} - _WORDS_OF_ERRORS:
                what = (
                    f"{name!r} was a word for the envelope, and is a key in version 1"
                )
                self._undecided(part.pointer, what, "give the word another name")

    def _note_windows(self, parts: Sequence[Part]) -> None:
        """Tell of a fact of refusals by limits that means something else in version 1."""
        for part in parts:
            at, text = part.pointer, part.value
            if (
                at[:1] == ("errors",)
                and "rate_limited" in at
                and isinstance(text, str)
                and _WINDOW.search(text)
            ):
                what = "`window` was the limit's name, and is its seconds in version 1"
                self._undecided(at, what, "write `name` for the limit's name")

    def _finish(self, keywords: Keywords) -> None:
        self.done.text = edited(self._text, self._edits)
        again = parse(self.done.text.encode(), self._document.file, Report())
        data = with_facts(self._document.data, self._facts)
        moved = replace(self._document, data=data)
        expected = as_version_1(
            moved, keywords, Report(), self._values, keep=self._kept
        )
        if again is None or again.data != expected.data:
            what = "the file cannot be carried over, and is left as it was"
            self._undecided((), what, "write what follows as version 1 has it, by hand")
            self.done.text, self.done.changes = self._text, []

    def _changed(
        self, pointer: Pointer, code: str, what: str, *, key: bool = True
    ) -> None:
        self.done.changes.append(
            self._document.diagnostic(pointer, code, what, key=key, severity=FIXED)
        )

    def _undecided(self, pointer: Pointer, what: str, fix: str) -> None:
        why = "whoever wrote it knows what is meant"
        self.done.undecided.append(
            self._document.diagnostic(
                pointer,
                "undecided-change",
                what,
                why,
                fix,
                key=True,
                severity="warning",
            )
        )


def _at(data: Json, pointer: Sequence[str | int]) -> Json:
    for part in pointer:
        data = data[part]
    return data


def _whole(order: Sequence[str]) -> list[str]:
    """*order* with the steps that it does not know, where that takes the fewest moves."""
    steps = [*dict.fromkeys(order)]
    for name in STEPS:
        if name not in steps:
            known = [step for step in STEPS if step in {*steps, name}]
            places = (
                [*steps[:at], name, *steps[at:]] for at in range(1, len(steps) + 1)
            )
            steps = min(places, key=lambda place: len(moves(place, known)))
    return steps


def _is_plausible(text: str) -> bool:
    """Whether *text* is written as an expression that looks something up: `path.id`."""
    looks_up = (ast.Attribute, ast.Call, ast.Subscript)
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(
        isinstance(node, looks_up) or (isinstance(node, ast.Name) and node.id in ROOTS)
        for node in ast.walk(tree)
    )


def _rewritten(text: str, node: Node, expression: str) -> Edit:
    """The edit that writes *expression* where *node* stands."""
    written = text[node.value.start : node.value.end].rstrip()
    span = Span(node.value.start, node.value.start + len(written))
    if node.block_text and written.count("${") == 1 and written.endswith("}"):
        start, end = written.index("${"), written.rindex("}")
        inner = written[:start] + written[start + 2 : end] + written[end + 1 :]
        return Edit(span, inner)
    return Edit(span, as_scalar(expression, flow=node.flow))
