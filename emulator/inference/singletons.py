"""Singletons: things of which there is one, such as `/me` and `/settings`."""

from __future__ import annotations

from emulator.inference.collections import infer_collection
from emulator.inference.draft import Draft
from emulator.inference.inferred import Kind
from emulator.inference.names import singular, snake
from emulator.inference.resources import Resource, bare, find_shape
from emulator.spec.description import OperationDoc, Parameter

KIND = Kind(
    "singletons",
    "a path that no parameter is in, which is read with GET and changed with PUT or PATCH:"
    " `/me`, `/settings`",
    "a collection of one record, which is read and changed there",
)


def infer_singletons(draft: Draft) -> None:
    by_path: dict[str, dict[str, OperationDoc]] = {}
    for operation in draft.openapi.operations.values():
        if "#" in operation.path or "{" in operation.path:
            continue
        if operation.id not in draft.operations and draft.allows(KIND, operation.id):
            by_path.setdefault(bare(operation.path), {})[operation.method] = operation
    for path, operations in by_path.items():
        word = path.rpartition("/")[2]
        if word and "GET" in operations and {"PUT", "PATCH"} & operations.keys():
            resource = _resource(path, word, operations)
            if find_shape(resource) and resource.shape.properties:
                infer_collection(draft, resource, KIND)


def _resource(path: str, word: str, operations: dict[str, OperationDoc]) -> Resource:
    read = operations["GET"]
    resource = Resource(
        path=path,
        item_path=path,
        parameter=Parameter(
            name="only", where="path", required=True, schema={}, style="simple",
            explode=False, pointer=read.pointer, document=read.document,
        ),
        parents=(),
        thing=singular(snake(word)) or "record",
        operations={"read": read},
        single=True,
        key="only",
    )  # fmt: skip
    for method, does in (("PUT", "replace"), ("PATCH", "patch")):
        if method in operations:
            resource.operations[does] = operations[method]
    return resource
