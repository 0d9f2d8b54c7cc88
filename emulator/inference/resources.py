"""Resources: the paths that are about the same things, and what each operation does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator.inference.names import keys_of, member_like, reading, singular, snake
from emulator.inference.shapes import Shape, walk
from emulator.spec.description import OpenAPI, OperationDoc, Parameter

Json = Any
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_VERSION = re.compile(r"v?[0-9]+([._][0-9]+)*(alpha|beta)?[0-9]*|api|rest")
_WRAPPERS = (
    "data", "result", "results", "item", "items", "response", "record", "payload", "content",
    "value", "attributes",
)  # fmt: skip
_LISTS = (
    "data", "items", "results", "records", "values", "entries", "list", "rows", "content",
    "hits", "elements", "objects", "value", "nodes",
)  # fmt: skip


@dataclass(eq=False)
class Resource:
    """Things that are listed at one path and found, one at a time, below it."""

    path: str
    """Where they are listed: `/owners/{owner_id}/pets`."""
    item_path: str
    parameter: Parameter
    """The path's last parameter, which says which one."""
    parents: tuple[str, ...]
    """The parameters before it."""
    thing: str
    """What one of them is called, from the path: `pet`."""
    operations: dict[str, OperationDoc] = field(default_factory=dict)
    """By what they do: `list`, `create`, `read`, `replace`, `patch`, `change`, `delete`."""
    parent: Resource | None = None
    name: str = ""
    """That of the collection."""
    key: str = ""
    """The member that the path's parameter is compared with."""
    shape: Shape = field(default_factory=lambda: Shape({}))
    """One of them as it is shown."""
    given: bool = False
    """Callers may say what the key of a new one is."""

    @property
    def words(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]


def find_resources(openapi: OpenAPI) -> Iterator[Resource]:
    """The resources of the document: parents before their children."""
    by_path: dict[str, dict[str, OperationDoc]] = {}
    for operation in openapi.operations.values():
        if "#" not in operation.path:
            by_path.setdefault(_bare(operation.path), {})[operation.method] = operation
    found: dict[str, Resource] = {}
    for path in sorted(by_path, key=lambda path: (path.count("/"), path)):
        above, _, last = path.rpartition("/")
        name = _PARAMETER.fullmatch(last)
        word = above.rpartition("/")[2]
        if name is None or not word or "{" in word or _VERSION.fullmatch(word):
            continue
        resource = _resource(path, above, name[1], by_path)
        if resource is None:
            continue
        for resource_path, other in found.items():
            if f"{above}/".startswith(f"{resource_path}/"):
                resource.parent = other  # the last is the nearest
        found[path] = resource
        yield resource


def _bare(path: str) -> str:
    return path.rstrip("/") if path != "/" else path


def _resource(
    path: str, above: str, name: str, by_path: dict[str, dict[str, OperationDoc]]
) -> Resource | None:
    items, lists = by_path[path], by_path.get(above, {})
    some = next(iter(items.values()))
    parameter = next(
        (p for p in some.parameters if p.where == "path" and p.name == name), None
    )
    if parameter is None or parameter.greedy or parameter.media_type:
        return None
    resource = Resource(
        path=above,
        item_path=path,
        parameter=parameter,
        parents=tuple(_PARAMETER.findall(above)),
        thing=singular(snake(above.rpartition("/")[2])),
    )
    for method, does in (
        ("GET", "read"), ("PUT", "replace"), ("PATCH", "patch"), ("DELETE", "delete"),
    ):  # fmt: skip
        if method in items:
            resource.operations[does] = items[method]
    if "POST" in items and not {"PUT", "PATCH"} & items.keys() and items["POST"].body:
        resource.operations["change"] = items["POST"]
    if "POST" in lists and lists["POST"].body is not None:
        resource.operations["create"] = lists["POST"]
    if "GET" in lists:
        resource.operations["list"] = lists["GET"]
    return resource if _find_shape(resource) else None


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
    for media, schema in operation.body.content.items():
        bare = media.partition(";")[0].strip().lower()
        if (is_json(media) and "patch+json" not in bare) or bare in _FORMS:
            return Shape(schema)
    for media, schema in operation.body.content.items():
        if "merge-patch+json" in media:
            return Shape(schema)
    return None


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
    )
    if inner.is_object and wraps and name in shape.required:
        return inner, reading("body", name)
    return shape, ""


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def _find_shape(resource: Resource) -> bool:
    """Find one of the things, as it is shown, and the member that its path names."""
    for does in ("read", "list", "create", "replace", "patch", "change"):
        operation = resource.operations.get(does)
        _, shape = success(operation) if operation else ("", None)
        if shape is None:
            continue
        thing = (
            list_in(shape, resource)[1]
            if does == "list"
            else thing_in(shape, resource)[1]
        )
        if thing is not None:
            resource.shape, resource.key = thing, key_in(thing, resource) or ""
            return True
    return False


def key_in(shape: Shape, resource: Resource) -> str | None:
    """The member of *shape* that the path's parameter names."""
    if not shape.is_object:
        return None
    for name in keys_of(resource.parameter.name, resource.thing):
        member = member_like(name, shape.properties)
        if member is not None and shape.member(member).type in ("string", "integer"):
            return member
    return None


def thing_in(shape: Shape, resource: Resource) -> tuple[tuple[str, ...], Shape | None]:
    """Where in a reply the thing itself stands, and its shape."""
    if shape.is_list:
        return (), None
    for path, here in walk(shape):
        if path and not _is_wrapper(path[-1], resource, _WRAPPERS):
            continue
        if key_in(here, resource) is not None:
            return path, here
    return (), None


def list_in(shape: Shape, resource: Resource) -> tuple[tuple[str, ...], Shape | None]:
    """Where in a reply the list of things stands, and the shape of one of them."""
    lists = [(path, here) for path, here in walk(shape) if here.is_list]
    named = [
        (path, here)
        for path, here in lists
        if not path or _is_wrapper(path[-1], resource, _LISTS)
    ]
    for path, here in [*named, *(lists if len(lists) == 1 else [])]:
        if key_in(here.items, resource) is not None:
            return path, here.items
    return (), None


def _is_wrapper(name: str, resource: Resource, usual: tuple[str, ...]) -> bool:
    words = snake(name)
    return (
        words in usual
        or singular(words) == resource.thing
        or words.endswith(f"_{resource.thing}")
    )
