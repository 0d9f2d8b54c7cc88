"""Things: where in a message one of a resource stands, its key, and examples of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.inference.messages import is_json, success, unwrapped
from emulator.inference.names import keys_of, member_like, singular, snake
from emulator.inference.resources import Resource
from emulator.inference.shapes import Shape, walk
from emulator.json_type import Json
from emulator.program.schemas import Schema

_WRAPPERS = (
    "data", "result", "results", "item", "items", "response", "record", "payload", "content",
    "value", "attributes",
)  # fmt: skip


_LISTS = (
    "data", "items", "results", "records", "values", "entries", "list", "rows", "content",
    "hits", "elements", "objects", "value", "nodes",
)  # fmt: skip


def examples_of(resource: Resource) -> list[Mapping[str, Json]]:
    """The things that the document gives as examples of replies, each once; three at most."""
    if resource.exampled is None or resource.exampled[0] is not resource.shape:
        resource.exampled = resource.shape, [*_examples_of(resource)][:3]
    return resource.exampled[1]


def _examples_of(resource: Resource) -> Iterable[Mapping[str, Json]]:
    found: dict[str, Mapping[str, Json]] = {}
    for does in ("read", "list", "create", "replace", "patch", "change"):
        operation = resource.operations.get(does)
        if operation is None or not operation.examples:
            continue
        status, shape = success(operation)
        if shape is None:
            continue
        find = list_in if does == "list" else thing_in
        path, thing = find(shape, resource)
        if thing is None or not thing.same(resource.shape):
            continue
        for media, named in operation.examples.get(status, {}).items():
            for value in named.values() if is_json(media) else ():
                for step in path:
                    value = value.get(step) if isinstance(value, Mapping) else None
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, Mapping):
                        known = each.get(resource.key)
                        found.setdefault(repr(known), each)
    return found.values()


def find_shape(resource: Resource) -> bool:
    """Find one of the things, as it is shown, and the member that its path names."""
    return _find_shape(resource) or _find_by_name(resource)


def _find_by_name(resource: Resource) -> bool:
    resource.by_name = not (resource.single or resource.parents)
    resource.by_name = resource.by_name and _find_shape(resource)
    return resource.by_name


def _find_shape(resource: Resource) -> bool:
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
            resource.shape = thing
            path = key_in(thing, resource) or ("",)
            if resource.single:
                return True
            resource.key = path[0]
            if len(path) > 1:
                if not _is_named_inside(resource, path[0]):
                    continue
                resource.inside = path
                resource.key = "key" if "key" not in thing.properties else "record_key"
            return True
    return False


def _is_named_inside(resource: Resource, holder: str) -> bool:
    """Whether things can be called by a name of our own in *holder*, which callers send."""
    create = resource.operations.get("create")
    sent = unwrapped(create, resource)[0] if create is not None else None
    if create is not None and (sent is None or holder not in sent.properties):
        return False
    return Schema(resource.parameter.schema).is_valid(seed_name(resource.thing, 1))


def seed_name(thing: str, number: int) -> str:
    """What the thing with this number is called that is there from the beginning."""
    return f"{thing.replace('_', '-')}-{number}"


_HOLDERS = ("metadata", "meta")
"""Members that may hold what the others are about, its name among them."""


def key_in(shape: Shape, resource: Resource) -> tuple[str, ...] | None:
    """Where in *shape* the member stands that the path's parameter names."""
    if not shape.is_object:
        return None
    if resource.single:
        return (resource.key,)
    names = [*keys_of(resource.parameter.name, resource.thing)]
    if resource.by_name:
        names += ("name", "slug", "key", "code")
    member = _key_among(names, shape) or _key_of_kind(resource, shape)
    if member is not None:
        return (member,)
    for holder in shape.properties:
        if snake(holder) in _HOLDERS and shape.member(holder).is_object:
            member = _key_among(names, shape.member(holder))
            if (
                member is not None
                and shape.member(holder).member(member).type == "string"
            ):
                return holder, member
    return None


def _key_among(names: list[str], shape: Shape) -> str | None:
    for name in names:
        member = member_like(name, shape.properties)
        if member is not None and shape.member(member).type in ("string", "integer"):
            return member
    return None


def _key_of_kind(resource: Resource, shape: Shape) -> str | None:
    """The id of a thing whose parameter says which kind of it: `tasklist` of a `list`."""
    last = resource.thing.rpartition("_")[2]
    if not last or not snake(resource.parameter.name).endswith(last):
        return None
    member = _key_among(["id", f"{last}_id"], shape)
    sent = Shape(resource.parameter.schema).type or "string"
    return member if member and shape.member(member).type == sent else None


def thing_in(shape: Shape, resource: Resource) -> tuple[tuple[str, ...], Shape | None]:
    """Where in a reply the thing itself stands, and its shape."""
    if shape.is_list:
        return (), None
    if resource.single and len(shape.properties) == 1:
        (name,) = shape.properties
        if shape.member(name).is_object and _is_wrapper(name, resource, _WRAPPERS):
            return (name,), shape.member(name)
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
