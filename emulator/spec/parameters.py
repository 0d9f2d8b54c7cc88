"""Parameters: what the path, the query, the headers and the cookies of a call may say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.diagnostics import did_you_mean
from emulator.spec.contents import Contents
from emulator.spec.description import Parameter
from emulator.spec.parts import Parts
from emulator.spec.references import Node

Declared = dict[tuple[str, str], Parameter]
"""By where they stand, and their names."""
NAME_IN_PATH = re.compile(r"\{([^{}]*)\}")
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


class Parameters:
    """Reads what a path or an operation declares."""

    def __init__(
        self, parts: Parts, contents: Contents, *, is_3_2: bool, published: bool
    ) -> None:
        self._parts = parts
        self._contents = contents
        self._is_3_2 = is_3_2
        self._published = published

    def read(self, parent: Node) -> Declared:
        parameters = {}
        for entry in self._parts.items(parent, "parameters"):
            node = self._parts.resolve(entry, "a parameter")
            if node is None:
                continue
            if node.value.get("in") == "querystring" and self._is_3_2:
                found = [*self._members_of_query(node)]
            else:
                parameter = self._parameter(node)
                found = [] if parameter is None else [parameter]
            for parameter in found:
                where, name = parameter.where, parameter.name
                if (where, name) in parameters:
                    what = f"the parameter {name!r} stands twice in {where!r}"
                    self._parts.refuse(entry, what, "remove one of the two")
                parameters[where, name] = parameter
        return parameters

    def _members_of_query(self, node: Node) -> Iterator[Parameter]:
        """The parameters of a query that is described as one form (3.2, 4.12.4)."""
        media_type, whole = next(iter(self._contents.content(node).items()), ("", {}))
        members = whole.get("properties", {}) if media_type == _FORM else {}
        if not members or whole.keys() - _OF_FORM:
            self._parts.ignore("querystring", node)
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
            self._parts.refuse(node, "a parameter has no name", "write `name: ...`")
            return None
        if where not in _WHERE:
            at = node.child("in") if "in" in node.value else node
            what = f"the parameter {name!r} stands in {where!r}"
            self._parts.refuse(at, what, did_you_mean(where, _WHERE))
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
            self._parts.refuse(at, what, f"in a {where} these are read: {styles}")
            if self._published:
                style = _STYLES[where][0]
        style = "form" if style == "cookie" else style  # since 3.2: without escapes
        explode = bool(node.value.get("explode", style == "form"))
        media_type, schema = next(
            iter(self._contents.content(node).items()), (None, None)
        )
        if media_type is not None and not _is_read(media_type):
            self._parts.note(node, "content")
        if where == "cookie" and _is_object(self._contents.schema(node)) and explode:
            self._parts.ignore("explode", node)
        greedy = node.value.get("x-greedy", False)
        if not isinstance(greedy, bool) or (greedy and where != "path"):
            what = f"the parameter {name!r} has x-greedy: {greedy!r}, and stands in {where!r}"
            fix = "write `x-greedy: true` in a parameter of the path, or remove it"
            self._parts.refuse(node.child("x-greedy"), what, fix)
        return Parameter(
            name=name,
            where=where,
            required=where == "path" or node.value.get("required") is True,
            schema=_with_example(
                self._contents.schema(node) if schema is None else schema, node.value
            ),
            style=style,
            explode=explode,
            media_type=media_type,
            greedy=greedy is True,
            description=str(node.value.get("description") or ""),
            pointer=node.pointer,
            document=node.document,
        )

    def check(self, path: str, node: Node, parameters: Declared) -> None:
        code = "openapi-path-parameter"
        named = NAME_IN_PATH.findall(path)
        declared = [name for where, name in parameters if where == "path"]
        for name in dict.fromkeys(named):
            if named.count(name) > 1:
                what = f"{path} names {name!r} twice"
                fix = "give the two different names"
                self._parts.report.add(node.diagnostic(code, what, "", fix, key=True))
            if name not in declared:
                what = f"{path} names {name!r}, which is not declared as a parameter"
                fix = f"add {{name: {name}, in: path, required: true, schema: ...}}"
                self._parts.report.add(node.diagnostic(code, what, "", fix, key=True))
        for name in declared:
            if name not in named:
                parameter = parameters["path", name]
                what = f"the path parameter {name!r} does not stand in {path}"
                fix = did_you_mean(name, named) if named else "remove it"
                pointer = (*parameter.pointer, "name")
                at = parameter.document.diagnostic(pointer, code, what, "", fix)
                self._parts.report.add(at)


def fitting(declared: Declared, path: str, node: Node) -> Declared:
    """The parameters that calls can have: of the path, those that it names."""
    named = NAME_IN_PATH.findall(path)
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
                pointer=node.pointer,
                document=node.document,
            )
    return fitting


def _with_example(
    schema: dict[str, Any], parameter: Mapping[str, Any]
) -> dict[str, Any]:
    """*schema* with the example that stands beside it, where it has none itself."""
    if "example" not in parameter or "example" in schema or "examples" in schema:
        return schema
    return {**schema, "examples": [parameter["example"]]}


def _is_object(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "object"


def _is_read(media_type: str) -> bool:
    """Whether a parameter of this type is read: as JSON, or as a text."""
    return "json" in media_type or media_type.startswith("text/")
