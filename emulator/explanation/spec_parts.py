"""Spec parts: which parts of a provider's files hold for one operation, by step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from emulator.diagnostics import Location, Report, SpecError
from emulator.json_type import Json
from emulator.language.definitions import name_of
from emulator.pipeline import DECIDE, FINISH, REFUSALS
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.webhooks import EventPolicy
from emulator.spec.document import Document, Pointer
from emulator.spec.files import read_document
from emulator.spec.keywords import FACT
from emulator.spec.published import Bounds, Published
from emulator.spec.references import Key, Node, References
from emulator.spec.structure import behavior_keywords
from emulator.spec.yaml import parse
from emulator.step import Finish, Step

_ONLY: Mapping[str, tuple[str, ...]] = {
    "key": ("create",),
    "ids": ("create",),
    "max_records": ("create",),
    "on_create": ("create",),
    "on_update": ("update",),
    "completes": ("create", "update"),
    "states": ("create", "update"),
    "files": ("create", "update"),
    "soft_delete": ("list", "read", "update", "delete"),
    "rules": ("create", "update"),
    "references": ("create", "update"),
    "unique": ("create", "update"),
    "order": ("list",),
}
"""The keys of a collection that are about some kinds of actions alone."""
_WITH_KEY = ("read", "update", "delete")
"""The actions about one record, which `find` looks for."""
_BOUNDS = (
    "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "pattern", "minItems", "maxItems", "enum", "const",
)  # fmt: skip
"""The keywords of a schema whose evidence is that of the `bounds`."""


_READ_BEFORE = Bounds(2**30, 900)
"""The largest that settings allow: the program has been made of the document already."""


class Part(NamedTuple):
    """One value of one file, and the step that follows it."""

    step: Step | Finish
    document: Document
    pointer: Pointer


def _leaves_to_the_document(behavior: Document) -> bool:
    """Whether *behavior* is of a document that somebody else has written."""
    written = behavior.data
    return isinstance(written, dict) and written.get("unlisted") == "stateless"


class Files:
    """The two files of a provider, read again: a program from the cache has no lines."""

    def __init__(self, program: Program) -> None:
        report = Report()
        behavior, openapi = (Path(file).absolute() for file in program.files)
        if program.texts:
            name, folder = program.files[0], openapi.parent
            found = parse(program.texts[name].encode(), name, report)
        else:
            folder = behavior.parent
            found = read_document(behavior.name, folder, report, Location(str(folder)))
        theirs = found is not None and _leaves_to_the_document(found)
        read = Published(openapi, bounds=_READ_BEFORE).read if theirs else read_document
        self._references = References(folder, report, read)
        described = self._references.open(openapi, Location(str(behavior)))
        if found is None or described is None:
            raise SpecError(report.diagnostics)
        self.behavior: Document = found
        self._openapi = described
        self._program = program
        self.known_by = frozenset(
            part.pointer
            for part in behavior_keywords().parts(found.data)
            if part.kind == FACT and part.pointer[-1] != "otherwise"
        )
        """The places that say where others of `behavior.yaml` are known from."""
        self._facts: dict[Key, Pointer] = {}

    def parts(self, operation: Operation) -> Iterator[Part]:
        """What holds for *operation*, each part once, in the order of the steps."""
        described: dict[str, list[Node]] = {}
        for name, node in self._described(operation):
            described.setdefault(name, []).append(node)
        decide = {step.name: step for step in DECIDE}
        steps: list[Step | Finish] = [decide[name] for name in self._program.order]
        steps += FINISH
        shown: list[Pointer] = []
        for step in steps:
            for pointer in self._pointers(step, operation):
                is_shown = any(pointer[: len(other)] == other for other in shown)
                if pointer in self.behavior.positions and not is_shown:
                    shown.append(pointer)
                    yield Part(step, self.behavior, pointer)
            for node in described.get(step.name, ()):
                yield Part(step, node.document, node.pointer)

    def evidence_of(self, document: Document, pointer: Pointer) -> str:
        """Where what stands there is known from: the name of a source, or `assumed`.

        A spec says so of parts of `openapi.yaml` as well, below its operations.
        """
        if document is not self.behavior:
            path = pointer
            while path and (document.file, path) not in self._facts:
                path = path[:-1]
            pointer = self._facts.get((document.file, path), ())
        return self._program.evidence.of(pointer)

    def _pointers(self, step: Step | Finish, operation: Operation) -> Iterator[Pointer]:
        """The places of `behavior.yaml` that *step* follows for *operation*."""
        kind, lockout = operation.action.kind, self._program.lockout
        asks_nothing = {
            "body": operation.body is None,
            "lockout": not (operation.security or (lockout and lockout.all_calls)),
            "find": kind not in _WITH_KEY,
            "grant": operation.grant is None,
        }
        if asks_nothing.get(step.name):
            return
        names = {**_names(self._program, operation), **self._given(operation)}
        around = [*_around(operation)]
        for key in step.keys:
            parts = (
                names[part[1:-1]] if part.startswith("{") else (part,)
                for part in key.split(".")
            )
            for pointer in product(*parts):
                own = ("operations", operation.id, pointer[-1])
                is_overruled = pointer[0] == "http" and own in self.behavior.positions
                is_of_others = pointer[0] == "collections" and kind not in _ONLY.get(
                    pointer[-1], (kind,)
                )
                is_of_others |= pointer[0] == "replies" and pointer not in around
                # Errors are told with the refusals that they word.
                if not (is_overruled or is_of_others or pointer[0] == "errors"):
                    yield pointer

    def _given(self, operation: Operation) -> Mapping[str, tuple[Any, ...]]:
        """The guards of *operation*, and the definitions that it may read."""
        whole = self.behavior.data
        own = whole["operations"].get(operation.id) or {}
        guards = tuple(own.get("guards", ()))
        held = [
            own,
            whole.get("requires"),
            *(whole.get("guards", {}).get(name) for name in guards),
        ]
        shown = _views(self._program, operation.action.view)
        held += [whole.get("views", {}).get(name) for name in shown]
        held += [whole["replies"][name] for _, name in _around(operation)]
        return {"guard": guards, "definition": tuple(_read(whole.get("let", {}), held))}

    def _described(self, operation: Operation) -> Iterator[tuple[str, Node]]:
        """What `openapi.yaml` says: security, parameters and the body of a request."""
        root = Node(self._openapi, (), self._openapi.data)
        item = self._child(root, "paths", operation.path)
        method = item and self._child(item, operation.method.lower())
        if item is None or method is None:  # an OPTIONS that nobody describes
            return
        at = ("operations", operation.id)
        holder = method if "security" in method.value else root
        if "security" in holder.value:
            yield "identify", self._called(holder.child("security"), at)
        for name in {named.name: named for way in operation.security for named in way}:
            scheme = self._child(root, "components", "securitySchemes", name)
            if scheme is not None:
                written = ("authentication", "schemes", name)
                yield "identify", self._called(scheme, written)
        for parameter in self._parameters(item, method):
            called = (*at, "parameters", parameter.value.get("name", ""))
            yield from (("parameters", part) for part in self._whole(parameter, called))
        if "requestBody" in method.value:
            body = method.child("requestBody")
            yield from (("body", part) for part in self._whole(body, (*at, "body")))

    def _called(self, node: Node, pointer: Pointer) -> Node:
        """Note that `evidence` calls *node* so, unless it has a name already."""
        self._facts.setdefault(node.key, pointer)
        return node

    def _parameters(self, item: Node, method: Node) -> Iterator[Node]:
        """Those of the path that the operation does not redefine, and its own."""
        found: dict[tuple[str, str], Node] = {}
        for holder in (item, method):
            for number in range(len(holder.value.get("parameters", ()))):
                node = self._child(holder, "parameters", number)
                if node is not None:
                    found[node.value.get("name"), node.value.get("in")] = node
        yield from found.values()

    def _child(self, node: Node, *keys: str | int) -> Node | None:
        """What stands below *node* at *keys*, references followed; or None."""
        for key in keys:
            above = self._references.resolve(node)
            is_there = above is not None and (
                isinstance(above.value, list) or key in (above.value or ())
            )
            if above is None or not is_there:
                return None
            node = above.child(key)
        return self._references.resolve(node)

    def _whole(self, node: Node, at: Pointer) -> list[Node]:
        """*node* and whatever it refers to, each once; `evidence` calls it *at*."""
        found = [node]
        self._note(node, at, found)
        return found

    def _note(self, node: Node, at: Pointer, found: list[Node]) -> None:
        """Note what `evidence` calls *node* and each field, and what is asked of it."""
        if node.key in self._facts:
            return
        self._called(node, at)
        target = self._references.follow(node) if node.reference else None
        if target is not None:
            if not any(_is_in(target, other) for other in found):
                found.append(target)
            self._note(target, at, found)
            return
        keys = node.value if isinstance(node.value, dict) else ()
        for key in keys:
            inner = node.child(key)
            if key in ("default", "required"):
                self._called(inner, (*at, key))
                for number, name in enumerate(_texts(inner.value)):
                    self._called(inner.child(number), (*at, name, key))
            elif key in _BOUNDS:
                self._called(inner, (*at, "bounds"))
            elif key == "properties":
                for name in inner.value:
                    self._note(inner.child(name), (*at, name), found)
            elif key not in ("example", "examples"):
                self._note(inner, at, found)
        if isinstance(node.value, list):
            for number in range(len(node.value)):
                self._note(node.child(number), at, found)


def _texts(value: Json) -> list[str]:
    return value if isinstance(value, list) else []


def _names(program: Program, operation: Operation) -> Mapping[str, tuple[Any, ...]]:
    """What the words in braces of a step's keys stand for."""
    action = operation.action
    schemes = {scheme.name: scheme for way in operation.security for scheme in way}
    events = program.webhooks.events.values() if program.webhooks else ()
    return {
        "operation": (operation.id,),
        "action": (action.kind,),
        "scheme": tuple(schemes),
        "limit": tuple(limit.quota.pointer[1] for limit in operation.limits),
        "collection": (action.collection,) if action.scoped else (),
        "page": (action.page.name,) if action.page is not None else (),
        "view": _views(program, action.view),
        "reply": tuple(range(len(operation.replies))),
        "event": tuple(
            event.name for event in events if _brings_about(program, operation, event)
        ),
    }


def _around(operation: Operation) -> Iterator[Pointer]:
    """What of `replies` stands around what the replies of *operation* show."""
    for reply in operation.replies:
        if reply.body is not None and reply.body.pointer[0] == "replies":
            yield reply.body.pointer


def _read(definitions: Mapping[str, str], trees: list[Json]) -> list[str]:
    """The *definitions* whose names stand in *trees*, or in one of these definitions."""
    texts = [dumped.decode() for dumped in map(orjson.dumps, trees)]
    read: list[str] = []
    for text in texts:
        for head, expression in definitions.items():
            name = name_of(head)
            if head not in read and re.search(rf"\b{re.escape(name)}\b", text):
                read.append(head)
                texts.append(expression)
    return read


def _brings_about(program: Program, operation: Operation, event: EventPolicy) -> bool:
    """Whether a call of *operation* may bring *event* about."""
    if event.refused:
        possible = REFUSALS.of(program, operation)
        of_it = not event.operations or operation.id in event.operations
        return of_it and not possible.keys().isdisjoint(event.refused)
    changed = {effect.collection for effect in operation.effects}
    if operation.action.kind in ("create", "update"):
        changed.add(operation.action.collection)
    return operation.id in event.operations or any(
        collection in changed for collection, _ in event.moves
    )


def _views(program: Program, name: str) -> tuple[str, ...]:
    """The view *name*, and those that it shows parts of a record with."""
    views = [name] if name else []
    for view in views:
        shown = program.views[view].template.uses.views
        views += [other for other in shown if other not in views]
    return tuple(views)


def _is_in(node: Node, other: Node) -> bool:
    return (
        node.document is other.document
        and node.pointer[: len(other.pointer)] == other.pointer
    )
