"""Embedded: where expressions stand in a tree of JSON, and what is text around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emulator.json_type import Json
from emulator.language.grammar import BadExpression


class Spliced(NamedTuple):
    """A part of a tree that was written somewhere else: at *pointer*."""

    tree: Json
    pointer: tuple[str | int, ...]


def expressions(
    tree: Json, pointer: tuple[str | int, ...] = (), *, bare: bool = False
) -> Iterator[tuple[tuple[str | int, ...], str | BadExpression]]:
    """Every expression in *tree* with its pointer; a `BadExpression` for one never closed."""
    if isinstance(tree, Spliced):
        tree, pointer = tree.tree, tree.pointer
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from expressions(value, (*pointer, key), bare=bare)
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from expressions(value, (*pointer, at), bare=bare)
    elif isinstance(tree, str) and bare:
        yield pointer, tree
    elif isinstance(tree, str):
        try:
            for kind, part in split(tree):
                if kind == "expression":
                    yield pointer, part
        except BadExpression as error:
            yield pointer, error


def split(text: str) -> list[tuple[str, str]]:
    """Cut a text at its expressions. Raises `BadExpression` for one that never ends.

    "/books/${id}"  ->  [("text", "/books/"), ("expression", "id")]
    """
    parts: list[tuple[str, str]] = []
    literal = ""
    at = 0
    while (start := text.find("${", at)) >= 0:
        if start and text[start - 1] == "$":
            literal += text[at : start - 1] + "${"
            at = start + 2
            continue
        literal += text[at:start]
        end = _end(text, start + 2)
        if literal:
            parts.append(("text", literal))
        parts.append(("expression", text[start + 2 : end]))
        literal, at = "", end + 1
    literal += text[at:]
    if literal:
        parts.append(("text", literal))
    return parts


def _end(text: str, start: int) -> int:
    """Where the `}` stands that closes the expression from *start* on."""
    depth, quote = 0, ""
    for at in range(start, len(text)):
        letter = text[at]
        if quote:
            if letter == quote and text[at - 1] != "\\":
                quote = ""
        elif letter in "'\"":
            quote = letter
        elif letter in "{[(":
            depth += 1
        elif letter == "}" and depth == 0:
            return at
        elif letter in "}])":
            depth -= 1
    raise BadExpression(
        "expression-syntax",
        f"{text!r} has a `${{` that is never closed",
        "an expression ends with `}`",
        "add the `}`, or write `$${` for a plain `${`",
    )


def changes(tree: Json) -> bool:
    """Whether *tree* has an expression in it."""
    if isinstance(tree, Spliced):
        return changes(tree.tree)
    if isinstance(tree, dict):
        return any(map(changes, tree.values()))
    if isinstance(tree, list):
        return any(map(changes, tree))
    return isinstance(tree, str) and any(kind != "text" for kind, _ in split(tree))


def may_omit(tree: Json) -> bool:
    if isinstance(tree, Spliced):
        return may_omit(tree.tree)
    return isinstance(tree, str) and "omit" in tree and changes(tree)


def unescaped(tree: Json) -> Json:
    if isinstance(tree, Spliced):
        return unescaped(tree.tree)
    if isinstance(tree, dict):
        return {plain(key): unescaped(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [unescaped(inner) for inner in tree]
    return plain(tree) if isinstance(tree, str) else tree


def plain(text: str) -> str:
    """*text*, in which no expression stands, as it is sent."""
    return text.replace("$${", "${")


def computed_keys(
    tree: Json, pointer: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], BadExpression]]:
    """The keys of mappings in *tree* that are written like expressions."""
    if isinstance(tree, Spliced):
        tree, pointer = tree.tree, tree.pointer
    if isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from computed_keys(value, (*pointer, at))
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if "${" in key.replace("$${", ""):
            yield (
                (*pointer, key),
                BadExpression(
                    "computed-key",
                    f"the key {key!r} would be sent as it is written",
                    "expressions stand in values; the keys of a mapping are names",
                    "write the whole mapping as one expression, such as"
                    " `${{name: value for name in names}}`, or `$${` for a plain `${`",
                    in_key=True,
                ),
            )
        yield from computed_keys(value, (*pointer, key))
