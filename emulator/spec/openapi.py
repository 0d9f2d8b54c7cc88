"""OpenAPI: a provider's document, 3.0 to 3.2, as plain values without references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import RLock
from types import MappingProxyType
from typing import Any, NamedTuple, ParamSpec, TypeVar

from emulator.diagnostics import Location, Report, did_you_mean
from emulator.spec.bundle import bundled
from emulator.spec.contents import Contents
from emulator.spec.description import OpenAPI, OperationDoc, OperationRead, Parameter
from emulator.spec.document import Document
from emulator.spec.events import Events
from emulator.spec.files import read_document, shown_name
from emulator.spec.kinds import Kinds
from emulator.spec.lazily import Lazily
from emulator.spec.parameters import NAME_IN_PATH, Declared, Parameters, fitting
from emulator.spec.parts import Parts
from emulator.spec.published import Published, Softened
from emulator.spec.references import Key, Node, References, mapping
from emulator.spec.schemas import Schemas
from emulator.spec.security import Security
from emulator.spec.servers import Servers, path_of

_P = ParamSpec("_P")
_T = TypeVar("_T")

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PATH_KEYS = {"$ref", "summary", "description", "servers", "parameters", *METHODS}
_SINCE_3_2 = ("query", "additionalOperations")
_VERSION = re.compile(r"3\.[012]\.\d+")


def read_openapi(
    path: Path,
    root: Path,
    report: Report,
    named_at: Location | None = None,
    more: Mapping[str, Any] = MappingProxyType({}),
    published: Published | None = None,
) -> OpenAPI | None:
    """Read the document at *path* and the files below *root* that it refers to.

    *named_at* is the place that names it. *more* are `paths` and `components` that it has
    besides, where it does not say something else of them itself. One that is *published*
    is not written for us.
    What can be read is returned even if *report* has got errors.
    """
    read = published.read if published else read_document
    heard = Softened(report, lenient=published.lenient) if published else report
    first = Report()
    document = read(path, root, first, named_at or Location(shown_name(path)))
    for diagnostic in first.diagnostics:
        (report if document is None else heard).add(diagnostic)
    if document is None:
        return None
    if _is_swagger(document.data):
        from emulator.spec.swagger import converted

        document = converted(document, heard)
    node = Node(document, (), document.data)
    mapping(node, "an OpenAPI document", report)
    if not isinstance(node.value, dict):
        return None
    if more:
        _add(node.value, more)
    version = node.value.get("openapi")
    # Somebody else's 3.1 is as good as 3.1.0.
    if published is not None and re.fullmatch(r"3\.[012]", str(version)):
        version = node.value["openapi"] = f"{version}.0"
    if not isinstance(version, str) or not _VERSION.match(version):
        _refuse_version(node, report)
        return None
    references = References(root, heard, read)
    references.give(path, document)
    return _Reading(node, references, heard, published).read(check=True)


def remembered(
    path: Path,
    root: Path,
    raw: dict[str, Any],
    published: Published | None,
    unsound: int = 0,
) -> OpenAPI:
    """The description of the document at *path*, of which all that is wrong is known.

    So many parts of it are *unsound*. Each of its operations and schemas is read when it is asked for.
    """
    references = References(root, Report())
    document = Document(shown_name(path), raw)
    references.give(path, document)
    node = Node(document, (), raw)
    reading = _Reading(node, references, Report(), published, known=True)
    return reading.read(unsound=unsound)


def _add(document: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add to *document* the operations and the schemes of *more* that it lacks."""
    paths = document.setdefault("paths", {})
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    if not isinstance(paths, dict) or not isinstance(schemes, dict):
        return  # which is reported
    for name, scheme in more["components"]["securitySchemes"].items():
        schemes.setdefault(name, scheme)
    items = [item for item in paths.values() if isinstance(item, dict)]
    taken = [
        operation.get("operationId")
        for item in items
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    for path, operations in more["paths"].items():
        item = paths.setdefault(path, {})
        for method, operation in operations.items():
            if isinstance(item, dict) and operation["operationId"] not in taken:
                item.setdefault(method, operation)


class _Found(NamedTuple):
    """An operation that has not been read yet."""

    id: str
    method: str
    path: str
    item: Node
    """What stands under the path."""
    node: Node


class _Reading:
    """Finds what a document has, and reads an operation or a schema when it is needed."""

    def __init__(
        self,
        root: Node,
        references: References,
        report: Report,
        published: Published | None,
        *,
        known: bool = False,
    ) -> None:
        self._root = root
        self._references = references
        self._published = published is not None
        version = root.value["openapi"]
        self._legacy = legacy = version.startswith("3.0")
        self._is_3_2 = version.startswith("3.2")
        self._schemas = Schemas(
            references,
            report,
            Kinds(root),
            legacy=legacy,
            sound=published is not None,
            known=known,
        )
        self._report = report
        self._parts = parts = Parts(references, report)
        components = parts.part(root, "components", "components")
        self._security = Security(components, parts, published=self._published)
        self._servers = Servers(root, parts)
        contents = Contents(
            parts, self._schemas, is_3_2=self._is_3_2, published=self._published
        )
        self._contents = contents
        self._events = Events(parts, contents)
        self._parameters = Parameters(
            parts, contents, is_3_2=self._is_3_2, published=self._published
        )
        self._found: dict[str, _Found] = {}
        self._operations: Mapping[str, OperationDoc] = {}
        self._components: Mapping[str, dict[str, Any]] = {}
        self._shared: dict[Key, Declared] = {}
        self._inherited = self._security.alternatives(root)
        self._shapes: dict[tuple[str, str], Node] = {}
        self._reading = RLock()

    def read(self, *, check: bool = False, unsound: int = 0) -> OpenAPI:
        """The description; to *check* it, all of it is read."""
        info = self._parts.part(self._root, "info", "info", required=True)
        # From version 3.1 on there may be webhooks or components instead.
        others = {"webhooks", "components"} & self._root.value.keys()
        required = self._legacy or not others
        paths = self._parts.part(self._root, "paths", "paths", required=required)
        for name, item in self._parts.entries(paths, "a path"):
            self._path(name, item)
        self._operations = Lazily(self._found, self._operation)
        schemas = dict(self._schema_entries())
        self._components = Lazily(schemas, self._alone(self._schemas.read))
        urls = tuple(self._servers.urls())
        base_path = path_of(urls[0]) if urls else ""
        further_paths = self._servers.further_paths(base_path)
        if check:
            self._check()
        about = info.value if info else {}
        tags = [node.value for node in self._parts.items(self._root, "tags")]
        if isinstance(self._report, Softened):
            unsound = self._report.unsound
        return OpenAPI(
            unsound=unsound,
            document=self._root.document,
            title=str(about.get("title", "")),
            version=str(about.get("version", "")),
            base_path=base_path,
            further_paths=further_paths,
            server_values=self._servers.values(base_path),
            server_defaults=self._servers.defaults(),
            server_urls=urls,
            operations=self._operations,
            security_schemes=self._security.schemes,
            schemas=self._components,
            tags=tuple(
                str(tag["name"])
                for tag in tags
                if isinstance(tag, dict) and "name" in tag
            ),
            webhooks=Lazily(
                dict(self._events.webhooks(self._root)), self._events.webhook
            ),
            calling=tuple(
                found.id
                for found in self._found.values()
                if isinstance(found.node.value, dict)
                and found.node.value.get("callbacks")
            ),
            raw=self._whole(),
            ignored=self._parts.ignored() if check else {},
        )

    def _check(self) -> None:
        """Read everything, so that all is reported that is wrong with it."""
        for found in self._found.values():
            operation = self._operations[found.id]
            for part in ("parameters", "responses", "callbacks", "body"):
                getattr(operation, part)
            self._servers.of_parts += self._parts.items(found.node, "servers")
            self._parts.note(found.node, "callbacks")
            parameters = self._declared(found)
            if not self._published:
                self._check_route(found, parameters)
            self._parameters.check(found.path, found.node, parameters)
        for name in self._components:
            self._components[name]
        self._schemas.check()
        if self._published and not self._found:
            self._warn_of_nothing()
        self._parts.note(self._root, "webhooks")
        self._servers.note_ignored()

    def _warn_of_nothing(self) -> None:
        """Warn of a document that describes no call at all."""
        root = self._root
        says = root.value.keys()
        if root.value.get("webhooks") or (self._legacy and "paths" not in says):
            return  # or that is told already
        node = root.child("paths") if "paths" in says else root
        why = "every call of it is answered with 404"
        fix = "describe the operations under `paths`"
        warning = node.diagnostic(
            "openapi-structure", "the document has no operations", why, fix, key=True
        )
        self._report.add(warning._replace(severity="warning"))

    def _whole(self) -> dict[str, Any]:
        """The document as it was written, with what it refers to in other files."""
        if self._report.failed:
            return dict(self._root.value)
        return bundled(self._root, self._references)

    def _path(self, path: str, node: Node) -> None:
        if not path.startswith("/") or set("{}") & set(NAME_IN_PATH.sub("", path)):
            self._parts.refuse(
                node, f"{path!r} is not a path", "write /name/{name}", True
            )
            return
        item = self._parts.resolve(node, "a path")
        if item is None:
            return
        self._servers.of_parts += self._parts.items(item, "servers")
        for key in item.value:
            if key in METHODS:
                self._find(path, item, item.child(key))
            elif key in _SINCE_3_2 and self._is_3_2:
                self._further_method(path, item, item.child(key))
            elif key not in _PATH_KEYS and not key.startswith("x-"):
                what = f"{key!r} is not a method, nor another key of a path"
                fix = did_you_mean(key, _PATH_KEYS)
                self._parts.refuse(item.child(key), what, fix, True)

    def _further_method(self, path: str, item: Node, node: Node) -> None:
        """Find what version 3.2 has besides: QUERY, and methods with a name of their own."""
        if node.pointer[-1] == "query":
            self._find(path, item, node)
            return
        for method in mapping(node, "additionalOperations", self._report):
            if re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", method):
                self._find(path, item, node.child(method))
            else:
                what = f"{method!r} is not a method"
                self._parts.refuse(node.child(method), what, "write `COPY`", True)

    def _find(self, path: str, item: Node, node: Node) -> None:
        mapping(node, "an operation", self._report)
        if not isinstance(node.value, dict):
            return
        method = str(node.pointer[-1]).upper()
        if self._published:
            # Both match the same calls, and nobody can take one of them out.
            shape = method, NAME_IN_PATH.sub("{}", path)
            first = self._shapes.setdefault(shape, node)
            if first is not node:
                self._refuse_route(method, path, node, first)
                return
        id = self._operation_id(method, path, node)
        self._found.setdefault(id, _Found(id, method, path, item, node))

    def _operation(self, found: _Found) -> OperationDoc:
        node = found.node
        of_replies = ("responses", "response_headers", "examples")
        read: dict[str, Callable[[], dict[str, Any]]] = {
            "parameters": lambda: {"parameters": self._fitting(found)},
            "body": lambda: {"body": self._contents.body(node)},
            "callbacks": lambda: {"callbacks": tuple(self._events.callbacks(node))},
            **dict.fromkeys(of_replies, partial(self._replies, node)),
        }
        return OperationRead(
            {name: self._alone(part) for name, part in read.items()},
            id=found.id,
            method=found.method,
            path=found.path,
            summary=str(node.value.get("summary") or ""),
            security=self._security.alternatives(node)
            if "security" in node.value
            else self._inherited,
            pointer=node.pointer,
            document=node.document,
        )

    def _alone(self, read: Callable[_P, _T]) -> Callable[_P, _T]:
        """*read*, which calls in several threads may want at once, one after the other."""

        def alone(*args: _P.args, **more: _P.kwargs) -> _T:
            with self._reading:
                return read(*args, **more)

        return alone

    def _fitting(self, found: _Found) -> tuple[Parameter, ...]:
        parameters = self._declared(found)
        if self._published:
            parameters = fitting(parameters, found.path, found.node)
        return tuple(parameters.values())

    def _replies(self, node: Node) -> dict[str, Any]:
        responses, headers, examples = self._contents.responses(node)
        return {
            "responses": responses,
            "response_headers": headers,
            "examples": examples,
        }

    def _declared(self, found: _Found) -> Declared:
        """The parameters of an operation, by their places and names."""
        key = found.item.key
        if key not in self._shared:
            self._shared[key] = self._parameters.read(found.item)
        return {**self._shared[key], **self._parameters.read(found.node)}

    def _operation_id(self, method: str, path: str, node: Node) -> str:
        given = node.value.get("operationId")
        if not isinstance(given, str) or not given:
            proposed = propose_operation_id(method, path)
            what = f"{method} {path} has no operationId"
            why = "behavior.yaml refers to an operation by its operationId"
            fix = f"write `operationId: {proposed}`"
            code = "openapi-operation-id"
            self._report.add(node.diagnostic(code, what, why, fix, key=True))
            return self._unused(proposed) if self._published else proposed
        first = self._found.get(given)
        if first is not None:
            at = node.child("operationId")
            what = f"the operationId {given!r} is used twice"
            pointer = (*first.node.pointer, "operationId")
            why = f"the first one stands at {first.node.document.locate(pointer)}"
            fix = f"rename one, for example to {propose_operation_id(method, path)}"
            code = "openapi-duplicate-operation-id"
            self._report.add(at.diagnostic(code, what, why, fix))
            if self._published:
                return self._unused(propose_operation_id(method, path))
        return given

    def _unused(self, id: str) -> str:
        """*id*, or what comes next to it that no operation has."""
        unused, number = id, 2
        while unused in self._found:
            unused, number = f"{id}{number}", number + 1
        return unused

    def _check_route(self, found: _Found, parameters: Declared) -> None:
        method, path, node = found.method, found.path, found.node

        def what_matches(name: re.Match[str]) -> str:
            parameter = parameters.get(("path", name[1]))
            if parameter is None:
                return "{}"
            style = "" if parameter.style == "simple" else parameter.style
            return f"{{{style}{'*' if parameter.greedy else ''}}}"

        shape = method, NAME_IN_PATH.sub(what_matches, path)
        first = self._shapes.setdefault(shape, node)
        if first is not node:
            self._refuse_route(method, path, node, first)

    def _refuse_route(self, method: str, path: str, node: Node, first: Node) -> None:
        what = f"{method} {path} can never be told from another path"
        where = first.document.locate(first.pointer, key=True)
        why = f"{method} {first.pointer[-2]} at {where} matches the same calls"
        code, fix = "openapi-duplicate-route", "remove or merge one of the two"
        self._report.add(node.diagnostic(code, what, why, fix, key=True))

    def _schema_entries(self) -> Iterator[tuple[str, Node]]:
        components = self._parts.part(self._root, "components", "components")
        if components is not None:
            part = self._parts.part(components, "schemas", "components.schemas")
            yield from self._parts.entries(part, "a schema")


def _is_swagger(data: Any) -> bool:
    """Whether *data* is a document of version 2.0."""
    return isinstance(data, dict) and str(data.get("swagger")) in ("2.0", "2")


def propose_operation_id(method: str, path: str) -> str:
    """`GET /books/{id}/tags`  ->  `getBooksByIdTags`"""
    words = re.sub(r"\{(.*?)\}", r"By/\1", path)
    parts = (part for part in re.split(r"[^A-Za-z0-9]+", words) if part)
    return method.lower() + "".join(part[0].upper() + part[1:] for part in parts)


_ANOTHER_FILE = {
    "log": (
        "an archive of recorded calls (HAR)",
        "have a provider learnt from it: emulator init NAME --har FILE",
    ),
    "provider": ("the behavior.yaml of a provider", "serve its folder with --specs"),
    "$schema": ("a JSON Schema", "give the document of which it is a part"),
}
"""What else a file may be, by a key at its top, and what to do with it."""


def _refuse_version(node: Node, report: Report) -> None:
    names = ("openapi", "swagger", "swaggerVersion", "asyncapi")
    keys = [key for key in names if key in node.value]
    if not keys:
        what, fix = "the document does not say its version", "write `openapi: 3.1.0`"
        for sign, (is_this, do) in _ANOTHER_FILE.items():
            if sign in node.value:
                what, fix = f"this is {is_this}, and not an OpenAPI document", do
        report.add(node.diagnostic("openapi-version", what, fix=fix))
        return
    at = node.child(keys[0])
    what, why = (
        f"{keys[0]} {at.value!r} is not read",
        "OpenAPI 3.2, 3.1, 3.0 and Swagger 2.0 are",
    )
    fix = "convert it; a version has three parts: `openapi: 3.1.0`"
    report.add(at.diagnostic("openapi-version", what, why, fix))
