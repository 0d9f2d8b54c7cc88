"""Messages: what an operation takes and answers, as shapes."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.inference.names import reading, snake
from emulator.inference.resources import Resource
from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.spec.description import OperationDoc


def success(operation: OperationDoc) -> tuple[str, Shape | None]:
    """The first success of an operation, and the shape of its JSON; None without one.

    The same reply is the one that is given by default.
    """
    statuses = sorted(
        s for s in operation.responses if s.startswith("2") and s.isdigit()
    )
    if not statuses:
        statuses = [s for s in operation.responses if s in ("2XX", "default")][:1]
    for status in statuses:
        content = operation.responses[status]
        for media, schema in content.items():
            if is_json(media):
                return status, Shape(schema)
        return status, None
    return "", None


def schema_name(operation: OperationDoc, status: str) -> str:
    """The name of the schema that a reply of *status* refers to; empty if it has none."""
    here: Json = operation.document.data
    try:
        for step in (*operation.pointer, "responses", status, "content"):
            here = here[step]
        references = [
            media["schema"]["$ref"] for name, media in here.items() if is_json(name)
        ]
    except (KeyError, TypeError, IndexError):
        return ""
    return str(references[0]).rpartition("/")[2] if references else ""


def is_json(media: str) -> bool:
    bare = media.partition(";")[0].strip().lower()
    return bare in (
        "application/json",
        "text/json",
        "*/*",
        "application/*",
    ) or bare.endswith("+json")


def input_shape(operation: OperationDoc) -> Shape | None:
    """The shape of what an operation takes; None where it is nothing like JSON or a form."""
    if operation.body is None:
        return None
    for schema in _plain_inputs(operation):
        return Shape(schema)
    for media, schema in operation.body.content.items():
        if "merge-patch+json" in media:
            return Shape(schema)
    return None


def _plain_inputs(operation: OperationDoc) -> Iterator[Json]:
    """The schemas of what an operation takes as JSON and as forms, but for patches."""
    for media, schema in operation.body.content.items() if operation.body else ():
        bare = media.partition(";")[0].strip().lower()
        if (is_json(media) and "patch+json" not in bare) or bare in _FORMS:
            yield schema


def unwrapped(operation: OperationDoc, resource: Resource) -> tuple[Shape | None, str]:
    """What a body sets, and the expression of the member that it stands in, if it is in one."""
    shape = input_shape(operation)
    if shape is None or not shape.is_object or len(shape.properties) != 1:
        return shape, ""
    (name,) = shape.properties
    inner = shape.member(name)
    wraps = (
        snake(name) in ("data", resource.thing)
        and name not in resource.shape.properties
        and all(name in Shape(each).properties for each in _plain_inputs(operation))
    )
    if inner.is_object and wraps and (name in shape.required or inner.properties):
        return inner, reading("body", name)
    return shape, ""


def given(operation: OperationDoc, resource: Resource) -> tuple[Shape | None, str]:
    """What `unwrapped` gives; nothing of it is required where the body may be missing."""
    shape, wrapper = unwrapped(operation, resource)
    if shape is None or operation.body is None or operation.body.required:
        return shape, wrapper
    return shape.inside({**shape.schema, "required": []}), wrapper


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
