"""References: what a `$ref` points to, in this file or another of the same folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from emulator.diagnostics import Diagnostic, Location, Report, did_you_mean, nearest
from emulator.http.pointer import pointer_to, steps
from emulator.spec.document import Document, Pointer, kind_of
from emulator.spec.files import read_document, shown_name

_REMOTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")

Read = Callable[[Path, Path, Report, Location], Document | None]
"""Reads a file below a folder, which a place names."""
Key = tuple[str, Pointer]
"""A place that stays the same however it was reached: file and pointer."""


class Node(NamedTuple):
    """A value, and where it stands."""

    document: Document
    pointer: Pointer
    value: Any

    @property
    def key(self) -> Key:
        return self.document.file, self.pointer

    @property
    def reference(self) -> str | None:
        ref = self.value.get("$ref") if isinstance(self.value, dict) else None
        return ref if isinstance(ref, str) else None

    def child(self, key: str | int) -> Node:
        return Node(self.document, (*self.pointer, key), self.value[key])

    def at(self, path: Pointer, value: Any) -> Node:
        return Node(self.document, (*self.pointer, *path), value)

    def diagnostic(
        self,
        code: str,
        what: str,
        why: str = "",
        fix: str = "",
        *,
        key: bool = False,
        severity: str = "error",
    ) -> Diagnostic:
        return self.document.diagnostic(
            self.pointer, code, what, why, fix, key=key, severity=severity
        )


class References:
    """Follows references below *root*, and keeps the files that it has read."""

    def __init__(self, root: Path, report: Report, read: Read = read_document) -> None:
        self._root = root
        self._report = report
        self._read = read
        self._documents: dict[Path, Document | None] = {}
        self._paths: dict[str, Path] = {}

    def give(self, path: Path, document: Document) -> None:
        """Have *document* be what stands at *path*."""
        self._documents[path] = document
        self._paths[document.file] = path

    def opened(self) -> dict[Path, Document]:
        """The files that have been read."""
        return {path: found for path, found in self._documents.items() if found}

    def open(self, path: Path, referrer: Location) -> Document | None:
        if path not in self._documents:
            document = self._read(path, self._root, self._report, referrer)
            self._documents[path] = document
            self._paths[shown_name(path)] = path
        return self._documents[path]

    def opens_others(self, document: Document) -> bool:
        """Whether files besides that of *document* have been read."""
        return any(
            other is not None and other.file != document.file
            for other in self._documents.values()
        )

    def resolve(self, node: Node) -> Node | None:
        """What *node* stands for in the end: itself, unless it is a reference."""
        seen = [node.key]
        current: Node | None = node
        while current is not None and current.reference is not None:
            current = self.follow(current)
            if current is not None and current.key in seen:
                self.refuse_cycle(node, seen[seen.index(current.key) :])
                return None
            if current is not None:
                seen.append(current.key)
        return current

    def follow(self, node: Node) -> Node | None:
        """What the `$ref` of *node* names, one step on."""
        ref = node.reference or ""
        at = node.child("$ref")
        ref = _without_own_address(node.document, ref)
        if _REMOTE.match(ref):
            what = f"{ref!r} is not a reference into this provider's folder"
            why = "nothing is fetched, and no file outside the folder is read"
            fix = "copy what it names into the folder and refer to that"
            self._report.add(at.diagnostic("ref-remote", what, why, fix))
            return None
        file, _, fragment = ref.partition("#")
        document: Document | None = node.document
        if file:
            folder = self._paths[node.document.file].parent
            where = at.document.locate(at.pointer)
            document = self.open(folder / unquote(file), where)
        return self._find(document, unquote(fragment), at) if document else None

    def refuse_cycle(self, node: Node, cycle: list[Key]) -> None:
        """Report that the references of *cycle* lead back to where it begins."""
        written = node.document.as_written
        names = [written(f"#{pointer_to(pointer)}") for _, pointer in cycle]
        circle = " -> ".join([*names, names[0]])
        what = f"the reference goes in a circle: {circle}"
        why = "it never comes to a value"
        fix = "let one of them say what it is"
        self._report.add(node.diagnostic("ref-cycle", what, why, fix))

    def _find(self, document: Document, fragment: str, at: Node) -> Node | None:
        if fragment and not fragment.startswith("/"):
            why, fix = "a reference names its target by path", "write #/components/..."
            what = f"{at.value!r} does not name anything"
            self._report.add(at.diagnostic("ref-missing", what, why, fix))
            return None
        node = Node(document, (), document.data)
        for name in steps(fragment):
            key = _key(node.value, name)
            if key is None:
                self._refuse_missing(node, name, at)
                return None
            node = node.child(key)
        return node

    def _refuse_missing(self, holder: Node, name: str, at: Node) -> None:
        """Report that *holder* has no *name*, which is on the way to what *at* names."""
        document = holder.document

        def written(key: str) -> str:
            return document.as_written(f"#{pointer_to((*holder.pointer, key))}")

        choices = holder.value if isinstance(holder.value, dict) else ()
        where, _, missing = written(name).rpartition("/")
        known = [written(str(key)).rpartition("/")[2] for key in choices]
        why, fix = f"{document.file} has no {name!r}", did_you_mean(name, known)
        if where != "#":
            why += f" in {where}"
        elif nearest(missing, known) is None:
            why = f"{document.file} has no {missing!r}"
            fix = f"add `{missing}:` with what is referred to, or change the reference"
        what = f"{at.document.as_written(at.value)!r} does not exist"
        self._report.add(at.diagnostic("ref-missing", what, why, fix))


def within(document: Document, reference: str) -> Node | None:
    """What *reference* names in *document*; None where it names nothing there."""
    file, _, fragment = _without_own_address(document, reference).partition("#")
    if file or not fragment.startswith("/"):
        return None
    node = Node(document, (), document.data)
    for name in steps(unquote(fragment)):
        key = _key(node.value, name)
        if key is None:
            return None
        node = node.child(key)
    return node


def _without_own_address(document: Document, reference: str) -> str:
    """*reference*, which may name the document by its `$self` (since 3.2)."""
    own = document.data.get("$self") if isinstance(document.data, dict) else None
    file, mark, fragment = reference.partition("#")
    return f"{mark}{fragment}" if file and file == own else reference


def mapping(node: Node, what: str, report: Report) -> Mapping[str, Any]:
    """The value of *node* if it is a mapping; otherwise it is reported, as *what*."""
    if isinstance(node.value, dict):
        return node.value
    found = f"{what} is {kind_of(node.value)}, not a mapping"
    fix = "write `key: value` lines below it"
    report.add(node.diagnostic("openapi-structure", found, fix=fix))
    return {}


def _key(value: Any, name: str) -> str | int | None:
    """What *name* of a pointer is in *value*, if it is there."""
    if isinstance(value, dict):
        return name if name in value else None
    if isinstance(value, list) and re.fullmatch(r"[0-9]{1,7}", name):
        return int(name) if int(name) < len(value) else None
    return None
