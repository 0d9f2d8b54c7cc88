"""Swagger: a document of version 2.0 in the words of OpenAPI 3.0.

What becomes of each part is in the guide of the OpenAPI Initiative,
https://learn.openapis.org/upgrading/v2.0-to-v3.0.html. No library does it for Python, and
whoever wrote the document wants to be told of places in it: so it is remembered where
each part that moves has stood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from emulator.diagnostics import Location, Report
from emulator.json_type import Json
from emulator.spec.document import Document, Pointer

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_OF_PARAMETER = ("name", "in", "description", "required", "allowEmptyValue")
_STYLES: Mapping[str, tuple[str, bool]] = {
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
}
"""The style of a list, and whether it is exploded; any other is a list with commas."""
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_SECTIONS = {
    "definitions": "schemas",
    "parameters": "parameters",
    "responses": "responses",
    "securityDefinitions": "securitySchemes",
}
"""The sections that references lead into, and what they are called in `components`."""


class Converted(Document):
    """A document in the words of 3.0, whose places are those of what it was made from."""

    def __init__(
        self, original: Document, data: Json, origins: dict[Pointer, Pointer]
    ) -> None:
        super().__init__(original.file, data, original.lines)
        self._original = original
        self._origins = origins

    def locate(self, pointer: Sequence[str | int], *, key: bool = False) -> Location:
        path = tuple(pointer)
        for many in range(len(path), -1, -1):
            if path[:many] in self._origins:
                origin = (*self._origins[path[:many]], *path[many:])
                return self._original.locate(origin, key=key)
        return self._original.locate(path, key=key)

    def line(self, number: int) -> str:
        return self._original.line(number)

    def as_written(self, reference: str) -> str:
        for section, of_components in _SECTIONS.items():
            new = f"#/components/{of_components}"
            if reference == new or reference.startswith(f"{new}/"):
                return f"#/{section}{reference.removeprefix(new)}"
        return reference


def converted(document: Document, report: Report) -> Converted:
    """*document*, which is of version 2.0, as one of 3.0."""
    return _Converting(document, report).convert()


class _Converting:
    def __init__(self, document: Document, report: Report) -> None:
        self._document = document
        self._report = report
        self._old: dict[str, Json] = document.data
        self._origins: dict[Pointer, Pointer] = {}

    def convert(self) -> Converted:
        old = self._old
        new = {
            key: old[key]
            for key in old
            if key in ("info", "tags", "externalDocs", "security") or key[:2] == "x-"
        }
        new = {"openapi": "3.0.3", **new, "servers": [*self._servers()]}
        self._origins["servers",] = ("basePath",) if "basePath" in old else ("host",)
        if "paths" in old:
            paths = old["paths"]
            new["paths"] = (
                {path: self._item(path, item) for path, item in paths.items()}
                if isinstance(paths, dict)
                else paths
            )
        new["components"] = self._components()
        return Converted(self._document, new, self._origins)

    def _servers(self) -> Iterator[dict[str, Json]]:
        host, base = self._old.get("host"), self._old.get("basePath")
        path = "/" + base.strip("/") if isinstance(base, str) else ""
        if not isinstance(host, str) or not host:
            yield {"url": path or "/"}
            return
        schemes = [
            scheme
            for scheme in _texts(self._old.get("schemes"))
            if scheme in ("https", "http")
        ]
        for scheme in sorted(schemes, reverse=True) or ["https"]:
            yield {"url": f"{scheme}://{host}{path if path != '/' else ''}"}

    def _components(self) -> dict[str, Json]:
        old, components = self._old, {}
        if isinstance(old.get("definitions"), dict):
            components["schemas"] = {
                name: _schema(schema) for name, schema in old["definitions"].items()
            }
            self._origins["components", "schemas"] = ("definitions",)
        if isinstance(old.get("parameters"), dict):
            components["parameters"] = {
                name: self._parameter(parameter)
                for name, parameter in old["parameters"].items()
                if not _is_of_body(parameter)
            }
            self._origins["components", "parameters"] = ("parameters",)
            for name in components["parameters"]:
                where = ("components", "parameters", name, "schema")
                self._origins[where] = ("parameters", name)
        if isinstance(old.get("responses"), dict):
            components["responses"] = {
                name: self._response(
                    response,
                    self._media("produces", {}),
                    ("components", "responses", name),
                    ("responses", name),
                )
                for name, response in old["responses"].items()
            }
            self._origins["components", "responses"] = ("responses",)
        if isinstance(old.get("securityDefinitions"), dict):
            components["securitySchemes"] = {
                name: _security_scheme(scheme)
                for name, scheme in old["securityDefinitions"].items()
            }
            self._origins["components", "securitySchemes"] = ("securityDefinitions",)
        return components

    def _media(self, key: str, operation: Mapping[str, Json]) -> list[str]:
        """What an operation takes or gives, or else what all do."""
        return _texts(operation.get(key)) or _texts(self._old.get(key))

    def _item(self, path: str, item: Json) -> Json:
        if not isinstance(item, dict):
            return item
        at: Pointer = ("paths", path)
        shared = [*self._given(item, at)]
        new = {
            key: value
            for key, value in item.items()
            if key not in (*_METHODS, "parameters")
        }
        if any(not _is_of_body(given) for given, _ in shared):
            new["parameters"] = self._parameters(shared, at)
        for method in _METHODS:
            if method in item:
                new[method] = self._operation(item[method], (*at, method), shared)
        return new

    def _given(self, holder: Json, at: Pointer) -> Iterator[tuple[Json, Pointer]]:
        """The parameters of *holder*, each with its place; those of bodies in full."""
        parameters = holder.get("parameters")
        for number, given in enumerate(
            parameters if isinstance(parameters, list) else ()
        ):
            place: Pointer = (*at, "parameters", number)
            name = _referred(given, "#/parameters/")
            known = self._old.get("parameters")
            target = known.get(name) if isinstance(known, dict) else None
            if _is_of_body(target):
                yield target, ("parameters", name)
            else:
                yield given, place

    def _parameters(self, given: list[tuple[Json, Pointer]], at: Pointer) -> list[Json]:
        new: list[Json] = []
        for parameter, place in given:
            if not _is_of_body(parameter):
                self._origins[(*at, "parameters", len(new))] = place
                self._origins[(*at, "parameters", len(new), "schema")] = place
                new.append(self._parameter(parameter))
        return new

    def _parameter(self, old: Json) -> Json:
        if not isinstance(old, dict) or "$ref" in old:
            return _schema(old)
        new = {
            key: value
            for key, value in old.items()
            if key in _OF_PARAMETER or key[:2] == "x-"
        }
        schema = {key: value for key, value in old.items() if key not in new}
        many = schema.pop("collectionFormat", "csv")
        new["schema"] = _schema({**schema, **new.pop("schema", {})})
        if schema.get("type") == "array":
            if old.get("in") == "query":
                new["style"], new["explode"] = _STYLES.get(many, ("form", False))
            else:
                new["explode"] = False
        if isinstance(old.get("x-example"), str | int | float | list | dict):
            new["example"] = old["x-example"]
        return new

    def _operation(
        self, old: Json, at: Pointer, shared: list[tuple[Json, Pointer]]
    ) -> Json:
        if not isinstance(old, dict):
            return old
        left_out = ("parameters", "responses", "consumes", "produces", "schemes")
        new = {key: value for key, value in old.items() if key not in left_out}
        own = [*self._given(old, at)]
        if any(not _is_of_body(given) for given, _ in own):
            new["parameters"] = self._parameters(own, at)
        names = {given.get("name") for given, _ in own if _is_of_body(given)}
        inherited = [
            (given, place)
            for given, place in shared
            if _is_of_body(given) and given.get("name") not in names
        ]
        body = self._body([*inherited, *own], self._media("consumes", old), at)
        if body is not None:
            new["requestBody"] = body
        if "responses" in old:
            produces = self._media("produces", old)
            responses = old["responses"]
            new["responses"] = (
                {
                    status: self._response(
                        response, produces, *[(*at, "responses", status)] * 2
                    )
                    for status, response in responses.items()
                }
                if isinstance(responses, dict)
                else responses
            )
        return new

    def _body(
        self, given: list[tuple[Json, Pointer]], consumes: list[str], at: Pointer
    ) -> Json:
        fields = []
        for parameter, place in given:
            if not isinstance(parameter, dict):
                continue
            if parameter.get("in") == "body":
                self._check_alone(place, given)
                self._origins[(*at, "requestBody")] = place
                new: dict[str, Json] = {
                    key: parameter[key]
                    for key in ("description", "required")
                    if key in parameter
                }
                schema = _schema(parameter.get("schema", {}))
                for media in consumes or ["application/json"]:
                    content = new.setdefault("content", {})
                    content[media] = {"schema": schema}
                    where = (*at, "requestBody", "content", media, "schema")
                    self._origins[where] = (*place, "schema")
                return new
            if parameter.get("in") == "formData":
                fields.append((parameter, place))
        return self._form(fields, consumes, at) if fields else None

    def _check_alone(self, body: Pointer, given: list[tuple[Json, Pointer]]) -> None:
        """Report what is described as a part of the body besides the *body*."""
        for parameter, place in given:
            if _is_of_body(parameter) and place != body:
                what = f"{parameter.get('name')!r} is described besides a body"
                why = f"the body stands at {self._document.locate(body)}, and is all that is sent"
                told = self._document.diagnostic(
                    place, "openapi-structure", what, why, "remove one of the two"
                )
                self._report.add(told)

    def _form(
        self, fields: list[tuple[Json, Pointer]], consumes: list[str], at: Pointer
    ) -> Json:
        properties: dict[str, Json] = {}
        required: list[str] = []
        for parameter, place in fields:
            name = str(parameter.get("name", ""))
            inner = {
                key: value
                for key, value in parameter.items()
                if key not in ("name", "in", "required", "collectionFormat")
            }
            properties[name] = _schema(inner)
            if parameter.get("required") is True:
                required.append(name)
            for media in _FORMS:
                where = (*at, "requestBody", "content", media, "schema", "properties")
                self._origins[(*where, name)] = place
        schema: dict[str, Json] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        taken = [media for media in _FORMS if media in consumes]
        if any(parameter.get("type") == "file" for parameter, _ in fields):
            taken = [_FORMS[0]]
        content = {each: {"schema": schema} for each in taken or [_FORMS[1]]}
        return {"content": content, **({"required": True} if required else {})}

    def _response(
        self, old: Json, produces: list[str], at: Pointer, origin: Pointer
    ) -> Json:
        if not isinstance(old, dict) or "$ref" in old:
            return _schema(old)
        left_out = ("schema", "examples", "headers")
        new = {key: value for key, value in old.items() if key not in left_out}
        headers = old.get("headers")
        if isinstance(headers, dict):
            new["headers"] = {
                name: self._header(header) for name, header in headers.items()
            }
            for name in headers:
                where = (*at, "headers", name, "schema")
                self._origins[where] = (*origin, "headers", name)
        given = old.get("examples")
        examples = given if isinstance(given, dict) else {}
        if "schema" in old:
            schema = _schema(old["schema"])
            is_file = (
                isinstance(old["schema"], dict) and old["schema"].get("type") == "file"
            )
            usual = "application/octet-stream" if is_file else "application/json"
            media = produces or [usual]
            new["content"] = {each: {"schema": schema} for each in media}
            for each in media:
                where = (*at, "content", each, "schema")
                self._origins[where] = (*origin, "schema")
        elif examples:
            new["content"] = {}
        for media, example in examples.items():
            if "/" in media:
                new["content"].setdefault(media, {})["example"] = example
        return new

    def _header(self, old: Json) -> Json:
        if not isinstance(old, dict):
            return old
        schema = {
            key: old[key]
            for key in old
            if key not in ("description", "collectionFormat")
        }
        about = {"description": old["description"]} if "description" in old else {}
        return {**about, "schema": _schema(schema)}


def _schema(old: Json) -> Json:
    """A schema, or a reference, in the words of 3.0; whatever it holds, too."""
    if isinstance(old, list):
        return [_schema(item) for item in old]
    if not isinstance(old, dict):
        return old
    new: dict[str, Json] = {}
    for key, value in old.items():
        if key in ("example", "default", "enum", "x-example"):
            new[key] = value
        elif key == "properties" and isinstance(value, dict):
            new[key] = {name: _schema(member) for name, member in value.items()}
        elif key == "$ref" and isinstance(value, str):
            new[key] = _reference(value)
        elif key == "discriminator" and isinstance(value, str):
            new[key] = {"propertyName": value}
        elif key == "x-nullable" and value is True:
            new["nullable"] = True
        elif key != "collectionFormat":
            new[key] = _schema(value)
    if new.get("type") == "file":
        new |= {"type": "string", "format": "binary"}
    return new


def _reference(old: str) -> str:
    for section, of_components in _SECTIONS.items():
        if old.startswith(f"#/{section}/"):
            return f"#/components/{of_components}{old.removeprefix(f'#/{section}')}"
    return old


def _referred(value: Json, before: str) -> str:
    """The name that *value* refers to below *before*; empty where it does not."""
    ref = value.get("$ref") if isinstance(value, dict) else None
    is_below = isinstance(ref, str) and ref.startswith(before)
    return str(ref).removeprefix(before) if is_below else ""


def _is_of_body(parameter: Json) -> bool:
    return isinstance(parameter, dict) and parameter.get("in") in ("body", "formData")


def _security_scheme(old: Json) -> Json:
    if not isinstance(old, dict):
        return old
    about = {key: old[key] for key in old if key == "description" or key[:2] == "x-"}
    kind = old.get("type")
    if kind == "basic":
        return {"type": "http", "scheme": "basic", **about}
    if kind != "oauth2":
        return old
    flow = _FLOWS.get(str(old.get("flow")), "implicit")
    urls = {key: old[key] for key in ("authorizationUrl", "tokenUrl") if key in old}
    scopes = old.get("scopes")
    flows = {flow: {**urls, "scopes": scopes if isinstance(scopes, dict) else {}}}
    return {"type": "oauth2", **about, "flows": flows}


def _texts(value: Json) -> list[str]:
    """The texts in a list, without parameters that make them differ in nothing."""
    if not isinstance(value, list):
        return []
    return [text for text in dict.fromkeys(value) if isinstance(text, str) and text]
