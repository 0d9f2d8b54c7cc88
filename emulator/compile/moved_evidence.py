"""Moved evidence: lists of paths, written beside the facts that they are about.

Before version 1, `evidence.assumed` and `evidence.from` listed dotted paths at the end of a
file, which were no longer true after an insertion above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from emulator.compile.facts import MOVED
from emulator.json_type import Json
from emulator.spec.document import Pointer
from emulator.spec.keywords import Part
from emulator.spec.spans import Edit, Node, Span, as_scalar

Facts = dict[Pointer, dict[str, Json]]
"""What is written into which mapping."""

_WIDTH = 100
_COMMENT = re.compile(r"(?:^|[ \t])(#.*)$")


def facts_of(data: Mapping[str, Json], parts: Mapping[Pointer, Part]) -> Facts:
    """What `evidence` of *data* lists, by the mapping that it belongs into.

    *parts* are those of *data*: they know their names in version 1.
    """
    evidence = data.get("evidence") or {}
    listed = {"assumed": evidence.get("assumed", []), **evidence.get("from", {})}
    facts: Facts = {}
    for source, paths in listed.items():
        for path in paths:
            above, rest = _holder(path.split("."), parts)
            fact = facts.setdefault(above, {})
            if source == "assumed":
                fact["assumed"] = _more(fact.get("assumed"), rest)
            elif rest:
                fact.setdefault("sources", {}).setdefault(source, []).append(rest)
            else:
                fact["source"] = source
    return facts


def with_facts(data: Json, facts: Facts) -> Json:
    """*data* with its *facts* beside what they are about, and without their lists."""

    def placed(value: Json, pointer: Pointer) -> Json:
        if isinstance(value, list):
            return [placed(item, (*pointer, at)) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        inner = {key: placed(item, (*pointer, key)) for key, item in value.items()}
        return {**inner, **facts.get(pointer, {})}

    whole = placed(data, ())
    evidence = whole.get("evidence") or {}
    rest = {key: value for key, value in evidence.items() if key not in MOVED}
    if rest:
        return {**whole, "evidence": rest}
    return {key: value for key, value in whole.items() if key != "evidence"}


def edits_of(text: str, nodes: Mapping[Pointer, Node], facts: Facts) -> Iterator[Edit]:
    """The edits that write the *facts* into their mappings, and take the lists away."""
    in_blocks: dict[int, list[tuple[int, str]]] = {}
    tree = _Tree(text, nodes)
    removals = [*_removals(text, tree)]
    for pointer, fact in facts.items():
        if nodes[pointer].flow:
            yield _in_flow(tree, pointer, fact)
        else:
            at, written = _in_block(text, tree, pointer, fact)
            in_blocks.setdefault(at, []).append((len(pointer), written))
    for at, lines in in_blocks.items():
        # What ends at the same line: inner mappings first.
        ordered = [written for _, written in sorted(lines, key=lambda line: -line[0])]
        yield _beside(removals, at, "".join(ordered), tree.newline)
    yield from removals


def _beside(removals: Sequence[Edit], at: int, rows: str, newline: str) -> Edit:
    """The edit that adds *rows* to the line that ends at *at*, or after what goes there."""
    for removal in removals:
        if removal.span.start < at < removal.span.end:
            end = removal.span.end
            return Edit(Span(end, end), rows.removeprefix(newline) + newline)
    return Edit(Span(at, at), rows)


class _Tree:
    """The nodes of a file, and the members of each."""

    def __init__(self, text: str, nodes: Mapping[Pointer, Node]) -> None:
        self.nodes = nodes
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.members: dict[Pointer, list[Pointer]] = {}
        for pointer in nodes:
            if pointer:
                self.members.setdefault(pointer[:-1], []).append(pointer)

    def inside(self, pointer: Pointer) -> Iterator[Node]:
        """The node at *pointer*, and all below it."""
        yield self.nodes[pointer]
        for member in self.members.get(pointer, ()):
            yield from self.inside(member)


def _holder(path: list[str], parts: Mapping[Pointer, Part]) -> tuple[Pointer, str]:
    """The innermost mapping above *path* that may hold facts, and the rest of the path."""
    place: Pointer = ()
    names: list[str] = []
    above: Pointer = ()
    used = 0
    for at, name in enumerate(path):
        below = (*place, int(name) if name.isdigit() else name)
        if below not in parts:
            below = (*place, name)
        if below not in parts:
            names += path[at:]
            break
        place = below
        names.append(parts[place].renamed or name)
        if parts[place].holds_facts:
            above, used = place, at + 1
    return above, ".".join(names[used:])


def _more(assumed: Json, rest: str) -> Json:
    """What is assumed of a mapping: *rest* too, or all of it."""
    if assumed is True or not rest:
        return True
    return [*(assumed or []), rest]


def _in_flow(tree: _Tree, pointer: Pointer, fact: dict[str, Json]) -> Edit:
    written = ", ".join(f"{key}: {_flow(value)}" for key, value in fact.items())
    members = tree.members.get(pointer)
    if not members:
        start = tree.nodes[pointer].value.start + 1
        return Edit(Span(start, start), written)
    end = max(tree.nodes[member].value.end for member in members)
    return Edit(Span(end, end), f", {written}")


def _in_block(
    text: str, tree: _Tree, pointer: Pointer, fact: dict[str, Json]
) -> tuple[int, str]:
    """Where a mapping ends, and the lines that are written there."""
    members = (tree.nodes[member] for member in tree.members[pointer])
    first = min(node.key.start for node in members if node.key is not None)
    line = text.rfind("\n", 0, first) + 1
    indent = " " * (first - line)
    written = "".join(f"{tree.newline}{row}" for row in _rows(fact, indent))
    return _end_of_lines(text, tree, pointer), written


def _rows(fact: dict[str, Json], indent: str) -> Iterator[str]:
    for key, value in fact.items():
        row = f"{indent}{key}: {_flow(value)}"
        if len(row) <= _WIDTH or not isinstance(value, (list, dict)):
            yield row
        elif isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _rows(value, f"{indent}  ")
        else:
            yield f"{indent}{key}:"
            yield from (f"{indent}  - {as_scalar(item, flow=False)}" for item in value)


def _flow(value: Json) -> str:
    if isinstance(value, list):
        return f"[{', '.join(as_scalar(item, flow=True) for item in value)}]"
    if isinstance(value, dict):
        pairs = (
            f"{as_scalar(key, flow=True)}: {_flow(of)}" for key, of in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    return "true" if value is True else as_scalar(value, flow=True)


def _removals(text: str, tree: _Tree) -> Iterator[Edit]:
    """The edits that take the lists out of `evidence`, or all of it."""
    members = tree.members.get(("evidence",), [])
    going: list[Pointer] = [at for at in members if at[1] in MOVED]
    if not going:
        return
    if len(going) == len(members):
        going, members = [("evidence",)], tree.members[()]
    for at in going:
        if tree.nodes[at[:-1]].flow:
            yield _out_of_flow(tree.nodes, members, at)
        else:
            yield _out_of_block(text, tree, at)


def _out_of_block(text: str, tree: _Tree, at: Pointer) -> Edit:
    """The lines of a key, of which the comments stay."""
    key = tree.nodes[at].key or tree.nodes[at].value
    start = text.rfind("\n", 0, key.start) + 1
    end = min(_end_of_lines(text, tree, at) + len(tree.newline), len(text))
    indent = text[start : key.start]
    comments = (_COMMENT.search(line) for line in text[start:end].splitlines())
    rows = [f"{indent}{comment[1]}{tree.newline}" for comment in comments if comment]
    return Edit(Span(start, end), "".join(rows))


def _end_of_lines(text: str, tree: _Tree, pointer: Pointer) -> int:
    """Where the last line ends that belongs to what stands at *pointer*.

    A mapping or list in block style ends, for the parser, where something else begins.
    """
    spans = (node.value for node in tree.inside(pointer) if not node.block)
    end = max(span.start + len(text[span.start : span.end].rstrip()) for span in spans)
    newline = text.find(tree.newline, end)
    return len(text) if newline < 0 else newline


def _out_of_flow(
    nodes: Mapping[Pointer, Node], members: list[Pointer], at: Pointer
) -> Edit:
    node = nodes[at]
    key = node.key or node.value
    before = members[: members.index(at)]
    after = members[members.index(at) + 1 :]
    if before:
        return Edit(Span(nodes[before[-1]].value.end, node.value.end), "")
    following = nodes[after[0]].key if after else None
    return Edit(Span(key.start, following.start if following else node.value.end), "")
