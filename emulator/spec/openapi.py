"""OpenAPI: a provider's document, 3.0 to 3.2, as plain values without references."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import RLock
from types import MappingProxyType
from typing import Any, NamedTuple, ParamSpec, TypeVar

import orjson

from emulator.diagnostics import Diagnostic, Location, Report, did_you_mean
from emulator.http import runtime
from emulator.http.media_types import is_sequential
from emulator.spec.bundle import bundled
from emulator.spec.description import (
    TALKS,
    EventDoc,
    OpenAPI,
    OperationDoc,
    OperationRead,
    Parameter,
    RequestBody,
    SecurityScheme,
)
from emulator.spec.document import Document, kind_of
from emulator.spec.files import read_document, shown_name
from emulator.spec.kinds import Kinds
from emulator.spec.lazily import Lazily
from emulator.spec.published import Published, Softened
from emulator.spec.references import Key, Node, References, mapping
from emulator.spec.schemas import Schemas

_P = ParamSpec("_P")
_T = TypeVar("_T")

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PATH_KEYS = {"$ref", "summary", "description", "servers", "parameters", *METHODS}
_SINCE_3_2 = ("query", "additionalOperations")
_WHERE = ("path", "query", "header", "cookie")
_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
_FORM = "application/x-www-form-urlencoded"
_OF_FORM = {
    "type", "properties", "required", "$defs", "title", "description", "example",
    "examples", "default",
}  # fmt: skip
"""What a schema of a whole query may say, that is said by its members too."""
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}
_KINDS = ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect")
_MOST_SERVERS = 100
_WITHOUT_EFFECT = {
    "callbacks": (
        "who is told of what, and how it is signed, is said by `webhooks` of behavior.yaml",
        "describe the events there",
    ),
    "webhooks": (
        "who is told of what, and how it is signed, is said by `webhooks` of behavior.yaml",
        "describe the events there",
    ),
    "encoding": (
        "parts of a form are read by the types of their schemas",
        "say the types of the members in the schema",
    ),
    "content": (
        "a parameter with a `content` is read as JSON, or as the text that it is",
        "describe it with a `schema`, or with the content `application/json`",
    ),
    "querystring": (
        "a query is read as a form, and its members are checked one by one",
        "describe it as a form, by `properties` and `required` alone",
    ),
    "itemSchema": (
        "items are told apart in JSON lines, JSON sequences and event streams alone",
        "describe the whole body with a `schema`",
    ),
    "explode": (
        "an object in a cookie is read from one cookie, as `name,value,name,value`",
        "write `explode: false` there, or describe each member as a cookie",
    ),
    "variables": (
        "without an `enum`, calls are routed by the `default` of a variable alone",
        "list the values that clients use under `enum`",
    ),
    "servers": (
        "all operations are reached below the paths of the document's own servers",
        "add the server to the `servers` of the document, or write its path into `paths`",
    ),
}
"""What is read and without effect: the reason, and what to do instead."""
_VERSION = re.compile(r"3\.[012]\.\d+")
_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|XX)|default")
_NAME_IN_PATH = re.compile(r"\{([^{}]*)\}")


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

        document = converted(document)
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
        legacy = version.startswith("3.0")
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
        self._found: dict[str, _Found] = {}
        self._operations: Mapping[str, OperationDoc] = {}
        self._components: Mapping[str, dict[str, Any]] = {}
        self._schemes: dict[str, SecurityScheme] = {}
        self._not_emulated: set[str] = set()
        """Schemes that nobody has to prove: operations without another one are open."""
        self._shared: dict[Key, dict[tuple[str, str], Parameter]] = {}
        self._responses_read: dict[Key, tuple[_ByName, _ByName, _ByName]] = {}
        self._inherited: _Security = ()
        self._shapes: dict[tuple[str, str], Node] = {}
        self._ignored: dict[str, list[Node]] = {}
        self._servers: list[Node] = []
        self._reading = RLock()

    def read(self, *, check: bool = False, unsound: int = 0) -> OpenAPI:
        """The description; to *check* it, all of it is read."""
        info = self._part(self._root, "info", "info", required=True)
        components = self._part(self._root, "components", "components")
        self._schemes = dict(self._security_schemes(components))
        self._inherited = self._security(self._root)
        paths = self._part(self._root, "paths", "paths", required=True)
        for name, item in self._entries(paths, "a path"):
            self._path(name, item)
        self._operations = Lazily(self._found, self._operation)
        schemas = dict(self._schema_entries(components))
        self._components = Lazily(schemas, self._alone(self._schemas.read))
        urls = tuple(self._server_urls())
        base_path = _path_of(urls[0]) if urls else ""
        further_paths = self._further_paths(base_path)
        if check:
            self._check()
        about = info.value if info else {}
        tags = [node.value for node in self._list(self._root, "tags")]
        if isinstance(self._report, Softened):
            unsound = self._report.unsound
        return OpenAPI(
            unsound=unsound,
            document=self._root.document,
            title=str(about.get("title", "")),
            version=str(about.get("version", "")),
            base_path=base_path,
            further_paths=further_paths,
            server_values=self._server_values(base_path),
            server_defaults=self._server_defaults(),
            server_urls=urls,
            operations=self._operations,
            security_schemes=self._schemes,
            schemas=self._components,
            tags=tuple(
                str(tag["name"])
                for tag in tags
                if isinstance(tag, dict) and "name" in tag
            ),
            webhooks=Lazily(dict(self._webhooks()), self._webhook),
            calling=tuple(
                found.id
                for found in self._found.values()
                if isinstance(found.node.value, dict)
                and found.node.value.get("callbacks")
            ),
            raw=self._whole(),
            ignored=self._gather_ignored() if check else {},
        )

    def _check(self) -> None:
        """Read everything, so that all is reported that is wrong with it."""
        for found in self._found.values():
            operation = self._operations[found.id]
            for part in ("parameters", "responses", "callbacks", "body"):
                getattr(operation, part)
            self._servers += self._list(found.node, "servers")
            self._note(found.node, "callbacks")
            parameters = self._declared(found)
            if not self._published:
                self._check_route(found, parameters)
            self._check_path_parameters(found.path, found.node, parameters)
        for name in self._components:
            self._components[name]
        self._schemas.check()

    def _gather_ignored(self) -> dict[str, Diagnostic]:
        """The parts that nothing comes of, as far as all has been read."""
        self._note(self._root, "webhooks")
        urls = [
            url
            for server in self._list(self._root, "servers")
            for url in self._filled(server)
        ]
        self._gather_servers({_path_of(url) for url, _ in urls})
        self._gather_variables()
        return {key: _ignored(key, nodes) for key, nodes in self._ignored.items()}

    def _whole(self) -> dict[str, Any]:
        """The document as it was written, with what it refers to in other files."""
        if self._report.failed:
            return dict(self._root.value)
        return bundled(self._root, self._references)

    def _path(self, path: str, node: Node) -> None:
        if not path.startswith("/") or set("{}") & set(_NAME_IN_PATH.sub("", path)):
            self._structure(node, f"{path!r} is not a path", "write /name/{name}", True)
            return
        item = self._resolve(node, "a path")
        if item is None:
            return
        self._servers += self._list(item, "servers")
        for key in item.value:
            if key in METHODS:
                self._find(path, item, item.child(key))
            elif key in _SINCE_3_2 and self._is_3_2:
                self._further_method(path, item, item.child(key))
            elif key not in _PATH_KEYS and not key.startswith("x-"):
                what = f"{key!r} is not a method, nor another key of a path"
                fix = did_you_mean(key, _PATH_KEYS)
                self._structure(item.child(key), what, fix, True)

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
                self._structure(node.child(method), what, "write `COPY`", True)

    def _find(self, path: str, item: Node, node: Node) -> None:
        mapping(node, "an operation", self._report)
        if not isinstance(node.value, dict):
            return
        method = str(node.pointer[-1]).upper()
        if self._published:
            # Both match the same calls, and nobody can take one of them out.
            shape = method, _NAME_IN_PATH.sub("{}", path)
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
            "body": lambda: {"body": self._body(node)},
            "callbacks": lambda: {"callbacks": tuple(self._callbacks(node))},
            **dict.fromkeys(of_replies, partial(self._replies, node)),
        }
        return OperationRead(
            {name: self._alone(part) for name, part in read.items()},
            id=found.id,
            method=found.method,
            path=found.path,
            summary=str(node.value.get("summary") or ""),
            security=self._security(node)
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
            parameters = _fitting(parameters, found)
        return tuple(parameters.values())

    def _replies(self, node: Node) -> dict[str, Any]:
        responses, headers, examples = self._responses(node)
        return {
            "responses": responses,
            "response_headers": headers,
            "examples": examples,
        }

    def _declared(self, found: _Found) -> dict[tuple[str, str], Parameter]:
        """The parameters of an operation, by their places and names."""
        key = found.item.key
        if key not in self._shared:
            self._shared[key] = self._parameters(found.item)
        return {**self._shared[key], **self._parameters(found.node)}

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

    def _check_route(
        self, found: _Found, parameters: dict[tuple[str, str], Parameter]
    ) -> None:
        method, path, node = found.method, found.path, found.node

        def what_matches(name: re.Match[str]) -> str:
            parameter = parameters.get(("path", name[1]))
            if parameter is None:
                return "{}"
            style = "" if parameter.style == "simple" else parameter.style
            return f"{{{style}{'*' if parameter.greedy else ''}}}"

        shape = method, _NAME_IN_PATH.sub(what_matches, path)
        first = self._shapes.setdefault(shape, node)
        if first is not node:
            self._refuse_route(method, path, node, first)

    def _refuse_route(self, method: str, path: str, node: Node, first: Node) -> None:
        what = f"{method} {path} can never be told from another path"
        where = first.document.locate(first.pointer, key=True)
        why = f"{method} {first.pointer[-2]} at {where} matches the same calls"
        code, fix = "openapi-duplicate-route", "remove or merge one of the two"
        self._report.add(node.diagnostic(code, what, why, fix, key=True))

    def _check_path_parameters(
        self, path: str, node: Node, parameters: dict[tuple[str, str], Parameter]
    ) -> None:
        code = "openapi-path-parameter"
        named = _NAME_IN_PATH.findall(path)
        declared = [name for where, name in parameters if where == "path"]
        for name in dict.fromkeys(named):
            if named.count(name) > 1:
                what = f"{path} names {name!r} twice"
                fix = "give the two different names"
                self._report.add(node.diagnostic(code, what, "", fix, key=True))
            if name not in declared:
                what = f"{path} names {name!r}, which is not declared as a parameter"
                fix = f"add {{name: {name}, in: path, required: true, schema: ...}}"
                self._report.add(node.diagnostic(code, what, "", fix, key=True))
        for name in declared:
            if name not in named:
                parameter = parameters["path", name]
                what = f"the path parameter {name!r} does not stand in {path}"
                fix = did_you_mean(name, named) if named else "remove it"
                pointer = (*parameter.pointer, "name")
                at = parameter.document.diagnostic(pointer, code, what, "", fix)
                self._report.add(at)

    def _parameters(self, parent: Node) -> dict[tuple[str, str], Parameter]:
        parameters = {}
        for entry in self._list(parent, "parameters"):
            node = self._resolve(entry, "a parameter")
            if node is None:
                continue
            if node.value.get("in") == "querystring" and self._is_3_2:
                found = [*self._members_of_query(node)]
            else:
                parameter = self._parameter(node)
                found = [] if parameter is None else [parameter]
            for parameter in found:
                parameters[parameter.where, parameter.name] = parameter
        return parameters

    def _members_of_query(self, node: Node) -> Iterator[Parameter]:
        """The parameters of a query that is described as one form (3.2, 4.12.4)."""
        media_type, whole = next(iter(self._content(node).items()), ("", {}))
        members = whole.get("properties", {}) if media_type == _FORM else {}
        if not members or whole.keys() - _OF_FORM:
            self._ignored.setdefault("querystring", []).append(node)
        named = {"$defs": whole["$defs"]} if "$defs" in whole else {}
        for name, member in members.items():
            yield Parameter(
                name=name,
                where="query",
                required=name in whole.get("required", ()),
                schema={**member, **named} if isinstance(member, dict) else {},
                style="form",
                explode=True,
                pointer=node.pointer,
                document=node.document,
            )

    def _parameter(self, node: Node) -> Parameter | None:
        name, where = node.value.get("name"), node.value.get("in")
        if not isinstance(name, str) or not name:
            self._structure(node, "a parameter has no name", "write `name: ...`")
            return None
        if where not in _WHERE:
            at = node.child("in") if "in" in node.value else node
            what = f"the parameter {name!r} stands in {where!r}"
            self._structure(at, what, did_you_mean(where, _WHERE))
            return None
        if where == "header" and name.lower() in _IGNORED_HEADERS:
            return None  # OpenAPI says so: other keywords describe these headers
        style = node.value.get("style")
        if not isinstance(style, str):
            style = "form" if where in ("query", "cookie") else "simple"
        if style not in _STYLES[where]:
            at = node.child("style")
            what = f"the parameter {name!r} has the style {style!r}"
            styles = ", ".join(_STYLES[where])
            self._structure(at, what, f"in a {where} these are read: {styles}")
            if self._published:
                style = _STYLES[where][0]
        style = "form" if style == "cookie" else style  # since 3.2: without escapes
        explode = bool(node.value.get("explode", style == "form"))
        media_type, schema = next(iter(self._content(node).items()), (None, None))
        if media_type is not None and not _is_read(media_type):
            self._note(node, "content")
        if where == "cookie" and _is_object(self._schema(node)) and explode:
            self._ignored.setdefault("explode", []).append(node)
        greedy = node.value.get("x-greedy", False)
        if not isinstance(greedy, bool) or (greedy and where != "path"):
            what = f"the parameter {name!r} has x-greedy: {greedy!r}, and stands in {where!r}"
            fix = "write `x-greedy: true` in a parameter of the path, or remove it"
            self._structure(node.child("x-greedy"), what, fix)
        return Parameter(
            name=name,
            where=where,
            required=where == "path" or node.value.get("required") is True,
            schema=_with_example(
                self._schema(node) if schema is None else schema, node.value
            ),
            style=style,
            explode=explode,
            media_type=media_type,
            greedy=greedy is True,
            pointer=node.pointer,
            document=node.document,
        )

    def _body(self, operation: Node) -> RequestBody | None:
        if "requestBody" not in operation.value:
            return None
        node = self._resolve(operation.child("requestBody"), "requestBody")
        if node is None:
            return None
        if "content" not in node.value:
            self._structure(node, "a requestBody has no content", "write `content:`")
        for _, entry in self._entries(self._part(node, "content", "content"), "a type"):
            if isinstance(entry.value, dict):
                self._note(entry, "encoding")
        required = node.value.get("required") is True
        return RequestBody(required=required, content=self._content(node))

    def _responses(self, operation: Node) -> tuple[_ByStatus, _ByStatus, _ByStatus]:
        contents: _ByStatus = {}
        headers: _ByStatus = {}
        examples: _ByStatus = {}
        responses = self._part(operation, "responses", "responses")
        for status, entry in self._entries(responses, "a response"):
            if not _STATUS.fullmatch(status):
                what = f"{status!r} is not a status"
                self._structure(entry, what, "write 200, 4XX or default", True)
            node = self._resolve(entry, "a response")
            if node is not None:
                contents[status], headers[status], named = self._response(node)
                if named:
                    examples[status] = named
        return contents, headers, examples

    def _response(self, node: Node) -> tuple[_ByName, _ByName, _ByName]:
        """What a response has, which many operations may share: it is read once."""
        if node.key not in self._responses_read:
            self._responses_read[node.key] = (
                self._content(node),
                dict(self._headers(node)),
                dict(self._examples(node)),
            )
        return self._responses_read[node.key]

    def _webhooks(self) -> Iterator[tuple[str, Node]]:
        """The webhooks that are sent by POST."""
        part = self._part(self._root, "webhooks", "webhooks")
        for name, entry in self._entries(part, "a webhook"):
            item = self._resolve(entry, "a webhook")
            if item is not None and "post" in item.value:
                yield name, item.child("post")

    def _webhook(self, node: Node) -> EventDoc:
        return self._event(str(node.pointer[-2]), "", node)

    def _callbacks(self, operation: Node) -> Iterator[EventDoc]:
        part = self._part(operation, "callbacks", "callbacks")
        for name, entry in self._entries(part, "a callback"):
            node = self._resolve(entry, "a callback")
            for address, inner in self._entries(node, "a callback"):
                if not runtime.is_address(address):
                    what = f"{address!r} is no address with runtime expressions"
                    fix = "write one such as '{$request.body#/callback_url}'"
                    self._structure(inner, what, fix, True)
                    continue
                item = self._resolve(inner, "a callback")
                for method in METHODS if item is not None else ():
                    if item is not None and method in item.value:
                        yield self._event(name, address, item.child(method))

    def _event(self, name: str, address: str, node: Node) -> EventDoc:
        mapping(node, "an operation", self._report)
        is_one = isinstance(node.value, dict)
        body = self._body(node) if is_one else None
        sent = None
        if body is not None:
            sent = self._resolve(node.child("requestBody"), "requestBody")
        return EventDoc(
            name=name,
            address=address,
            method=str(node.pointer[-1]).upper(),
            content=body.content if body is not None else {},
            examples=dict(self._examples(sent)) if sent is not None else {},
            pointer=node.pointer,
            document=node.document,
        )

    def _examples(self, response: Node) -> Iterator[tuple[str, dict[str, Any]]]:
        """The examples of each media type, by name; those elsewhere are not fetched."""
        for media_type, entry in self._entries(
            self._part(response, "content", "content"), "a media type"
        ):
            if not isinstance(entry.value, dict):
                continue
            named = {"": entry.value["example"]} if "example" in entry.value else {}
            part = self._part(entry, "examples", "examples")
            for name, node in self._entries(part, "a header"):
                example = self._resolve(node, "an example")
                if example is not None:
                    named |= _value_of(name, media_type, example.value)
            if named:
                yield media_type, named

    def _headers(self, response: Node) -> Iterator[tuple[str, dict[str, Any]]]:
        part = self._part(response, "headers", "headers")
        for name, entry in self._entries(part, "a header"):
            node = self._resolve(entry, "a header")
            if node is not None:
                schemas = [self._schema(node), *self._content(node).values()]
                yield name, next((schema for schema in schemas if schema), {})

    def _content(self, parent: Node) -> dict[str, dict[str, Any]]:
        part = self._part(parent, "content", "content")
        content = {}
        for media_type, entry in self._entries(part, "a media type"):
            node = self._resolve(entry, f"the media type {media_type}")
            if node is not None:
                content[media_type] = self._schema(node)
                if "itemSchema" in node.value and self._is_3_2:
                    schema = self._of_items(media_type, node, content[media_type])
                    content[media_type] = schema
        return content

    def _of_items(
        self, media_type: str, node: Node, whole: dict[str, Any]
    ) -> dict[str, Any]:
        """The schema of a sequence, of which each item has a schema (3.2, 4.14.3)."""
        items = self._schemas.read(node.child("itemSchema"))
        if not is_sequential(media_type):
            self._note(node, "itemSchema")
            return whole
        inner = {key: value for key, value in items.items() if key != "$defs"}
        listed: dict[str, Any] = {"type": "array", "items": inner}
        if whole:
            outer = {key: value for key, value in whole.items() if key != "$defs"}
            listed["allOf"] = [outer]
        named = {**whole.get("$defs", {}), **items.get("$defs", {})}
        return {**listed, "$defs": named} if named else listed

    def _schema(self, parent: Node) -> dict[str, Any]:
        if "schema" not in parent.value:
            return {}
        return self._schemas.read(parent.child("schema"))

    def _schema_entries(self, components: Node | None) -> Iterator[tuple[str, Node]]:
        if components is not None:
            part = self._part(components, "schemas", "components.schemas")
            yield from self._entries(part, "a schema")

    def _security(self, parent: Node) -> _Security:
        alternatives = []
        for node in self._list(parent, "security"):
            needed = {}
            if (
                isinstance(node.value, dict)
                and node.value
                and node.value.keys() <= self._not_emulated
            ):
                continue
            for name, scopes in mapping(node, "a requirement", self._report).items():
                if name in self._not_emulated:
                    continue
                if name not in self._schemes:
                    what = f"there is no security scheme {name!r}"
                    why = "schemes are declared in components.securitySchemes"
                    fix = did_you_mean(name, self._schemes)
                    code = "openapi-security-scheme"
                    at = node.child(name)
                    self._report.add(at.diagnostic(code, what, why, fix, key=True))
                    if self._published:
                        continue
                if not isinstance(scopes, list):
                    what = f"the scopes of {name!r} are {kind_of(scopes)}, not a list"
                    self._structure(node.child(name), what, f"write `{name}: []`")
                    scopes = []
                needed[name] = tuple(map(str, scopes))
            alternatives.append(needed)
        return tuple(alternatives)

    def _security_schemes(
        self, components: Node | None
    ) -> Iterator[tuple[str, SecurityScheme]]:
        if components is None:
            return
        part = self._part(components, "securitySchemes", "components.securitySchemes")
        for name, entry in self._entries(part, "a security scheme"):
            node = self._resolve(entry, "a security scheme")
            if node is None:
                continue
            scheme = self._security_scheme(name, node)
            if not self._published or _can_be_proved(scheme):
                yield name, scheme
            else:
                self._not_emulated.add(name)
                self._open(scheme, node)

    def _open(self, scheme: SecurityScheme, node: Node) -> None:
        """Say that nobody is asked to prove *scheme*."""
        kind = " ".join(filter(None, (scheme.kind, scheme.scheme)))
        self._report.add(
            node.diagnostic(
                "openapi-security-scheme",
                f"the security scheme {scheme.name!r} ({kind}) is not emulated:"
                " operations that ask for no other one are open",
                "there are apiKey, http with a credential in Authorization, oauth2,"
                " openIdConnect and mutualTLS",
                "nothing has to be done; describe it as one of those to have it asked for",
                key=True,
                severity="warning",
            )
        )

    def _security_scheme(self, name: str, node: Node) -> SecurityScheme:
        kind, where = node.value.get("type"), node.value.get("in")
        parameter, scheme = node.value.get("name"), node.value.get("scheme")
        if kind not in _KINDS:
            at = node.child("type") if "type" in node.value else node
            what = f"the security scheme {name!r} has the type {kind!r}"
            self._structure(at, what, did_you_mean(kind, _KINDS))
        if kind == "apiKey" and not (where in _WHERE[1:] and parameter):
            what = f"the security scheme {name!r} does not say where its key stands"
            self._structure(node, what, "write `in: header` and `name: ...`")
        if kind == "http" and not scheme:
            what = f"the security scheme {name!r} has no scheme"
            self._structure(node, what, "write `scheme: bearer` or `scheme: basic`")
        is_key = kind == "apiKey"
        return SecurityScheme(
            name=name,
            kind=str(kind),
            where=str(where) if is_key else None,
            parameter=str(parameter) if is_key else None,
            scheme=str(scheme).lower() if kind == "http" else None,
            pointer=node.pointer,
            document=node.document,
        )

    def _server_urls(self) -> Iterator[str]:
        for node in self._list(self._root, "servers"):
            server = mapping(node, "a server", self._report)
            url = server.get("url")
            if not isinstance(url, str):
                self._structure(node, "a server has no url", "write `url: ...`")
                continue
            variables = server.get("variables")
            for name in _NAME_IN_PATH.findall(url):
                known = variables if isinstance(variables, dict) else {}
                variable = known.get(name)
                if not isinstance(variable, dict) or "default" not in variable:
                    what = f"the server variable {name!r} has no default"
                    fix = f"write `variables: {{{name}: {{default: ...}}}}`"
                    self._structure(node.child("url"), what, fix)
                    continue
                url = url.replace(f"{{{name}}}", str(variable["default"]))
            yield url

    def _further_paths(self, base_path: str) -> tuple[str, ...]:
        """The paths of all servers, for all values of their variables, but *base_path*."""
        paths = {base_path: None}
        for server in self._list(self._root, "servers"):
            for url, _ in self._filled(server):
                paths[_path_of(url)] = None
            if len(paths) > _MOST_SERVERS:
                what = f"the servers have more than {_MOST_SERVERS} paths"
                fix = "leave out those that no client uses"
                self._structure(server, what, fix)
                return ()
        return tuple(paths)[1:]

    def _server_values(self, base_path: str) -> dict[str, dict[str, str]]:
        """What the variables of servers are, by path; the first says what they are."""
        values: dict[str, dict[str, str]] = {base_path: {}}
        for server in self._list(self._root, "servers"):
            for url, chosen in self._filled(server):
                if chosen and not values.get(_path_of(url)):
                    values[_path_of(url)] = chosen
        return values

    def _server_defaults(self) -> dict[str, str]:
        """The defaults of the variables of servers; what is no default was reported."""
        defaults: dict[str, str] = {}
        for server in self._list(self._root, "servers"):
            written = server.value if isinstance(server.value, dict) else {}
            variables = written.get("variables")
            for name, variable in (
                variables.items() if isinstance(variables, dict) else ()
            ):
                if isinstance(variable, dict) and "default" in variable:
                    defaults.setdefault(name, str(variable["default"]))
        return defaults

    def _filled(self, server: Node) -> Iterator[tuple[str, dict[str, str]]]:
        """The addresses of one server for all values of its variables, and those."""
        written = server.value if isinstance(server.value, dict) else {}
        url, variables = written.get("url"), written.get("variables")
        if not isinstance(url, str):
            return
        known = variables if isinstance(variables, dict) else {}
        named = [text for text in _NAME_IN_PATH.findall(url) if text in known]
        values = []
        for name in named:
            variable = known[name] if isinstance(known[name], dict) else {}
            enum = (
                variable.get("enum") if isinstance(variable.get("enum"), list) else []
            )
            values.append(
                list(dict.fromkeys(map(str, [variable.get("default"), *(enum or [])])))
            )
        if math.prod(map(len, values)) > _MOST_SERVERS:
            what = f"the variables of the server have more than {_MOST_SERVERS} values"
            fix = "leave out those that no client uses"
            self._structure(server.child("variables"), what, fix)
            return
        for chosen in itertools.product(*values):
            filled = url
            for name, value in zip(named, chosen, strict=True):
                filled = filled.replace(f"{{{name}}}", value)
            yield filled, dict(zip(named, chosen, strict=True))

    def _note(self, parent: Node, key: str) -> None:
        """Remember that *key* stands here, and that nothing comes of it."""
        if parent.value.get(key):
            self._ignored.setdefault(key, []).append(parent.child(key))

    def _gather_servers(self, paths: set[str]) -> None:
        """Note the servers of single paths and operations that lead to other *paths*."""
        elsewhere = [
            node
            for node in self._servers
            if {_path_of(url) for url, _ in self._filled(node)} - paths
        ]
        if elsewhere:
            self._ignored["servers"] = elsewhere

    def _gather_variables(self) -> None:
        """Note the servers whose paths vary, and not by a list of values."""
        for node in self._list(self._root, "servers"):
            written = node.value if isinstance(node.value, dict) else {}
            variables = written.get("variables")
            if not isinstance(variables, dict):
                continue
            varying = [
                name
                for name, variable in variables.items()
                if isinstance(variable, dict) and not variable.get("enum")
            ]
            path = _path_of(str(written.get("url", "")))
            if any(f"{{{name}}}" in path for name in varying):
                self._note(node, "variables")

    def _part(
        self, parent: Node, key: str, what: str, *, required: bool = False
    ) -> Node | None:
        """The mapping under *key*, if it is there and one."""
        if key in parent.value:
            node = parent.child(key)
            mapping(node, what, self._report)
            return node if isinstance(node.value, dict) else None
        if required:
            self._structure(parent, f"{what!r} is missing", f"add `{key}:`")
        return None

    def _entries(self, part: Node | None, what: str) -> Iterator[tuple[str, Node]]:
        if part is None:
            return
        for key in part.value:
            if not key.startswith("x-") or what in ("a header", "a schema"):
                yield key, part.child(key)

    def _list(self, parent: Node, key: str) -> Iterator[Node]:
        if key not in parent.value:
            return
        node = parent.child(key)
        if not isinstance(node.value, list):
            what = f"{key!r} is {kind_of(node.value)}, not a list"
            self._structure(node, what, "begin each item with `- `")
            return
        for index in range(len(node.value)):
            yield node.child(index)

    def _resolve(self, node: Node, what: str) -> Node | None:
        """The mapping that *node* stands for."""
        target = self._references.resolve(node)
        if target is None:
            return None
        mapping(target, what, self._report)
        return target if isinstance(target.value, dict) else None

    def _structure(
        self, node: Node, what: str, fix: str = "", key: bool = False
    ) -> None:
        diagnostic = node.diagnostic("openapi-structure", what, "", fix, key=key)
        self._report.add(diagnostic)


_Security = tuple[dict[str, tuple[str, ...]], ...]
_ByName = dict[str, dict[str, Any]]
_ByStatus = dict[str, _ByName]


def _fitting(
    declared: dict[tuple[str, str], Parameter], found: _Found
) -> dict[tuple[str, str], Parameter]:
    """The parameters that calls can have: of the path, those that it names."""
    named = _NAME_IN_PATH.findall(found.path)
    fitting = {
        (where, name): parameter
        for (where, name), parameter in declared.items()
        if where != "path" or name in named
    }
    for name in named:
        if ("path", name) not in fitting:
            fitting["path", name] = Parameter(
                name=name,
                where="path",
                required=True,
                schema={"type": "string"},
                style="simple",
                explode=False,
                pointer=found.node.pointer,
                document=found.node.document,
            )
    return fitting


def _with_example(
    schema: dict[str, Any], parameter: Mapping[str, Any]
) -> dict[str, Any]:
    """*schema* with the example that stands beside it, where it has none itself."""
    if "example" not in parameter or "example" in schema or "examples" in schema:
        return schema
    return {**schema, "examples": [parameter["example"]]}


def _value_of(name: str, media_type: str, example: Mapping[str, Any]) -> dict[str, Any]:
    """The value of an example, under its *name*; since 3.2, it may be written as a text."""
    for key in ("dataValue", "value"):
        if key in example:
            return {name: example[key]}
    text = example.get("serializedValue")
    if not isinstance(text, str):
        return {}
    if "json" not in media_type or is_sequential(media_type):
        return {name: text}
    try:
        return {name: orjson.loads(text)}
    except orjson.JSONDecodeError:
        return {}


def _ignored(key: str, nodes: list[Node]) -> Diagnostic:
    """One warning of everything that is called *key* and has no effect."""
    more = len(nodes) - 1
    places = "place" if more == 1 else "places"
    found = f", here and in {more} more {places}" if more else ""
    what = f"nothing comes of {key!r}{found}"
    code, (why, fix) = "openapi-ignored", _WITHOUT_EFFECT[key]
    return nodes[0].diagnostic(code, what, why, fix, key=True, severity="warning")


def _is_object(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "object"


def _is_swagger(data: Any) -> bool:
    """Whether *data* is a document of version 2.0."""
    return isinstance(data, dict) and str(data.get("swagger")) in ("2.0", "2")


def _is_read(media_type: str) -> bool:
    """Whether a parameter of this type is read: as JSON, or as a text."""
    return "json" in media_type or media_type.startswith("text/")


def propose_operation_id(method: str, path: str) -> str:
    """`GET /books/{id}/tags`  ->  `getBooksByIdTags`"""
    words = re.sub(r"\{(.*?)\}", r"By/\1", path)
    parts = (part for part in re.split(r"[^A-Za-z0-9]+", words) if part)
    return method.lower() + "".join(part[0].upper() + part[1:] for part in parts)


def _can_be_proved(scheme: SecurityScheme) -> bool:
    """Whether a call can carry what *scheme* asks for."""
    if scheme.kind == "http":
        return scheme.scheme not in TALKS
    return scheme.kind in _KINDS


def _path_of(url: str) -> str:
    """`https://api.example/v1/`  ->  `/v1`"""
    return re.sub(r"^(?:[^/?#]+:)?(?://[^/?#]*)?|[?#].*$", "", url).rstrip("/")


def _refuse_version(node: Node, report: Report) -> None:
    names = ("openapi", "swagger", "swaggerVersion", "asyncapi")
    keys = [key for key in names if key in node.value]
    if not keys:
        what, fix = "the document does not say its version", "write `openapi: 3.1.0`"
        report.add(node.diagnostic("openapi-version", what, fix=fix))
        return
    at = node.child(keys[0])
    what, why = (
        f"{keys[0]} {at.value!r} is not read",
        "OpenAPI 3.2, 3.1, 3.0 and Swagger 2.0 are",
    )
    fix = "convert it; a version has three parts: `openapi: 3.1.0`"
    report.add(at.diagnostic("openapi-version", what, why, fix))
