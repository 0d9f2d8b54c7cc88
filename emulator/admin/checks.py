"""Checks: whether query and body of a request are what the table says; all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any
from urllib.parse import parse_qsl

import orjson

from emulator.admin.request import AdminRequest, problem_error, unprocessable
from emulator.admin.schemas import Schema
from emulator.admin.table import JSON, Operation, Parameter
from emulator.diagnostics import did_you_mean
from emulator.http.media_types import media_type
from emulator.http.nesting import nested_deeper
from emulator.http.pointer import pointer_to
from emulator.json_type import Json

Error = Mapping[str, Json]

_DEEPEST = 64
"""How deep a body may be nested: no recursion of ours gets near its end."""
_OPTIONS = 100
"""Parameters in a query."""
_ERRORS = 100
"""So much that is wrong is told of one request."""
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


class Checks:
    """Holds requests to the table; *schemas* are those that its rows refer to."""

    def __init__(self, schemas: Callable[[], Mapping[str, Schema]]) -> None:
        self._schemas = schemas
        self._validators: dict[tuple[str, str], Any] = {}

    def check(self, request: AdminRequest, operation: Operation) -> None:
        """Fill in `options` and `json` of *request*. Raises `AdminError`."""
        problems = chain(
            self._query(request, operation), self._body(request, operation)
        )
        errors = [*islice(problems, _ERRORS)]
        if errors:
            raise unprocessable(errors)

    def _query(self, request: AdminRequest, operation: Operation) -> Iterator[Error]:
        known = {parameter.name: parameter for parameter in operation.of("query")}
        options = {
            name: declared.schema["default"]
            for name, declared in known.items()
            if "default" in declared.schema
        }
        request.options = options
        if not request.query:
            for name, declared in known.items():
                if declared.required:
                    yield {"parameter": name, "detail": "it is needed"}
            return
        given: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(
                request.query, keep_blank_values=True, max_num_fields=_OPTIONS
            )
        except ValueError as error:
            raise problem_error(400, "malformed query", f"{error}") from None
        for name, text in pairs:
            given.setdefault(name, []).append(text)
        for name in given.keys() - known.keys():
            fix = did_you_mean(name[:60], known)
            yield {"parameter": name[:60], "detail": f"there is none such: {fix}"}
        for name, declared in known.items():
            if name in given:
                yield from self._option(operation, declared, given[name], options)
            elif declared.required:
                yield {"parameter": name, "detail": "it is needed"}

    def _option(
        self,
        operation: Operation,
        parameter: Parameter,
        texts: list[str],
        options: dict[str, Json],
    ) -> Iterator[Error]:
        schema, name = parameter.schema, parameter.name
        if schema.get("type") == "array":
            value: Json = [converted(text, schema.get("items", {})) for text in texts]
        elif len(texts) > 1:
            yield {"parameter": name, "detail": "it is given more than once"}
            return
        else:
            value = converted(texts[0], schema)
        for error in self._errors(schema, value, (operation.id, name)):
            yield {"parameter": name, "detail": error["detail"]}
        options[name] = value

    def _body(self, request: AdminRequest, operation: Operation) -> Iterator[Error]:
        body, text = operation.body, request.body
        if body is None:
            # An object of nothing is what many clients write for no body.
            if text.translate(None, b" \t\r\n") not in (b"", b"{}"):
                yield {"pointer": "", "detail": f"{operation.id} takes no body"}
            return
        if len(text) > body.most:
            raise too_long(body.most)
        if not text and not body.required:
            request.json = {}
            return
        kind = media_type(request.headers.get("content-type", ""))
        if kind not in body.media:
            wanted = " or ".join(body.media)
            raise problem_error(
                415,
                "unsupported media type",
                f"{_called(kind)} is not taken here:"
                f" send {wanted}, and say so in Content-Type",
                headers=[("Accept", ", ".join(body.media))],
            )
        if kind != JSON:
            return
        value = request.json = parsed(text)
        yield from self._errors(body.schema, value, (operation.id, ""))

    def _errors(
        self, schema: Schema, value: Json, key: tuple[str, str]
    ) -> Iterator[Error]:
        object_schema = {**schema, "components": {"schemas": self._schemas()}}
        validator = self._validators.get(key)
        if validator is None:
            from jsonschema_rs import Draft202012Validator

            # What is sent may be a secret: no message quotes it.
            validator = self._validators[key] = Draft202012Validator(
                object_schema, mask="it", validate_formats=True
            )
        for error in validator.iter_errors(value):
            yield from _told(error, object_schema)


def too_long(most: int) -> Exception:
    """The 413 of a body that is longer than *most* bytes."""
    return problem_error(413, "too large", f"a body has up to {most} bytes here")


def parsed(text: bytes) -> Json:
    """The JSON that *text* is. Raises `AdminError`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise problem_error(
            400, "malformed body", f"the body is not JSON: {error}"
        ) from None
    if nested_deeper(text, _DEEPEST):
        detail = f"the body is nested more than {_DEEPEST} deep"
        raise problem_error(400, "malformed body", detail)
    return value


def converted(text: str, schema: Schema) -> Json:
    """A query's *text* as its schema's type, or as it is where that cannot be.

    "5", {"type": "integer"}     ->  5
    "five", {"type": "integer"}  ->  "five", which the schema then refuses
    """
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    return text


def _told(error: Any, object_schema: Schema) -> Iterator[Error]:
    """What one error of the validator of *whole* says, in our words."""
    kind, at = error.kind, [*error.instance_path]
    if kind.name == "required":
        yield {"pointer": pointer_to([*at, kind.property]), "detail": "it is needed"}
    elif kind.name in ("additionalProperties", "unevaluatedProperties"):
        members = _members(object_schema, error.schema_path)
        for name in kind.unexpected:
            fix = did_you_mean(name[:60], members)
            said = f"there is no such member: {fix}"
            yield {"pointer": pointer_to([*at, name[:60]]), "detail": said}
    elif kind.name == "enum":
        choices = ", ".join(orjson.dumps(option).decode() for option in kind.options)
        yield {"pointer": pointer_to(at), "detail": f"it is not one of {choices}"}
    elif kind.name in ("anyOf", "oneOf") and hasattr(kind, "context"):
        ways = (_way(errors, object_schema, pointer_to(at)) for errors in kind.context)
        said = "; or ".join(dict.fromkeys(ways))
        yield {"pointer": pointer_to(at), "detail": said or error.message}
    else:
        yield {"pointer": pointer_to(at), "detail": error.message}


def _way(errors: Iterable[Any], object_schema: Schema, at: str) -> str:
    """What one of several schemas has against the value *at* a pointer."""
    told = (problem for error in errors for problem in _told(error, object_schema))
    return ", ".join(
        problem["detail"]
        if problem["pointer"] == at
        else f"{problem['pointer']}: {problem['detail']}"
        for problem in told
    )


def _members(object_schema: Schema, keyword: Iterable[str | int]) -> list[str]:
    """The members of the object that *keyword*, a path in *whole*, is about."""
    *path, _ = keyword
    node: Any = object_schema
    for step in path:
        node = node[step]
    return [*node.get("properties", {})]


def _called(kind: str) -> str:
    return repr(kind[:100]) if kind else "a body without Content-Type"
