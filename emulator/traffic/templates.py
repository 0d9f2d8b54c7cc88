"""Templates: the paths of an API, by the paths that were called.

/jobs/17 and /jobs/23/applications  ->  /jobs/{id} and /jobs/{job_id}/applications

A segment is a parameter if it looks like an id; if the reply has it as the value of a
field such as `slug`; or if many segments stand in its place that nothing tells apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from emulator.traffic.recorded import Recorded
from emulator.traffic.shapes import scalars

_INTEGER = re.compile(r"-?\d{1,20}")
_ID = re.compile(
    r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[0-9A-HJKMNP-TV-Z]{26}"
    r"|(?=[a-fA-F]*\d)[0-9a-fA-F]{12,64}"
    r"|[A-Za-z]{1,12}[_-](?=[A-Za-z_-]*\d)[A-Za-z0-9]{5,64}"
    r"|(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])(?=.*[A-Z].*[a-z]|.*[a-z].*[A-Z])[A-Za-z0-9_-]{10,64}"
    r"|[A-Z]{2,6}-\d{1,12}"
)
_VERSION = re.compile(r"v\d{1,3}(\.\d{1,3})*|\d{4}-\d{2}(-\d{2})?|api|rest|services?")
_ID_NAMES = re.compile(
    r"(^|_)(id|key|slug|name|login|code|uuid|guid|sha|number|ref|reference|handle|sku|iso"
    r"|username)$"
)
_IRREGULAR = {"people": "person", "children": "child", "news": "news", "data": "data"}
_MANY = 6
"""So many unlike segments in one place, each with a successful reply, are values."""


class Template(NamedTuple):
    """A path with parameters, and the parameters' names."""

    path: str
    names: tuple[str, ...]


@dataclass
class _Node:
    """A segment, and what follows it."""

    children: dict[str, _Node] = field(default_factory=dict)
    calls: list[Recorded] = field(default_factory=list)

    def all_calls(self) -> Iterator[Recorded]:
        yield from self.calls
        for child in self.children.values():
            yield from child.all_calls()


class Templates:
    """The templates of all paths that were called."""

    def __init__(self, calls: Iterable[Recorded], base: str = "") -> None:
        self._base = base
        self._root = _Node()
        for call in calls:
            node = self._root
            for part in self.parts(call.path):
                node = node.children.setdefault(part, _Node())
            node.calls.append(call)
        self._fields: dict[tuple[str, ...], str] = {}
        _generalise(self._root, (), self._fields)

    def parts(self, path: str) -> list[str]:
        """The segments below the base path."""
        return path.removeprefix(self._base).strip("/").split("/")

    def of(self, path: str) -> tuple[Template, dict[str, str]]:
        """The template of *path*, and the values of its parameters."""
        node = self._root
        key: tuple[str, ...] = ()
        values: list[str] = []
        names: list[str] = []
        parts = self.parts(path)
        made: list[str] = []
        for at, part in enumerate(parts):
            child = node.children.get(part)
            if child is None and "{}" in node.children:
                child, before = node.children["{}"], key
                key = (*key, "{}")
                name = self._fields.get(key, "id")
                if at < len(parts) - 1 or name in names:
                    owner = singular(before[-1]) if before else ""
                    name = f"{owner}_{name}" if owner and owner != "{}" else name
                while name in names:
                    name = f"{name}_2"
                names.append(name)
                values.append(unquote(part))
                made.append(f"{{{name}}}")
            else:
                key = (*key, part)
                made.append(part)
            node = child or _Node()
        return Template("/" + "/".join(made), tuple(names)), dict(
            zip(names, values, strict=True)
        )


def base_path(paths: Iterable[str]) -> str:
    """The first segments of all paths, up to one that names a version.

    /api/v1/jobs, /api/v1/status  ->  /api/v1
    """
    split = [path.strip("/").split("/")[:-1] for path in paths]
    if not split:
        return ""
    common: list[str] = []
    for parts in zip(*split, strict=False):
        if len({*parts}) > 1:
            break
        common.append(parts[0])
    while common and not _VERSION.fullmatch(common[-1]):
        common.pop()
    return "/" + "/".join(common) if common else ""


def singular(word: str) -> str:
    """`companies`  ->  `company`; names of parameters are made of it."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", word).strip("_").lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for end, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch")):
        if word.endswith(end) and len(word) > len(end) + 1:
            return word.removesuffix(end) + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


def _generalise(
    node: _Node, key: tuple[str, ...], fields: dict[tuple[str, ...], str]
) -> None:
    """Put the children of *node* that are values into one, and so on below."""
    values = {
        part: _field_of(part, child, node) for part, child in node.children.items()
    }
    chosen = [part for part, name in values.items() if name]
    others = [part for part in node.children if part not in chosen]
    if not chosen and len(others) >= _MANY and _alike(node, others):
        chosen, others = others, []
    if chosen:
        # What nothing was ever found at is a value too: /jobs/none beside /jobs/17.
        chosen += [part for part in others if _never_found(node.children[part])]
        whole = _Node()
        for part in chosen:
            _merge(whole, node.children.pop(part))
        node.children["{}"] = whole
        named = [name for part in chosen if (name := values.get(part)) and name != "?"]
        fields[(*key, "{}")] = max(named, key=named.count) if named else "id"
    for part, child in node.children.items():
        _generalise(child, (*key, part), fields)


def _field_of(part: str, child: _Node, parent: _Node) -> str:
    """The field whose value *part* is; "?" for an id of no field, "" for no value."""
    text = unquote(part)
    if not part or part == "{}" or _VERSION.fullmatch(part):
        return ""
    looks = bool(_INTEGER.fullmatch(text) or _ID.fullmatch(text))
    for call in child.calls:
        if call.succeeded and call.reply.kind == "json":
            for name, value in scalars(call.reply.value):
                if str(value) == text and (looks or _ID_NAMES.search(name.lower())):
                    return name if _ID_NAMES.search(name.lower()) else "?"
    for call in parent.calls if not looks else ():
        if call.succeeded and call.reply.kind == "json":
            found = _in_lists(call.reply.value, text)
            if found:
                return found
    return "?" if looks else ""


def _in_lists(value: object, text: str, depth: int = 3) -> str:
    """The id-like field of a record in a list whose value is *text*."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                for name, member in item.items():
                    if member == text and _ID_NAMES.search(name.lower()):
                        return str(name)
    elif isinstance(value, dict) and depth:
        for member in value.values():
            found = _in_lists(member, text, depth - 1)
            if found:
                return found
    return ""


def _alike(node: _Node, parts: list[str]) -> bool:
    """Whether many segments are reached by the same methods, and have nothing else."""
    if (
        sum(any(c.succeeded for c in node.children[part].calls) for part in parts)
        < _MANY
    ):
        return False
    methods = [
        frozenset(call.method for call in node.children[part].calls) for part in parts
    ]
    first = {
        frozenset(call.reply.value)
        for part in parts
        for call in node.children[part].calls
        if call.succeeded and isinstance(call.reply.value, dict)
    }
    return len({*methods}) <= 2 and len(first) == 1


def _never_found(node: _Node) -> bool:
    calls = [*node.all_calls()]
    return bool(calls) and all(call.status in (400, 404, 410, 422) for call in calls)


def _merge(into: _Node, other: _Node) -> None:
    into.calls += other.calls
    for part, child in other.children.items():
        known = into.children.get(part)
        if known is None:
            into.children[part] = child
        else:
            _merge(known, child)
