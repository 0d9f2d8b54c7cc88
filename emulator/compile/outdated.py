"""Outdated: what a file says as it was said before version 1 of the language.

Keys had other names, and an expression could stand in `${...}`. Both are refused, and what
stands there is checked as if it was written as version 1 has it: an author is told of all
mistakes at once. `emulator check --fix` makes the same changes in the file.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from emulator.diagnostics import Report
from emulator.json_type import Json
from emulator.language.embedded import split
from emulator.language.functions import FUNCTIONS
from emulator.language.grammar import BadExpression
from emulator.spec.document import Document, Pointer
from emulator.spec.keywords import EXPRESSION, Keywords, Part

VERSIONS = (1,)
"""The versions of the language that this program knows."""


def check_version(document: Document, report: Report) -> bool:
    """Whether the file is of a version that is known, or of none, which is reported."""
    if not isinstance(document.data, dict):
        return True  # reported where its shape is checked
    if "spec" not in document.data:
        report.add(
            document.diagnostic(
                (),
                "missing-version",
                "the file does not say which version of the language it is written in",
                "the words of the language change with its version, and this one is 1",
                "add `spec: 1`, or run `emulator check --fix`, which carries over what"
                " was written before",
            )
        )
        return True
    version = document.data["spec"]
    if type(version) is int and version in VERSIONS:
        return True
    report.add(
        document.diagnostic(
            ("spec",),
            "unknown-version",
            f"the version {version!r} of the language is not known",
            f"known is {', '.join(map(str, VERSIONS))}",
            "write `spec: 1`, or use a newer emulator",
        )
    )
    return False


def as_version_1(
    document: Document,
    keywords: Keywords,
    report: Report,
    values: Mapping[Pointer, Json] | None = None,
    *,
    keep: Collection[Pointer] = (),
) -> Document:
    """*document* as version 1 has it; what is outdated in it is reported.

    *values* are those that stand in the place of what is written, where that is known
    already; the keys at *keep* are not renamed.
    """
    if isinstance(document.data, dict) and "spec" not in document.data:
        document = replace(document, data={"spec": 1, **document.data})
    names: dict[Pointer, str] = {}
    values = dict(values or {})
    for part in keywords.parts(document.data):
        if part.renamed and part.pointer not in keep:
            names[part.pointer] = part.renamed
            _report_name(document, part, report)
        is_text = isinstance(part.value, str) and part.pointer not in values
        if part.kind == EXPRESSION and is_text:
            unwrapped = without_braces(part.value)
            if unwrapped is not None:
                values[part.pointer] = unwrapped
                _report_braces(document, part, unwrapped, report)
    return _changed(document, names, values) if names or values else document


def without_braces(text: str) -> str | None:
    """The expression that the template *text* is; None where it is an expression already.

    "${path.id}"  ->  "path.id"
    "c/${body.code}"  ->  "'c/' + text(body.code)"
    """
    if "${" not in text or _is_expression(text):
        return None
    try:
        parts = split(text)
    except BadExpression:
        return None  # reported where expressions are checked
    if len(parts) == 1:
        return parts[0][1].strip()
    return as_sum(parts)


def as_sum(parts: list[tuple[str, str]]) -> str:
    """The expression that gives the text of which *parts* of a template are."""
    return " + ".join(
        repr(part) if kind == "text" else _as_text(part.strip()) for kind, part in parts
    )


def _as_text(expression: str) -> str:
    """*expression*, made a text unless a function gives one: `text(id)`, `secret(32)`."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        node = ast.parse(expression, mode="eval").body
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name) and called.id in FUNCTIONS:
            gives = FUNCTIONS[called.id].call.__annotations__.get("return")
            return expression if gives == "str" else f"text({expression})"
    return f"text({expression})"


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _report_name(document: Document, part: Part, report: Report) -> None:
    old = str(part.pointer[-1])
    where = ".".join(map(str, part.pointer[:-1])) or document.file
    report.add(
        document.diagnostic(
            part.pointer,
            "renamed-key",
            f"{old!r} of {where} was renamed in version 1",
            f"a name has one meaning now, and this one is {part.renamed!r}",
            f"write `{part.renamed}:`, or run `emulator check --fix`",
            key=True,
        )
    )


def _report_braces(
    document: Document, part: Part, unwrapped: str, report: Report
) -> None:
    where = ".".join(map(str, part.pointer))
    report.add(
        document.diagnostic(
            part.pointer,
            "wrapped-expression",
            f"{where} is an expression, and stands in `${{...}}`",
            "`${...}` is an expression inside of JSON that is sent or stored;"
            " this one stands by itself",
            f"write `{unwrapped}`, or run `emulator check --fix`",
        )
    )


def _changed(
    document: Document, names: Mapping[Pointer, str], values: Mapping[Pointer, Json]
) -> Document:
    """The document with other *names* of keys and other *values*, in their old places."""

    def translated(pointer: Pointer) -> Pointer:
        return tuple(
            names.get(pointer[: at + 1], part) for at, part in enumerate(pointer)
        )

    def carried(value: Json, pointer: Pointer) -> Json:
        if pointer in values:
            return values[pointer]
        if isinstance(value, list):
            return [carried(item, (*pointer, at)) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        return {
            names.get((*pointer, key), key): carried(member, (*pointer, key))
            for key, member in value.items()
        }

    return replace(
        document,
        data=carried(document.data, ()),
        positions={translated(at): place for at, place in document.positions.items()},
        keys={translated(at): place for at, place in document.keys.items()},
    )
