"""Patches: what the media types of a body, and its statuses, say of an update."""

from __future__ import annotations

from emulator.inference.resources import Resource
from emulator.inference.shapes import Shape
from emulator.spec.description import OperationDoc

_DEEPEST = 5


def patch_of(operation: OperationDoc) -> dict[str, str]:
    """The media types of patches that the operation takes, and what each is.

    A JSON Patch is a list (RFC 6902, 3): what has the media type and is described by its
    members is a body like any other, as some frameworks list it for every operation.
    """
    content = operation.body.content if operation.body is not None else {}
    ways: dict[str, str] = {}
    for media, schema in content.items():
        bare = media.partition(";")[0].strip().lower()
        if bare.endswith("merge-patch+json"):
            ways[bare] = "merge"
        elif bare.endswith("json-patch+json") and not Shape(schema).properties:
            ways[bare] = "json"
    return ways


def creates(does: str, operation: OperationDoc, resource: Resource) -> bool:
    """Whether a PUT creates what is not there: it says 201, or nothing else creates any,
    and it does not say 404."""
    says = operation.responses
    sole = "create" not in resource.operations and "404" not in says
    is_put = does == "replace" and operation.method == "PUT" and not resource.single
    return is_put and ("201" in says or sole) and operation.id not in resource.sent_keys


def without_nulls(shape: Shape, depth: int = 0) -> Shape:
    """*shape* of a merge patch, in which null stands for nothing (RFC 7396)."""
    schema = dict(shape.schema)
    if shape.nullable and shape.types != {"null"}:
        left = sorted(shape.types - {"null"})
        schema["type"] = left[0] if len(left) == 1 else left
    if depth < _DEEPEST and shape.properties:
        schema["properties"] = {
            name: without_nulls(shape.member(name), depth + 1).schema
            for name in shape.properties
        }
    return shape.inside(schema)
